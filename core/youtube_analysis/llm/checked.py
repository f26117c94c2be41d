"""What a model streams, filtered while it comes and judged at its end: the only way in which its
words leave this room."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from youtube_analysis.checking.citing import cited_numbers
from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.checking.filter import StreamFilter
from youtube_analysis.checking.judging import Help, Judged, as_written, judge, said, unsure
from youtube_analysis.concurrency import offload
from youtube_analysis.errors import Interrupted
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import Citation, Claim
from youtube_analysis.models.notice import Notice, NoticeCode
from youtube_analysis.models.progress import Queued
from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.sentences import sentence_ends

from .meaning import Meaning
from .per_talk import PerTalk, lane_of
from .port import Completion, Composed, LanguageModel, Prompt, Restarted, TextDelta, Verifier

# Claims whose meaning is compared, at most: each costs a server one vector.
_MOST_MEANINGS = 24
# Characters that are filtered in one go: a few milliseconds.
_AT_ONCE = 500
Written = TextDelta | Composed | Restarted | Completion


@dataclass(frozen=True, slots=True)
class Checked:
    """The whole text, its claims judged."""

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    answered: bool
    completion: Completion


class CheckedModel:
    """A language model behind the filter and the judge."""

    def __init__(
        self,
        model: LanguageModel,
        metrics: Metrics | None = None,
        *,
        meaning: Meaning | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self._model = model
        self._meaning = meaning
        self._verifier = verifier
        self._evidence = PerTalk(Evidence)
        self._metrics = metrics or Metrics()
        self._closed = False

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def version(self) -> str:
        return self._model.version

    def prepare(self) -> None:
        self._model.prepare()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Queued | str | Checked]:
        """Text as soon as it may be shown, with passages cited as `[n]`; last, once, what it came
        to.

        What was shown is never taken back: where a model begins anew, its new text is shown from
        where it goes beyond the old one, else only as the result. Raises ModelError, and
        Interrupted after `close`.
        """
        view = _View(prompt.reading)
        began, stage = time.perf_counter(), "section" if prompt.task else "answer"
        async with aclosing(self._opened().stream(prompt)) as parts:
            async for part in parts:
                if isinstance(part, Queued):
                    yield part
                    continue
                if isinstance(part, TextDelta):
                    self._evidence.start(prompt.reading)  # while the model writes
                for number, piece in enumerate(_in_pieces(part)):
                    if number:
                        await asyncio.sleep(0)
                    if fresh := view.take(piece):
                        if view.began_with(fresh):
                            self._metrics.observe_stage(
                                f"{stage} begins", time.perf_counter() - began
                            )
                        yield fresh
        with self._metrics.timed("check"):
            checked = await self._checked(view, prompt.reading)
        self._metrics.observe_stage(stage, time.perf_counter() - began)
        yield checked

    async def close(self) -> None:
        """Closes the model, too; may be called twice."""
        self._closed = True
        await self._model.close()

    def _opened(self) -> LanguageModel:
        if self._closed:
            raise Interrupted
        return self._model

    async def verify(self, reading: Reading, text: str, claims: Sequence[Claim]) -> Judged | None:
        """A finished text judged once more, with what a verifier says of the claims that rules
        could not settle; None where there is none to ask, or nothing to ask it. Raises
        ModelError."""
        if self._verifier is None or not claims:
            return None
        evidence = await self._evidence.get(reading)
        asked = await offload(unsure, claims, evidence, lane=lane_of(reading))
        if not asked:
            return None
        verified = await self._verifier.verify(reading, asked)
        known = Help(claims={claim.text: claim for claim in claims}, verified=verified)
        written = as_written(text, claims)
        return await offload(judge, written, evidence, known, lane=lane_of(reading))

    async def _checked(self, view: _View, reading: Reading) -> Checked:
        completion = view.completion
        if completion is None:
            raise RuntimeError("a model's stream ended without its completion")
        if composed := view.composed:
            claims = said(composed.text, composed.citations)
            answered = completion.answered
            return Checked(composed.text, claims, composed.citations, answered, completion)
        text = view.filter.shown.strip()
        if view.filter.unanswered:
            return await self._unanswered(text, reading, completion)
        judged = await self._judged(text, reading)
        answered = completion.answered and bool(judged.citations)
        return Checked(judged.text, judged.claims, judged.citations, answered, completion)

    async def _unanswered(self, text: str, reading: Reading, completion: Completion) -> Checked:
        """The sentence that says that the video does not say is no claim about it; what follows
        is judged as any other."""
        if not text:
            completion = replace(completion, lead=Notice(NoticeCode.NOT_SAID))
        end = next(iter(sentence_ends(text)), len(text))
        judged = await self._judged(text[end:], reading)
        first = tuple(map(reading.cite, cited_numbers(text[:end])))
        cited = (*first, *judged.citations)
        return Checked(text[:end] + judged.text, judged.claims, cited, False, completion)

    async def _judged(self, text: str, reading: Reading) -> Judged:
        """By rules; in another language than the talk's also by meaning, where that is known."""
        evidence = await self._evidence.get(reading)
        judged = await offload(judge, text, evidence, lane=lane_of(reading))
        asked = judged.foreign[:_MOST_MEANINGS]
        if self._meaning is None or not asked:
            return judged
        found = await self._meaning.questions(asked)
        vectors = await self._meaning.vectors(reading) if found else None
        if vectors is None:
            return judged
        meanings = {claim: vector for claim, vector in zip(asked, found, strict=True) if vector}
        known = Help(vectors, meanings)
        return await offload(judge, text, evidence, known, lane=lane_of(reading))


def _in_pieces(part: Written) -> Iterator[Written]:
    """A server that does not stream sends a whole answer: whoever listens comes up for air."""
    if isinstance(part, TextDelta) and len(part.text) > _AT_ONCE:
        for at in range(0, len(part.text), _AT_ONCE):
            yield TextDelta(part.text[at : at + _AT_ONCE])
    else:
        yield part


class _View:
    """What of a model's text may be seen, and was."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._shown = ""
        self._anew = False
        self.filter = StreamFilter(reading)
        self.composed: Composed | None = None
        self.completion: Completion | None = None

    @property
    def cited(self) -> list[int]:
        return cited_numbers(self.filter.shown)

    def take(self, part: Written) -> str:
        """What may be shown now, beyond what was."""
        fresh = ""
        match part:
            case TextDelta(text):
                fresh = self.filter.feed(text)
            case Composed(text):
                self.composed, fresh = part, text
            case Restarted():
                self.filter, self._anew = StreamFilter(self._reading), True
            case Completion():
                self.completion, fresh = part, self.filter.close()
        if self._anew:
            text = self.composed.text if self.composed else self.filter.shown
            fresh = text[len(self._shown) :] if text.startswith(self._shown) else ""
        self._shown += fresh
        return fresh

    def began_with(self, fresh: str) -> bool:
        """Whether these were the first words of all."""
        return bool(fresh) and len(self._shown) == len(fresh)
