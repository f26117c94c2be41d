"""What a model streams, past the gate: the only way in which its words leave this room."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from youtube_analysis.checking.gate import CitationGate, words_for_gate
from youtube_analysis.checking.spoken import SpokenWords
from youtube_analysis.event_loops import beside
from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.progress import Queued
from youtube_analysis.monitoring import Timings

from .per_talk import PerTalk
from .port import Completion, LanguageModel, Prompt, Restarted, TextDelta


@dataclass(frozen=True, slots=True)
class Checked:
    """The whole text, what nothing backs marked, and where it points."""

    text: str
    citations: tuple[Citation, ...]
    answered: bool
    completion: Completion


class CheckedModel:
    """A language model behind the gate."""

    def __init__(self, model: LanguageModel, timings: Timings | None = None) -> None:
        self._model = model
        self._spoken = PerTalk(words_for_gate)
        self._timings = Timings() if timings is None else timings

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def version(self) -> str:
        return self._model.version

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Queued | str | Checked]:
        """Text as soon as it may be shown; last, once, what it came to.

        What was shown is never taken back: where a model begins anew, its new text is shown from
        where it goes beyond the old one, else only as the result. Raises ModelError.
        """
        # Made while the model thinks: nothing is to be checked before its first words.
        spoken = self._spoken.start(prompt.reading)
        view: _View | None = None
        began, stage = time.perf_counter(), "section" if prompt.task else "answer"
        async with aclosing(self._model.stream(prompt)) as parts:
            async for part in parts:
                if isinstance(part, Queued):
                    yield part
                    continue
                view = view or _View(await asyncio.shield(spoken))
                begun = view.begun
                if fresh := view.take(part):
                    if not begun:
                        self._timings.observe(f"{stage} begins", time.perf_counter() - began)
                    yield fresh
        if view is None:
            raise RuntimeError("a model's stream ended without its completion")
        with self._timings.timed("check"):
            # Compares every claim with what it cites: too long for the event loop.
            checked = await beside(view.checked)
        self._timings.observe(stage, time.perf_counter() - began)
        yield checked

    def prepare(self) -> None:
        self._model.prepare()


class _View:
    """What of a model's text may be seen, and was."""

    def __init__(self, spoken: SpokenWords) -> None:
        self._spoken = spoken
        self._gate = CitationGate(spoken)
        self._completion: Completion | None = None
        self._shown: list[str] = []
        self._anew = False
        self.begun = False

    def take(self, part: TextDelta | Restarted | Completion) -> str:
        """What may be shown now, beyond what was."""
        fresh = ""
        match part:
            case TextDelta(text):
                fresh = self._gate.feed(text)
            case Restarted():
                self._gate, self._anew = CitationGate(self._spoken), True
            case Completion():
                self._completion, fresh = part, self._gate.close()
        if self._anew:
            shown, text = "".join(self._shown), self._gate.shown
            fresh = text[len(shown) :] if text.startswith(shown) else ""
        self._shown.append(fresh)
        self.begun = self.begun or bool(fresh)
        return fresh

    def checked(self) -> Checked:
        gate, completion = self._gate, self._completion
        if completion is None:
            raise RuntimeError("a model's stream ended without its completion")
        if completion.verbatim:
            return Checked(gate.shown, gate.citations, completion.answered, completion)
        answered = completion.answered and not gate.unanswered
        text = gate.marked() if answered else gate.shown
        text += f"\n\n*{completion.note}*" if completion.note else ""
        return Checked(text, gate.citations, answered and bool(gate.citations), completion)
