"""Platforms as people see them: what one contract suite runs against."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from discord_world import DiscordWorld
from fakes.chat import LocalChat
from fakes.chat_adapter import open_chat
from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from places import SENTENCES, Shown, World, cues, link
from slack_world import SlackHttpWorld, SlackWorld
from vidthread.adapter import Adapter
from vidthread.playground.adapter import open_playground
from vidthread.playground.transport import thread_key
from vidthread.thread_key import ThreadKey

__all__ = [
    "SENTENCES",
    "WORLDS",
    "ChatWorld",
    "DiscordWorld",
    "PlaygroundWorld",
    "Shown",
    "SlackHttpWorld",
    "SlackWorld",
    "World",
    "cues",
    "link",
    "open_discord",
    "open_world",
]


class ChatWorld(World):
    """The local chat platform of short messages."""

    limit = 600

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        super().__init__(folder, youtube, model)
        self.chat = LocalChat(limit=self.limit)

    async def start(self) -> None:
        if not self.chat.url:
            await self.chat.__aenter__()
        await super().start()

    async def end(self) -> None:
        await self.chat.__aexit__()

    def adapter(self) -> Adapter:
        return open_chat(self.chat.url, limit=self.limit)

    def key(self, thread: str) -> ThreadKey:
        return ThreadKey("chat", "w", "c", thread)

    async def open(self, text: str) -> str:
        before = len(self.chat.threads())
        self.chat.say("", text)
        await self.chat.until(lambda: len(self.chat.threads()) > before)
        return self.chat.threads()[-1]

    async def refused(self, text: str) -> str:
        self.chat.say("", text)
        await self.chat.until(lambda: bool(self.chat.referred))
        assert self.chat.threads() == []
        return self.chat.referred[0][1]

    async def open_again(self, thread: str, text: str) -> None:
        self.chat.say("", text)
        await self.chat.until(lambda: len(self.chat.referred) == 1)
        assert self.chat.referred[0][1] == thread
        assert self.chat.threads() == [thread]

    async def say(self, thread: str, text: str) -> None:
        self.chat.say(thread, text)

    async def press(self, thread: str, action: str) -> None:
        self.chat.say(thread, "", action=action)

    def shown(self, thread: str) -> list[Shown]:
        return [Shown(m.id, m.versions, m.buttons) for m in self.chat.shown(thread)]

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        await self.chat.until(fulfilled, seconds)


class PlaygroundWorld(World):
    """The page in the browser, as far as HTTP goes."""

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        super().__init__(folder, youtube, model)
        self._session: aiohttp.ClientSession
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._seen: dict[str, dict[str, Shown]] = {}
        self._changed = asyncio.Event()
        self.snapshots = 0

    def adapter(self) -> Adapter:
        return open_playground

    def key(self, thread: str) -> ThreadKey:
        return thread_key(thread)

    async def start(self) -> None:
        await super().start()
        self._session = await self._open.enter_async_context(
            aiohttp.ClientSession(self.house.server.url)
        )
        self._open.push_async_callback(self._unwatch)
        for thread in self._seen:
            self._watch(thread)

    async def open(self, text: str) -> str:
        async with self._session.post("/api/threads", json={"link": text}) as answer:
            assert answer.status == 201, await answer.text()
            thread = str((await answer.json())["id"])
        self.watch(thread)
        return thread

    async def refused(self, text: str) -> str:
        """A thread here disturbs nobody."""
        return await self.idle(await self.open(text), "reference")

    async def open_again(self, thread: str, text: str) -> None:
        assert await self.open(text) == thread
        await self.until(lambda: "already about that video" in self.text(thread))
        assert self.shown(thread)[-1].buttons == ["v1:retry:anew"]

    async def say(self, thread: str, text: str) -> None:
        await self._post(thread, {"text": text})

    async def press(self, thread: str, action: str) -> None:
        await self._post(thread, {"action": action})

    def shown(self, thread: str) -> list[Shown]:
        return list(self._seen.get(thread, {}).values())

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not fulfilled():
                for watching in self._watching.values():
                    if watching.done():
                        watching.result()
                await self._changed.wait()

    async def _post(self, thread: str, body: dict[str, Any]) -> None:
        path = f"/api/threads/{thread}/messages"
        async with self._session.post(path, json=body) as answer:
            assert answer.status == 202, await answer.text()

    def watch(self, thread: str) -> None:
        self._seen.setdefault(thread, {})
        self._watch(thread)

    def _watch(self, thread: str) -> None:
        if thread not in self._watching:
            self._watching[thread] = asyncio.create_task(self._follow(thread))

    async def _unwatch(self) -> None:
        for task in self._watching.values():
            task.cancel()
        if self._watching:
            await asyncio.wait(self._watching.values())
        self._watching.clear()

    async def _follow(self, thread: str) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        path = f"/api/threads/{thread}/events"
        async with self._session.get(path, timeout=timeout, read_bufsize=2**24) as answer:
            assert answer.status == 200, await answer.text()
            event = ""
            while line := (await answer.content.readline()).decode():
                if line.startswith("event: "):
                    event = line[7:].strip()
                elif line.startswith("data: "):
                    self._hear(thread, event, json.loads(line[6:]))

    def _hear(self, thread: str, event: str, data: dict[str, Any]) -> None:
        if event == "snapshot":
            self.snapshots += 1
            before, self._seen[thread] = self._seen.get(thread, {}), {}
            for message in data["messages"]:
                if message["kind"] == "reply":
                    known = before.get(message["key"])
                    if known:
                        self._seen[thread][known.key] = known
                    self._see(thread, message)
        if event == "reply":
            self._see(thread, data)
        self._changed.set()
        self._changed = asyncio.Event()

    def _see(self, thread: str, reply: dict[str, Any]) -> None:
        shown = self._seen[thread].setdefault(reply["key"], Shown(reply["key"]))
        shown.versions.append("\n".join(filter(None, map(_plain, reply["blocks"]))))
        pressed = [b for block in reply["blocks"] if block["kind"] == "actions"
                   for b in (*block["buttons"], *block["choices"])]  # fmt: skip
        # The page has one button that stops, beside the field to write in.
        stop = ["v1:stop:"] if reply["live"] else []
        shown.buttons = [*stop, *(button["action"] for button in pressed)]


def _plain(block: dict[str, Any]) -> str:
    """As the local chat platform writes it."""
    text = re.sub(r"<[^>]+>", "", block.get("html", "")).replace("&quot;", '"').strip()
    match block["kind"]:
        case "card":
            tldr = re.sub(r"<[^>]+>", "", block["tldr"]).strip()
            lines = (block["about"], block["coverage"], tldr, block["note"])
            return "\n".join([f"# {block['title']}", *filter(None, lines)])
        case "progress":
            return f"({block['text']} {block['done']}/{block['total']})"
        case "section":
            return f"## {block['type']}\n{text}"
        case "notice":
            told = block["reference"]
            return f"! {text}" + (f" (reference {told})" if told else "")
        case "file":
            return f"[{block['name']}]"
    return text


WORLDS: dict[str, type[World]] = {
    "chat": ChatWorld,
    "playground": PlaygroundWorld,
    "discord": DiscordWorld,
    "slack": SlackWorld,
    "slack-http": SlackHttpWorld,
}


@asynccontextmanager
async def open_discord(
    folder: Path, kind: type[DiscordWorld] = DiscordWorld, **model: Any
) -> AsyncIterator[DiscordWorld]:
    async with open_world("discord", folder, kind=kind, **model) as world:
        assert isinstance(world, DiscordWorld)
        yield world


@asynccontextmanager
async def open_slack(folder: Path, **model: Any) -> AsyncIterator[SlackWorld]:
    async with open_world("slack", folder, **model) as world:
        assert isinstance(world, SlackWorld)
        yield world


@asynccontextmanager
async def open_world(
    name: str, folder: Path, *, kind: type[World] | None = None, **model: Any
) -> AsyncIterator[World]:
    """`kind` is a world that is not in WORLDS."""
    async with LocalYouTube() as youtube, LocalModel(**model) as language_model:
        for number in range(40):
            video = Video(f"video{number:06}", tracks=(Track("en", cues(number)),))
            youtube.add(replace(video, title=f"Talk {number}"))
        world = (kind or WORLDS[name])(folder, youtube, language_model)
        await world.start()
        try:
            yield world
        finally:
            await world.stop()
            await world.end()
