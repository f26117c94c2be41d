"""CheckedModel: a model's text, filtered while it streams and judged at its end. The only way in
which its words leave this room."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TypeVar

from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.checking.filter import StreamFilter, cited_numbers
from youtube_analysis.checking.judging import Hints, Judged, as_written, judge, unsure
from youtube_analysis.concurrency import offload
from youtube_analysis.errors import Interrupted, ModelError, WindowTooSmall
from youtube_analysis.logging import get_logger
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import Queued, TaskOutput
from youtube_analysis.models.chat import Answer
from youtube_analysis.models.notices import Cause, Notice, NoticeCode
from youtube_analysis.passages.sentences import sentence_ends
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.shared_runs import TalkMemo, lane_of

from .in_parts import InParts
from .meaning import Meaning
from .notes import NoteStore
from .port import (
    Completion,
    LanguageModel,
    Part,
    Prompt,
    Restarted,
    TextDelta,
    Verifier,
)

_log = get_logger(__name__)
Made = TypeVar("Made", TaskOutput, Answer)
Stream = Callable[[Prompt], AsyncGenerator[Part]]
# Claims whose meaning is compared, at most: each costs a server one vector.
_MOST_MEANINGS = 24


class CheckedModel:
    """A language model behind the filter and the judge. While it cannot answer, `stand_in` does,
    and the completion's note says so."""

    def __init__(
        self,
        model: LanguageModel,
        stand_in: LanguageModel | None = None,
        verifier: Verifier | None = None,
        meaning: Meaning | None = None,
        metrics: Metrics | None = None,
        *,
        notes: NoteStore | None = None,
    ) -> None:
        self._model = model
        self._stand_in = stand_in
        self._verifier = verifier
        self._meaning = meaning
        self._evidence = TalkMemo(Evidence)
        self._in_parts = InParts(model, self._evidence, meaning, notes)
        self._metrics = metrics or Metrics()
        self._closed = False

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def version(self) -> str:
        return self._model.version

    @property
    def translates(self) -> bool:
        return self._model.translates

    def prepare(self) -> None:
        self._model.prepare()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Queued | str | Completion]:
        """Text as soon as it may be shown, with passages cited as `[n]`; last, once, what it came
        to.

        What was shown is never taken back: where a model begins anew, its new text is shown from
        where it goes beyond the old one, else only as the result. Raises ModelError, and
        Interrupted after `close`.
        """
        if self._closed:
            raise Interrupted
        began, reading = time.perf_counter(), prompt.reading
        view = _View(reading, partial(self._note_first, prompt, began))
        stream: Stream = self._model.stream
        while True:
            try:
                async with aclosing(stream(prompt)) as parts:
                    async for part in parts:
                        if fresh := view.take(part):
                            yield fresh
                whole = stream == self._model.stream
                if not (whole and view.read_in_part and await self._in_parts.divides(reading)):
                    break
                stream = self._in_parts.stream
                view.take(Restarted())
            except ModelError as error:
                stream = self._instead(stream, error)
                view.fall_back(None if stream == self._in_parts.stream else error)
        with self._metrics.timed("check"):
            checked = await self._checked(view, prompt)
        self._metrics.observe_stage(_stage(prompt), time.perf_counter() - began)
        yield checked

    async def close(self) -> None:
        """Closes the model, too; may be called twice."""
        self._closed = True
        await self._in_parts.close()
        for model in filter(None, (self._model, self._stand_in)):
            await model.close()

    async def verify(self, reading: Transcript, made: Made) -> Made | None:
        """A finished text judged once more, with what a verifier says of the claims that rules
        could not settle; None where that changes nothing. Raises ModelError."""
        if self._verifier is None or not made.claims:
            return None
        evidence = await self._evidence.get(reading)
        asked = await offload(unsure, made.claims, evidence, lane=lane_of(reading))
        if not asked:
            return None
        verified = await self._verifier.verify(reading, asked)
        known = Hints(claims={claim.text: claim for claim in made.claims}, verified=verified)
        written = as_written(made.text, made.claims)
        judged = await offload(judge, written, evidence, known, lane=lane_of(reading))
        if judged.claims == made.claims:
            return None
        return replace(made, text=judged.text, claims=judged.claims, citations=judged.citations)

    def _instead(self, failed: Stream, error: ModelError) -> Stream:
        """What goes on where one failed: in parts where the window is too small for the whole, else
        offline. Raises the error where there is nothing left."""
        if isinstance(error, WindowTooSmall) and failed == self._model.stream:
            return self._in_parts.stream
        if self._stand_in is None or failed == self._stand_in.stream:
            raise error
        _log.info("answering offline", error=error.code, reason=error.message)
        return self._stand_in.stream

    def _note_first(self, prompt: Prompt, began: float, part: Part) -> None:
        self._metrics.observe_stage(f"{_stage(prompt)} begins", time.perf_counter() - began)
        if isinstance(part, TextDelta):
            self._evidence.start(prompt.reading)  # while the model writes

    async def _checked(self, view: _View, prompt: Prompt) -> Completion:
        completion, reading = view.completion, prompt.reading
        if completion is None:
            raise RuntimeError("a model's stream ended without its completion")
        if completion.checked:
            return completion
        text = view.filter.shown.strip()
        # Whoever says how a section is to be shall not say which of its sentences goes unjudged.
        if view.filter.unanswered and not (prompt.task and prompt.style.instruction):
            return await self._unanswered(text, reading, completion)
        judged = await self._judged(text, reading)
        answered = completion.answered and bool(judged.citations)
        return _as_judged(completion, judged, answered=answered)

    async def _unanswered(
        self, text: str, reading: Transcript, completion: Completion
    ) -> Completion:
        """The sentence that says that the video does not say is no claim about it; what follows
        is judged as any other."""
        if not text:
            completion = replace(completion, lead=Notice(NoticeCode.NOT_SAID))
        end = next(iter(sentence_ends(text)), len(text))
        judged = await self._judged(text[end:], reading)
        first = tuple(map(reading.cite, cited_numbers(text[:end])))
        cited = (*first, *judged.citations)
        whole = replace(judged, text=text[:end] + judged.text, citations=cited)
        return _as_judged(completion, whole, answered=False)

    async def _judged(self, text: str, reading: Transcript) -> Judged:
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
        known = Hints(vectors, meanings)
        return await offload(judge, text, evidence, known, lane=lane_of(reading))


