"""What one person does on each platform, and a bot there to do it with, in another process.

Everywhere it is the same: a link whose analysis the cache has is sent, and the whole analysis is
read. Each visit finds a place of its own, so that none is led to another's thread.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from benchmarks.bot import GENEROSITY, Bot, bot
from benchmarks.house import house, upstreams
from benchmarks.pages import Page, opened_thread
from benchmarks.world import Server, video_link
from fakes.discord_guilds import Channel
from fakes.discord_limits import RateLimits
from fakes.discord_server import LocalDiscord
from fakes.slack import LocalSlack
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN

VIDEOS = 20
_LOOK = 0.02  # seconds
_RAISED = 100.0
_RAISED_LIMITS = {"RATE_PER_MINUTE": "1000000", "RATE_CONCURRENT": "50"}


class Visits(Protocol):
    """One request of one person, from its beginning to its whole answer."""

    async def visit(self, number: int) -> None: ...


class Process(Protocol):
    def cpu(self) -> float:
        """Seconds of computing so far."""


Stage = tuple[Visits, Process]


@dataclass(slots=True)
class PlaygroundVisits:
    """Asks for a thread that is there; the snapshot is its whole analysis."""

    session: aiohttp.ClientSession
    threads: list[str]

    async def visit(self, number: int) -> None:
        await Page(self.session, self.threads[number % len(self.threads)]).analyzed()


@dataclass(slots=True)
class DiscordVisits:
    discord: LocalDiscord
    channels: list[Channel]

    async def visit(self, number: int) -> None:
        channel, person = self.channels.pop(), self.discord.user(f"person{number}")
        link = {"link": video_link(number % VIDEOS)}
        asked = self.discord.command(channel, person, "analyze", link)

        def read() -> bool:
            thread = self.discord.channels.get(asked.original.id) if asked.original else None
            messages = self.discord.messages(thread) if thread else []
            return any("v1:export:md" in message.choices for message in messages)

        await _until(read)


@dataclass(slots=True)
class SlackVisits:
    slack: LocalSlack
    channels: list[str]

    async def visit(self, number: int) -> None:
        channel = self.channels.pop()
        thread = self.slack.mention(channel, video_link(number % VIDEOS))

        def read() -> bool:
            shown = self.slack.shown(channel, thread)
            return any("v1:export:md" in message.buttons() for message in shown)

        await _until(read)


@asynccontextmanager
async def on_playground(youtube: Server, model: Server, _: int) -> AsyncIterator[Stage]:
    with (
        tempfile.TemporaryDirectory() as folder,
        house(folder, upstreams(youtube, model) | _RAISED_LIMITS) as served,
    ):
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(served.url, connector=connector) as session:
            links = map(video_link, range(VIDEOS))
            threads = await asyncio.gather(*(opened_thread(session, link) for link in links))
            yield PlaygroundVisits(session, list(threads)), served


@asynccontextmanager
async def on_discord(youtube: Server, model: Server, places: int) -> AsyncIterator[Stage]:
    async with LocalDiscord(limits=RateLimits(off=True)) as discord:
        guilds = [discord.guild(f"Server {number}") for number in range(VIDEOS + places)]
        visits = DiscordVisits(discord, [discord.text_channel(guild) for guild in guilds])
        settings = {"DISCORD_TOKEN": discord.token, "DISCORD_API_URL": discord.api}
        async with _connected(settings | upstreams(youtube, model), visits) as running:
            yield visits, running


@asynccontextmanager
async def on_slack(youtube: Server, model: Server, places: int) -> AsyncIterator[Stage]:
    async with LocalSlack(generosity=_RAISED) as slack:
        visits = SlackVisits(slack, [slack.channel(f"c{n}") for n in range(VIDEOS + places)])
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api,
            GENEROSITY: str(_RAISED),
        }
        async with _connected(settings | upstreams(youtube, model), visits) as running:
            yield visits, running


@asynccontextmanager
async def _connected(settings: dict[str, str], visits: Visits) -> AsyncIterator[Bot]:
    """A bot whose cache has every video."""
    with tempfile.TemporaryDirectory() as folder:
        async with bot(folder, settings) as running:
            await asyncio.gather(*map(visits.visit, range(VIDEOS)))
            yield running


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - hundreds wait, and every change would wake all of them
        await asyncio.sleep(_LOOK)
