"""InParts: talks that are longer than a model's window. Notes are taken of each part once; from
then on they stand for the talk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from math import ceil
from typing import Any, Protocol

import regex

from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.checking.judging import judge
from youtube_analysis.concurrency import offload, spawn
from youtube_analysis.errors import DatabaseError, ModelBroke, ModelError, WindowTooSmall
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import Notice, NoticeCode, Queued, Support, TokenUsage
from youtube_analysis.passages.ranking import Hit, Semantic
from youtube_analysis.passages.transcript import Note, Notes, NotesKey, Transcript
from youtube_analysis.passages.words import estimate_tokens
from youtube_analysis.patterns import Pattern
from youtube_analysis.shared_runs import SharedRuns

from .meaning import Meaning
from .memo import TalkMemo, lane_of
from .port import Completion, Extract, LanguageModel, Part, Prompt, Restarted, TextDelta
from .prompts.messages import LEAST_WINDOW, prompt_budget
from .prompts.notes import Plan, cost_of, extract_text, passage_costs, plan, read_notes

_log = get_logger(__name__)
# Places that are shown with a question, and the tokens that they may have together.
_MOST_PLACES, _FOR_PLACES = 10, 1_500
# Parts in which an answer is looked for that is not in the notes.
_MOST_PARTS = 2
# Notes that do not fit are merged so often at most, each time into half as many.
_MOST_MERGES = 4
_NO_ANSWER = Pattern(r"[\s*_>\"“]*\[\s?none\s?\]", regex.I)


class NoteStore(Protocol):
    """May raise DatabaseError."""

    async def get(self, key: NotesKey) -> Notes | None:
        """Returns what `put` kept."""

    async def put(self, key: NotesKey, notes: Notes) -> None:
        """Keeps them as long as analyses are kept."""


@dataclass
class _Read:
    """What was read so far: notes in the order of the talk, and what of it could not be."""

    usage: TokenUsage = TokenUsage()
    notes: Notes = ()
    unread: list[tuple[range, ModelError]] = field(default_factory=list)


class InParts:
    """Belongs to one event loop. Each part is read once however many wait for it."""

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
        self._store = store
        self._costs = TalkMemo(passage_costs)
        self._runs: SharedRuns[Notes] = SharedRuns()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        """As the model's own. Where it is found to read less than was believed, all begins anew
        with smaller parts. A part that fails is named in the completion's note; raises ModelError
        where all fail."""
        while True:
            window = self._model.window
            if window < LEAST_WINDOW:
                raise WindowTooSmall(window)
            try:
                async with aclosing(self._through(prompt, window)) as parts:
                    async for part in parts:
                        yield part
            except WindowTooSmall:
                if self._model.window >= window:
                    raise
                yield Restarted()
            else:
                return

    async def _through(self, prompt: Prompt, window: int) -> AsyncGenerator[Part]:
        reading, read = prompt.reading, _Read()
        planned = plan(reading, await self._costs.get(reading), window)
        async with aclosing(self._take(reading, planned, read)) as steps:
            async for step in steps:
                yield step
        prompts = await self._prompts(prompt, planned, read, window)
        async with aclosing(self._answered(prompts, read)) as parts:
            async for part in parts:
                yield _completed(part, reading, read) if isinstance(part, Completion) else part

    async def close(self) -> None:
        """Ends what is under way; may be called twice."""
        await self._runs.close()

    # --- notes ---

    async def _take(
        self, reading: Transcript, planned: Plan, read: _Read
    ) -> AsyncGenerator[Queued]:
        """Reads what is not kept of the talk, all parts at once, and tells how far that is."""
        keys = {part: self._key(reading, part) for part in planned.parts}
        taken = {part: await self._kept(key) for part, key in keys.items()}
        missing = [part for part in planned.parts if taken[part] is None]

        async def take(part: range) -> None:
            prompt = Prompt(reading, extract=Extract(part), notes=planned.most_notes)
            try:
                taken[part] = await self._noted(keys[part], prompt, read)
            except ModelError as error:
                if isinstance(error, WindowTooSmall) and self._model.window < window:
                    raise
                read.unread.append((part, error))

        window, total = self._model.window, len(planned.parts)
        async with _running([take(part) for part in missing]) as tasks:
            pending = set(tasks)
            while pending:
                yield Queued(0, total - len(pending) + 1, total)
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        if len(read.unread) == total:
            raise read.unread[0][1]
        notes = [note for part in planned.parts for note in taken[part] or ()]
        if not notes:
            raise ModelBroke("notes of nothing that is said")
        read.notes = await self._fitting(reading, tuple(notes), planned.notes_room, read)

    async def _noted(self, key: NotesKey, prompt: Prompt, read: _Read) -> Notes:
        """Asks for notes, together with everybody who wants these; who asked first is told what it
        took."""

        async def work(write: Any) -> None:
            text, usage = await self._whole(prompt)
            read.usage += usage
            evidence = await self._evidence.get(prompt.reading)
            given = read_notes(text)
            notes = await offload(_found, given, evidence, lane=lane_of(prompt.reading))
            await self._keep(key, notes)
            write(notes)

        async with aclosing(self._runs.follow(key, work)) as entries:
            async for notes in entries:
                return notes
        raise RuntimeError("a part was read without its notes")

    async def _whole(self, prompt: Prompt) -> tuple[str, TokenUsage]:
        text = ""
        async with aclosing(self._model.stream(prompt)) as parts:
            async for part in parts:
                match part:
                    case TextDelta():
                        text += part.text
                    case Restarted():
                        text = ""
                    case Completion(note=note):
                        if note and note.code is NoticeCode.READ_IN_PART:
                            raise WindowTooSmall(self._model.window)
                        return text, part.usage
        raise RuntimeError("a model's stream ended without its completion")

    async def _fitting(self, reading: Transcript, notes: Notes, room: int, read: _Read) -> Notes:
        """As many as fit `room`: neighbours are merged by the model, and those of the result, until
        all fit. What it will not make shorter is thinned out evenly."""
        for _ in range(_MOST_MERGES):
            if (await offload(cost_of, notes, lane=lane_of(reading))) <= room:
                return notes
            groups = await offload(_grouped, notes, room, lane=lane_of(reading))
            merged = await asyncio.gather(*(self._merged(reading, g, read) for g in groups))
            notes = tuple(note for group in merged for note in group)
        return await offload(_thinned, notes, room, lane=lane_of(reading))

    async def _merged(self, reading: Transcript, notes: Notes, read: _Read) -> Notes:
        half = ceil(len(notes) / 2)
        first, last = notes[0].passages[0], notes[-1].passages[-1]
        digest = blake2b(repr(notes).encode(), digest_size=4).hexdigest()
        key = self._key(reading, range(first, last + 1), digest)
        prompt = Prompt(reading, extract=Extract(notes=notes), notes=half)
        try:
            merged = await self._kept(key) or await self._noted(key, prompt, read)
        except ModelError as error:
            _log.info("notes not merged", error=error.code)
            merged = notes
        return merged if len(merged) <= half else _spread(merged, half)

    def _key(self, reading: Transcript, part: range, digest: str = "") -> NotesKey:
        video, name = reading.video.info.video_id, self._model.name
        version = self._model.version + digest
        return NotesKey(video, reading.fingerprint, name, version, part.start, part.stop - 1)

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

    # --- what is written from them ---

    async def _prompts(
        self, prompt: Prompt, planned: Plan, read: _Read, window: int
    ) -> list[Prompt]:
        """What to ask, until there is an answer: from the notes; of a question also from those
        parts that it is likeliest about."""
        shown = Extract(notes=read.notes)
        if prompt.task:
            return [replace(prompt, extract=shown)]
        reading = prompt.reading
        evidence = await self._evidence.get(reading)
        hits = await self._ranked(prompt, evidence)
        places = [_passages(hit, evidence) for hit in hits]
        text = await offload(extract_text, reading, shown, lane=lane_of(reading))
        left = prompt_budget(window) - text.tokens - estimate_tokens(prompt.question) - 50
        room = min(_FOR_PLACES, left // 2 if prompt.turns else left)
        found = _fitting_places(places, await self._costs.get(reading), room)
        owners = [part for place in places for part in planned.parts if place.start in part]
        likeliest = list(dict.fromkeys(owners))[:_MOST_PARTS]
        extracts = replace(shown, found=found), *map(Extract, likeliest)
        return [replace(prompt, extract=extract) for extract in extracts]

    async def _ranked(self, prompt: Prompt, evidence: Evidence) -> list[Hit]:
        reading, ranking = prompt.reading, evidence.lexical
        question = await self._meaning.question(prompt.question) if self._meaning else None
        vectors = await self._meaning.vectors(reading) if self._meaning and question else None
        by = Semantic(ranking, vectors, question) if vectors and question else ranking
        return await offload(by.rank, prompt.question, _MOST_PLACES, lane=lane_of(reading))

    async def _answered(self, prompts: Sequence[Prompt], read: _Read) -> AsyncGenerator[Part]:  # noqa: C901 - x
        """The answer to the first prompt that has one; else the words in which the first says that
        there is none."""
        refusal = _Held()
        for prompt in prompts:
            held = _Held()
            try:
                async with aclosing(self._model.stream(prompt)) as parts:
                    async for part in parts:
                        if isinstance(part, Completion):
                            read.usage += part.usage
                        for known in held.take(part):
                            yield known
            except ModelError:
                if held.answers or not refusal.parts:
                    raise
                break
            if held.answers:
                return
            refusal.parts = refusal.parts or held.parts
        for part in refusal.parts:
            yield part


class _Held:
    """What comes of an answer, held back for as long as it may be none."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.answers = False

    def take(self, part: Part) -> Sequence[Part]:
        """Returns what may be given on."""
        if self.answers or isinstance(part, Queued):
            return [part]
        self.parts = [] if isinstance(part, Restarted) else [*self.parts, part]
        text = "".join(part.text for part in self.parts if isinstance(part, TextDelta))
        self.answers = _NO_ANSWER.match(text, partial=True) is None
        return self.parts if self.answers else []


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
        raise ModelBroke("notes of nothing that is said")
    return tuple(sorted(kept, key=lambda note: note.passages[0]))


