"""One turn, from its place in the line until its answer stands in the thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace

from structlog.contextvars import bound_contextvars

from vidthread.commands import Analyze, Forget
from vidthread.presenter import Presenter, View
from vidthread.replies import failure, told
from vidthread.store import Store
from vidthread.surface import (
    Incoming,
    Notice,
    Reply,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
    Transport,
)
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.fair_queue import bound_tenant
from youtube_analysis.logging import get_logger
from youtube_analysis.service_factory import ServiceFactory

from .carry_out import carry_out
from .failures import tell
from .turn import Turn

_log = get_logger(__name__)
_LOST = (
    "I cannot write in the thread any more: it was deleted or locked, or a permission to write "
    "there was taken from me."
)
_BROKEN = "Something went wrong on our side. Try again; if it stays, tell the admin this reference."
Hear = Callable[[Incoming, Transport], Awaitable[object]]


class Delivery:
    """`hear` takes an event that follows from another."""

    def __init__(
        self, factory: ServiceFactory, store: Store, presenter: Presenter, hear: Hear
    ) -> None:
        self._factory = factory
        self._store = store
        self._presenter = presenter
        self._hear = hear

    async def serve(self, turn: Turn) -> None:
        """The outermost edge of every adapter: whatever nobody foresaw is told as a sentence and
        ends nothing but this turn."""
        key = turn.key
        tenant = f"{key.platform}:{key.workspace}"
        told = {"request": turn.reference, "tenant": tenant, "channel": key.channel}
        with bound_tenant(tenant), bound_contextvars(**told, thread=key.thread):
            try:
                # A database that goes away delays the turn, which keeps its place in line.
                await self._store.retry_when_back(lambda: self._attempt(turn))
            except SurfaceUnreachable as error:
                _log.warning("not delivered, kept for later", error=repr(error))
            except Exception:  # noqa: BLE001 - see above
                _log.exception("turn failed")
                await self._apologize(turn)

    async def _attempt(self, turn: Turn) -> None:
        """With a view of its own: one that failed shows nothing any more."""
        async with aclosing(self._presenter.view(turn.surface, turn.reply)) as view:
            try:
                await self._deliver(turn, view)
            except ThreadGone as gone:
                _log.info("thread gone", told=str(gone))
                with suppress(SurfaceError):
                    await view.lose(Notice(_LOST, failure=True))
                await self._store.ledger.done(turn.row)

    async def _deliver(self, turn: Turn, view: View) -> None:
        ledger = self._store.ledger
        if turn.stored is None:
            await ledger.begin(turn.row)
            turn.stored = await self._final(turn, view)
            author = turn.incoming.author
            await self._store.threads.remember_author(turn.key, turn.reply, author)
        await ledger.answered(turn.row, turn.stored)
        view.show(turn.stored)
        await view.delivered()
        await ledger.done(turn.row)
        if turn.afterwards:
            self._factory.supervisor.once("verify", self._amend(turn, turn.afterwards))
        match turn.command:
            case Forget():
                await self._store.forget(turn.key)
                await turn.transport.forget(turn.key, turn.reply)
            case Analyze(question=question) if question:
                await self._ask_on(turn, question)

    async def _amend(self, turn: Turn, afterwards: Callable[[], Awaitable[Reply | None]]) -> None:
        """Nobody waits for it: what fails here leaves the reply as it stands."""
        try:
            if reply := await afterwards():
                async with aclosing(self._presenter.view(turn.surface, turn.reply)) as view:
                    view.show(reply)
                    await view.delivered()
        except (VideoAnalysisError, SurfaceError) as error:
            _log.info("not verified", reply=turn.reply, error=repr(error))

    async def _ask_on(self, turn: Turn, question: str) -> None:
        """What was asked beside a link is answered when the video is read."""
        asked = replace(
            turn.incoming,
            event=f"{turn.incoming.event} asks",
            key=turn.key,
            message="",
            text=question,
            attachments=(),
        )
        await self._hear(asked, turn.transport)

    async def _final(self, turn: Turn, view: View) -> Reply:
        """What the turn came to; a failure is told as a sentence."""
        transport, heard = turn.transport, turn.incoming
        where = turn.key.platform, turn.key.workspace
        turn.settings = await self._store.workspaces.get(*where)
        try:
            turn.incoming = await self._presenter.insist(lambda: transport.complete(heard))
            return await carry_out(self._factory, self._store, turn, view)
        except VideoAnalysisError as error:
            if isinstance(error, DatabaseError) and error.retryable:
                raise
            return told(turn.reply, turn.incoming.message, *tell(turn, error))

    async def _apologize(self, turn: Turn) -> None:
        blocks = failure(_BROKEN, turn.reference, again=turn.reply)
        async with aclosing(self._presenter.view(turn.surface, turn.reply)) as view:
            with suppress(SurfaceError, VideoAnalysisError):
                view.show(told(turn.reply, turn.incoming.message, *blocks))
                await view.delivered()
                await self._store.ledger.done(turn.row)
