"""InParts: what is asked of talks that are longer than a model's window. Notes of all parts stand
for the talk; of a question, what it may be about is shown as well."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from math import ceil

import regex

from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.concurrency import offload
from youtube_analysis.errors import ModelError, WindowTooSmall
from youtube_analysis.models.analysis import Queued
from youtube_analysis.models.notices import Cause, Notice, NoticeCode
from youtube_analysis.passages.ranking import Semantic
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import estimate_tokens
from youtube_analysis.patterns import Pattern
from youtube_analysis.shared_runs import TalkMemo, lane_of

from .meaning import Meaning
from .notes import NoteStore, NoteTaker, Read
from .port import Completion, Extract, LanguageModel, Part, Prompt, Restarted, TextDelta
from .prompts.messages import LEAST_WINDOW, last_message, prompt_budget, styled
from .prompts.notes import Plan, extract_text, passage_costs, plan

# Places that are shown with a question, and the tokens that they may have together.
_MOST_PLACES, _FOR_PLACES = 10, 1_500
# Parts in which an answer is looked for that is not in the notes.
_MOST_PARTS = 2
_NO_ANSWER = Pattern(r"[\s*_>\"“]*\[\s?none\s?\]", regex.I)


class InParts:
    """Belongs to one event loop."""

    def __init__(
        self,
        model: LanguageModel,
        evidence: TalkMemo[Evidence],
        meaning: Meaning | None = None,
        store: NoteStore | None = None,
    ) -> None:
        self._model = model
        self._evidence = evidence
        self._meaning = meaning
        self._costs = TalkMemo(passage_costs)
        self._notes = NoteTaker(model, evidence, store)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        """As the model's own. Where it is found to take in less than was believed, all begins anew
        with smaller parts. Parts that fail are named in the completion's note; raises ModelError
        where all fail."""
        while True:
            window = self._model.window
            try:
                planned = await self._planned(prompt.reading, window)
                async with aclosing(self._through(prompt, planned, window)) as parts:
                    async for part in parts:
                        yield part
            except WindowTooSmall:
                if self._model.window >= window:
                    raise
                yield Restarted()
            else:
                return

    async def divides(self, reading: Transcript) -> bool:
        """Whether the talk has several parts: reading it in one would change nothing."""
        try:
            await self._planned(reading, self._model.window)
        except WindowTooSmall:
            return False
        return True

    async def close(self) -> None:
        """Ends what is under way; may be called twice."""
        await self._notes.close()

    async def _planned(self, reading: Transcript, window: int) -> Plan:
        if window >= LEAST_WINDOW and len(reading.passages) > 1:
            planned = plan(reading, await self._costs.get(reading), window)
            if len(planned.parts) > 1:
                return planned
        raise WindowTooSmall(window)

    async def _through(self, prompt: Prompt, planned: Plan, window: int) -> AsyncGenerator[Part]:
        reading, read = prompt.reading, Read()
        room = max(1, planned.notes_room - estimate_tokens(styled(prompt.style)))
        taken = self._notes.take(reading, replace(planned, notes_room=room), read)
        async with aclosing(taken) as steps:
            async for step in steps:
                yield step
        prompts = [replace(prompt, extract=Extract(notes=read.notes))]
        if prompt.question or prompt.style.instruction:
            prompts = await self._likeliest(prompts[0], planned, window)
        async with aclosing(self._answered(prompts, read)) as parts:
            async for part in parts:
                yield _completed(part, reading, read) if isinstance(part, Completion) else part

    async def _likeliest(self, prompt: Prompt, planned: Plan, window: int) -> list[Prompt]:
        """Where to look for what is asked: in the notes with the best places; for an answer then
        in the parts that hold these, as they were shown when the notes were taken."""
        reading, shown = prompt.reading, prompt.extract or Extract()
        places = await self._places(prompt)
        text = await offload(extract_text, reading, shown, lane=lane_of(reading))
        left = prompt_budget(window) - text.tokens - estimate_tokens(last_message(prompt))
        # The rest is for what was said before, or for a line of ours.
        room = min(_FOR_PLACES, left // 2 if prompt.turns else left * 9 // 10)
        found = _fitting(places, await self._costs.get(reading), room)
        holding = [part for place in places for part in planned.parts if place.start in part]
        parts = list(dict.fromkeys(holding))[: 0 if prompt.task else _MOST_PARTS]
        extracts = (replace(shown, found=found), *map(Extract, parts))
        return [replace(prompt, extract=extract) for extract in extracts]

    async def _places(self, prompt: Prompt) -> list[range]:
        """The passages that the question, or the instruction for a task, is likeliest about, best
        first."""
        reading, evidence = prompt.reading, await self._evidence.get(prompt.reading)
        asked = prompt.question or prompt.style.instruction
        question = await self._meaning.question(asked) if self._meaning else None
        vectors = await self._meaning.vectors(reading) if self._meaning and question else None
        lexical = evidence.lexical
        ranking = Semantic(lexical, vectors, question) if vectors and question else lexical
        hits = await offload(ranking.rank, asked, _MOST_PLACES, lane=lane_of(reading))
        owners = lexical.owners
        return [range(owners[hit.first] + 1, owners[hit.last] + 2) for hit in hits]

    async def _answered(self, prompts: Sequence[Prompt], read: Read) -> AsyncGenerator[Part]:
        """The answer to the first prompt that has one; else the words in which the first says that
        there is none."""
        refusal: list[Part] = []
        for prompt in prompts:
            held = _Held(read)
            try:
                async with aclosing(self._model.stream(prompt)) as parts:
                    async for part in parts:
                        for known in held.take(part):
                            yield known
            except ModelError:
                if held.answers or not refusal:
                    raise
                break
            if held.answers:
                return
            refusal = refusal or held.parts
        for part in refusal:
            yield part


class _Held:
    """What comes of an answer, held back for as long as it may be none. `read` counts its cost."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.parts: list[Part] = []
        self.answers = False

    def take(self, part: Part) -> Sequence[Part]:
        """Returns what may be given on."""
        if isinstance(part, Completion):
            self._read.usage += part.usage
        if self.answers or isinstance(part, Queued):
            return [part]
        self.parts = [] if isinstance(part, Restarted) else [*self.parts, part]
        text = "".join(part.text for part in self.parts if isinstance(part, TextDelta))
        self.answers = _NO_ANSWER.match(text, partial=True) is None
        return self.parts if self.answers else []


