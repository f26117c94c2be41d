"""EvaluationService: how true what is written of a talk is, and how well questions are answered."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from youtube_analysis.checking.claims import LONGEST_TERM, QUOTE, pieces_of, tokens
from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.checking.filter import cited_numbers
from youtube_analysis.concurrency import offload
from youtube_analysis.errors import ModelError
from youtube_analysis.llm.meaning import Meaning
from youtube_analysis.llm.offline import OfflineModel
from youtube_analysis.models.analysis import (
    AnalysisType,
    Citation,
    Claim,
    Queued,
    Support,
    TaskOutput,
)
from youtube_analysis.models.chat import Answer
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import base_language, count_words, guess_language

Span = tuple[float, float]
Made = TypeVar("Made", TaskOutput, Answer)
Text = tuple[str, TaskOutput | Answer]  # as the model wrote it, and what was made of it
_TYPES = AnalysisType.SUMMARY, AnalysisType.KEY_MOMENTS
# Seconds: a longer citation is no place, a shorter overlap, or less than half the window, no hit.
_LONGEST_CITED, _OVERLAP = 60.0, 10.0


@dataclass(frozen=True, slots=True)
class Question:
    """`windows`: seconds between which it is answered; `language`: to answer in, else its own."""

    text: str
    windows: tuple[Span, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Shares are 0…1, None where there was nothing to measure. Of what the model itself wrote:
    `citation_recall` of the claims were cited; `citation_precision` of the citations bear their
    claim out; `quotes_right` of the quotes are said in these words; `tenths` of the talk (0…10) are
    cited by the analysis. Of what was made of it: `numbers_right` of the claims with numbers have
    them spoken where they are cited; `marked` of the claims were found nowhere. Of the questions
    with windows, the first citation (`hit1`), or the first three (`hit3`), hit all of these."""

    talk: str
    model: str
    citation_recall: float | None
    citation_precision: float | None
    quotes_right: float | None
    numbers_right: float | None
    marked: float | None
    tenths: int
    tokens: int
    seconds: float
    hit1: float | None
    hit3: float | None


def hits(cited: Sequence[Span], windows: Sequence[Span], k: int) -> bool:
    """Whether the first k places cited hit each window: one of at most 60 s has 10 s, or half of
    the window, in common with it. No windows are not hit."""
    places = [(start, end) for start, end in cited[:k] if end - start <= _LONGEST_CITED]
    wanted = [(since, till, min(_OVERLAP, (till - since) / 2)) for since, till in windows]
    return bool(wanted) and all(
        any(min(end, till) - max(start, since) >= least for start, end in places)
        for since, till, least in wanted
    )


@dataclass(frozen=True, slots=True)
class EvaluationService:
    """`analyze`, `ask` and `verify` are those of the services for analyses and for chat."""

    analyze: Callable[..., AsyncGenerator[Queued | str | TaskOutput]]
    ask: Callable[..., AsyncGenerator[Queued | str | Answer]]
    verify: Callable[[Transcript, Answer], Awaitable[Answer | None]]
    meaning: Meaning

    async def evaluate(
        self,
        reading: Transcript,
        questions: Sequence[Question] = (),
        on_question: Callable[[int], None] = lambda _: None,
    ) -> Evaluation:
        """Makes the sections of a new thread, not from the cache, and asks each question by itself.
        `on_question` is told the place, from 1, of the one asked now. Raises ModelError."""
        await self.meaning.wait(reading)
        began, texts = time.perf_counter(), list[Text]()
        for kind in _TYPES:
            texts.append(await _written(self.analyze(reading, kind, use_cache=False)))
        for place, asked in enumerate(questions, start=1):
            on_question(place)
            raw, answer = await _written(self.ask(reading, asked.text, language=asked.language))
            with suppress(ModelError):  # then the verdict of the rules stays
                answer = await self.verify(reading, answer) or answer
            texts.append((raw, answer))
        return await offload(_measured, reading, texts, questions, time.perf_counter() - began)


async def _written(parts: AsyncGenerator[Queued | str | Made]) -> tuple[str, Made]:
    async with aclosing(parts):
        arrived = [part async for part in parts if not isinstance(part, Queued)]
    deltas = [part for part in arrived if isinstance(part, str)]
    *_, made = (part for part in arrived if not isinstance(part, str))
    # What the offline model stands in for was given up.
    return (made.text if made.engine == OfflineModel.name else "".join(deltas)), made


def _measured(
    reading: Transcript, texts: Sequence[Text], questions: Sequence[Question], seconds: float
) -> Evaluation:
    evidence, engines = Evidence(reading), {made.engine for _, made in texts}
    asked = [
        ([(c.start, c.end) for c in dict.fromkeys(answer.citations)], question.windows)
        for (_, answer), question in zip(texts[len(_TYPES) :], questions, strict=True)
        if question.windows
    ]
    quoted = (quote[0][1:-1] for raw, _ in texts for quote in QUOTE.finditer(raw))
    quotes = [words for words in quoted if count_words(words) > LONGEST_TERM]
    cited = [each for raw, made in texts for each in _cited(raw, made.claims)]
    analysis = "\n".join(raw for raw, _ in texts[: len(_TYPES)])
    starts = [reading.passages[number - 1].start for number in cited_numbers(analysis)]
    return Evaluation(
        talk=reading.video.info.title,
        model="mixed" if len(engines) > 1 else engines.pop(),
        citation_recall=_share(map(bool, cited)),
        citation_precision=_share(chain.from_iterable(cited)),
        quotes_right=_share(map(evidence.spoken.quoted, quotes)),
        numbers_right=_share(said for _, made in texts for said in _spoken(made.claims, evidence)),
        marked=_share(c.support is Support.UNFOUND for _, made in texts for c in made.claims),
        tenths=len({min(9, int(10 * start / reading.passages[-1].end)) for start in starts}),
        tokens=sum(made.usage.total for _, made in texts),
        seconds=seconds,
        hit1=_share(hits(places, windows, 1) for places, windows in asked),
        hit3=_share(hits(places, windows, 3) for places, windows in asked),
    )


def _cited(raw: str, judged: Sequence[Claim]) -> list[list[bool]]:
    """For each claim as written, of each passage cited, whether what was found cites it still.
    To say that the video does not tell is no claim."""
    found = [claim for claim in judged if claim.support is not Support.UNFOUND]
    kept = {(*tokens(claim.text), c.number) for claim in found for c in claim.citations}
    known = {tuple(tokens(claim.text)) for claim in judged}
    pieces = [(tuple(tokens(p.plain)), p.cited) for line in pieces_of(raw) for p in line]
    return [[(*words, n) in kept for n in cited] for words, cited in pieces if words in known]


def _spoken(claims: Sequence[Claim], evidence: Evidence) -> Iterator[bool]:
    """Of each claim with numbers, whether all are spoken where it, or else the next, is cited."""
    language = base_language(guess_language(claim.text for claim in claims))
    citations: Sequence[Citation] = ()
    for claim in reversed(claims):
        citations = claim.citations or citations
        at = evidence.near(p.number for p in evidence.reading.passages for c in citations
                           if p.number == c.number or c.start <= p.start < c.end)  # fmt: skip
        statement = evidence.statement(claim.text, language)
        if statement.numbers:
            yield claim.support is not Support.UNFOUND and not evidence.lacks_number(statement, at)


def _share(of: Iterable[bool]) -> float | None:
    found = list(of)
    return sum(found) / len(found) if found else None
