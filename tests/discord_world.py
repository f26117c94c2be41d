"""Discord as people see it: one guild with a text channel, in which anna types commands."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from fakes.discord_community import MESSAGE_CONTENT_FLAG
from fakes.discord_guilds import Channel, Guild, Kind, User
from fakes.discord_limits import RateLimits
from fakes.discord_messages import Message
from fakes.discord_server import LocalDiscord
from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from places import Shown, World
from vidthread.adapter import Adapter
from vidthread.config import BotSettings
from vidthread.discord.connection import discord_adapter
from vidthread.discord.layout import MENU
from vidthread.thread_key import ThreadKey

_AGAIN = "v1:retry:anew"


class DiscordWorld(World):
    """`flags` are those of the application, `everyone` the permissions of all people, `changes`
    settings of the bot."""

    limit = 4_000
    flags = MESSAGE_CONTENT_FLAG
    everyone = 0
    changes: ClassVar[dict[str, Any]] = {}

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        super().__init__(folder, youtube, model)
        self.folder = folder
        self.discord = LocalDiscord(limits=RateLimits(off=True), flags=self.flags)
        self.guild: Guild
        self.channel: Channel
        self.person: User

    def bot(self) -> BotSettings:
        return BotSettings(
            web_port=0,
            discord_token=self.discord.token,
            discord_api_url=self.discord.api,
            **self.changes,
        )

    def adapter(self) -> Adapter:
        return discord_adapter(self.discord.token, pace=0.02)

    async def furnish(self) -> None:
        """Starts the platform, with a place in it."""
        if not self.discord.port:
            await self.discord.__aenter__()
            self.guild = self.discord.guild(everyone=self.everyone)
            self.channel = self.discord.text_channel(self.guild)
            self.person = self.discord.user("anna")

    async def start(self) -> None:
        await self.furnish()
        await super().start()

    async def end(self) -> None:
        await self.discord.__aexit__()
        assert self.discord.refused == []
        assert self.discord.pings == []

    # --- as every world ---

    def key(self, thread: str) -> ThreadKey:
        place = self.discord.channels[thread]
        if place.guild is None:
            return ThreadKey("discord", f"dm-{thread}", thread, thread)
        private = place.kind is Kind.PRIVATE_THREAD
        channel = thread if private or place.parent is None else place.parent.id
        return ThreadKey("discord", place.guild.id, channel, thread)

    async def open(self, text: str) -> str:
        return await self.open_in(self.channel, text)

    async def refused(self, text: str) -> str:
        self.discord.command(self.channel, self.person, "analyze", {"link": text})
        told = await self.told_privately("eference")
        assert self.discord.messages(self.channel) == []
        assert self.discord.threads() == []
        return _plain(told)

    async def open_again(self, thread: str, text: str) -> None:
        self.discord.command(self.channel, self.person, "analyze", {"link": text})
        await self.told_privately(f"<#{thread}>")
        assert len(self.discord.threads(self.channel)) == 1

    async def say(self, thread: str, text: str) -> None:
        bot = [self.discord.bot]
        self.discord.say(self.discord.channels[thread], self.person, text, mentions=bot)

    async def press(self, thread: str, action: str) -> None:
        if action == _AGAIN:
            message = self.discord.ephemerals(self.person)[-1]
            action = message.actions[0]
        else:
            every = self.ours(thread)
            if found := [m for m in every if action in m.choices and action not in m.actions]:
                self.discord.choose(found[-1].id, MENU, self.person, [action])
                return
            message = [m for m in every if action in m.actions][-1]
        self.discord.press(message.id, action, self.person)

    def shown(self, thread: str) -> list[Shown]:
        return [
            Shown(m.id, [_plain(v) + _files(m) for v in m.versions], m.actions + m.choices)
            for m in self.ours(thread)
            if m.versions
        ]

    async def until(self, fulfilled: Callable[[], object], seconds: float = 30.0) -> None:
        await self.discord.until(fulfilled, seconds)

    # --- what Discord alone has ---

    async def open_in(self, channel: Channel, text: str, **told: Any) -> str:
        """By the command, which leads to a thread of that channel."""
        before = len(self.discord.threads(channel))
        self.discord.command(channel, self.person, "analyze", {"link": text, **told})
        await self.discord.until(lambda: len(self.discord.threads(channel)) > before)
        return self.discord.threads(channel)[-1].id

    def write(self, place: Channel | str, text: str = "", **told: Any) -> str:
        """A plain message of anna's, addressed to nobody."""
        channel = self.discord.channels[place] if isinstance(place, str) else place
        return self.discord.say(channel, self.person, text, **told)

    def mention(self, place: Channel | str, text: str = "", **told: Any) -> str:
        return self.write(place, text, mentions=[self.discord.bot], **told)

    async def told_privately(self, words: str, user: User | None = None) -> str:
        """Waits until this is told to one person alone; the whole text."""

        def told() -> list[str]:
            return [m.text for m in self.discord.ephemerals(user or self.person)]

        await self.discord.until(lambda: any(words in text for text in told()))
        return next(text for text in told() if words in text)

    async def in_channel(self, words: str, channel: Channel | None = None) -> str:
        """Waits until this stands in a channel, outside of any thread; the whole text."""

        def told() -> list[str]:
            messages = self.discord.messages(channel or self.channel)
            return [m.text for m in messages if m.author is self.discord.bot]

        await self.discord.until(lambda: any(words in text for text in told()))
        return next(text for text in told() if words in text)

    async def caught_up(self) -> None:
        """The bot knows of everything that happened so far."""
        made = self.discord.command(self.channel, self.person, "privacy")
        await self.discord.until(lambda: made.original and not made.original.loading)

    async def synced(self) -> None:
        """Waits until Discord has the commands and the bot has noted it."""
        await self.until(lambda: self.discord.syncs)

        async def noted() -> bool:
            return "sync commands" not in self.house.factory.supervisor.running()

        await self.eventually(noted)

    async def eventually(self, holds: Callable[[], Awaitable[object]]) -> None:
        """What only the database knows."""
        async with asyncio.timeout(30):
            while not await holds():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)

    async def forgotten(self, thread: str) -> None:
        """Waits until nothing is kept of it."""
        sessions, key = self.house.factory.get_session_repository(), self.key(thread)

        async def gone() -> bool:
            return await sessions.get(key.session) is None

        await self.eventually(gone)

    def ours(self, thread: str) -> list[Message]:
        """The message that the thread hangs under comes first."""
        place = self.discord.channels[thread]
        above = self.discord.messages(place.parent) if place.parent else []
        hangs_under = [m for m in above if m.id == thread]
        messages = hangs_under + self.discord.messages(place)
        return [m for m in messages if m.author is self.discord.bot]


def _plain(text: str) -> str:
    """As the local chat platform writes it."""
    text = re.sub(r"^-# ⏳ (.*)", r"(\1)", text, flags=re.MULTILINE)
    text = re.sub(r"^-# Reference: (.*)", r"(reference \1)", text, flags=re.MULTILINE)
    return re.sub(r"^Stopped\.$", "! Stopped.", text, flags=re.MULTILINE)


def _files(message: Message) -> str:
    return "".join(f"[{attachment['filename']}]" for attachment in message.attachments)