def _fitting(places: Iterable[range], costs: Sequence[int], room: int) -> tuple[int, ...]:
    """Passages in the order of the talk: of the best places as many as fit."""
    found: set[int] = set()
    for place in places:
        fresh = set(place) - found
        cost = sum(costs[number - 1] for number in fresh)
        if cost <= room:
            found |= fresh
            room -= cost
    return tuple(sorted(found))


def _completed(completion: Completion, reading: Transcript, read: Read) -> Completion:
    note = completion.note
    if read.unread and note is None:
        error = read.unread[0][1]
        told = {"minutes": _minutes(reading, read), "reason": error.message}
        note = Notice(NoticeCode.PARTS_UNREAD, told, Cause.of(error))
    return replace(completion, usage=read.usage, note=note)


def _minutes(reading: Transcript, read: Read) -> str:
    """`minutes 40–58`, neighbouring parts as one."""
    spans: list[range] = []
    for part in sorted((part for part, _ in read.unread), key=lambda part: part.start):
        joins = spans and part.start == spans[-1].stop
        spans.append(range(spans.pop().start if joins else part.start, part.stop))
    passages = reading.passages
    ends = [(passages[span.start - 1].start, passages[span.stop - 2].end) for span in spans]
    return "minutes " + ", ".join(f"{int(start // 60)}–{ceil(end / 60)}" for start, end in ends)
