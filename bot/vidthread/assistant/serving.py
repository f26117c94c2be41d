"""From what a person wants to the final reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from vidthread.commands import (
    Analyze,
    Aside,
    Ask,
    Command,
    Coverage,
    Export,
    Forget,
    Help,
    Make,
    Retry,
    SetLanguage,
    SetQuiet,
    Unclear,
)
from vidthread.presenter import Insist, View
from vidthread.replies import ANEW, told
from vidthread.store import Store
from vidthread.surface import Actions, Block, File, Incoming, Notice, Reply
from vidthread.thread_key import ThreadKey
from vidthread.words import find_link
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.models.analysis import AnalysisResult, AnalysisType
from youtube_analysis.models.chat import ChatSession
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.content import ContentFormat, coverage_sentence

from .asides import Clear, answer_aside
from .turns import Turn
from .writing import Writing, current_reading

_FORGOTTEN = (
    "Forgotten: the questions, answers and videos of this thread are deleted from my store."
)
_MEDIA_TYPES = {
    ContentFormat.MARKDOWN: "text/markdown",
    ContentFormat.JSON: "application/json",
    ContentFormat.HTML: "text/html",
}


# Presses of “Try again” that are followed back to what was wanted.
_MOST_RETRIES = 20


class CannotRetry(InvalidRequest):
    code = "cannot_retry"

    def __init__(self) -> None:
        super().__init__("I do not remember what that was. Please ask again in words.")


class Serving:
    """`insist` does what is asked of the database, however often it takes; `clear` ends what runs
    in a workspace."""

    def __init__(self, factory: ServiceFactory, store: Store, insist: Insist, clear: Clear) -> None:
        self._factory = factory
        self._sessions = factory.get_session_repository()
        self._store = store
        self._clear = clear
        self._writing = Writing(factory, store, insist)

    async def serve(self, turn: Turn, view: View) -> Reply:
        """Shows a reply that grows while it is made. Raises VideoAnalysisError where nothing could
        be done at all."""
        turn.is_retry |= isinstance(turn.command, Retry)
        turn.incoming = await self._remembered(turn)
        turn.incoming = replace(turn.incoming, command=await self._with_earlier_link(turn))
        match turn.command:
            case Analyze(link, anew=False) if (
                link and not turn.is_retry and await self._is_open(turn, link)
            ):
                return _told(turn, Notice("This thread is about that video."), Actions((ANEW,)))
            case Analyze() as analyze:
                return await self._writing.analyze(turn, view, analyze)
            case Make() as make:
                return await self._writing.make(turn, view, make)
            case Ask(question):
                return await self._writing.answer(turn, view, question)
            case command:
                return _told(turn, await self._short(turn, command))

    async def _short(self, turn: Turn, command: Command) -> Block:
        match command:
            case SetLanguage(language):
                return await self._set_language(turn.key, language)
            case SetQuiet(quiet):
                return await self._set_quiet(turn.key, quiet=quiet)
            case Coverage():
                return await self._coverage(turn.key)
            case Export(form):
                return await self._export(turn.key, form)
            case Forget():
                await forget_session(self._factory, turn.key)
                return Notice(_FORGOTTEN)
            case _ if isinstance(command, Aside):
                text = await answer_aside(
                    self._factory, self._store, self._clear, command, turn.incoming
                )
                return Notice(text)
            case Unclear(reason):
                return Notice(reason)
        return Notice("Nothing is being written here.")

    # --- what is wanted ---

    async def _remembered(self, turn: Turn) -> Incoming:
        """With what was wanted with the reply that is to be tried again, file included."""
        if not isinstance(turn.command, Retry):
            return turn.incoming
        wanted: Command | None = turn.command
        for _ in range(_MOST_RETRIES):  # one that was itself interrupted leads to the one before
            if not isinstance(wanted, Retry):
                break
            before = await self._store.ledger.wanted(turn.key, wanted.reply)
            wanted = before.command if before else None
        if before is None or wanted is None or isinstance(wanted, Retry):
            raise CannotRetry
        if isinstance(wanted, Analyze) and not (wanted.link or before.attachments):
            # What ended before its file was read has none yet.
            before = await turn.transport.complete(before)
        return replace(
            turn.incoming,
            text=before.text,
            command=before.command,
            attachments=before.attachments,
        )

    async def _with_earlier_link(self, turn: Turn) -> Command:
        """Where a thread has no video yet, what is asked there is about the one that people talk
        about in it; to call the bot without a word asks for that one. What is said to the bot
        alone goes on about the newest video that it was sent."""
        command = turn.command
        called = isinstance(command, Help) and not turn.incoming.text
        if not (called or isinstance(command, Ask | Make)):
            return command
        session = await self._sessions.get(turn.key.session, messages=0)
        known = bool(session and session.videos)
        if known or (turn.incoming.direct and await self._took_newest_video(turn.key)):
            return command
        link = await turn.transport.earlier_link(turn.key)
        match command:
            case Ask(question) if link:
                return Analyze(link, question=question)
            case Make(types, language, anew) if link:
                return Analyze(link, types, language, anew)
        return Analyze(link) if link else command

    async def _took_newest_video(self, key: ThreadKey) -> bool:
        """Makes the thread one about the newest video of its channel; False where that one is not
        read yet, or there is none."""
        recent = await self._sessions.recent(key.place_prefix)
        newest = next((s for s in recent if s.videos or find_link(s.title)), None)
        if newest is None or not newest.videos:
            return False
        about = newest.videos[-1]
        video = await self._sessions.video(about.fingerprint)
        if video:
            await self._sessions.add_video(key.session, video, about.fingerprint, about.link)
        return video is not None

    async def _is_open(self, turn: Turn, link: str) -> bool:
        session = await self._sessions.open(turn.key.session)
        # After a crash in its middle, the video of this very turn may be known already.
        mine = any(message.reply == turn.reply for message in session.messages)
        known = session.videos[-1].link if session.videos else ""
        return bool(session.messages) and not mine and known == link

    # --- what is answered in a line or two ---

    async def _set_language(self, key: ThreadKey, language: str | None) -> Block:
        await self._sessions.open(key.session)
        await self._sessions.set_language(key.session, language)
        if language is None:
            return Notice("From now on I answer in the language of the question or the video.")
        if not self._factory.get_video_analysis_workflow().translates:
            return Notice(
                f"From now on analyses are made from captions in “{language}” where YouTube has "
                "them. Without a language model, answers stay in the words of the speaker."
            )
        return Notice(f"From now on I answer in “{language}”.")

    async def _set_quiet(self, key: ThreadKey, *, quiet: bool) -> Block:
        await self._store.threads.set_quiet(key, quiet)
        if quiet:
            return Notice(
                "I answer only what is addressed to me. Write *quiet off* to change that."
            )
        return Notice("I answer every question in this thread that is not addressed to others.")

    async def _coverage(self, key: ThreadKey) -> Block:
        """Raises NoVideo."""
        session = await self._sessions.open(key.session)
        video = (await current_reading(self._factory, session)).video
        lines = [coverage_sentence(video), *(f"Missing: {what}." for what in video.missing)]
        return Notice("\n\n".join(lines))

    async def _export(self, key: ThreadKey, form: ContentFormat) -> Block:
        """The analyses and answers of the thread as one file. Raises NoVideo."""
        stored = await self._sessions.get(key.session, messages=None)
        session = stored or ChatSession(key.session)
        reading = await current_reading(self._factory, session)
        about = [m for m in session.messages if m.fingerprint == reading.fingerprint]
        # Of a type that was made twice, the newest.
        sections = {m.section.type: m.section for m in about if m.section}
        answers = tuple(m.answer for m in about if m.answer)
        result = AnalysisResult(
            video=reading.video,
            outputs=tuple(sections[kind] for kind in AnalysisType if kind in sections),
            failures=(),
            seconds=sum(section.seconds for section in sections.values()),
            created_at=max((m.at for m in about), default=datetime.now(UTC)),
        )
        content = self._factory.get_content_service().render(result, form, answers)
        name = f"{reading.video.info.video_id}.{form.value}"
        return File(name, content, _MEDIA_TYPES[form])


async def forget_session(factory: ServiceFactory, key: ThreadKey) -> None:
    """Of captions that were handed in, what is cached goes with it; videos of YouTube's are no
    thread's own."""
    session = await factory.get_session_repository().get(key.session, messages=0)
    await factory.get_session_repository().forget(key.session)
    for video in session.videos if session else ():
        if not video.link:
            await factory.get_cache_repository().forget(video.fingerprint)


def _told(turn: Turn, *blocks: Block) -> Reply:
    return told(turn.reply, turn.incoming.message, *blocks)
