"""What is answered in a line or two, or with a file: help, figures, privacy, settings, forgetting,
what was read, exports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from vidthread.commands import (
    DEFAULT_TYPES,
    Aside,
    Command,
    Coverage,
    Export,
    ForAdmins,
    Forget,
    ForgetPerson,
    ForgetWorkspace,
    Help,
    Privacy,
    SetChannels,
    SetDefaultLanguage,
    SetDefaultTypes,
    SetLanguage,
    SetQuiet,
    ShowSettings,
    Statistics,
    Unclear,
)
from vidthread.replies import HELP
from vidthread.store import Store, WorkspaceSettings
from vidthread.surface import Block, File, Incoming, Notice
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.models.analysis import AnalysisResult, AnalysisType, NoticeCode
from youtube_analysis.models.chat import ChatSession
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.content import ContentFormat, coverage_sentence

from .forgetting import forget_session
from .writing import current_reading

Clear = Callable[[ThreadKey], Awaitable[None]]
Setting = ShowSettings | SetChannels | SetDefaultLanguage | SetDefaultTypes
_FORGOTTEN = (
    "Forgotten: the questions, answers and videos of this thread are deleted from my store."
)
_MEDIA_TYPES = {
    ContentFormat.MARKDOWN: "text/markdown",
    ContentFormat.JSON: "application/json",
    ContentFormat.HTML: "text/html",
}
_FORGET_ALL = (
    "Everything that I kept of this workspace is deleted: {threads}, with their questions and "
    "answers, and its settings. My messages stay where they are until somebody deletes them."
)
_PRIVACY = """I keep, until somebody says *forget*{unused}:

- of each thread: its videos, the questions asked there with the id of who asked, and my answers
- the settings of this workspace

I keep nothing of other messages. Captions are asked of YouTube by the video's id alone; nobody's \
name goes there. {model}

*forget* in a thread deletes it from my store, *forget me* deletes what you asked here; an admin's \
*forget this server* deletes all of it. A question that you delete is forgotten, and I delete my \
answer to it. What else stands in this chat stays until it is deleted here."""
_MODEL = "Questions, and the captions they are about, are sent to the language model at {host}."
_NO_MODEL = "Analyses and answers are made on this bot's own machine; nothing is sent elsewhere."


class NotAdmin(InvalidRequest):
    code = "not_admin"

    def __init__(self) -> None:
        super().__init__("Only an admin of this workspace can do that.")


class ShortAnswers:
    """`clear` ends what runs in a workspace."""

    def __init__(
        self, factory: ServiceFactory, store: Store, clear: Clear, retain_days: int | None
    ) -> None:
        self._factory = factory
        self._sessions = factory.get_session_repository()
        self._store = store
        self._clear = clear
        self._retain_days = retain_days

    async def answer(self, command: Command, incoming: Incoming, key: ThreadKey) -> Block:
        """To what is asked of the thread with this key. Raises VideoAnalysisError."""
        match command:
            case SetLanguage(language):
                return await self._set_language(key, language)
            case SetQuiet(quiet):
                return await self._set_quiet(key, quiet=quiet)
            case Coverage():
                return await self._coverage(key)
            case Export(form):
                return await self._export(key, form)
            case Forget():
                await forget_session(self._factory, key)
                return Notice(_FORGOTTEN)
            case Unclear(reason):
                return Notice(reason)
            case _ if isinstance(command, Aside):
                return Notice(await self.aside(command, incoming))
        return Notice("Nothing is being written here.")

    async def aside(self, command: Aside, incoming: Incoming) -> str:
        """Markdown for whoever asked. Raises NotAdmin, DatabaseError."""
        if isinstance(command, ForAdmins) and not incoming.admin:
            raise NotAdmin
        key, store = incoming.key, self._store
        match command:
            case Help():
                return HELP
            case Privacy():
                return _privacy(self._factory, self._retain_days)
            case Statistics():
                return await _statistics(store, key)
            case ForgetPerson():
                await store.erasing.forget_person(key.platform, key.workspace, incoming.author)
                count = await store.threads.forget_person(key, incoming.author)
                asked = _counted(count, "question")
                return f"Deleted what you asked here: {asked}, with the answers."
            case ForgetWorkspace():
                await self._clear(key)
                count = await self._sessions.forget_all(key.workspace_prefix)
                await store.forget_workspace(key)
                return _FORGET_ALL.format(threads=_counted(count, "thread"))
            case _:
                return await self._settings(command, key)

    async def _settings(self, command: Setting, key: ThreadKey) -> str:
        workspaces, where = self._store.workspaces, (key.platform, key.workspace)
        match command:
            case ShowSettings():
                return _listed("In this workspace:", await workspaces.get(*where))
            case SetChannels(channels):
                changed = await workspaces.change(*where, channels=channels)
            case SetDefaultLanguage(language):
                changed = await workspaces.change(*where, language=language)
            case SetDefaultTypes(types):
                changed = await workspaces.change(*where, types=types)
        return _listed("Changed. From now on:", changed)

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
        reading = await current_reading(self._factory, session)
        video = reading.video
        lines = [coverage_sentence(video), *(f"Missing: {what}." for what in video.missing)]
        lines += _unread(session, reading.fingerprint)
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


def _privacy(factory: ServiceFactory, retain_days: int | None) -> str:
    settings = factory.settings
    host = urlsplit(settings.openai_base_url).hostname or ""
    model = _MODEL.format(host=host) if settings.has_model else _NO_MODEL
    unused = f", or nobody uses a thread for {_counted(retain_days, 'day')}" if retain_days else ""
    return _PRIVACY.format(unused=unused, model=model)


async def _statistics(store: Store, key: ThreadKey) -> str:
    known = await store.threads.figures(key)
    lines = [
        f"{_counted(known.threads, 'thread')} about {_counted(known.videos, 'video')}",
        f"{_counted(known.questions, 'question')}, {_counted(known.answers, 'answer')}",
    ]
    if tokens := known.usage.total:
        cached = known.usage.cached
        lines.append(f"{tokens:,} tokens of the language model, {cached:,} of them from its cache")
    return "\n".join(f"- {line}" for line in lines)


def _listed(heading: str, settings: WorkspaceSettings) -> str:
    channels = ", ".join(f"<#{channel}>" for channel in settings.channels) or "all"
    types = ", ".join(kind.value for kind in settings.types or DEFAULT_TYPES)
    lines = [
        f"Channels: {channels}",
        f"Language: {settings.language or 'that of the video'}",
        f"An analysis has: {types}",
    ]
    return "\n".join((heading, "", *(f"- {line}" for line in lines)))


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _unread(session: ChatSession, fingerprint: str) -> Iterable[str]:
    """What the model could not read of a long talk when it wrote the newest of each analysis."""
    made = (message.section for message in session.messages if message.fingerprint == fingerprint)
    newest = {section.type: section.note for section in made if section}
    told = (note for note in newest.values() if note and note.code is NoticeCode.PARTS_UNREAD)
    return dict.fromkeys(map(str, told))
