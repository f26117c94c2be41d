"""Opening a video in a thread, and making more of one that is open."""

from __future__ import annotations

from vidthread.presenter import View
from vidthread.replies import STOPPED, AnalysisView, retry
from vidthread.surface import Actions, Notice, Reply
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisType, CaptionsFile
from youtube_analysis.models.chat import ChatMessage, ChatSession, MessageRole
from youtube_analysis.passages.reading import Reading
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.workflow import Finished, VideoRead

from .failures import tell
from .talks import current_reading, said, session_of
from .turn import Stopped, Turn

DEFAULT_TYPES = (AnalysisType.SUMMARY, AnalysisType.KEY_MOMENTS)


class Analyses:
    """Each method makes one reply, and shows it while it grows; the last state is returned."""

    def __init__(self, factory: ServiceFactory) -> None:
        self._factory = factory

    async def open_video(
        self,
        turn: Turn,
        view: View,
        source: str | CaptionsFile,
        types: tuple[AnalysisType, ...],
        language: str | None,
        *,
        anew: bool = False,
    ) -> Reply:
        """Reads a video that this thread is about from now on."""
        session = await session_of(self._factory, turn.key)
        request = AnalysisRequest(
            source,
            types or turn.settings.types or DEFAULT_TYPES,
            language or session.language or turn.settings.language,
            use_cache=not anew,
        )
        return await self._run(turn, view, request)

    async def make(
        self,
        turn: Turn,
        view: View,
        types: tuple[AnalysisType, ...],
        language: str | None,
        *,
        anew: bool,
    ) -> Reply:
        """More analyses of the video that the thread is about."""
        session = await session_of(self._factory, turn.key)
        reading = await current_reading(self._factory, session)
        wanted = language or session.language or turn.settings.language
        link = _link(session, reading)
        request = AnalysisRequest(link, types, wanted, use_cache=not anew)
        return await self._run(turn, view, request, self._usable(session, reading, wanted))

    async def anew(self, turn: Turn, view: View) -> Reply:
        """The video of the thread read and analyzed as if nobody had done so before."""
        session = await session_of(self._factory, turn.key)
        reading = await current_reading(self._factory, session)
        link = _link(session, reading)
        types = turn.settings.types or DEFAULT_TYPES
        language = session.language or turn.settings.language
        request = AnalysisRequest(link, types, language, use_cache=False)
        handed_in = not reading.video.info.url or not session.videos[-1].link
        return await self._run(turn, view, request, reading if handed_in else None)

    def _usable(
        self, session: ChatSession, reading: Reading, language: str | None
    ) -> Reading | None:
        """The kept reading, unless other captions are needed for the language to write in."""
        translates = self._factory.get_video_analysis_workflow().translates
        fits = translates or language in {None, reading.language}
        return reading if fits or not session.videos[-1].link else None

    async def _run(
        self, turn: Turn, view: View, request: AnalysisRequest, reading: Reading | None = None
    ) -> Reply:
        incoming = turn.incoming
        opens = not incoming.key.thread
        state = AnalysisView(turn.reply, incoming.message, request.types, opens=opens)
        view.show(state.reply())

        async def work() -> None:
            nonlocal state
            workflow = self._factory.get_video_analysis_workflow()
            async with workflow.open(request, reading=reading) as events:
                async for event in events:
                    state = state.fold(event)
                    if isinstance(event, VideoRead) and event.reading is not reading:
                        await self._met(turn, request, event.reading)
                    if not isinstance(event, Finished):
                        view.show(state.reply())

        try:
            await turn.stoppable(work())
            final = state.reply()
        except Stopped:
            final = state.ended(Notice(STOPPED), Actions((retry(turn.reply),)))
        except VideoAnalysisError as error:
            final = state.ended(*tell(turn, error))
        await self._record(turn, state, request)
        if state.reading:
            self._factory.get_meaning().schedule(state.reading)
        return final

    async def _met(self, turn: Turn, request: AnalysisRequest, reading: Reading) -> None:
        """The thread knows its video before anything is written about it, so that what is asked
        meanwhile, or after a crash, has something to be answered from."""
        sessions = self._factory.get_session_repository()
        link = request.link if isinstance(request.link, str) else ""
        await sessions.add_video(turn.key.session, reading.video, reading.fingerprint, link)
        await turn.surface.entitle(reading.video.info.title)

    async def _record(self, turn: Turn, state: AnalysisView, request: AnalysisRequest) -> None:
        sessions, reading = self._factory.get_session_repository(), state.reading
        asked = _asked(turn, request)
        if reading is None:
            await sessions.open(turn.key.session)
            question = ChatMessage(MessageRole.USER, asked, reply=turn.reply)
            await sessions.record(turn.key.session, turn.reply, [question])
            return
        sections = [
            ChatMessage(
                MessageRole.ASSISTANT,
                output.text,
                reply=turn.reply,
                fingerprint=reading.fingerprint,
                section=output,
            )
            for output in state.outputs
        ]
        question = said(turn.reply, asked, reading)
        await sessions.record(turn.key.session, turn.reply, [question, *sections])


def _link(session: ChatSession, reading: Reading) -> str:
    """For captions that were handed in, only a name: they are never read again."""
    return session.videos[-1].link or reading.video.info.video_id


def _asked(turn: Turn, request: AnalysisRequest) -> str:
    if turn.incoming.text:
        return turn.incoming.text
    named = ", ".join(kind.value for kind in request.types)
    return f"{named}: {request.link.name}" if isinstance(request.link, CaptionsFile) else named
