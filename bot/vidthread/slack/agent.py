"""What Slack shows of our work: a status while a video is read and, where the app is an agent, a
native Stop button, titles of threads and suggested prompts. All of it can fail unnoticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

from vidthread.adapter import Sleep
from vidthread.surface import RateLimited, SurfaceError
from vidthread.thread_key import ThreadKey
from youtube_analysis.logging import get_logger

from .client import CallRefused, SlackClient
from .layout import neutral

_log = get_logger(__name__)
_NOT_AN_AGENT = frozenset({"feature_disabled", "missing_scope", "not_agent_app", "unknown_method"})
_LONGEST_TITLE = 200
_LAST_WORDS = 2.0  # seconds


class SlackAgent:
    """One for a workspace. Sessions belong to apps that Slack knows as agents: `is_agent` is set
    where the token's scopes say so, and unset where Slack disagrees."""

    def __init__(self, client: SlackClient, *, sleep: Sleep = asyncio.sleep) -> None:
        self.is_agent = False
        self._client = client
        self._sleep = sleep
        self._at_work: set[ThreadKey] = set()
        self._titles: dict[ThreadKey, str] = {}
        self._wanted: dict[ThreadKey, str] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Gives calls under way a moment to arrive."""
        self.is_agent = False
        if self._calls:
            await asyncio.wait(self._calls, timeout=_LAST_WORDS)
        for call in self._calls:
            call.cancel()

    @asynccontextmanager
    async def reading(self, channel: str, thread: str, status: str) -> AsyncIterator[None]:
        """Slack takes the status away when we write there; else `read_nothing` does."""
        showing = self._begin(self._show_status(channel, thread, status))
        try:
            yield
        finally:
            showing.cancel()

    def read_nothing(self, channel: str, thread: str) -> None:
        self._begin(self._show_status(channel, thread, ""))

    @asynccontextmanager
    async def working(self, key: ThreadKey) -> AsyncIterator[None]:
        """Meanwhile Slack shows its own Stop button."""
        self._at_work.add(key)
        self._want(key, "processing")
        try:
            yield
        finally:
            self._at_work.discard(key)
            self._want(key, "active")

    def rest(self, key: ThreadKey) -> None:
        """Resets a session that still shows us at work, as after a crash."""
        if key not in self._at_work:
            self._want(key, "active")

    def entitle(self, key: ThreadKey, title: str) -> None:
        """Names the session that is about to begin."""
        if self.is_agent and title:
            self._titles[key] = neutral(title)[:_LONGEST_TITLE]

    def rename(self, key: ThreadKey, title: str) -> None:
        """Names a session that is under way."""
        if self.is_agent and title:
            named = {**_session(key), "title": neutral(title)[:_LONGEST_TITLE]}
            self._begin(self._ask("agents.sessions.rename", named))

    def suggest(self, channel: str, thread: str, title: str, prompts: Mapping[str, str]) -> None:
        """`prompts` are what people say with each. Only the assistants that came before agents
        have a `thread` for them."""
        shown = [{"title": label, "message": message} for label, message in prompts.items()]
        sent: dict[str, Any] = {"channel_id": channel, "title": title, "prompts": shown}
        if thread:
            sent["thread_ts"] = thread
        self._begin(self._ask("assistant.threads.setSuggestedPrompts", sent))

    def _want(self, key: ThreadKey, status: str) -> None:
        """One call at a time for each session, so that the last status is the one that stays."""
        if not self.is_agent:
            return
        is_telling = key in self._wanted
        self._wanted[key] = status
        if not is_telling:
            self._begin(self._tell(key))

    async def _tell(self, key: ThreadKey) -> None:
        title = self._titles.pop(key, "")
        named, told = {"title": title} if title else {}, ""
        while (status := self._wanted[key]) != told:
            sent = {**_session(key), "status": status, **named}
            wait = await self._ask("agents.sessions.setStatus", sent)
            if not wait:
                told = status
                continue
            await self._sleep(wait)
            if not told and self._wanted[key] == "active":
                break  # it ended before anybody could see that it began
        del self._wanted[key]

    async def _show_status(self, channel: str, thread: str, status: str) -> None:
        sent = {"channel_id": channel, "thread_ts": thread, "status": status}
        await self._ask("assistant.threads.setStatus", sent)

    async def _ask(self, method: str, sent: Mapping[str, Any]) -> float:
        """The seconds after which it can be asked again, where that was too often; else 0."""
        try:
            await self._client.call(method, sent)
        except RateLimited as limited:
            return limited.retry_after
        except SurfaceError as error:
            _log.info("not shown", method=method, error=repr(error))
            if isinstance(error, CallRefused) and error.error in _NOT_AN_AGENT:
                self.is_agent = False
        return 0.0

    def _begin(self, call: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        task = asyncio.create_task(call, name="slack agent")
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return task


def _session(key: ThreadKey) -> dict[str, str]:
    return {"channel_id": key.channel, "thread_ts": key.thread}
