"""Deletion on request: confirmed first, and only by those who may."""

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
from vidthread.sentences import say, say_count, say_place
from vidthread.store import Store
from vidthread.surface import Block, Incoming, Notice
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.service_factory import ServiceFactory

from .forgetting import forget_session

Clear = Callable[[ThreadKey], Awaitable[None]]


class NotAdmin(InvalidRequest):
    code = "not_admin"

    def __init__(self, place: str) -> None:
        super().__init__(say("error.not_admin", place=place))


class NotAllowed(InvalidRequest):
    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__(say("error.not_allowed"))


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
            raise NotAdmin(say_place(key.platform))
        match command:
            case Forget(sure=False):
                return Notice(say("sure.thread")), confirm("thread")
            case ForgetPerson(sure=False):
                return Notice(say("sure.person", place=say_place(key.platform))), confirm("me")
            case ForgetWorkspace(sure=False):
                return Notice(say("sure.all", place=say_place(key.platform))), confirm("all")
            case Forget():
                await forget_session(self._factory, key)
                return (Notice(say("forgotten.thread")),)
            case ForgetPerson():
                return (Notice(await self._forget_person(incoming)),)
        await self._clear(key)
        count = await self._sessions.forget_all(key.workspace_prefix)
        await self._store.forget_workspace(key)
        return (Notice(say_count("forgotten.workspace", count, place=say_place(key.platform))),)

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
        return say_count("forgotten.person", count)
