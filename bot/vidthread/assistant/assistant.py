"""The one behaviour: an event comes in, a reply grows in its thread. Same on every platform."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

from vidthread.commands import (
    Aside,
    Forget,
    ForgetWorkspace,
    Stop,
    meant_for_bot,
    understand,
)
from vidthread.presenter import Presenter
from vidthread.replies import INTERRUPTED, retry, told
from vidthread.store import Ledger, Store, Unfinished, reply_key
from vidthread.surface import (
    Actions,
    CannotOpen,
    Incoming,
    Notice,
    Reply,
    Surface,
    SurfaceError,
    Transport,
)
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.service_factory import ServiceFactory

from .asides import answer_aside
from .delivery import Delivery
from .entrance import Entrance, Led
from .talks import forget_session
from .turn import Lanes, Turn

_log = get_logger(__name__)
# What fails so often, or is so old, is not begun once more.
MOST_TRIES = 3
OLDEST = timedelta(hours=1)


class Assistant:
    """Belongs to one event loop. Close it before the factory. Where `ready` is given, what is
    heard before it is set waits for it."""

    def __init__(
        self,
        factory: ServiceFactory,
        store: Store,
        presenter: Presenter,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ready: asyncio.Event | None = None,
    ) -> None:
        self._factory = factory
        self._store = store
        self._ledger: Ledger = store.ledger
        self._presenter = presenter
        self._entrance = Entrance(factory, store, presenter)
        self._delivery = Delivery(factory, store, presenter, self.hear)
        self._transports: dict[str, Transport] = {}
        self._now = now
        self._ready = ready
        self._lanes = Lanes(self._serve)
        self._doors = WeakValueDictionary[ThreadKey, asyncio.Lock]()
        self._opening: set[asyncio.Task[Led | None]] = set()
        self._openings = WeakValueDictionary[ThreadKey, set[asyncio.Task[Led | None]]]()
        self._begun: set[int] = set()
        self._draining = False

    async def hear(
        self, incoming: Incoming, transport: Transport
    ) -> asyncio.Future[Led | None] | None:
        """Takes an event; when this returns, it is not lost any more, and can be acknowledged.

        None if it was heard before, is not meant for the bot, or waits for the next start; else
        what tells the thread that it leads to, None where there is none. The work itself goes on.
        Raises DatabaseError.
        """
        if not await self._is_meant(incoming):
            return None
        row = await self._ledger.take(incoming, message_key=True)
        if row is None or self._draining:
            return None
        return self._begin(row, incoming, transport)

    async def resume(self, transport: Transport) -> int:
        """Takes up what a crash or a stop left unfinished on a platform; tells how much it was."""
        self._transports[transport.platform] = transport
        unfinished = await self._ledger.unfinished(transport.platform)
        left = [row for row in unfinished if row.row not in self._begun]
        rows = [row for row in left if transport.serves(row.incoming.key)]
        for row in rows:
            old = self._now() - row.received_at > OLDEST
            if row.reply is None and (row.tries > MOST_TRIES or old):
                row = replace(row, reply=_interrupted(row))  # noqa: PLW2901 - the same row, closed
            self._begin(row.row, row.incoming, transport, row)
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
        return len(self._lanes)

    async def drain(self, longest: float) -> int:
        """Begins nothing more; what is under way may end within so many seconds. Tells how much
        is left for the next start."""
        self._draining = True
        if self._opening:
            await asyncio.wait(self._opening, timeout=longest)
        await self._lanes.drain(longest)
        return len(self._lanes)

    def busy(self, key: ThreadKey) -> bool:
        """Whether something is being answered in a thread."""
        return self._lanes.busy(key)

    async def idle(self, key: ThreadKey) -> None:
        """Waits until nothing is under way in a thread."""
        while self._opening:
            await asyncio.wait(self._opening)
        await self._lanes.idle(key)

    async def forget(self, key: ThreadKey, transport: Transport) -> None:
        """Ends what runs in a thread and deletes everything that is kept of it."""
        await self._lanes.clear(key)
        await forget_session(self._factory, key)
        await self._store.forget(key)
        await transport.forget(key, "")

    async def aside(self, incoming: Incoming) -> str | None:
        """The answer, in Markdown, to what concerns no video: for a command that is answered to
        one person alone. None where it does concern one."""
        command = understand(incoming.text)
        if not isinstance(command, Aside):
            return None
        try:
            if isinstance(command, ForgetWorkspace) and incoming.admin:
                await self._lanes.clear_workspace(incoming.key)
            return await answer_aside(self._factory, self._store, command, incoming)
        except VideoAnalysisError as error:
            return error.message

    async def close(self) -> None:
        """Ends at once. What is unfinished is taken up by `resume` at the next start."""
        self._draining = True
        for task in self._opening:
            task.cancel()
        if self._opening:
            await asyncio.wait(self._opening)
        await self._lanes.close()

    async def _is_meant(self, incoming: Incoming) -> bool:
        key = incoming.key
        session = None
        if key.thread:
            sessions = self._factory.get_session_repository()
            session = await sessions.get(key.session, messages=0)
        return meant_for_bot(
            incoming.addressed,
            in_own_thread=session is not None,
            quiet=bool(session) and await self._store.threads.is_quiet(key),
            text=incoming.text or " ".join(file.name for file in incoming.attachments),
        )

    def _begin(
        self, row: int, incoming: Incoming, transport: Transport, known: Unfinished | None = None
    ) -> asyncio.Task[Led | None]:
        self._begun.add(row)
        task = asyncio.create_task(
            self._enter(row, incoming, transport, known), name=f"open for row {row}"
        )
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        key = known.key if known and known.key else incoming.key
        if not key.thread:
            openings = self._openings.setdefault(key, set())
            openings.add(task)
            task.add_done_callback(openings.discard)
        return task

    async def _enter(
        self, row: int, incoming: Incoming, transport: Transport, known: Unfinished | None
    ) -> Led | None:
        """Finds or opens the thread; what comes to one that is there keeps its order."""
        key = known.key if known and known.key else incoming.key
        stored = known.reply if known else None
        if not key.thread:
            return await self._lead(row, key, incoming, transport, stored)
        async with self._doors.setdefault(key, asyncio.Lock()):
            return await self._lead(row, key, incoming, transport, stored)

    async def _opened(self, key: ThreadKey) -> None:
        """People may write in a thread before we know that it was opened for them."""
        openings = self._openings.get(replace(key, thread=""))
        sessions = self._factory.get_session_repository()
        if openings and await sessions.get(key.session, messages=0) is None:
            await asyncio.wait(openings)

    async def _lead(
        self,
        row: int,
        key: ThreadKey,
        incoming: Incoming,
        transport: Transport,
        stored: Reply | None,
    ) -> Led | None:
        """To a place in the thread's line, which is kept while the database is away."""
        command = understand(incoming.text, action=incoming.action)

        async def lead() -> Surface | Led:
            if key.thread:
                await self._opened(key)
            found = await self._entrance.lead(row, key, incoming, command, transport)
            if isinstance(found, Led):
                await self._ledger.done(row)
            return found

        try:
            found = await self._store.retry_when_back(lead)
        except CannotOpen as refusal:
            await self._refuse(row, incoming, refusal.sentence, transport)
            return None
        except (SurfaceError, VideoAnalysisError) as error:
            _log.warning("no thread, kept for later", row=row, error=repr(error))
            self._begun.discard(row)
            return None
        if isinstance(found, Led):
            return found
        turn = Turn(row, incoming, command, found, transport, stored)
        await self._take_place(turn)
        return Led(found.key, existing=False)

    async def _refuse(
        self, row: int, incoming: Incoming, sentence: str, transport: Transport
    ) -> None:
        _log.info("refused", row=row, told=sentence)
        with suppress(SurfaceError):
            await self._presenter.insist(lambda: transport.refuse(incoming, sentence))
        await self._ledger.done(row)

    async def _take_place(self, turn: Turn) -> None:
        if isinstance(turn.command, Stop | Forget):
            stopped = self._lanes.stop(turn.key)
            if isinstance(turn.command, Stop) and (stopped or turn.incoming.action):
                await self._ledger.done(turn.row)  # the reply that was stopped says so
                return
        self._lanes.enter(turn)

    async def _serve(self, turn: Turn) -> None:
        if self._ready:
            await self._ready.wait()
        await self._delivery.serve(turn)
        self._begun.discard(turn.row)


def _interrupted(row: Unfinished) -> Reply:
    reply = reply_key(row.row)
    return told(reply, row.incoming.message, Notice(INTERRUPTED), Actions((retry(reply),)))