def _grouped(notes: Notes, room: int) -> list[Notes]:
    """Neighbours, as many as fit."""
    groups: list[list[Note]] = [[]]
    for note in notes:
        if groups[-1] and cost_of([*groups[-1], note]) > room:
            groups.append([])
        groups[-1].append(note)
    return [tuple(group) for group in groups]


def _thinned(notes: Notes, room: int) -> Notes:
    return _spread(notes, max(1, len(notes) * room // max(1, cost_of(notes))))


def _spread(notes: Notes, count: int) -> Notes:
    """So many of them, from everywhere."""
    return tuple(notes[place * len(notes) // count] for place in range(min(count, len(notes))))


def _passages(hit: Hit, evidence: Evidence) -> range:
    owners = evidence.lexical.owners
    return range(owners[hit.first] + 1, owners[hit.last] + 2)


def _fitting_places(places: Iterable[range], costs: Sequence[int], room: int) -> tuple[int, ...]:
    """Passages in the order of the talk: the best places, as many as fit."""
    found: set[int] = set()
    for place in places:
        fresh = set(place) - found
        cost = sum(costs[number - 1] for number in fresh)
        if cost <= room:
            found |= fresh
            room -= cost
    return tuple(sorted(found))


def _completed(completion: Completion, reading: Transcript, read: _Read) -> Completion:
    note = completion.note
    if read.unread and note is None:
        told = {"minutes": _minutes(reading, read), "reason": read.unread[0][1].message}
        note = Notice(NoticeCode.PARTS_UNREAD, told)
    return replace(completion, usage=read.usage, note=note)


def _minutes(reading: Transcript, read: _Read) -> str:
    spans: list[list[float]] = []
    for part, _ in sorted(read.unread, key=lambda failed: failed[0].start):
        start, end = reading.passages[part.start - 1].start, reading.passages[part.stop - 2].end
        if spans and part.start == spans[-1][2]:
            spans[-1][1:] = end, part.stop
        else:
            spans.append([start, end, part.stop])
    return "minutes " + ", ".join(f"{int(s // 60)}–{ceil(e / 60)}" for s, e, _ in spans)


@asynccontextmanager
async def _running(
    works: Iterable[Coroutine[Any, Any, None]],
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Tasks that end with the block."""
    tasks = [spawn(work, "notes") for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
