"""One turn, from its place in the queue until its answer stands in the thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta

from structlog.contextvars import bound_contextvars

from vidthread.commands import Analyze, Ask, Forget
from vidthread.presenter import Presenter, View
from vidthread.replies import INTERRUPTED, failure, offers_retry, retry, told
from vidthread.store import Store
from vidthread.surface import (
    Actions,
    Block,
    Incoming,
    Notice,
    Reply,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
    Transport,
)
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.upstream import bound_tenant

from .asides import Clear
from .serving import Serving
from .turns import Turn
from .writing import explained

_log = get_logger(__name__)
_LOST = (
    "I cannot write in the thread any more: it was deleted or locked, or a permission to write "
    "there was taken from me."
)
_BROKEN = (
    "Something went wrong on our side. Try again; if it keeps happening, give the admin this "
    "reference."
)
_REFUSED = "This platform does not accept the message I wrote. Give the admin this reference."
# What was begun so often, or is so old, is not begun once more; and what was made and could not be
# shown so often is given up.
MOST_TRIES, MOST_DELIVERIES = 3, 10
OLDEST = timedelta(hours=1)
Hear = Callable[[Incoming, Transport], Awaitable[object]]


class Delivery:
    """`hear` takes an event that follows from another, `clear` ends what runs in a workspace."""

    def __init__(
        self,
        factory: ServiceFactory,
        store: Store,
        presenter: Presenter,
        hear: Hear,
        clear: Clear,
    ) -> None:
        self._factory = factory
        self._store = store
        self._ledger = store.ledger
        self._presenter = presenter
        self._serving = Serving(factory, store, presenter.insist, clear)
        self._hear = hear

    async def serve(self, turn: Turn) -> None:
        """The outermost edge of every adapter: whatever nobody foresaw is told as a sentence and
        ends nothing but this turn."""
        key = turn.key
        tenant = f"{key.platform}:{key.workspace}"
        named = {"request": turn.reference, "tenant": tenant, "channel": key.channel}
        with bound_tenant(tenant), bound_contextvars(**named, thread=key.thread):
            if error := await self._failed(turn):
                # Told, not kept: what ends with us is to be done at the next start all the same.
                turn.stored = told(turn.reply, turn.incoming.message, *_apology(turn, error))
                if isinstance(await self._failed(turn), SurfaceError):
                    await self._presenter.insist(lambda: self._ledger.done(turn.row))

    async def _failed(self, turn: Turn) -> Exception | None:
        """Delivers; what nobody foresaw, or a platform refused for good, where that failed."""
        try:
            await self._presenter.insist(lambda: self._deliver(turn))
        except (SurfaceUnreachable, DatabaseError) as error:
            _log.warning("not delivered, kept for later", error=repr(error))
        except Exception as error:  # noqa: BLE001 - see `serve`
            _log.exception("turn failed")
            return error
        return None

    async def _deliver(self, turn: Turn) -> None:
        if turn.age is not None and not await self._resumed(turn):
            return
        async with aclosing(View(self._presenter, turn.surface, turn.reply)) as view:
            try:
                final = turn.stored or await self._made(turn, view)
                view.show(final)
                await view.delivered()
            except ThreadGone as gone:
                _log.info("thread gone", told=str(gone))
                with suppress(SurfaceError):
                    await view.lose(Notice(_LOST, failure=True))
                await self._ledger.done(turn.row)
                return
        await self._finish(turn, final)

    async def _resumed(self, turn: Turn) -> bool:
        """Counts one more try of what a crash or a platform's absence left. False where nothing is
        left to do."""
        tries, age = await self._ledger.retry(turn.row), turn.age
        turn.age = None
        if not tries:
            return False
        if turn.stored is not None and tries > MOST_DELIVERIES:
            _log.error("given up", tries=tries)
            await self._ledger.done(turn.row)
            return False
        old = age is not None and age > OLDEST.total_seconds()
        if turn.stored is None and (tries > MOST_TRIES or old):
            again = Actions((retry(turn.reply),))
            turn.stored = told(turn.reply, turn.incoming.message, Notice(INTERRUPTED), again)
        return True

    async def _made(self, turn: Turn, view: View) -> Reply:
        """The final reply, kept until it is shown."""
        heard = turn.incoming.command
        final = await self._final(turn, view)
        served = turn.incoming if turn.incoming.command != heard else None
        await self._presenter.insist(lambda: self._ledger.answered(turn.row, final, served))
        turn.stored = final
        return final

    async def _final(self, turn: Turn, view: View) -> Reply:
        """What the turn came to; a failure is told as a sentence."""
        transport, heard = turn.transport, turn.incoming
        turn.settings = await self._store.workspaces.get(turn.key.platform, turn.key.workspace)
        try:
            turn.incoming = await self._presenter.insist(lambda: transport.complete(heard))
            return await self._serving.serve(turn, view)
        except VideoAnalysisError as error:
            return told(turn.reply, turn.incoming.message, *explained(turn, error))

    async def _finish(self, turn: Turn, final: Reply) -> None:
        """What comes after the answer stands. Until its end the event is open, and what is done
        twice then is done once."""
        match turn.command:
            case Forget():
                await turn.transport.forget(turn.key, turn.reply)
                await self._store.forget(turn.key)
                return
            case Analyze(question=question) if question:
                await self._ask_on(turn, question)
        again = turn.incoming if offers_retry(final) else None
        await self._ledger.done(turn.row, again=again)
        if turn.afterwards:
            self._factory.supervisor.once("verify", self._amend(turn, turn.afterwards))

    async def _amend(self, turn: Turn, afterwards: Callable[[], Awaitable[Reply | None]]) -> None:
        """Nobody waits for it: what fails here leaves the reply as it stands."""
        try:
            if reply := await afterwards():
                async with aclosing(View(self._presenter, turn.surface, turn.reply)) as view:
                    view.show(reply)
                    await view.delivered()
        except (VideoAnalysisError, SurfaceError) as error:
            _log.info("not verified", reply=turn.reply, error=repr(error))

    async def _ask_on(self, turn: Turn, question: str) -> None:
        """What was asked beside a video is answered when it is read."""
        asked = replace(
            turn.incoming,
            event=f"{turn.incoming.event} asks",
            key=turn.key,
            message="",
            text=question,
            command=Ask(question),
            attachments=(),
        )
        await self._hear(asked, turn.transport)


def _apology(turn: Turn, error: Exception) -> tuple[Block, ...]:
    if isinstance(error, SurfaceError):
        return failure(_REFUSED, turn.reference)
    return failure(_BROKEN, turn.reference, again=turn.reply)
