"""Analyses, written while people watch."""

from __future__ import annotations

from dataclasses import replace

from vidthread.commands import DEFAULT_TYPES, Analyze, Make
from vidthread.menus import with_questions
from vidthread.presenter import View
from vidthread.replies import AnalysisState
from vidthread.sentences import say, say_notice
from vidthread.shortening import tldr_of
from vidthread.surface import Reply
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisType, CaptionsFile
from youtube_analysis.models.chat import ChatMessage, ChatSession, MessageRole
from youtube_analysis.models.style import Length, Style
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.services.content import shown_text
from youtube_analysis.workflow import Finished, VideoRead

from .turn import Turn
from .writing import NoVideo, Writing, current_reading, message_of


class Analyzing(Writing):
    async def read(self, turn: Turn, wanted: Analyze) -> None:
        """The video of a link, or of the file that came along. Whoever asks for it meanwhile, and
        the analysis that follows, get the same. Raises NoVideo, VideoAnalysisError."""
        source = _given(turn, wanted)
        if source is None:
            raise NoVideo
        request = _requested(turn, wanted, source)
        turn.reading = await self._factory.get_video_analysis_workflow().read(request)

    async def analyze(self, turn: Turn, view: View, wanted: Analyze) -> Reply:
        """Reads a video that this thread is about from now on: the one of a link, of the file that
        came along, or what the thread is about already."""
        session = await self._sessions.open(turn.key.session)
        source, reading = _given(turn, wanted), turn.reading
        if source is None:
            known = await current_reading(self._factory, session)
            source = _link(session, known)
            reading = None if _is_read_by_link(session) else known
        request = _requested(turn, wanted, source, session.language)
        short = not wanted.types and request.style.length is not Length.LONG
        return await self._write(turn, view, request, reading, short=short)

    async def make(self, turn: Turn, view: View, wanted: Make) -> Reply:
        """More analyses of the video that the thread is about."""
        session = await self._sessions.open(turn.key.session)
        reading = await current_reading(self._factory, session)
        link = _link(session, reading)
        request = _requested(turn, wanted, link, session.language)
        # The kept reading, unless other captions are needed for the language to write in.
        translates = self._factory.get_analysis_service().translates(request.model)
        fits = translates or request.language in {None, reading.language}
        usable = fits or not _is_read_by_link(session)
        return await self._write(turn, view, request, reading if usable else None)

    async def _write(
        self,
        turn: Turn,
        view: View,
        request: AnalysisRequest,
        reading: Transcript | None,
        *,
        short: bool = False,
    ) -> Reply:
        """In `short`, or as a whole."""
        state = AnalysisState(
            turn.reply,
            turn.incoming.message,
            request.types,
            opens=not turn.incoming.key.thread,
            short=short,
            note=self._note(request.model),
        )
        view.show(state.reply())

        async def work() -> None:
            nonlocal state
            workflow = self._factory.get_video_analysis_workflow()
            async with workflow.open(request, reading=reading) as events:
                async for event in events:
                    state = state.fold(event)
                    if isinstance(event, VideoRead):
                        told = await self._told(turn, event.reading)
                        state = replace(state, is_known=bool(told), tldrs=_tldrs(told))
                    if isinstance(event, VideoRead) and event.reading is not reading:
                        await self._remember_video(turn, request, event.reading)
                    if not isinstance(event, Finished):
                        view.show(state.reply())

        ended = await self.outcome(turn, work())
        if state.reading:
            await self._keep(turn, request, state, state.reading)
        if ended is not None:
            return state.ended(*ended)
        return with_questions(state.reply(), await self._topics(state))

    def _note(self, model: str | None) -> str:
        """Where no language model writes, why, and what to do about it."""
        analyses = self._factory.get_analysis_service()
        if analyses.translates(model):
            return ""
        return say("card.offline_by_default" if analyses.models[1:] else "card.offline")

    async def _keep(
        self, turn: Turn, request: AnalysisRequest, state: AnalysisState, reading: Transcript
    ) -> None:
        if state.outputs:
            await self.record(turn, _analyzed(turn, request, state, reading))
        self._factory.get_meaning().schedule(reading)

    async def _told(self, turn: Turn, reading: Transcript) -> list[ChatMessage]:
        """What the thread was told about this video before."""
        session = await self._sessions.get(turn.key.session)
        said = session.messages if session else ()
        mine = reading.fingerprint
        return [m for m in said if m.fingerprint == mine and m.reply != turn.reply]

    async def _topics(self, state: AnalysisState) -> tuple[str, ...]:
        """What can be asked about, where key moments are shown."""
        moments = [one for one in state.outputs if one.type is AnalysisType.KEY_MOMENTS]
        if state.reading is None or not moments:
            return ()
        outline = self._factory.get_outline_service()
        return tuple(topic.title for topic in await outline.topics(state.reading, moments[0]))

    async def _remember_video(
        self, turn: Turn, request: AnalysisRequest, reading: Transcript
    ) -> None:
        """The thread knows its video before anything is written about it, so that what is asked
        meanwhile, or after a crash, has something to be answered from."""
        link = request.link if isinstance(request.link, str) else ""
        key, video = turn.key.session, reading.video
        await self._insist(lambda: self._sessions.add_video(key, video, reading.fingerprint, link))
        await turn.surface.entitle(reading.video.info.title)


def _tldrs(told: list[ChatMessage]) -> frozenset[str]:
    made = (message.section for message in told)
    summaries = (one for one in made if one and one.type is AnalysisType.SUMMARY)
    return frozenset(tldr_of(shown_text(one, say_notice)) for one in summaries)


def _given(turn: Turn, wanted: Analyze) -> str | CaptionsFile | None:
    """What came with the request itself."""
    if files := turn.incoming.attachments:
        return CaptionsFile(files[0].name, files[0].content)
    return wanted.link or None


def _requested(
    turn: Turn, wanted: Analyze | Make, source: str | CaptionsFile, language: str | None = None
) -> AnalysisRequest:
    """`language` is that of the thread."""
    types = wanted.types or turn.settings.types or DEFAULT_TYPES
    language = wanted.language or language or turn.settings.language
    style = turn.style
    return AnalysisRequest(
        source,
        types,
        language,
        use_cache=not wanted.anew,
        style=Style(wanted.length or style.length, wanted.instruction or style.instruction),
        model=turn.settings.model,
    )


def _is_read_by_link(session: ChatSession) -> bool:
    """Captions that were handed in are never read again."""
    return bool(session.videos[-1].link)


def _link(session: ChatSession, reading: Transcript) -> str:
    """For captions that were handed in, only a name."""
    return session.videos[-1].link or reading.video.info.video_id


def _analyzed(
    turn: Turn, request: AnalysisRequest, state: AnalysisState, reading: Transcript
) -> list[ChatMessage]:
    """What was asked for, and what was made of it."""
    named = ", ".join(kind.value for kind in request.types)
    if isinstance(request.link, CaptionsFile):
        named = f"{named}: {request.link.name}"
    message = message_of(turn, reading)
    made = (message(MessageRole.ASSISTANT, output.text, section=output) for output in state.outputs)
    return [message(MessageRole.USER, turn.incoming.text or named), *made]
