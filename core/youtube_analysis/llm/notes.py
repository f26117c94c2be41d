"""NoteTaker: notes of the parts of a talk, each taken once, held against the talk, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from math import ceil
from typing import Protocol

from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.checking.judging import judge
from youtube_analysis.concurrency import offload, running
from youtube_analysis.errors import DatabaseError, ModelBroke, ModelError, WindowTooSmall
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import Queued, Support, TokenUsage
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.passages.transcript import Note, Notes, NotesKey, Transcript
from youtube_analysis.shared_runs import SharedRuns, TalkMemo, lane_of

from .port import Completion, Extract, LanguageModel, Prompt, Restarted, TextDelta
from .prompts.notes import Plan, cost_of, read_notes

_log = get_logger(__name__)
# Notes that do not fit are merged so often at most, each time into half as many.
_MOST_MERGES = 4
# Seconds until the prompts of a talk of hours are on their way.
_PROMPTS_MADE = 0.5


class NoteStore(Protocol):
    """May raise DatabaseError."""

    async def get(self, key: NotesKey) -> Notes | None:
        """Returns what `put` kept."""

    async def put(self, key: NotesKey, notes: Notes) -> None:
        """Keeps them as long as analyses are kept."""


@dataclass
class Read:
    """What was read of a talk, in its order, what of it could not be, and what that took."""

    notes: Notes = ()
    unread: list[tuple[range, ModelError]] = field(default_factory=list)
    usage: TokenUsage = TokenUsage()


class NoteTaker:
    """Belongs to one event loop. Each part is read once however many wait for it."""

    def __init__(
        self,
        model: LanguageModel,
        evidence: TalkMemo[Evidence],
        store: NoteStore | None = None,
    ) -> None:
        self._model = model
        self._evidence = evidence
        self._store = store
        self._runs: SharedRuns[Notes] = SharedRuns()

    async def take(self, reading: Transcript, planned: Plan, read: Read) -> AsyncGenerator[Queued]:
        """Reads what is not kept of the talk, all parts at once, and tells how far that is; `read`
        is what it comes to. Raises ModelError where no part can be read, and WindowTooSmall where
        the window was found to be smaller than these parts."""
        total, window = len(planned.parts), self._model.window
        keys = {part: self._key(reading, part) for part in planned.parts}
        taken = {part: await self._kept(key) for part, key in keys.items()}

        async def read_part(part: range) -> None:
            prompt = Prompt(reading, extract=Extract(part), notes=planned.most_notes)
            try:
                taken[part] = await self._noted(keys[part], prompt, read)
            except ModelError as error:
                if isinstance(error, WindowTooSmall) and self._model.window < window:
                    raise
                read.unread.append((part, error))

        missing = [read_part(part) for part in planned.parts if taken[part] is None]
        async with running(self._prepare(reading), *missing) as (_, *tasks):
            pending = set(tasks)
            while pending:
                yield Queued(0, total - len(pending) + 1, total)
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        if len(read.unread) == total:
            raise read.unread[0][1]
        notes = tuple(note for part in planned.parts for note in taken[part] or ())
        if not notes:
            raise ModelBroke(what="no notes of anything that is said")
        read.notes = await self._fitting(reading, notes, planned.notes_room, read)

    async def close(self) -> None:
        """Ends what is under way; may be called twice."""
        await self._runs.close()

    async def _prepare(self, reading: Transcript) -> None:
        """Makes what notes are held against while the model reads: first its prompts are made."""
        await asyncio.sleep(_PROMPTS_MADE)
        self._evidence.start(reading)

    async def _noted(self, key: NotesKey, prompt: Prompt, read: Read) -> Notes:
        """Asks for notes, together with everybody who wants these. Whoever asks first is told what
        it took."""

        async def work(write: Callable[[Notes], None]) -> None:
            text, usage = await self._answer(prompt)
            read.usage += usage
            evidence, given = await self._evidence.get(prompt.reading), read_notes(text)
            notes = await offload(_found, given, evidence, lane=lane_of(prompt.reading))
            await self._keep(key, notes)
            write(notes)

        async with aclosing(self._runs.follow(key, work)) as entries:
            async for notes in entries:
                return notes
        raise RuntimeError("a part was read without its notes")

    async def _answer(self, prompt: Prompt) -> tuple[str, TokenUsage]:
        text, window = "", self._model.window
        async with aclosing(self._model.stream(prompt)) as parts:
            async for part in parts:
                match part:
                    case TextDelta():
                        text += part.text
                    case Restarted():
                        text = ""
                    case Completion(note=note):
                        cut = note and note.code is NoticeCode.READ_IN_PART
                        if cut and self._model.window < window:
                            raise WindowTooSmall(self._model.window)
                        return text, part.usage
        raise RuntimeError("a model's stream ended without its completion")

    async def _fitting(self, reading: Transcript, notes: Notes, room: int, read: Read) -> Notes:
        """As many as fit `room`: the model merges neighbours, and those of the result, until all
        fit. What it will not make shorter is thinned out evenly."""
        lane = lane_of(reading)
        for _ in range(_MOST_MERGES):
            if await offload(cost_of, notes, lane=lane) <= room:
                return notes
            groups = await offload(_grouped, notes, room, lane=lane)
            merged = await asyncio.gather(*(self._merged(reading, one, read) for one in groups))
            notes = tuple(note for group in merged for note in group)
        return await offload(_thinned, notes, room, lane=lane)

    async def _merged(self, reading: Transcript, notes: Notes, read: Read) -> Notes:
        half = ceil(len(notes) / 2)
        span = range(notes[0].passages[0], notes[-1].passages[-1] + 1)
        key = self._key(reading, span, blake2b(repr(notes).encode(), digest_size=4).hexdigest())
        prompt = Prompt(reading, extract=Extract(notes=notes), notes=half)
        try:
            merged = await self._kept(key) or await self._noted(key, prompt, read)
        except ModelError as error:
            _log.info("notes not merged", error=error.code)
            merged = notes
        return _spread(merged, half)

    def _key(self, reading: Transcript, part: range, merged: str = "") -> NotesKey:
        video, model = reading.video.info.video_id, self._model
        version = model.version + merged
        return NotesKey(video, reading.fingerprint, model.name, version, part.start, part.stop - 1)

    async def _kept(self, key: NotesKey) -> Notes | None:
        try:
            return await self._store.get(key) if self._store else None
        except DatabaseError as error:
            _log.info("notes not looked up", reason=error.message)
            return None

    async def _keep(self, key: NotesKey, notes: Notes) -> None:
        try:
            if self._store:
                await self._store.put(key, notes)
        except DatabaseError as error:
            _log.info("notes not kept", reason=error.message)


def _found(notes: Sequence[Note], evidence: Evidence) -> Notes:
    """Each note as far as the talk bears it out, with the passages that do. Raises ModelBroke where
    there are notes and the talk bears out none."""
    last, kept = len(evidence.reading.passages), list[Note]()
    for note in notes:
        cited = "".join(f"[{number}]" for number in note.passages if 1 <= number <= last)
        claims = judge(f"{note.claim} {cited}", evidence).claims
        true = [claim for claim in claims if claim.support is not Support.UNFOUND]
        numbers = {citation.number for claim in true for citation in claim.citations}
        if numbers:
            said = " ".join(claim.text for claim in true)
            kept.append(Note(said, tuple(sorted(numbers))))
    if notes and not kept:
        raise ModelBroke(what="notes of nothing that is said")
    return tuple(sorted(kept, key=lambda note: note.passages[0]))


def _grouped(notes: Notes, room: int) -> list[Notes]:
    """Neighbours, as many as fit."""
    groups: list[Notes] = []
    left = 0
    for note in notes:
        cost = cost_of([note])
        if cost > left:
            groups.append(())
            left = room
        groups[-1] += (note,)
        left -= cost
    return groups


def _thinned(notes: Notes, room: int) -> Notes:
    return _spread(notes, max(1, len(notes) * room // max(1, cost_of(notes))))


def _spread(notes: Notes, most: int) -> Notes:
    """No more than so many of them, from everywhere."""
    count = min(most, len(notes))
    return tuple(notes[place * len(notes) // count] for place in range(count))
