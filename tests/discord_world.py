"""Discord as people see it: one guild with a text channel, in which anna types commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from fakes.discord_guilds import Channel, User
from fakes.discord_limits import RateLimits
from fakes.discord_messages import Message
from fakes.discord_server import LocalDiscord
from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from places import Shown, World
from vidthread.adapter import Adapter
from vidthread.config import BotSettings
from vidthread.discord.adapter import discord_adapter
from youtube_analysis.models.chat import ThreadKey

_AGAIN = "v1:retry:anew"


class DiscordWorld(World):
    limit = 4_000

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        super().__init__(folder, youtube, model)
        self.discord = LocalDiscord(limits=RateLimits(off=True))
        self.channel: Channel
        self.person: User

    def bot(self) -> BotSettings:
        return BotSettings(
            web_port=0, discord_token=self.discord.token, discord_api_url=self.discord.api
        )

    def adapter(self) -> Adapter:
        return discord_adapter(self.discord.token, pace=0.02)

    async def start(self) -> None:
        if not self.discord.port:
            await self.discord.__aenter__()
            self.channel = self.discord.text_channel(self.discord.guild())
            self.person = self.discord.user("anna")
        await super().start()

    async def end(self) -> None:
        await self.discord.__aexit__()
        assert self.discord.refused == []
        assert self.discord.pings == []

    def key(self, thread: str) -> ThreadKey:
        guild = self.channel.guild
        return ThreadKey("discord", guild.id if guild else "", self.channel.id, thread)

    async def open(self, text: str) -> str:
        before = len(self.discord.threads(self.channel))
        self.discord.command(self.channel, self.person, "analyze", {"link": text})
        await self.discord.until(lambda: len(self.discord.threads(self.channel)) > before)
        return self.discord.threads(self.channel)[-1].id

    async def open_again(self, thread: str, text: str) -> None:
        self.discord.command(self.channel, self.person, "analyze", {"link": text})
        await self.discord.until(lambda: f"<#{thread}>" in self._offer().text)
        assert len(self.discord.threads(self.channel)) == 1

    async def say(self, thread: str, text: str) -> None:
        bot = [self.discord.bot]
        self.discord.say(self.discord.channels[thread], self.person, text, mentions=bot)

    async def press(self, thread: str, action: str) -> None:
        if action == _AGAIN:
            message, action = self._offer(), self._offer().actions[0]
        else:
            message = [m for m in self._ours(thread) if action in m.actions][-1]
        self.discord.press(message.id, action, self.person)

    def shown(self, thread: str) -> list[Shown]:
        return [
            Shown(m.id, [_plain(v) + _files(m) for v in m.versions], m.actions)
            for m in self._ours(thread)
        ]

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        await self.discord.until(fulfilled, seconds)

    def _ours(self, thread: str) -> list[Message]:
        """The message that the thread hangs under comes first."""
        hangs_under = [m for m in self.discord.messages(self.channel) if m.id == thread]
        messages = hangs_under + self.discord.messages(self.discord.channels[thread])
        return [m for m in messages if m.author is self.discord.bot]

    def _offer(self) -> Message:
        return self.discord.messages(self.channel)[-1]


def _plain(text: str) -> str:
    """As the local chat platform writes it."""
    text = re.sub(r"^-# ⏳ (.*)", r"(\1)", text, flags=re.MULTILINE)
    text = re.sub(r"^-# Reference: (.*)", r"(reference \1)", text, flags=re.MULTILINE)
    return re.sub(r"^Stopped\.$", "! Stopped.", text, flags=re.MULTILINE)


def _files(message: Message) -> str:
    return "".join(f"[{attachment['filename']}]" for attachment in message.attachments)
