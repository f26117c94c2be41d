"""From an event outside of any thread to its thread: the video is read first, so that no thread is
opened for one that cannot be."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from weakref import WeakValueDictionary

from vidthread.commands import Analyze
from vidthread.menus import offers_retry
from vidthread.presenter import Presenter
from vidthread.replies import finished
from vidthread.sentences import say, speak
from vidthread.store import Store
from vidthread.surface import Block, CannotOpen, Incoming, Notice, SurfaceError, ThreadGone
from vidthread.thread_key import ThreadKey
from youtube_analysis.checking.literal import printable
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.video import parse_link
from youtube_analysis.service_factory import ServiceFactory

from .serving import Serving
from .turn import Destination, Stopped, Turn
from .turns import ThreadQueues
from .writing import explained

_log = get_logger(__name__)


class Opening:
    def __init__(
        self,
        factory: ServiceFactory,
        store: Store,
        presenter: Presenter,
        serving: Serving,
        queues: ThreadQueues,
    ) -> None:
        self._factory = factory
        self._store = store
        self._presenter = presenter
        self._serving = serving
        self._queues = queues
        self._locks = WeakValueDictionary[tuple[str, str], asyncio.Lock]()

    async def open(self, turn: Turn) -> Destination | None:
        told: tuple[Block, ...]
        speak(await turn.transport.locale(turn.incoming))
        with turn.bound():
            try:
                return await self._presenter.insist(lambda: self._find_or_open(turn))
            except CannotOpen as refusal:
                told = (Notice(refusal.sentence),)
            except Stopped:
                told = (Notice(say("notice.stopped")),)
            except (SurfaceError, DatabaseError) as error:
                _log.warning("no thread, kept for later", row=turn.row, error=repr(error))
                return None
            except VideoAnalysisError as error:
                told = explained(turn, error)
            await self.refuse(turn, *told)
        return None

    async def _find_or_open(self, turn: Turn) -> Destination | None:
        """Raises SurfaceError, VideoAnalysisError, and Stopped."""
        if turn.age is not None and not await self._serving.resumed(turn):
            return None
        if turn.stored:  # it was begun too often, or is too old
            await self.refuse(turn, *turn.stored.blocks)
            return None
        await self._check_channel(turn.incoming)
        await self._serving.understand(turn)
        if turn.incoming.direct and not isinstance(turn.command, Analyze):
            await self._queues.opened_before(turn)  # the question is about that video
        async with self._alone(turn):
            if existing := await self._existing(turn):
                return existing
            if not turn.transport.opens_first and turn.reading is None:
                if told := turn.transport.problem(turn.incoming):
                    raise CannotOpen(told)
                await self._serving.read(turn)
            return await self._opened(turn)

    def _alone(self, turn: Turn) -> asyncio.Lock:
        """Whoever wants the same video in the same place waits, and finds what was opened."""
        wanted = turn.reference
        match turn.command:
            case Analyze(link, anew=False) if link and not turn.incoming.private:
                wanted = parse_link(link).video_id
        return self._locks.setdefault((turn.key.place_prefix, wanted), asyncio.Lock())

    async def _opened(self, turn: Turn) -> Destination:
        incoming, reading = turn.incoming, turn.reading
        title = reading.video.info.title if reading else ""
        surface = await turn.transport.open(incoming, title)
        await self._store.ledger.bind(turn.row, surface.key)
        sessions, named = self._factory.get_session_repository(), title or incoming.text
        if incoming.attachments:
            named = incoming.attachments[0].name
        await sessions.open(surface.key.session, printable(named[:100]))
        if reading:
            link = turn.command.link if isinstance(turn.command, Analyze) else ""
            key = surface.key.session
            await sessions.add_video(key, reading.video, reading.fingerprint, link)
        turn.leads_to(surface)
        self._queues.enter(turn, first=True)
        return Destination(surface.key, existing=False)

    async def check_thread(self, turn: Turn) -> None:
        """As `_check_channel`, for a thread that we do not talk in yet."""
        if turn.known or turn.stored or not turn.incoming.key.thread:
            return
        if turn.age is not None:  # taken up: nobody has looked yet
            sessions = self._factory.get_session_repository()
            if await sessions.get(turn.key.session, messages=0):
                return
        await self._check_channel(turn.incoming)

    async def _check_channel(self, incoming: Incoming) -> None:
        """Raises CannotOpen where the admins do not want us to work."""
        key = incoming.key
        settings = await self._store.workspaces.get(key.platform, key.workspace)
        if not settings.allows(key.channel):
            named = ", ".join(f"<#{channel}>" for channel in settings.channels)
            raise CannotOpen(say("refused.elsewhere", channels=named))

    async def _existing(self, turn: Turn) -> Destination | None:
        """The thread that this place has for the same video already: whoever asks is led there."""
        match turn.command:
            case Analyze(link, anew=False) if link and not turn.incoming.private:
                sessions, video = self._factory.get_session_repository(), parse_link(link).video_id
                found = await sessions.find(turn.key.place_prefix, video)
            case _:
                return None
        existing = ThreadKey.of_session(found) if found else None
        if existing is None or not await self._referred(turn, existing):
            return None
        if turn.command.question:
            turn.key = existing
            await self._serving.ask_on(turn, turn.command.question)
        await self._store.ledger.done(turn.row)
        return Destination(existing, existing=True)

    async def _referred(self, turn: Turn, existing: ThreadKey) -> bool:
        """False where that thread was deleted meanwhile: then nothing is kept of it."""
        try:
            await turn.transport.refer(turn.incoming, existing)
        except ThreadGone:
            await self._factory.get_session_repository().forget(existing.session)
            await self._store.forget(existing)
            return False
        return True

    async def refuse(self, turn: Turn, *told: Block) -> None:
        again = None
        if offers_retry(finished(turn.reply, "", *told)):
            again = turn.incoming
        _log.info("refused", row=turn.row)
        with suppress(SurfaceError):
            await self._presenter.insist(lambda: turn.transport.refuse(turn.incoming, told))
        with suppress(DatabaseError):  # said once more at the next start, then
            await self._presenter.insist(lambda: self._store.ledger.done(turn.row, again=again))
