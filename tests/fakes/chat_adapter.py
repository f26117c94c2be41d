"""An adapter for the local chat platform, as thin as those of the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from vidthread.adapter import Adapter, House, Mounted
from vidthread.commands import pressed
from vidthread.surface import (
    Actions,
    Addressed,
    Answer,
    Block,
    File,
    Incoming,
    Limits,
    Notice,
    Page,
    PageGone,
    Payload,
    Progress,
    RateLimited,
    Reply,
    Section,
    Surface,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
    VideoCard,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport

PLATFORM = "chat"
_JOINT = "\n\n"


@dataclass(frozen=True, slots=True)
class ChatSurface:
    key: ThreadKey
    limits: Limits
    pace: float
    transport: ChatTransport

    def render(self, page: Page) -> Payload:
        texts = [text for block in page.blocks if (text := _text(block))]
        offered = [block for block in page.blocks if isinstance(block, Actions)]
        buttons = [b for block in offered for b in (*block.buttons, *block.choices)]
        files = {block.name: block.content for block in page.blocks if isinstance(block, File)}
        return {
            "content": _JOINT.join(texts) or "…",
            "buttons": [button.action for button in buttons],
            "files": files,
            "to": "" if page.number else page.to,
        }

    def opening(self, reply: Reply) -> None:
        """Nothing hangs under anything here."""

    async def post(self, payload: Payload, nonce: str) -> str:
        told = await self._ask("POST", "", {**payload, "nonce": nonce})
        return str(told["id"])

    async def edit(self, place: str, payload: Payload) -> None:
        await self._ask("PATCH", f"/{place}", payload)

    async def remove(self, place: str) -> None:
        await self._ask("DELETE", f"/{place}", {})

    async def find(self, nonce: str) -> str | None:
        told = await self._ask("GET", f"?nonce={nonce}", None)
        return str(told["ids"][0]) if told["ids"] else None

    async def entitle(self, title: str) -> None:
        await self.transport.ask("POST", f"/threads/{self.key.thread}/title", {"title": title})

    async def _ask(self, method: str, rest: str, body: Payload | None) -> dict[str, Any]:
        path = f"/threads/{self.key.thread}/messages{rest}"
        return await self.transport.ask(method, path, body)


class ChatTransport(Transport):
    platform = PLATFORM

    def __init__(self, session: aiohttp.ClientSession, url: str, limit: int, pace: float) -> None:
        self._session = session
        self._url = url
        self._limits = Limits(limit, measure)
        self._pace = pace

    def serves(self, key: ThreadKey) -> bool:
        return True

    async def open(self, incoming: Incoming, title: str) -> Surface:
        told = await self.ask("POST", "/threads", {"event": incoming.event, "title": title})
        return self.surface_for(ThreadKey(PLATFORM, "w", "c", str(told["id"])))

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        told = {"event": incoming.event, "thread": thread.thread}
        await self.ask("POST", "/refer", told)

    async def complete(self, incoming: Incoming) -> Incoming:
        return incoming

    async def refuse(self, incoming: Incoming, told: tuple[Block, ...]) -> None:
        sentence = "\n".join(filter(None, map(_text, told)))
        buttons = [b.action for one in told if isinstance(one, Actions) for b in one.buttons]
        refused = {"event": incoming.event, "thread": sentence, "buttons": buttons}
        await self.ask("POST", "/refer", refused)

    async def earlier_link(self, key: ThreadKey) -> str:
        """Nothing is said here that we do not hear."""
        return ""

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """The platform is not ours."""

    def surface_for(self, key: ThreadKey, ticket: str = "") -> Surface:
        return ChatSurface(key, self._limits, self._pace, self)

    async def ask(self, method: str, path: str, body: Payload | None) -> dict[str, Any]:
        try:
            async with self._session.request(method, self._url + path, json=body) as answer:
                told: dict[str, Any] = await answer.json()
                _raise(answer.status, told)
                return told
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SurfaceUnreachable from error

    async def listen(self, house: House) -> None:
        """Hears events until it is cancelled; each is acknowledged when it is safe."""
        while True:
            try:
                told = await self.ask("GET", "/events", None)
                for event in told["events"]:
                    await house.assistant.hear(_incoming(event), self)
                    await self.ask("POST", f"/events/{event['id']}/ack", {})
            except SurfaceUnreachable:
                await asyncio.sleep(0.05)


def open_chat(url: str, *, limit: int = 600, pace: float = 0.02) -> Adapter:
    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Mounted]:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        listening: list[asyncio.Task[None]] = []
        async with aiohttp.ClientSession(timeout=timeout) as session:
            transport = ChatTransport(session, url, limit, pace)

            async def connect() -> None:
                await house.assistant.resume(transport)
                listening.append(asyncio.create_task(transport.listen(house)))

            try:
                yield Mounted(PLATFORM, connect)
            finally:
                for task in listening:
                    task.cancel()
                    await asyncio.wait([task])

    return opened


def measure(block: Block) -> int:
    text = _text(block)
    return len(text) + len(_JOINT) if text else 0


def _text(block: Block) -> str:
    match block:
        case VideoCard():
            lines = (f"# {block.title}", block.about, block.coverage, block.tldr, block.note)
            return "\n".join(filter(None, lines))
        case Progress(text, done, total):
            return f"({text} {done}/{total})"
        case Section():
            return block.text if block.continued else f"## {block.type.value}\n{block.text}"
        case Answer(text):
            return text
        case Notice(text, _, reference):
            return f"! {text}" + (f" (reference {reference})" if reference else "")
        case File(name):
            return f"[{name}]"
        case Actions():
            return ""


def _raise(status: int, told: dict[str, Any]) -> None:
    if status == 429:
        raise RateLimited(told["retry_after"])
    if status == 403:
        raise ThreadGone("403")
    if status == 404:
        raise PageGone
    if status >= 500:
        raise SurfaceUnreachable
    if status >= 400:
        raise SurfaceError(f"refused: {status}")


def _incoming(event: dict[str, Any]) -> Incoming:
    return Incoming(
        event=event["id"],
        key=ThreadKey(PLATFORM, "w", "c", event["thread"]),
        author=event["author"],
        message="" if event["action"] else event["message"],
        text=event["text"],
        command=pressed(event["action"]) if event["action"] else None,
        addressed=Addressed(event["addressed"]),
        happened=event["happened"],
        admin=bool(event.get("admin")),
    )
