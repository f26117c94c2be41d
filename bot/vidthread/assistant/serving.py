"""One turn, from its place in the queue until its answer stands in the thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta

from vidthread.commands import Analyze, Ask, Forget, Make, Retry
from vidthread.menus import ANEW, offers, offers_retry, retry, with_note, without_buttons
from vidthread.presenter import Presenter, View
from vidthread.replies import failure, finished
from vidthread.sentences import say, say_error, speak
from vidthread.store import Store, asked_beside
from vidthread.surface import (
    Actions,
    Addressed,
    Block,
    Incoming,
    Notice,
    Reply,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from vidthread.words import asks_more, named_model
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.chat import SessionVideo
from youtube_analysis.service_factory import ServiceFactory

from .analyzing import Analyzing
from .answering import Answering
from .floor import Floor
from .meaning import Meaning
from .short_answers import ShortAnswers
from .turn import Turn
from .writing import explained

_log = get_logger(__name__)
# What was begun so often, or is so old, is not begun once more; and what was made and could not be
# shown so often is given up.
MOST_TRIES, MOST_DELIVERIES = 3, 10
OLDEST = timedelta(hours=1)
Hear = Callable[[Incoming, Transport], Awaitable[object]]


class Serving:
    """`hear` takes an event that follows from another; `floor` knows that we have spoken."""

    def __init__(
        self,
        factory: ServiceFactory,
        store: Store,
        presenter: Presenter,
        short: ShortAnswers,
        hear: Hear,
    ) -> None:
        self.floor = Floor()
        self._factory = factory
        self._sessions = factory.get_session_repository()
        self._store = store
        self._ledger = store.ledger
        self._presenter = presenter
        self._short = short
        self._analyzing = Analyzing(factory, store, presenter)
        self._answering = Answering(factory, store, presenter)
        self._meaning = Meaning(factory, store.ledger)
        self._hear = hear

    async def serve(self, turn: Turn) -> None:
        """The outermost edge of every adapter: whatever nobody foresaw is said in a sentence and
        ends nothing but this turn."""
        speak(await turn.transport.locale(turn.incoming))
        with turn.bound():
            if error := await self._failed(turn):
                # Shown, not kept: what ends with us is to be done at the next start all the same.
                turn.stored = _finished(turn, *_apology(turn, error))
                if isinstance(await self._failed(turn), SurfaceError):
                    await self._presenter.insist(lambda: self._ledger.done(turn.row))

    async def _failed(self, turn: Turn) -> Exception | None:
        """Delivers; what nobody foresaw, or a platform refused for good, where that failed."""
        try:
            await self._presenter.insist(lambda: self._deliver(turn))
        except (SurfaceUnreachable, DatabaseError) as error:
            _log.warning("not delivered, kept for later", error=repr(error))
            lasts = isinstance(error, DatabaseError) and not error.retryable
            if lasts and turn.stored is None:  # an answer that was kept may stand there
                return error
        except Exception as error:  # noqa: BLE001 - see `serve`
            _log.exception("turn failed")
            return error
        return None

    async def _deliver(self, turn: Turn) -> None:
        if turn.age is not None and not await self.resumed(turn):
            return
        view = View(self._presenter, turn.surface, turn.reply)
        async with turn.transport.working(turn.key), aclosing(view):
            try:
                final = turn.stored or await self._made(turn, view)
                view.show(final)
                await view.delivered()
            except ThreadGone as gone:
                _log.info("thread gone", cause=str(gone))
                with suppress(SurfaceError):
                    await view.report_loss(Notice(say("failure.lost"), failure=True))
                await self._ledger.done(turn.row)
                return
        await self._finish(turn, final)

    async def resumed(self, turn: Turn) -> bool:
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
            turn.stored = _finished(turn, Notice(say("notice.interrupted")), again)
        return True

    async def _made(self, turn: Turn, view: View) -> Reply:
        """The final reply, kept until it is shown; a failure is said in a sentence."""
        transport, heard = turn.transport, turn.incoming
        await self._configure(turn)
        try:
            turn.incoming = await self._presenter.insist(lambda: transport.complete(heard))
            final = await self._answer(turn, view)
        except VideoAnalysisError as error:
            final = _finished(turn, *explained(turn, error))
        final = _noted(turn, final)
        served = turn.incoming if turn.incoming.command != heard.command else None
        await self._presenter.insist(lambda: self._ledger.answered(turn.row, final, served))
        turn.stored = final
        await self._presenter.insist(lambda: self._let_model_go(turn))
        return final

    async def _configure(self, turn: Turn) -> None:
        """A model that the host lists no longer is the default."""
        turn.settings = await self._store.workspaces.get(turn.key.platform, turn.key.workspace)
        chosen, listed = turn.settings.model, self._factory.get_analysis_service().models
        if chosen and not named_model(chosen, listed):
            turn.lost_model = chosen
            turn.settings = replace(turn.settings, model=None)

    async def _let_model_go(self, turn: Turn) -> None:
        """A model that is gone is told of once; from then on the default is chosen."""
        workspaces, where = self._store.workspaces, (turn.key.platform, turn.key.workspace)
        if (lost := _lost_model(turn)) and (await workspaces.get(*where)).model == lost:
            await workspaces.change(*where, model=None)

    async def read(self, turn: Turn) -> None:
        """Reads the video that an event asks for, before there is a thread for it. Raises
        VideoAnalysisError, and Stopped."""
        await self._configure(turn)
        if isinstance(turn.command, Analyze):
            async with turn.transport.waiting(turn.incoming):
                await turn.stoppable(self._analyzing.read(turn, turn.command))

    async def understand(self, turn: Turn) -> None:
        """What an event from outside of any thread comes to. Raises InvalidRequest."""
        turn.is_retry |= isinstance(turn.command, Retry)
        turn.incoming = await turn.transport.complete(turn.incoming)
        turn.incoming = await self._meaning.of(turn)

    async def _answer(self, turn: Turn, view: View) -> Reply:
        """Shows a reply that grows while it is made. Raises VideoAnalysisError where nothing could
        be done at all."""
        turn.is_retry |= isinstance(turn.command, Retry)
        if not (turn.reading or (isinstance(turn.command, Analyze) and turn.command.link)):
            turn.incoming = await self._meaning.of(turn)
        match turn.command:
            case Analyze(link, anew=False) if (
                link and not turn.is_retry and await self._is_open(turn, link)
            ):
                return _finished(turn, Notice(say("notice.same_video")), Actions((ANEW,)))
            case Analyze() as analyze:
                return await self._analyzing.analyze(turn, view, analyze)
            case Make() as make:
                return await self._analyzing.make(turn, view, make)
            case Ask(question):
                return await self._answering.answer(turn, view, question)
            case Forget() if turn.surface.limits.prints:  # nothing can be pressed there
                turn.incoming = replace(turn.incoming, command=Forget(sure=True))
        told = await self._short.answer(turn.command, turn.incoming, turn.key)
        return _finished(turn, *told)

    # --- what is there already ---

    async def _is_open(self, turn: Turn, link: str) -> bool:
        session = await self._sessions.open(turn.key.session)
        # After a crash in its middle, the video of this very turn may be known already.
        mine = any(message.reply == turn.reply for message in session.messages)
        known = session.videos[-1].link if session.videos else ""
        return bool(session.messages) and not mine and known == link

    async def _is_forgotten(self, key: ThreadKey) -> bool:
        return await self._sessions.get(key.session, messages=0) is None

    async def _newest_video(self, turn: Turn) -> SessionVideo | None:
        """What was read last in the thread."""
        session = await self._sessions.get(turn.key.session, messages=0)
        return session.videos[-1] if session and session.videos else None

    # --- what comes after the answer ---

    async def _finish(self, turn: Turn, final: Reply) -> None:
        """What comes after the answer stands. Until its end the event is open, and what is done
        twice then is done once."""
        self.floor.taken(turn.key, self.floor.moment(turn.key))
        match turn.command:
            case Forget(sure=True) if await self._is_forgotten(turn.key):
                await turn.transport.forget(turn.key, turn.reply)
                await self._store.forget(turn.key)
                return
            case Analyze(link, question=question) if question:
                video = await self._newest_video(turn)
                if video and video.link == link and asks_more(question, video.title):
                    await self.ask_on(turn, question)
        again = turn.incoming if offers_retry(final) else None
        standing = final if offers(final) else None
        if standing:
            await self._take_buttons(turn)
        await self._ledger.done(turn.row, again=again, standing=standing)
        if turn.afterwards:
            self._factory.supervisor.once("verify", self._amend(turn, turn.afterwards))

    async def _take_buttons(self, turn: Turn) -> None:
        """Removes the buttons of older replies: only the newest has any."""
        for reply in await self._ledger.standing(turn.key):
            async with aclosing(View(self._presenter, turn.surface, reply.key)) as view:
                try:
                    await view.revise(without_buttons(reply))
                except SurfaceError as error:
                    _log.info("buttons not taken away", reply=reply.key, error=repr(error))
            await self._ledger.retired(reply.key)

    async def _amend(self, turn: Turn, afterwards: Callable[[], Awaitable[Reply | None]]) -> None:
        """Nobody waits for it: what fails here leaves the reply as it stands."""
        try:
            if made := await afterwards():
                reply = _noted(turn, made)
                if not await self._ledger.amended(reply):
                    reply = without_buttons(reply)
                async with aclosing(View(self._presenter, turn.surface, turn.reply)) as view:
                    view.show(reply)
                    await view.delivered()
        except (VideoAnalysisError, SurfaceError) as error:
            _log.info("not verified", reply=turn.reply, error=repr(error))

    async def ask_on(self, turn: Turn, question: str) -> None:
        """What was asked beside a video is answered when it is read."""
        asked = replace(
            turn.incoming,
            event=asked_beside(turn.incoming.event),
            key=turn.key,
            message="",
            text=question,
            command=Ask(question),
            addressed=Addressed.BOT,
            attachments=(),
        )
        await self._hear(asked, turn.transport)


def _finished(turn: Turn, *blocks: Block) -> Reply:
    return finished(turn.reply, turn.incoming.message, *blocks)


def _lost_model(turn: Turn) -> str:
    """The chosen model that is gone; empty for a turn that needs no model."""
    return turn.lost_model if isinstance(turn.command, Analyze | Make | Ask) else ""


def _noted(turn: Turn, reply: Reply) -> Reply:
    lost = _lost_model(turn)
    return with_note(reply, Notice(say("notice.model_gone", name=lost))) if lost else reply


def _apology(turn: Turn, error: Exception) -> tuple[Block, ...]:
    if isinstance(error, SurfaceError):
        return failure(say("failure.refused"), turn.reference)
    told = say_error(error) if isinstance(error, DatabaseError) else say("failure.broken")
    return failure(told, turn.reference, retry(turn.reply))
