"""The playground as pages in browsers use it, over HTTP: what loads it, from any process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import aiohttp

Event = tuple[str, dict[str, Any]]


class Page:
    """One thread, watched by somebody who asks in it."""

    def __init__(self, session: aiohttp.ClientSession, thread: str) -> None:
        self._session = session
        self._path = f"/api/threads/{thread}"

    async def events(self) -> AsyncGenerator[Event]:
        timeout = aiohttp.ClientTimeout(total=None)
        path = f"{self._path}/events"
        async with self._session.get(path, timeout=timeout, read_bufsize=2**24) as stream:
            event = ""
            while line := (await stream.content.readline()).decode():
                if line.startswith("event: "):
                    event = line[7:].strip()
                elif line.startswith("data: "):
                    yield event, dict(json.loads(line[6:]))
        raise ConnectionError("the stream ended")

    async def analyzed(self) -> float:
        """When the first reply is whole, on the machine's monotonic clock."""
        async with aclosing(self.events()) as events:
            async for event, data in events:
                replies = data["messages"] if event == "snapshot" else [data]
                if any(_whole(reply) for reply in replies):
                    return time.monotonic()
        raise ConnectionError("the stream ended")

    async def first_text(self, question: str) -> float:
        """When the first words of the answer came."""
        return await self._asked(question, _has_text)

    async def answered(self, question: str) -> float:
        """When the whole answer had come."""
        return await self._asked(question, _whole)

    async def _asked(self, question: str, wanted: Any) -> float:
        async with aclosing(self.events()) as events:
            await anext(events)  # the snapshot
            async with self._session.post(
                f"{self._path}/messages", json={"text": question}
            ) as heard:
                message = (await heard.json())["id"]
            async for event, data in events:
                if event == "reply" and data["to"] == message and wanted(data):
                    return time.monotonic()
        raise ConnectionError("the stream ended")


async def opened_thread(session: aiohttp.ClientSession, link: str) -> str:
    """Opens a thread and waits for its analysis."""
    async with session.post("/api/threads", json={"link": link}) as answer:
        told = await answer.json()
    if "id" not in told:
        raise RuntimeError(f"not opened: {told}")
    await asyncio.wait_for(Page(session, told["id"]).analyzed(), 60)
    return str(told["id"])


def _whole(message: dict[str, Any]) -> bool:
    return message.get("kind") == "reply" and not message["live"]


def _has_text(reply: dict[str, Any]) -> bool:
    return any(block["kind"] == "answer" and block.get("html") for block in reply["blocks"])
