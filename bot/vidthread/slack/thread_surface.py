"""One thread of Slack: messages that are posted, streamed, updated and found again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from vidthread.adapter import until_reached
from vidthread.presenter import SharedPace
from vidthread.surface import (
    Limits,
    Opening,
    Page,
    PageGone,
    Payload,
    RateLimited,
    Reply,
    SurfaceError,
    SurfaceUnreachable,
    VideoCard,
)
from vidthread.thread_key import ThreadKey
from youtube_analysis.logging import get_logger

from .agent import SlackAgent
from .client import CallRefused, Identity, NotStreaming, SlackClient, StillStreaming, new_message
from .layout import LIMITS, marked_chunk, render, task_chunks, without_pictures

_log = get_logger(__name__)
PACE = 1.0
# Edits that Slack allows a workspace in a minute, and what we take of it: beginnings and ends are
# edits too.
PER_MINUTE: Mapping[str, float] = {"chat.appendStream": 100, "chat.update": 50}
_TAKEN = 0.85
_STREAMS_REFUSED_FOR = 3600.0
_SHARED_WITHIN = (0.2, 0.5, 1.0, 2.0, 4.0)  # seconds between looks
_UNSHOWABLE = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_NOBODY = Identity("", "", "")


@dataclass(slots=True)
class SlackWorkspace:
    """What its threads share. `identity` is known when we are connected; `locales` are those of
    people."""

    client: SlackClient
    shared_pace: SharedPace = field(default_factory=lambda: SharedPace(PACE))
    per_minute: Mapping[str, float] = field(default_factory=lambda: PER_MINUTE)
    identity: Identity = _NOBODY
    clock: Callable[[], float] = time.monotonic
    locales: dict[str, str] = field(default_factory=dict)
    agent: SlackAgent = field(init=False)
    _no_streams_until: float = float("-inf")

    def __post_init__(self) -> None:
        self.agent = SlackAgent(self.client)

    @property
    def streams_work(self) -> bool:
        return self.clock() >= self._no_streams_until

    def pause_streams(self, seconds: float) -> None:
        """Messages do meanwhile."""
        self._no_streams_until = self.clock() + seconds

    def pace(self, method: str) -> float:
        """Seconds between two edits of one message by this method."""
        return self.shared_pace.seconds(self.per_minute[method] * _TAKEN / 60)

    def is_ours(self, message: Mapping[str, Any]) -> bool:
        me = self.identity
        return message.get("user") == me.user or bool(me.bot and message.get("bot_id") == me.bot)


@dataclass(slots=True)
class _Stream:
    """What stands in it."""

    status: str
    text: str = ""


class SlackSurface:
    """`recipient` is whom streams are for, which Slack wants to know in channels."""

    limits: Limits = LIMITS

    def __init__(
        self, key: ThreadKey, workspace: SlackWorkspace, recipient: Mapping[str, str] | None = None
    ) -> None:
        self.key = key
        self._recipient = recipient or {}
        self._workspace = workspace
        self._client = workspace.client
        self._open: dict[str, _Stream] = {}

    @property
    def pace(self) -> float:
        return self._workspace.pace("chat.appendStream" if self._open else "chat.update")

    def render(self, page: Page) -> Payload:
        return render(page)

    def opening(self, reply: Reply) -> Opening | None:
        """A command has no message of a person: the card stands in the one that we posted."""
        if not reply.opens or reply.to:
            return None
        cards = tuple(block for block in reply.blocks if isinstance(block, VideoCard))
        if not cards:
            return None
        rest = tuple(block for block in reply.blocks if block not in cards)
        shown = render(Page(reply.key, 0, cards, live=False))
        return Opening(self.key.thread, shown, replace(reply, blocks=rest))

    async def post(self, payload: Payload, nonce: str) -> str:
        files = payload["files"]
        if isinstance(files, dict) and files:
            return await self._upload(files, _shown(payload)["blocks"], nonce)
        place = await self._start(payload, nonce) if payload["live"] else None
        if place is None:
            place = await self._post(payload, nonce)
        self._note(place, grows=bool(payload["live"]))
        return place

    async def edit(self, place: str, payload: Payload) -> None:
        if payload["files"]:
            return  # it came whole
        self._note(place, grows=bool(payload["live"]))
        stream = self._open.get(place)
        if stream and payload["live"] and await self._append(place, stream, payload):
            return
        if place in self._open:
            await self._stop(place)
        await self._update(place, payload)

    async def remove(self, place: str) -> None:
        self._note(place, grows=False)
        if place in self._open:
            await self._stop(place)
        try:
            await self._client.call("chat.delete", {"channel": self.key.channel, "ts": place})
        except PageGone:
            return

    async def find(self, nonce: str) -> str | None:
        for message in await self._client.thread_messages(self.key.channel, self.key.thread):
            if self._workspace.is_ours(message) and nonce in marks_of(message):
                return str(message["ts"])
        return None

    async def entitle(self, title: str) -> None:
        """Where the app is an agent; other threads in Slack have no names."""
        self._workspace.agent.rename(self.key, title)

    def _note(self, place: str, *, grows: bool) -> None:
        self._workspace.shared_pace.note(f"{self.key.channel} {place}", grows=grows)

    # --- messages ---

    async def _post(self, payload: Payload, nonce: str) -> str:
        sent = new_message(self.key.channel, self.key.thread, _shown(payload), nonce)
        told = await self._insisting("chat.postMessage", sent)
        return str(told["ts"])

    async def _update(self, place: str, payload: Payload) -> None:
        sent = {"channel": self.key.channel, "ts": place, **_shown(payload), "parse": "none"}
        try:
            await self._insisting("chat.update", sent)
        except StillStreaming:  # begun before a restart
            await self._stop(place)
            await self._insisting("chat.update", sent)

    async def _insisting(self, method: str, sent: dict[str, Any]) -> dict[str, Any]:
        """Without pictures where Slack cannot load one, as mere text where it takes no blocks."""
        bare = without_pictures(sent["blocks"])
        for shape in (sent["blocks"], *([bare] if bare != sent["blocks"] else [])):
            try:
                return await self._client.call(method, sent | {"blocks": shape})
            except CallRefused as refused:
                if refused.error not in _UNSHOWABLE:
                    raise
                _log.warning("blocks refused", method=method, error=str(refused))
        return await self._client.call(method, sent | {"blocks": []})

    async def _upload(
        self, files: Mapping[str, str], blocks: list[dict[str, Any]], nonce: str
    ) -> str:
        """Posts a message with its files. Slack shares them a little later; where that takes too
        long, what was uploaded stands for the message, which nobody needs to edit."""
        marked = [{**blocks[0], "block_id": nonce}, *blocks[1:]]
        key = self.key
        uploaded = await self._client.upload(key.channel, key.thread, files, marked)
        for wait in _SHARED_WITHIN:
            # It is on its way: from here on it is only looked for.
            looked = until_reached(lambda: self.find(nonce), (SurfaceUnreachable, RateLimited))
            if place := await looked:
                return place
            await asyncio.sleep(wait)
        _log.warning("file not seen in its thread", channel=key.channel, file=uploaded)
        return uploaded

    # --- streams ---

    async def _start(self, payload: Payload, nonce: str) -> str | None:
        """None where no stream can be had; then a message does."""
        allowed = self._recipient or is_direct(self.key.channel)
        if not (self._workspace.streams_work and allowed):
            return None
        sent: dict[str, Any] = {"channel": self.key.channel, "thread_ts": self.key.thread}
        sent |= self._recipient
        stream = _Stream(str(payload["status"]))
        sent["chunks"] = [*task_chunks(stream.status), marked_chunk(payload, nonce)]
        try:
            told = await self._client.call("chat.startStream", sent)
        except RateLimited as limited:
            self._workspace.pause_streams(limited.retry_after)
            return None
        except CallRefused as refused:
            _log.warning("no streams here", workspace=self.key.workspace, error=refused.error)
            self._workspace.pause_streams(_STREAMS_REFUSED_FOR)
            return None
        place = str(told["ts"])
        self._open[place] = stream
        with suppress(SurfaceError):  # the next edit will show it
            await self._append(place, stream, payload)
        return place

    async def _append(self, place: str, stream: _Stream, payload: Payload) -> bool:
        """False where the stream cannot show this."""
        wanted, status = str(payload["stream"]), str(payload["status"])
        if not wanted.startswith(stream.text):
            return False
        piece = wanted[len(stream.text) :]
        tasks = task_chunks(status) if status != stream.status else []
        if not (piece or tasks):
            return True
        sent: dict[str, Any] = {"channel": self.key.channel, "ts": place, "markdown_text": piece}
        if tasks:
            sent["chunks"] = tasks
        try:
            await self._client.call("chat.appendStream", sent)
        except NotStreaming:  # Slack ends each after five minutes
            del self._open[place]
            return False
        except CallRefused as refused:
            _log.warning("stream cannot show this", error=str(refused))
            return False
        except SurfaceUnreachable:
            del self._open[place]  # this piece may stand there, or not: no other follows it
            raise
        stream.text, stream.status = stream.text + piece, status
        return True

    async def _stop(self, place: str) -> None:
        try:
            await self._client.call("chat.stopStream", {"channel": self.key.channel, "ts": place})
        except NotStreaming as error:
            _log.info("stream is closed", channel=self.key.channel, told=str(error))
        self._open.pop(place, None)


def _shown(payload: Payload) -> dict[str, Any]:
    return {"text": payload["text"], "blocks": payload["blocks"]}


def marks_of(message: Mapping[str, Any]) -> set[object]:
    """By which a message of ours is found again."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return {payload.get("nonce"), *(block.get("block_id") for block in message.get("blocks", ()))}


def is_direct(channel: str) -> bool:
    """Whether it is a direct message with us."""
    return channel.startswith("D")
