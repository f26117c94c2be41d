"""The terminal as people see it: a program that reads lines and prints answers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from worlds import Shown, World


@dataclass
class _Conversation:
    process: asyncio.subprocess.Process
    reading: asyncio.Task[None] | None = None
    said: int = 0
    shown: list[Shown] = field(default_factory=list)


class TerminalWorld(World):
    """Each thread is a program of its own."""

    async def start(self) -> None:
        self._conversations: dict[str, _Conversation] = {}
        self._changed = asyncio.Event()

    async def stop(self) -> None:
        for conversation in self._conversations.values():
            if conversation.process.stdin:
                conversation.process.stdin.close()
            await conversation.process.wait()
            if conversation.reading:
                await conversation.reading

    async def open(self, text: str) -> str:
        settings = {
            "YOUTUBE_URL": self.youtube.url,
            "OPENAI_BASE_URL": self.model.url,
            "OPENAI_MODEL": "local",
            "OPENAI_VERIFY": self.settings.openai_verify,
            "RATE_PER_MINUTE": "100000",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vidthread", "chat", text, "--format", "json",
            env=os.environ | settings, limit=2**24,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        thread = str(len(self._conversations))
        conversation = self._conversations[thread] = _Conversation(process)
        conversation.reading = asyncio.create_task(self._read(conversation))
        return thread

    async def say(self, thread: str, text: str) -> None:
        conversation = self._conversations[thread]
        assert conversation.process.stdin
        conversation.said += 1
        conversation.process.stdin.write(f"{text}\n".encode())

    def shown(self, thread: str) -> list[Shown]:
        return self._conversations[thread].shown

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not fulfilled():
                await self._changed.wait()

    async def idle(self, thread: str, contains: str = "", replies: int = 0) -> str:
        conversation = self._conversations[thread]
        await self.until(lambda: len(conversation.shown) >= max(conversation.said, replies))
        await self.until(lambda: contains in self.text(thread))
        return self.text(thread)

    async def _read(self, conversation: _Conversation) -> None:
        assert conversation.process.stdout
        while line := await conversation.process.stdout.readline():
            told = json.loads(line)
            conversation.shown.append(Shown(str(len(conversation.shown)), [told["answer"]]))
            self._changed.set()
            self._changed = asyncio.Event()
