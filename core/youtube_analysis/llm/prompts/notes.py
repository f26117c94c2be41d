"""A talk that is longer than a model's window: its parts, the notes that stand for it, and what of
the window each may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

import jiter

from youtube_analysis.checking.filter import CITED, cited_numbers
from youtube_analysis.errors import ModelBroke
from youtube_analysis.llm.port import Extract
from youtube_analysis.passages.transcript import Note, Transcript
from youtube_analysis.passages.words import estimate_tokens

from .messages import (
    INTEGER,
    STRING,
    PlainText,
    TalkText,
    about,
    as_talk,
    chapter_lines,
    list_of,
    numbered,
    object_of,
    one_line,
    prompt_budget,
    schema_of,
)

NOTES = schema_of("notes", notes=list_of(object_of(claim=STRING, passages=list_of(INTEGER))))
# Tokens: a longer part is read with less care, and more notes than one for so many say little more;
# of short parts as many more as all notes together have room for.
_LONGEST_PART, _PER_NOTE = 25_000, 1_200
_NOTE, _FEWEST, _MORE = 45, 2, 6
# What is kept for the task, or a question, behind a part; and behind notes.
_BEHIND_PART, _BEHIND_NOTES = 300, 450
# What is read of an answer: notes, characters and passages of each.
_MOST_NOTES, _LONGEST_CLAIM, _MOST_CITED = 100, 400, 5
_AROUND_LINE = " \t-*•."
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a talk is read through a window: the passages of each part, how many notes are taken of
    it, and the tokens that all notes together may have."""

    parts: tuple[range, ...]
    most_notes: int
    notes_room: int


def passage_costs(reading: Transcript) -> tuple[int, ...]:
    """Tokens of each with the chapter that begins there, by an upper estimate. Takes a tenth of a
    second an hour of talk: run it beside the event loop."""
    chapters = chapter_lines(reading)
    lines = numbered(reading.passages)[1:]
    return tuple(
        estimate_tokens(line) + estimate_tokens(chapters.get(number, ""))
        for number, line in enumerate(lines, start=1)
    )


def plan(reading: Transcript, costs: Sequence[int], window: int) -> Plan:
    head = extract_text(reading, Extract(range(1, 1))).tokens
    left = prompt_budget(window) - head
    room = min(_LONGEST_PART, left - _BEHIND_PART)
    # What is longer than any part, alone in one, will not be read.
    parts = _parts([min(cost, room) for cost in costs], room)
    longest = max(sum(costs[part.start - 1 : part.stop - 1]) for part in parts)
    notes_room = max(1, min(window // 2, left - _BEHIND_NOTES))
    possible = notes_room // (len(parts) * _NOTE)
    most = max(_FEWEST, longest // _PER_NOTE, min(_MORE, possible))
    return Plan(parts, most, notes_room)


def _parts(costs: Sequence[int], room: int) -> tuple[range, ...]:
    """Of about one length, and none longer than `room`, which each fits alone."""
    total = sum(costs)
    count = ceil(total / room)
    while True:
        parts = tuple(_divided(costs, total / count))
        longest = max(sum(costs[part.start - 1 : part.stop - 1]) for part in parts)
        if longest <= room or len(parts) == len(costs):
            return parts
        count += 1


def _divided(costs: Sequence[int], length: float) -> Iterator[range]:
    """A passage belongs where its middle lies."""
    ends, owners = 0, list[int]()
    for cost in costs:
        owners.append(int((ends + cost / 2) / length))
        ends += cost
    first = 1
    for _, group in groupby(owners):
        stop = first + len(list(group))
        yield range(first, stop)
        first = stop


def extract_text(reading: Transcript, extract: Extract) -> TalkText:
    """What is shown in the place of the whole talk, the same for all that is asked of it."""
    last = len(reading.passages)
    if extract.notes:
        told = (
            f"The talk is too long to be shown here, so these notes were taken of its {last} "
            "passages. Each ends with the numbers of those that it rests on: cite them."
        )
        return as_talk(*about(reading), "", told, "# Notes", *map(_line, extract.notes))
    part = extract.part
    chapters = [line for number, line in chapter_lines(reading).items() if number in part]
    told = f"This is a part of the talk: passages {part.start} to {part.stop - 1} of {last}."
    shown = numbered(reading.passages[part.start - 1 : part.stop - 1])
    return as_talk(*about(reading), *chapters, told, "", *shown)


def cost_of(notes: Iterable[Note]) -> int:
    return sum(estimate_tokens(_line(note)) for note in notes)


def _line(note: Note) -> str:
    return f"- {one_line(note.claim)} {''.join(f'[{number}]' for number in note.passages)}"


class NotesText(PlainText):
    """An answer that is notes."""

    def __init__(self) -> None:
        super().__init__(NOTES)

    def finish(self, *, cut: bool) -> tuple[str, None]:
        text, _ = super().finish(cut=cut)
        read_notes(text)
        return text, None


def read_notes(text: str) -> list[Note]:
    """The notes in an answer, as many as are whole; where it is no JSON, the lines that cite
    passages. Raises ModelBroke where there are none of these either."""
    begin = min((at for at in (text.find("{"), text.find("[{")) if at >= 0), default=0)
    end = max(text.rfind("}"), text.rfind("]")) + 1
    whole = " ".join(text[begin:end].split())  # some models break lines within strings
    try:
        found = jiter.from_json(whole.encode(errors="replace"), partial_mode=True)
    except ValueError:
        found = None
    items = found.get("notes") if isinstance(found, dict) else found
    if not isinstance(items, list):
        items = [
            {"claim": CITED.sub("", line).strip(_AROUND_LINE), "passages": cited_numbers(line)}
            for line in text.splitlines()
            if CITED.search(line)
        ]
        if not items:
            raise ModelBroke(what="no notes")
    return [note for note in map(_note, items[:_MOST_NOTES]) if note]


def _note(item: object) -> Note | None:
    """Passages come as a list of numbers, and now and then as text, or within the claim."""
    claim = item.get("claim") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(claim, str):
        return None
    numbers = dict.fromkeys(map(int, _DIGITS.findall(str(item.get("passages"))[:200])))
    return Note(" ".join(claim[:_LONGEST_CLAIM].split()), tuple(numbers)[:_MOST_CITED])
