"""What is answered without a video: help, figures, privacy, settings, forgetting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from vidthread.commands import (
    Aside,
    ForAdmins,
    ForgetPerson,
    ForgetWorkspace,
    Help,
    Privacy,
    SetChannels,
    SetDefaultLanguage,
    SetDefaultTypes,
    ShowSettings,
    Statistics,
)
from vidthread.replies import HELP
from vidthread.store import Store, Workspaces, WorkspaceSettings
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.service_factory import ServiceFactory

from .writing import DEFAULT_TYPES

Clear = Callable[[ThreadKey], Awaitable[None]]
Setting = ShowSettings | SetChannels | SetDefaultLanguage | SetDefaultTypes
_FORGET_ALL = (
    "Everything that I kept of this workspace is deleted: {threads}, with their questions and "
    "answers, and its settings. My messages stay where they are until somebody deletes them."
)
_PRIVACY = """I keep, until somebody says *forget*:

- of each thread: its videos, the questions asked there with the id of who asked, and my answers
- the settings of this workspace

I keep nothing of other messages. Captions are asked of YouTube by the video's id alone; nobody's \
name goes there. {model}

*forget* in a thread deletes it from my store, *forget me* deletes what you asked here; an admin's \
*forget this server* deletes all of it. What stands in this chat stays until it is deleted here."""
_MODEL = "Questions, and the captions they are about, are sent to the language model at {host}."
_NO_MODEL = "Analyses and answers are made on this bot's own machine; nothing is sent elsewhere."


class NotAdmin(InvalidRequest):
    code = "not_admin"

    def __init__(self) -> None:
        super().__init__("Only an admin of this workspace can do that.")


async def answer_aside(
    factory: ServiceFactory, store: Store, clear: Clear, command: Aside, incoming: Incoming
) -> str:
    """Markdown for whoever asked; `clear` ends what runs in a workspace. Raises NotAdmin,
    DatabaseError."""
    if isinstance(command, ForAdmins) and not incoming.admin:
        raise NotAdmin
    match command:
        case Help():
            return HELP
        case Privacy():
            return _privacy(factory)
        case Statistics():
            return await _statistics(store, incoming.key)
        case ForgetPerson():
            return await _forget_person(store, incoming)
        case ForgetWorkspace():
            await clear(incoming.key)
            count = await factory.get_session_repository().forget_all(incoming.key.workspace_prefix)
            await store.forget_workspace(incoming.key)
            return _FORGET_ALL.format(threads=_counted(count, "thread"))
        case _:
            return await _settings(store.workspaces, command, incoming.key)


async def _forget_person(store: Store, incoming: Incoming) -> str:
    key = incoming.key
    await store.ledger.forget_person(key.platform, key.workspace, incoming.author)
    count = await store.threads.forget_person(key, incoming.author)
    return f"Deleted what you asked here: {_counted(count, 'question')}, with the answers."


async def _settings(workspaces: Workspaces, command: Setting, key: ThreadKey) -> str:
    where = key.platform, key.workspace
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


def _privacy(factory: ServiceFactory) -> str:
    settings = factory.settings
    host = urlsplit(settings.openai_base_url).hostname or ""
    model = _MODEL.format(host=host) if settings.has_model else _NO_MODEL
    return _PRIVACY.format(model=model)


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
