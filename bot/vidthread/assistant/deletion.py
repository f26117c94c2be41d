"""What people ask to have deleted: nobody is taken at the first word, and not everybody may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from vidthread.commands import (
    Destroys,
    ForAdmins,
    Forget,
    ForgetPerson,
    ForgetWorkspace,
)
from vidthread.menus import confirm
from vidthread.store import Store
from vidthread.surface import Block, Incoming, Notice
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.service_factory import ServiceFactory

from .forgetting import forget_session

Clear = Callable[[ThreadKey], Awaitable[None]]
_SURE_OF_THREAD = (
    "Delete this thread's questions, answers and videos from my store? Messages in this chat stay."
)
_SURE_OF_PERSON = "Delete every question you asked in this {noun}, and my answers to them?"
_SURE_OF_ALL = "Delete everything I keep of this {noun}: all threads, and its settings?"
_FORGOTTEN = (
    "Forgotten: the questions, answers and videos of this thread are deleted from my store."
)
_FORGET_ALL = (
    "Everything that I kept of this {noun} is deleted: {threads}, with their questions and "
    "answers, and its settings. My messages stay where they are until somebody deletes them."
)


class NotAdmin(InvalidRequest):
    code = "not_admin"

    def __init__(self, noun: str) -> None:
        super().__init__(f"Only an admin of this {noun} can do that.")


class NotAllowed(InvalidRequest):
    code = "not_allowed"
    sentence = "Only whoever opened this thread, or an admin, can delete it."


class Deletion:
    """`clear` ends what runs in a workspace."""

    def __init__(self, factory: ServiceFactory, store: Store, clear: Clear) -> None:
        self._factory = factory
        self._sessions = factory.get_session_repository()
        self._store = store
        self._clear = clear

    async def answer(
        self, command: Destroys, incoming: Incoming, key: ThreadKey
    ) -> tuple[Block, ...]:
        """Asks first. Raises NotAllowed, NotAdmin."""
        if isinstance(command, Forget):
            await self._check_may_forget(incoming, key)
        elif isinstance(command, ForAdmins) and not incoming.admin:
            raise NotAdmin(key.noun)
        match command:
            case Forget(sure=False):
                return Notice(_SURE_OF_THREAD), confirm("thread")
            case ForgetPerson(sure=False):
                return Notice(_SURE_OF_PERSON.format(noun=key.noun)), confirm("me")
            case ForgetWorkspace(sure=False):
                return Notice(_SURE_OF_ALL.format(noun=key.noun)), confirm("all")
            case Forget():
                await forget_session(self._factory, key)
                return (Notice(_FORGOTTEN),)
            case ForgetPerson():
                return (Notice(await self._forget_person(incoming)),)
        await self._clear(key)
        count = await self._sessions.forget_all(key.workspace_prefix)
        await self._store.forget_workspace(key)
        threads = counted(count, "thread")
        return (Notice(_FORGET_ALL.format(threads=threads, noun=key.noun)),)

    async def _check_may_forget(self, incoming: Incoming, key: ThreadKey) -> None:
        """Raises NotAllowed."""
        opener = await self._store.threads.opener(key)
        session = await self._sessions.get(key.session)
        own = opener == incoming.author or not (session and session.messages)
        if not (incoming.admin or own):
            raise NotAllowed

    async def _forget_person(self, incoming: Incoming) -> str:
        key, author = incoming.key, incoming.author
        await self._store.erasing.forget_person(key.platform, key.workspace, author)
        count = await self._store.threads.forget_person(key, author)
        asked = counted(count, "question")
        return f"Deleted what you asked here: {asked}, with the answers."


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
