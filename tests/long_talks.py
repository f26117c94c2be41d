"""Talks of hours, and a model that takes notes of them by quoting what was planted there."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from typing import Any

from fakes.model_answers import passages
from talks import SECONDS, talk_of
from youtube_analysis.models.video import VideoData

_SUBJECTS = "harbour bridge engine valley orchard library market council glacier studio".split()
_VERBS = "keeps carries follows repairs watches borrows measures paints crosses answers".split()
_THINGS = "lantern ledger anchor ribbon kettle compass ladder basket curtain whistle".split()
_PLACES = "north river garden tunnel station island meadow cellar terrace chapel".split()
_TIMES = "morning winter evening summer weekend autumn afternoon spring night season".split()
_KEYS = "cobalt walnut saffron granite velvet copper jasmine marble amber willow".split()
_NOTE = re.compile(r"^- (.+?) ((?:\[\d+\])+)$", re.MULTILINE)
_MARK = "insight"


def insight(number: int) -> str:
    key = _KEYS[number]
    return f"The {key} insight is that every {key} pump runs {number + 21} hours before it rests."


def question(number: int) -> str:
    return f"How long does every {_KEYS[number]} pump run before it rests?"


def long_talk(hours: float, planted: int = 10) -> VideoData:
    """A sentence of some twelve words every five seconds, with insights from its first to its last
    hundredth."""
    chance = random.Random(7)
    count = int(hours * 3600 / SECONDS)
    pick = chance.choice
    said = [
        f"Our {pick(_SUBJECTS)} {pick(_VERBS)} one more {pick(_THINGS)} beside the {pick(_PLACES)} "
        f"on the {pick(_TIMES)} that the {pick(_SUBJECTS)} {pick(_VERBS)}."
        for _ in range(count)
    ]
    for number in range(planted):
        said[int((0.01 + 0.98 * number / max(1, planted - 1)) * (count - 1))] = insight(number)
    return talk_of(*said, title="A long talk")


def take_notes(body: dict[str, Any]) -> str:
    """What a model that obeys makes of a request about a long talk: of passages notes that quote
    what was planted and something of everywhere; of notes a text with all of these; of a question
    the sentence that has its words."""
    last = str(body["messages"][-1]["content"])
    seen = _seen(body)
    if most := re.search(r"at most (\d+) of them", last):
        notes = [{"claim": text, "passages": [n]} for n, text in _chosen(seen, int(most[1]))]
        return json.dumps({"notes": notes})
    if key := re.search(r"does every (\w+) pump", last):
        found = [f"{text} [{n}]" for n, text in seen if f"every {key[1]} pump" in text]
        return found[0] if found else "[none] The video does not tell."
    lines = [f"{text} [{n}]" for n, text in _chosen(seen, 24)]
    if "one JSON object" not in last:
        return "\n".join(f"- {line}" for line in lines)
    return json.dumps(
        {
            "category": "Technology",
            "context_tag": "News",
            "tldr": lines[0],
            "details": [{"heading": "Part", "text": line} for line in lines],
            "key_points": lines[:4],
        }
    )


def _seen(body: dict[str, Any]) -> list[tuple[int, str]]:
    """The planted or first sentence of each passage, and the notes, with their numbers."""
    said = "\n".join(str(message["content"]) for message in body["messages"])
    notes = [(int(re.findall(r"\d+", cited)[0]), text) for text, cited in _NOTE.findall(said)]
    return [*notes, *((number, _sentence(text)) for number, text in passages(body))]


def _sentence(text: str) -> str:
    sentences = text.split(". ")
    chosen = next((one for one in sentences if _MARK in one), sentences[0])
    return chosen.rstrip(".") + "."


def _chosen(seen: Sequence[tuple[int, str]], most: int) -> list[tuple[int, str]]:
    planted = [one for one in seen if _MARK in one[1]][:most]
    others = [one for one in seen if _MARK not in one[1]]
    left = min(len(others), most - len(planted))
    spread = [others[place * len(others) // left] for place in range(left)]
    return sorted({*planted, *spread})
