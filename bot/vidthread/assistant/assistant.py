"""The one behaviour: an event comes in, a reply grows in its thread. Same on every platform.

hear(incoming) → one queue for each thread → serve(command)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from vidthread.commands import Analyze, Aside, Ask, Coverage, Forget, Rate, Stop
from vidthread.presenter import Presenter
from vidthread.sentences import say_error, speak
from vidthread.store import Store, Unfinished
from vidthread.surface import Addressed, Block, CannotOpen, Incoming, Notice
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from vidthread.words import addresses_bot, asks_question, understand
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.service_factory import ServiceFactory

from .forgetting import Forgetting
from .opening import Opening
from .serving import Serving
from .short_answers import ShortAnswers
from .turn import Destination, Turn
from .turns import ThreadQueues

_log = get_logger(__name__)
Result = TypeVar("Result")


class Assistant:
    """Belongs to one event loop. Close it before the factory. Where `ready` is given, what is
    heard before it is set waits for it. Threads are kept for `retain_days` after their last use,
    else for ever."""

    def __init__(
        self,
        factory: ServiceFactory,
        store: Store,
        presenter: Presenter,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ready: asyncio.Event | None = None,
        retain_days: int | None = None,
    ) -> None:
        self._factory = factory
        self._store = store
        self._presenter = presenter
        self._transports: dict[str, Transport] = {}
        self._now = now
        self._ready = ready
        self._queues = ThreadQueues(self._serve)
        self.forgetting = Forgetting(factory, store, presenter, self._queues, retain_days)
        self._short = ShortAnswers(factory, store, self._queues.clear_workspace, retain_days)
        self._serving = Serving(factory, store, presenter, self._short, self.hear)
        self._opening = Opening(factory, store, presenter, self._serving, self._queues)
        self._draining = False

    async def hear(
        self, incoming: Incoming, transport: Transport
    ) -> asyncio.Future[Destination | None] | None:
        """Takes an event; when this returns, it is not lost any more, and can be acknowledged.

        None if it was heard before, is not meant for the bot, needs no answer, or waits for the
        next start; else what tells the thread that it leads to, None where there is none. The work
        itself goes on. Raises DatabaseError.
        """
        key = incoming.key
        slot = self._queues.reserve(key, incoming.happened)
        at = self._serving.floor.moment(key, incoming.happened)
        if key.thread and incoming.addressed is not Addressed.BOT:
            self._serving.floor.overheard(key, incoming.author, at)
        turn: Turn | None = None
        try:
            turn = await self._record(incoming, transport, at)
        finally:
            if turn is None:
                self._queues.leave(key, slot)
        if turn is None:
            return None
        if not key.thread:
            return self._queues.open(turn, self._opening.open(turn))
        if self._queues.busy(key):
            self._factory.supervisor.once("show waiting", self._show_waiting(turn))
        self._queues.fill(slot, turn)
        found: asyncio.Future[Destination | None] = asyncio.get_running_loop().create_future()
        found.set_result(Destination(key, existing=False))
        return found

    def overhear(self, key: ThreadKey, author: str, happened: int) -> None:
        """Somebody wrote in a thread, to others."""
        self._serving.floor.overheard(key, author, happened)

    async def insist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """As the presenter's: for platforms that never tell an event once more, where the database
        is away while it is heard."""
        return await self._presenter.insist(work)

    async def resume(self, transport: Transport) -> int:
        """Takes up what a crash or a stop left unfinished on a platform; tells how much it was."""
        self._transports[transport.platform] = transport
        unfinished = await self._store.ledger.unfinished(transport.platform)
        under_way = self._queues.turns
        left = [row for row in unfinished if row.row not in under_way]
        rows = [row for row in left if transport.serves(row.incoming.key)]
        for row in rows:
            self._resume_row(row, transport)
        if rows:
            _log.info("resumed", platform=transport.platform, events=len(rows))
        return len(rows)

    async def resume_all(self) -> None:
        """Takes up what could not be delivered while a platform, or the database, was away."""
        for transport in tuple(self._transports.values()):
            if not self._draining:
                await self.resume(transport)

    @property
    def turns_under_way(self) -> int:
        return len(self._queues)

    async def drain(self, longest: float) -> int:
        """Begins nothing more; what is under way may end within so many seconds. Tells how much
        is left for the next start."""
        self._draining = True
        await self._queues.drain(longest)
        return len(self._queues)

    def busy(self, key: ThreadKey) -> bool:
        """Whether something is being answered in a thread."""
        return self._queues.busy(key)

    async def idle(self, key: ThreadKey) -> None:
        """Waits until nothing is under way in a thread."""
        await self._queues.idle(key)

    async def forget_unused(self) -> int:
        """Forgets threads of the platforms that are connected; tells how many."""
        return await self.forgetting.unused(tuple(self._transports.values()), self._now())

    async def aside(self, incoming: Incoming) -> tuple[Block, ...] | None:
        """What is answered to one person alone; None where everybody in a thread is to see it."""
        command = incoming.command or understand(incoming.text)
        ours = command == Forget() and incoming.key.thread
        if not (ours or isinstance(command, Aside | Coverage)):
            return None
        speak(incoming.locale)
        try:
            return await self._short.answer(command, incoming, incoming.key)
        except VideoAnalysisError as error:
            return (Notice(say_error(error)),)

    async def close(self) -> None:
        """Ends at once. What is unfinished is taken up by `resume` at the next start."""
        self._draining = True
        await self._queues.close()

    # --- what is heard ---

    async def _record(self, incoming: Incoming, transport: Transport, at: int) -> Turn | None:
        """Written down with its command, so that nobody needs to understand it once more; None
        where nothing is to be answered."""
        key, session = incoming.key, None
        if key.thread:
            sessions = self._factory.get_session_repository()
            session = await sessions.get(key.session, messages=0)
        known = session is not None
        if not await self._is_meant(incoming, transport, at, known=known):
            return None
        if incoming.command is None:
            command = understand(incoming.text, attached=bool(incoming.attachments))
            incoming = replace(incoming, command=command)
        if incoming.addressed is Addressed.NOBODY and not _brings_file(incoming):
            incoming = replace(incoming, command=Ask(incoming.text))
        row = await self._store.ledger.take(incoming, message_key=True)
        if row is None or self._draining:
            return None
        if isinstance(incoming.command, Rate):  # a button says enough by itself
            await self._short.answer(incoming.command, incoming, key)
            await self._store.ledger.done(row)
            return None
        self._serving.floor.taken(key, at)
        turn = Turn(row, incoming, transport, key, known=known)
        return None if await self._stops(turn) else turn

    async def _is_meant(
        self, incoming: Incoming, transport: Transport, at: int, *, known: bool
    ) -> bool:
        """What is not addressed to us only where it is a question, in a thread of ours, and nobody
        else has the floor."""
        key, text = incoming.key, incoming.text
        if incoming.addressed is Addressed.BOT:
            return addresses_bot(text or " ".join(file.name for file in incoming.attachments))
        if not known:
            return False
        asks = _brings_file(incoming) or asks_question(text)
        return (
            (asks and incoming.addressed is Addressed.NOBODY)
            and not await self._store.threads.is_quiet(key)
            and await self._serving.floor.is_with(incoming, at, transport)
        )

    async def _show_waiting(self, turn: Turn) -> None:
        """Shows that the turn waits in line, until it begins."""
        async with turn.transport.waiting(turn.incoming):
            await turn.begun.wait()

    async def _stops(self, turn: Turn) -> bool:
        """Whether a word or a button ended what runs in the thread, and needs no answer: the reply
        that was stopped says so. A button says nothing where nothing runs, either."""
        if not isinstance(turn.command, Stop | Forget) or turn.command == Forget():
            return False
        stopped = self._queues.stop(turn.key)
        done = isinstance(turn.command, Stop) and (stopped or not turn.incoming.text)
        if done:
            await self._store.ledger.done(turn.row)
        return done

    async def _is_forgotten(self, turn: Turn) -> bool:
        """Whether somebody wants a thread deleted that is deleted already; what a crash left
        unsaid is said."""
        if turn.command != Forget(sure=True) or turn.age is not None:
            return False
        sessions = self._factory.get_session_repository()
        return await sessions.get(turn.key.session, messages=0) is None

    def _resume_row(self, row: Unfinished, transport: Transport) -> None:
        key = row.key or row.incoming.key
        age = (self._now() - row.received_at).total_seconds()
        incoming = row.incoming
        if incoming.command is None:  # written by the version before
            command = understand(incoming.text, attached=bool(incoming.attachments))
            incoming = replace(incoming, command=command)
        turn = Turn(row.row, incoming, transport, key, stored=row.reply, age=age)
        if key.thread:
            self._queues.enter(turn, first=not row.incoming.key.thread)
        else:
            self._queues.open(turn, self._opening.open(turn))

    async def _serve(self, turn: Turn) -> None:
        speak(await turn.transport.locale(turn.incoming))
        if self._ready:
            await self._ready.wait()
        try:
            if await self._presenter.insist(lambda: self._is_forgotten(turn)):
                await self._store.forget(turn.key)
                return
            await self._presenter.insist(lambda: self._opening.check_thread(turn))
        except CannotOpen as refusal:
            await self._opening.refuse(turn, Notice(refusal.sentence))
        except DatabaseError as error:
            _log.warning("not served, kept for later", row=turn.row, error=repr(error))
        else:
            await self._serving.serve(turn)


def _brings_file(incoming: Incoming) -> bool:
    """Whether a captions file comes along; a form brings it later than the command."""
    command = incoming.command
    return bool(incoming.attachments) or (isinstance(command, Analyze) and not command.link)
