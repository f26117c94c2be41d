"""Platforms as people see them: what one contract suite runs against."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from fakes.chat import LocalChat
from fakes.chat_adapter import open_chat
from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from vidthread.adapter import Adapter, House
from vidthread.config import BotSettings
from vidthread.playground.adapter import open_playground
from vidthread.playground.transport import thread_key
from vidthread.run import open_house
from youtube_analysis import Settings
from youtube_analysis.models.chat import ThreadKey

SENTENCES = 60


def link(number: int) -> str:
    return f"https://youtu.be/video{number:06}"


def cues(number: int) -> tuple[tuple[str, float, float], ...]:
    """A talk of five minutes, whose every sentence tells which talk it is of."""
    return tuple(
        (f"In talk {number} sentence {n} is about crane {n} of harbour {number}.", 5.0 * n, 5.0)
        for n in range(SENTENCES)
    )


@dataclass
class Shown:
    """A message of ours: all that was seen of it, the newest last."""

    key: str
    versions: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.versions[-1]


class World:
    """One platform, a local YouTube and a local model around one house."""

    limit = 10**9
    """The most characters of a message."""

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        self.youtube = youtube
        self.model = model
        self.settings = Settings(
            youtube_url=youtube.url,
            openai_base_url=model.url,
            openai_model="local",
            rate_per_minute=100_000,
            rate_concurrent=50,
            database_url=f"sqlite+aiosqlite:///{folder / 'vidthread.db'}",
        )
        self.house: House
        self._open = AsyncExitStack()

    def adapter(self) -> Adapter:
        raise NotImplementedError

    def key(self, thread: str) -> ThreadKey:
        raise NotImplementedError

    async def start(self) -> None:
        bot = BotSettings(web_port=0)
        opening = open_house(self.settings, bot, [self.adapter()])
        self.house = await self._open.enter_async_context(opening)

    async def stop(self) -> None:
        await self._open.aclose()
        self._open = AsyncExitStack()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def open(self, text: str) -> str:
        """Sends a link outside of any thread; the thread that it led to."""
        raise NotImplementedError

    async def say(self, thread: str, text: str) -> None:
        raise NotImplementedError

    async def press(self, thread: str, action: str) -> None:
        raise NotImplementedError

    def shown(self, thread: str) -> list[Shown]:
        """Our messages in a thread, in order."""
        raise NotImplementedError

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        """Waits until this holds of what is shown."""
        raise NotImplementedError

    def text(self, thread: str) -> str:
        return "\n".join(message.text for message in self.shown(thread))

    async def idle(self, thread: str, contains: str = "", replies: int = 1) -> str:
        """Waits until the thread rests; what stands there then."""

        def rests() -> bool:
            return len(self.shown(thread)) >= replies and contains in self.text(thread)

        await self.until(rests)
        await self.house.assistant.idle(self.key(thread))
        await self.until(rests)
        return self.text(thread)


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

    def adapter(self) -> Adapter:
        return open_chat(self.chat.url, limit=self.limit)

    def key(self, thread: str) -> ThreadKey:
        return ThreadKey("chat", "w", "c", thread)

    async def open(self, text: str) -> str:
        before = len(self.chat.threads())
        self.chat.say("", text)
        await self.chat.until(lambda: len(self.chat.threads()) > before)
        return self.chat.threads()[-1]

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
        self._seen.setdefault(thread, {})
        self._watch(thread)
        return thread

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
                   for b in block["buttons"]]  # fmt: skip
        shown.buttons = [button["action"] for button in pressed]


def _plain(block: dict[str, Any]) -> str:
    """As the local chat platform writes it."""
    text = re.sub(r"<[^>]+>", "", block.get("html", "")).replace("&quot;", '"').strip()
    match block["kind"]:
        case "card":
            return f"# {block['title']}\n{block['about']}\n{block['coverage']}"
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


WORLDS: dict[str, type[World]] = {"chat": ChatWorld, "playground": PlaygroundWorld}


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
            if isinstance(world, ChatWorld):
                await world.chat.__aexit__()
