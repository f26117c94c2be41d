"""Slack as people see it, over sockets or over signed requests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

from fakes.model import LocalModel
from fakes.slack import LocalSlack
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN, SECRET, TEAM, Message
from fakes.youtube import LocalYouTube
from places import Shown, World
from vidthread.adapter import Adapter
from vidthread.config import BotSettings
from vidthread.slack.connection import slack_adapter
from vidthread.slack.thread_surface import PER_MINUTE
from vidthread.thread_key import ThreadKey

# Slack's limits, fifty times as large.
GENEROSITY = 50.0
QUICK = {method: GENEROSITY * most for method, most in PER_MINUTE.items()}
_JOINER = "\u2060"


class SlackWorld(World):
    """One channel, in which anna writes."""

    limit = 12_500
    finds_links = True
    over_http = False

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        super().__init__(folder, youtube, model)
        self.slack = LocalSlack(generosity=GENEROSITY)
        self.channel = self.slack.channel("talks")
        self.port = 0
        self.later = 0.0
        """By how many seconds the clock of the bot is ahead."""

    def bot(self) -> BotSettings:
        return BotSettings(
            web_port=self.port,
            slack_bot_token=BOT_TOKEN,
            slack_app_token=None if self.over_http else APP_TOKEN,
            slack_signing_secret=SECRET if self.over_http else None,
            slack_api_url=self.slack.api,
        )

    def adapter(self) -> Adapter:
        return slack_adapter(QUICK, pace=0.02, ping_interval=1.0, clock=self.clock)

    def clock(self) -> float:
        return time.monotonic() + self.later

    async def furnish(self) -> None:
        """Starts the platform."""
        if not self.slack.url:
            await self.slack.__aenter__()

    async def start(self) -> None:
        await self.furnish()
        await super().start()
        if self.over_http:
            self.port = int(self.house.server.url.rsplit(":", 1)[1])
            self.slack.delivery.request_url = f"{self.house.server.url}/slack"

    async def end(self) -> None:
        await self.slack.__aexit__()
        assert self.slack.refused == [], self.slack.refused
        assert self.slack.pings == []

    def key(self, thread: str) -> ThreadKey:
        return ThreadKey("slack", TEAM, self.channel, thread)

    async def open(self, text: str) -> str:
        thread = self.slack.mention(self.channel, text)
        await self.slack.until(lambda: bool(self.shown(thread)))
        return thread

    async def refused(self, text: str) -> str:
        asked = self.slack.mention(self.channel, text)
        await self.slack.until(lambda: bool(self.slack.ephemeral))
        assert self.shown(asked) == []
        told = re.sub(r"_Reference: (\w+)_", r"(reference \1)", self.slack.ephemeral[0].text)
        return told.replace(_JOINER, "")

    async def open_again(self, thread: str, text: str) -> None:
        asked = await self.open(text)
        (offer,) = self.slack.shown(self.channel, asked)
        assert thread.replace(".", "") in of(offer, links=True)
        assert offer.buttons() == ["v1:retry:anew"]

    async def say(self, thread: str, text: str) -> None:
        self.slack.mention(self.channel, text, thread=thread)

    async def press(self, thread: str, action: str) -> None:
        """In the thread, or where people were led to it from."""
        standing = self.slack.shown(self.channel, thread)
        known = [m for m in self.slack.messages.values() if m.button(action).get("value") == thread]
        bearer = next((m for m in standing if action in m.buttons()), (known or standing)[-1])
        self.slack.press(self.channel, bearer.ts, action)

    def shown(self, thread: str) -> list[Shown]:
        return [
            Shown(m.ts, [plain(version) for version in m.versions], m.buttons())
            for m in self.slack.shown(self.channel, thread)
        ]

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        await self.slack.until(fulfilled, seconds)


class SlackHttpWorld(SlackWorld):
    over_http = True


def plain(blocks: list[dict[str, Any]]) -> str:
    """As the local chat platform writes it, where what is being done stands last."""
    blocks = sorted(blocks, key=lambda block: block["type"] == "task_card")
    return "\n".join(filter(None, map(_plain, blocks))).replace(_JOINER, "")


def _plain(block: dict[str, Any]) -> str:
    name, text = str(block.get("block_id", "")), "\n".join(_texts(block))
    match block["type"]:
        case "actions":
            return ""
        case "task_card":
            return f"({block['title']})"
        case "section" if name == "card":
            head, *rest = _mrkdwn(text).splitlines()
            return "\n".join([f"# {head}", *(line.strip("_") for line in rest)])
        case "context" if name == "progress":
            return f"({_mrkdwn(text)})"
        case "section" if text.startswith("📎"):
            return f"[{_mrkdwn(text).removeprefix('📎 ')}]"
        case "markdown":
            return _markdown(text, notice=name == "notice")
    return _mrkdwn(text)


def _markdown(text: str, *, notice: bool) -> str:
    text = re.sub(r"\A\*\*(.*)\*\*", r"# \1", text)
    text = re.sub(r"\[([^\[\]]*)\]\(https?:[^()\s]*\)", r"\1", text)
    text = re.sub(r"\n\n_Reference: (\w+)_", r" (reference \1)", text).replace("  \n", "\n")
    return f"! {text.removeprefix(':warning: ')}" if notice else text


def _mrkdwn(text: str) -> str:
    return unescape(re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", text)).replace("*", "")


def _texts(block: dict[str, Any]) -> list[str]:
    parts = [block.get("text"), *block.get("elements", ())]
    told = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return [text for text in told if isinstance(text, str)]


def of(message: Message, *, links: bool = False) -> str:
    """What stands in a message now, with where its links lead to."""
    return str(message.versions[-1]) if links else plain(message.versions[-1])
