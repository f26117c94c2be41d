"""A model that writes known truths and lies, and how each kind of them is judged.

It goes through the public doors: a local server answers as the language model, and the chat
service judges what it wrote.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from claims_set import FALSE_KINDS, TALKS, Case, cited, load, mechanical
from fakes.model import LocalModel
from question_set import read
from youtube_analysis import Answer, ServiceFactory, Settings
from youtube_analysis.checking.filter import MARK
from youtube_analysis.passages.transcript import Transcript

# Sentences of one answer.
_AN_ANSWER = 10
_SEED = 7
_STATEMENT = re.compile(r"^(\d+)\. Passages [\d, ]+: (.+)$", re.MULTILINE)


@dataclass
class Liar:
    """Writes the text that it is given; asked to verify, it tells the truth."""

    text: str = ""
    true: dict[str, bool] = field(default_factory=dict)

    def tell(self, truth: Mapping[str, bool]) -> None:
        """What is true of the claims that it writes."""
        self.true = {_plain(claim): true for claim, true in truth.items()}

    def reply(self, body: dict[str, Any]) -> str:
        asked = _STATEMENT.findall(str(body["messages"][-1]["content"]))
        if not asked:
            return self.text
        verdicts = [
            {"statement": int(number), "supported": self.true.get(_plain(claim), False)}
            for number, claim in asked
        ]
        return json.dumps({"verdicts": verdicts})


@dataclass(slots=True)
class Seen:
    """Of the sentences of one kind: how many there were, were marked, were cited elsewhere."""

    count: int = 0
    marked: int = 0
    moved: int = 0

    @property
    def share(self) -> float:
        """Of those that were seen to be wrong, or true ones that were taken for wrong."""
        return (self.marked + self.moved) / max(1, self.count)


def cases_of(talk: str, reading: Transcript) -> list[tuple[Case, str]]:
    """Each with the half that it belongs to: by turns within its kind; translations, whose
    languages come by turns, in an order that gives each half every language."""
    places: Counter[str] = Counter()
    halved: list[tuple[Case, str]] = []
    for place, case in enumerate([*load(talk), *mechanical(reading.sentences, _SEED, talk=talk)]):
        number = places[case.kind]
        places[case.kind] += 1
        odd = (number + number // 6) % 2 if case.kind == "translated" else place % 2
        halved.append((case, "held" if odd else "tune"))
    return halved


async def judged(talk: str, half: str, *, verify: bool) -> dict[str, Seen]:
    """How the sentences about a talk of `TALKS` are judged, by kind."""
    reading = read(TALKS[talk])
    starts = [passage.start for passage in reading.passages]
    seen: defaultdict[str, Seen] = defaultdict(Seen)
    liar = Liar()
    async with LocalModel(reply=liar.reply) as server:
        settings = Settings(
            openai_base_url=server.url, openai_model="liar", openai_verify="on" if verify else "off"
        )
        async with ServiceFactory(settings) as factory:
            for part in _answers(talk, reading, half):
                liar.text = "\n".join(f"- {cited(case, starts)}" for case in part)
                liar.tell({case.text: case.kind not in FALSE_KINDS for case in part})
                answer = await _asked(factory, reading)
                for case, line in zip(part, answer.text.split("\n"), strict=True):
                    _count(seen[case.kind], cited(case, starts), line)
    return dict(seen)


def _answers(talk: str, reading: Transcript, half: str) -> Iterator[Sequence[Case]]:
    """A model writes an answer in one language."""
    by_language: defaultdict[str, list[Case]] = defaultdict(list)
    for case, its_half in cases_of(talk, reading):
        if its_half == half:
            by_language[case.language].append(case)
    for cases in by_language.values():
        yield from (cases[at : at + _AN_ANSWER] for at in range(0, len(cases), _AN_ANSWER))


async def _asked(factory: ServiceFactory, reading: Transcript) -> Answer:
    chat = factory.get_chat_service()
    *_, answer = [part async for part in chat.ask(reading, "What is true?")]
    if not isinstance(answer, Answer):
        raise TypeError("no answer")
    return await chat.verify(reading, answer) or answer


def _count(seen: Seen, written: str, line: str) -> None:
    numbers = re.findall(r"\[\d+\]$", written)
    marked = MARK in line
    seen.count += 1
    seen.marked += marked
    seen.moved += bool(numbers) and not marked and numbers[0] not in line


def _plain(claim: str) -> str:
    return " ".join(re.findall(r"\w+", claim.casefold()))
