"""What people delete in a chat is forgotten here as well."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

from vidthread.presenter import Presenter, View
from vidthread.store import Store, reply_key, unasked
from vidthread.surface import SurfaceError
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from youtube_analysis.logging import get_logger
from youtube_analysis.service_factory import ServiceFactory

from .turns import ThreadQueues

_log = get_logger(__name__)


class Forgetting:
    """Threads that nobody used for `retain_days` are forgotten too; None keeps them."""

    def __init__(
        self,
        factory: ServiceFactory,
        store: Store,
        presenter: Presenter,
        queues: ThreadQueues,
        retain_days: int | None,
    ) -> None:
        self._factory = factory
        self._store = store
        self._presenter = presenter
        self._queues = queues
        self._retain_days = retain_days

    async def thread(self, key: ThreadKey, transport: Transport) -> None:
        """Ends what runs in a thread and deletes everything that is kept of it."""
        await self._queues.clear(key)
        await forget_session(self._factory, key)
        await self._store.forget(key)
        await transport.forget(key, "")

    async def unused(self, transports: Sequence[Transport], now: datetime) -> int:
        """All threads of these platforms that were kept long enough; tells how many."""
        if self._retain_days is None:
            return 0
        count, since = 0, now - timedelta(days=self._retain_days)
        for transport in transports:
            for key in await self._store.threads.unused(transport.platform, since):
                if not self._queues.busy(key):
                    await self.thread(key, transport)
                    count += 1
        return count

    async def message(self, place: ThreadKey, message: str, transport: Transport) -> None:
        """What was asked in a message of a place, with its answer, which is deleted where it
        stands too: nobody but us could do that. An analysis stays, since it is everybody's; only
        the words that asked for it go."""
        for found in await self._store.erasing.asked_in(place, message):
            turn = self._queues.turns.get(found.row)
            row = replace(found, incoming=turn.incoming) if turn else found
            if turn and row.is_question:
                await self._queues.drop(turn)
            elif turn:
                turn.incoming = unasked(turn.incoming)
            if await self._store.take_back(row) and row.key:
                await self._clear(row.key, reply_key(row.row), transport)

    async def _clear(self, key: ThreadKey, reply: str, transport: Transport) -> None:
        surface = transport.surface_for(key)
        try:
            async with aclosing(View(self._presenter, surface, reply)) as view:
                await view.remove()
        except SurfaceError as error:
            _log.warning("answer not deleted", reply=reply, error=repr(error))


async def forget_session(factory: ServiceFactory, key: ThreadKey) -> None:
    """Of captions that were handed in, what is cached goes with it; videos of YouTube's are no
    thread's own."""
    session = await factory.get_session_repository().get(key.session, messages=0)
    await factory.get_session_repository().forget(key.session)
    for video in session.videos if session else ():
        if not video.link:
            await factory.get_cache_repository().forget(video.fingerprint)
