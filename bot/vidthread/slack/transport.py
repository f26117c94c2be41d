"""Slack, as far as the assistant sees it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import replace
from itertools import takewhile
from typing import Any

from vidthread.adapter import FileWithheld
from vidthread.commands import Ask, ForAdmins, Forget
from vidthread.menus import ANEW, CAPTIONS
from vidthread.sentences import say, speak
from vidthread.surface import (
    Actions,
    Attachment,
    Block,
    Button,
    CannotOpen,
    Incoming,
    Notice,
    Surface,
    SurfaceError,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from vidthread.words import link_among
from youtube_analysis.logging import get_logger

from .client import PlaceRefused, Refusal, new_message
from .events import PLATFORM, Ticket, read_ticket, texts_of
from .layout import actions, escaped, linked
from .thread_surface import SlackSurface, SlackWorkspace, is_direct, marks_of

_log = get_logger(__name__)
_MOST_PEOPLE = 10_000
_LOCALE_WITHIN = 0.8  # seconds
# What was asked for longer ago than this may have been said already.
_FRESH = 10.0
_LONGEST = 500


class SlackTransport(Transport):
    platform = PLATFORM

    def __init__(self, workspace: SlackWorkspace, *, now: Callable[[], float] = time.time) -> None:
        self.workspace = workspace
        self._client = workspace.client
        self._agent = workspace.agent
        self._now = now
        self._tried: set[str] = set()

    def surface_for(self, key: ThreadKey, ticket: str = "") -> Surface:
        return SlackSurface(key, self.workspace, read_ticket(ticket).recipient)

    def serves(self, key: ThreadKey) -> bool:
        """What a workspace that has thrown us out may take back is left for the next start."""
        return not self._client.token_refused.is_set()

    async def open(self, incoming: Incoming, title: str) -> Surface:
        """Under the message that asked; for a command, under one of our own."""
        ticket = read_ticket(incoming.ticket)
        try:
            root = ticket.root or await self._root(incoming, ticket)
        except PlaceRefused as error:
            unknown = error.error in {"not_in_channel", "channel_not_found"}
            raise CannotOpen(say("refused.invite" if unknown else "refused.write")) from error
        key = replace(incoming.key, thread=root)
        self._agent.entitle(key, title)
        return self.surface_for(key, incoming.ticket)

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        ticket = read_ticket(incoming.ticket)
        link = await self._client.permalink(thread.channel, thread.thread)
        text = f"<{link}|{say('thread.existing_link')}>"
        root = ticket.root
        if not root:
            await self._answer(incoming, text)
            return
        sentence = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        shown = [sentence, actions((ANEW,), value=thread.thread)]
        sent = new_message(thread.channel, root, {"text": text, "blocks": shown})
        await self._client.call("chat.postMessage", sent)

    async def refuse(self, incoming: Incoming, told: tuple[Block, ...]) -> None:
        offered = (b for block in told if isinstance(block, Actions) for b in block.buttons)
        buttons = tuple(button for button in offered if button != CAPTIONS)  # there is no form
        notices = [block for block in told if isinstance(block, Notice)]
        await self._answer(incoming, "\n".join(map(_sentence, notices)), buttons)
        if root := read_ticket(incoming.ticket).root:
            self._agent.read_nothing(incoming.key.channel, root)

    def waiting(self, incoming: Incoming) -> AbstractAsyncContextManager[object]:
        """Where a message asked; a command is answered at once by itself."""
        thread = incoming.key.thread or read_ticket(incoming.ticket).root
        if not thread:
            return nullcontext()
        status = say("slack.status_waiting" if incoming.key.thread else "slack.status_reading")
        return self._agent.reading(incoming.key.channel, thread, status)

    def working(self, key: ThreadKey) -> AbstractAsyncContextManager[object]:
        return self._agent.working(key)

    async def suggest(self, user: str, channel: str, thread: str) -> None:
        """What somebody who opened the conversation with us can ask first."""
        if not self._agent.is_agent:
            return
        speak(await self.locale_of(user))
        prompts = {say("prompt.help"): "help", say("prompt.privacy"): "privacy"}
        with suppress(SurfaceError):
            if self._link_of_others(await self._client.recent_messages(channel)):
                prompts = {say("prompt.newest"): "key moments", **prompts}
        self._agent.suggest(channel, thread, say("prompt.title"), prompts)

    async def complete(self, incoming: Incoming) -> Incoming:
        ticket = read_ticket(incoming.ticket)
        beside_a_command = isinstance(incoming.command, Ask) and not ticket.root
        if ticket.question or beside_a_command:
            await self._quote(incoming, ticket)
        if ticket.files and not incoming.attachments:
            incoming = replace(incoming, attachments=await self._fetch(ticket))
        return replace(incoming, admin=await self.is_admin(incoming))

    async def locale(self, incoming: Incoming) -> str:
        return await self.locale_of(incoming.author)

    async def locale_of(self, user: str) -> str:
        """Asked for once; empty where Slack takes its time: what waits for it has three seconds."""
        locales = self.workspace.locales
        if user not in locales:
            if len(locales) >= _MOST_PEOPLE:
                locales.clear()
            try:
                async with asyncio.timeout(_LOCALE_WITHIN):
                    locales[user] = str((await self._client.person(user)).get("locale") or "")
            except (SurfaceError, TimeoutError) as error:
                _log.info("locale not known", error=repr(error))
                return ""
        return locales[user]

    async def is_admin(self, incoming: Incoming) -> bool:
        """Asked for only where it counts."""
        if not isinstance(incoming.command, ForAdmins | Forget):
            return False
        try:
            person = await self._client.person(incoming.author)
        except SurfaceError as error:
            _log.warning("not known whether an admin asks", error=repr(error))
            return False
        return bool(person.get("is_admin") or person.get("is_owner"))

    async def earlier_link(self, key: ThreadKey) -> str:
        """In a direct message, what was posted above counts as well."""
        try:
            messages = await self._client.thread_messages(key.channel, key.thread)
            link = self._link_of_others(messages[::-1])
            if not link and is_direct(key.channel):
                link = self._link_of_others(await self._client.recent_messages(key.channel))
        except Refusal as error:
            _log.warning("thread not read", channel=key.channel, error=repr(error))
            return ""
        return link

    async def spoken_since(self, key: ThreadKey, message: str) -> set[str]:
        try:
            messages = await self._client.thread_messages(key.channel, key.thread)
        except Refusal as error:
            _log.warning("thread not read", channel=key.channel, error=repr(error))
            return set()
        before = (one for one in messages[::-1] if float(one["ts"]) < float(message))
        others = takewhile(lambda one: not self.workspace.is_ours(one), before)
        return {str(one.get("user")) for one in others}

    def _link_of_others(self, messages: list[dict[str, Any]]) -> str:
        """The first: of people, and of feeds."""
        return link_among([texts_of(m) for m in messages if not self.workspace.is_ours(m)])

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """The messages are Slack's; people delete them there."""

    async def _fetch(self, ticket: Ticket) -> tuple[Attachment, ...]:
        found = []
        for file in ticket.files:
            content = await self._client.download(file.address)
            if content is None:
                raise FileWithheld("slack", file.name)
            found.append(Attachment(file.name, content))
        return tuple(found)

    async def _root(self, incoming: Incoming, ticket: Ticket) -> str:
        """The message under which the thread of a command hangs."""
        who, what = (
            escaped(ticket.name or say("thread.somebody")),
            escaped(incoming.text[:_LONGEST]),
        )
        return await self._say_once(incoming, ticket, say("thread.asked_for", name=who, what=what))

    async def _quote(self, incoming: Incoming, ticket: Ticket) -> None:
        """A question that nobody saw being asked."""
        who = escaped(ticket.name or say("thread.somebody"))
        lines = escaped(incoming.text[:_LONGEST]).splitlines()
        quoted = "\n".join(f"> {line}" for line in lines)
        await self._say_once(incoming, ticket, say("thread.asks", name=who) + f"\n{quoted}")

    async def _say_once(self, incoming: Incoming, ticket: Ticket, text: str) -> str:
        key = incoming.key
        mark = hashlib.blake2b(incoming.event.encode(), digest_size=12).hexdigest()
        stale = incoming.event in self._tried or self._now() - ticket.asked > _FRESH
        self._tried.add(incoming.event)
        if stale and (found := await self._said(key, mark, ticket.asked)):
            return found
        sent = new_message(key.channel, key.thread, {"text": text}, mark)
        ts = str((await self._client.call("chat.postMessage", sent))["ts"])
        self._tried.discard(incoming.event)
        return ts

    async def _said(self, key: ThreadKey, mark: str, since: float) -> str:
        if key.thread:
            return await SlackSurface(key, self.workspace).find(mark) or ""
        for message in await self._client.recent_messages(key.channel, since=since - 60):
            if self.workspace.is_ours(message) and mark in marks_of(message):
                return str(message["ts"])
        return ""

    async def _answer(
        self, incoming: Incoming, text: str, buttons: tuple[Button, ...] = ()
    ) -> None:
        """To whoever asked, and nobody else, as far as that is possible."""
        ticket = read_ticket(incoming.ticket)
        told: dict[str, Any] = {"text": text}
        if buttons:
            sentence = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
            told["blocks"] = [sentence, actions(buttons, value=ticket.root)]
        if ticket.response_url and await self._client.respond(ticket.response_url, told):
            return
        sent = {"channel": incoming.key.channel, "user": incoming.author, **told}
        if thread := incoming.key.thread:
            sent["thread_ts"] = thread
        try:
            await self._client.call("chat.postEphemeral", sent)
        except SurfaceError as error:
            _log.warning("nobody told", channel=incoming.key.channel, error=repr(error))


def _sentence(notice: Notice) -> str:
    reference = say("failure.reference", reference=notice.reference)
    told = linked(escaped(notice.text))
    return f"{told}\n_{reference}_" if notice.reference else told
