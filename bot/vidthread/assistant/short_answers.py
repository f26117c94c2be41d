"""What is answered in a line or two, or with a file: help, figures, privacy, settings, forgetting,
what was read, exports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from vidthread.commands import (
    Aside,
    Command,
    Coverage,
    DefaultSetting,
    Export,
    ForAdmins,
    Forget,
    ForgetPerson,
    ForgetWorkspace,
    Help,
    Privacy,
    Rate,
    SetLanguage,
    SetQuiet,
    ShowSettings,
    Statistics,
    Unclear,
)
from vidthread.sentences import (
    language_name,
    say,
    say_count,
    say_coverage,
    say_missing,
    say_notice,
    say_place,
)
from vidthread.store import Store
from vidthread.surface import Block, File, Incoming, Notice
from vidthread.thread_key import ThreadKey
from vidthread.words import named_model
from youtube_analysis.checking.literal import printable
from youtube_analysis.models.analysis import AnalysisResult, AnalysisType
from youtube_analysis.models.chat import ChatSession
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.models.video import VideoData
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.content import ContentFormat

from .configuring import Configuring
from .deletion import Clear, Deletion, NotAdmin
from .writing import current_reading

_MEDIA_TYPES = {
    ContentFormat.MARKDOWN: "text/markdown",
    ContentFormat.JSON: "application/json",
    ContentFormat.HTML: "text/html",
}
_UNFIT = re.compile(r'[\x00-\x1f<>:"/\\|?*#%]+')
_LONGEST_NAME = 80


class ShortAnswers:
    """`clear` ends what runs in a workspace."""

    def __init__(
        self, factory: ServiceFactory, store: Store, clear: Clear, retain_days: int | None
    ) -> None:
        self._factory = factory
        self._sessions = factory.get_session_repository()
        self._store = store
        self._retain_days = retain_days
        self._deletion = Deletion(factory, store, clear)
        self._configuring = Configuring(factory, store.workspaces)

    async def answer(
        self, command: Command, incoming: Incoming, key: ThreadKey
    ) -> tuple[Block, ...]:
        """To what is asked of the thread with this key. Raises VideoAnalysisError."""
        match command:
            case SetLanguage(language):
                return (await self._set_language(key, language),)
            case SetQuiet(quiet):
                return (await self._set_quiet(key, quiet=quiet),)
            case Coverage():
                return (Notice(await self._coverage(key)),)
            case Export(form):
                return (await self._export(key, form),)
            case Forget() | ForgetPerson() | ForgetWorkspace():
                return await self._deletion.answer(command, incoming, key)
            case Unclear() as unclear:
                return (Notice(unclear.sentence),)
            case _ if isinstance(command, Aside):
                return (Notice(await self._aside(command, incoming)),)
        return (Notice(say("notice.nothing_to_stop")),)

    async def _aside(self, command: Aside, incoming: Incoming) -> str:
        """Markdown for whoever asked. Raises NotAdmin, DatabaseError."""
        if isinstance(command, ForAdmins) and not incoming.admin:
            raise NotAdmin(say_place(incoming.key.platform))
        key = incoming.key
        match command:
            case Help():
                return say("help", place=say_place(key.platform))
            case Privacy():
                return await self._privacy(key)
            case Statistics():
                return await _statistics(self._store, key)
            case Rate(reply, good, reason):
                feedback = self._store.feedback
                await feedback.rate(key, reply, incoming.author, good=good, reason=reason)
                return say("notice.rated")
            case _ if isinstance(command, ShowSettings | DefaultSetting):
                return await self._configuring.answer(command, key)
        raise TypeError(f"{type(command).__name__} is answered elsewhere")

    async def _privacy(self, key: ThreadKey) -> str:
        settings, model = self._factory.settings, await self._model(key)
        for listed in settings.models:
            if listed.name == model:
                settings = settings.of_model(listed)
        told = say("privacy.no_model")
        if settings.has_model:
            told = say("privacy.model", host=urlsplit(settings.openai_base_url).hostname or "")
        days = self._retain_days
        kept = say_count("privacy.kept_for", days) if days else say("privacy.kept")
        return say("privacy", kept=kept, model=told, place=say_place(key.platform))

    async def _model(self, key: ThreadKey) -> str | None:
        """The listed one that was chosen for a workspace; None for the default."""
        settings = await self._store.workspaces.get(key.platform, key.workspace)
        return named_model(settings.model or "", self._factory.get_analysis_service().models)

    async def _set_language(self, key: ThreadKey, language: str | None) -> Block:
        await self._sessions.open(key.session)
        await self._sessions.set_language(key.session, language)
        if language is None:
            return Notice(say("language.own"))
        translates = self._factory.get_analysis_service().translates(await self._model(key))
        told = "language.set" if translates else "language.captions"
        return Notice(say(told, language=language_name(language)))

    async def _set_quiet(self, key: ThreadKey, *, quiet: bool) -> Block:
        await self._store.threads.set_quiet(key, quiet)
        return Notice(say("quiet.on" if quiet else "quiet.off"))

    async def _coverage(self, key: ThreadKey) -> str:
        """What was read of the video, in Markdown. Raises NoVideo."""
        session = await self._sessions.open(key.session)
        reading = await current_reading(self._factory, session)
        video = reading.video
        lines = [say_coverage(video), *map(say_missing, video.missing)]
        lines += _unread(session, reading.fingerprint)
        return "\n\n".join(lines)

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
        name = f"{_file_name(reading.video)}.{form.value}"
        return File(name, content, _MEDIA_TYPES[form])


def _file_name(video: VideoData) -> str:
    """The title, without what some system would not have in a name."""
    named = " ".join(_UNFIT.sub(" ", printable(video.info.title)).split())[:_LONGEST_NAME]
    return named.strip(". ") or video.info.video_id


async def _statistics(store: Store, key: ThreadKey) -> str:
    known = await store.threads.figures(key)
    lines = [
        say_count("stats.threads", known.threads),
        say_count("stats.videos", known.videos),
        say_count("stats.questions", known.questions),
        say_count("stats.answers", known.answers),
    ]
    good, bad = await store.feedback.counts(key)
    if good or bad:
        lines.append(f"👍 {good:,} · 👎 {bad:,}")
    if tokens := known.usage.total:
        lines.append(say_count("stats.tokens", tokens, cached=known.usage.cached))
    return "\n".join(f"- {line}" for line in lines)


def _unread(session: ChatSession, fingerprint: str) -> Iterable[str]:
    """What the model could not read of a long talk when it wrote the newest of each analysis."""
    made = (message.section for message in session.messages if message.fingerprint == fingerprint)
    newest = {section.type: section.note for section in made if section}
    told = (note for note in newest.values() if note and note.code is NoticeCode.PARTS_UNREAD)
    return dict.fromkeys(map(say_notice, told))