def _as_judged(completion: Completion, judged: Judged, *, answered: bool) -> Completion:
    return replace(
        completion,
        checked=True,
        text=judged.text,
        citations=judged.citations,
        claims=judged.claims,
        answered=answered,
    )


def _stage(prompt: Prompt) -> str:
    return "section" if prompt.task else "answer"


class _View:
    """Keeps track of how much of a model's text was shown. `on_first` gets the first of it."""

    def __init__(self, reading: Transcript, on_first: Callable[[Part], None]) -> None:
        self._reading = reading
        self._on_first = on_first
        self._shown = ""
        self._restarted = False
        self._failure: ModelError | None = None
        self.filter = StreamFilter(reading)
        self.completion: Completion | None = None

    def take(self, part: Part) -> Queued | str:
        """Returns what may be shown now, beyond what was."""
        fresh = ""
        match part:
            case Queued():
                return part
            case TextDelta(text):
                fresh = self.filter.feed(text)
            case Restarted():
                self.filter, self._restarted = StreamFilter(self._reading), True
            case Completion():
                self.completion = self._noted(part)
                fresh = part.text if part.checked else self.filter.close()
        if self._restarted:
            end = self.completion
            text = end.text if end and end.checked else self.filter.shown
            fresh = text[len(self._shown) :] if text.startswith(self._shown) else ""
        if fresh and not self._shown:
            self._on_first(part)
        self._shown += fresh
        return fresh

    @property
    def read_in_part(self) -> bool:
        """Whether the model saw only a part of what it was sent."""
        note = self.completion and self.completion.note
        return bool(note and note.code is NoticeCode.READ_IN_PART)

    def fall_back(self, failure: ModelError | None) -> None:
        """From now on parts come from elsewhere, because of a failure from the stand-in."""
        self._failure = failure
        self.take(Restarted())

    def _noted(self, completion: Completion) -> Completion:
        if self._failure is None:
            return completion
        reason = {"reason": self._failure.message}
        note = Notice(NoticeCode.STAND_IN, reason, Cause.of(self._failure))
        return replace(completion, note=note)
