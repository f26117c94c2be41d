"""One thread of Slack: messages that are posted, streamed, updated and found again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

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

from .client import Identity, NotStreaming, Refused, SlackClient, StillStreaming
from .rendering import LIMITS, render, without_pictures
from .streams import Stream, Streams, next_piece

_log = get_logger(__name__)
_EVENT_TYPE = "vidthread_page"
_TASK = "work"
_AT_ONCE = 200
_LONGEST_PIECE = 11_000
_UNSHOWABLE = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_NOBODY = Identity("", "", "")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a stream is for."""

    user: str
    team: str


@dataclass(slots=True)
class Workspace:
    """`identity` is known when we are connected. `pace` is that of one message while no other
    grows."""

    client: SlackClient
    identity: Identity = _NOBODY
    streams: Streams = field(default_factory=Streams)
    recipients: dict[ThreadKey, Recipient] = field(default_factory=dict)
    pace: float = 1.0


class SlackSurface:
    limits: Limits = LIMITS

    def __init__(self, key: ThreadKey, workspace: Workspace) -> None:
        self.key = key
        self._workspace = workspace
        self._client = workspace.client
        self._open: dict[str, Stream] = {}
        self._nonces: dict[str, str] = {}
        self._files: dict[str, set[str]] = {}

    @property
    def pace(self) -> float:
        """What Slack allows a workspace is shared by all messages that grow in it."""
        method = "chat.appendStream" if self._workspace.streams.work else "chat.update"
        fair = self._client.pacer.interval(method) * self._workspace.streams.growing
        return max(self._workspace.pace, fair)

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
        place = await self._start(payload, nonce) if payload["live"] else None
        if place is None:
            place = await self._post(payload, nonce)
        self._nonces[place] = nonce
        self._count(place, payload)
        self._files[place] = set()
        await self._share(place, payload)
        return place

    async def edit(self, place: str, payload: Payload) -> None:
        self._count(place, payload)
        stream = self._open.get(place)
        if stream and payload["live"] and await self._append(place, stream, payload):
            return
        if place in self._open:
            await self._stop(place)
        await self._update(place, payload)
        await self._share(place, payload)

    async def remove(self, place: str) -> None:
        self._workspace.streams.rests(self.key.channel, place)
        if place in self._open:
            await self._stop(place)
        try:
            await self._client.call("chat.delete", {"channel": self.key.channel, "ts": place})
        except PageGone:
            return

    async def find(self, nonce: str) -> str | None:
        for message in await self.messages():
            if self._is_ours(message) and nonce in _marks(message):
                return str(message["ts"])
        return None

    async def entitle(self, title: str) -> None:
        """Threads in Slack have no names."""

    async def messages(self) -> list[dict[str, Any]]:
        """All that stands in the thread."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            asked = {"channel": self.key.channel, "ts": self.key.thread, "limit": _AT_ONCE,
                     "include_all_metadata": True}  # fmt: skip
            if cursor:
                asked["cursor"] = cursor
            told = await self._client.call("conversations.replies", asked)
            found += told.get("messages", ())
            cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return found

    def _is_ours(self, message: dict[str, Any]) -> bool:
        me = self._workspace.identity
        return message.get("user") == me.user or bool(me.bot and message.get("bot_id") == me.bot)

    def _count(self, place: str, payload: Payload) -> None:
        streams = self._workspace.streams
        (streams.grows if payload["live"] else streams.rests)(self.key.channel, place)

    # --- messages ---

    async def _post(self, payload: Payload, nonce: str) -> str:
        sent = {"channel": self.key.channel, "thread_ts": self.key.thread, **_shown(payload, nonce),
                "unfurl_links": False, "unfurl_media": False}  # fmt: skip
        told = await self._insisting("chat.postMessage", sent)
        return str(told["ts"])

    async def _update(self, place: str, payload: Payload) -> None:
        nonce = self._nonces.get(place, "")
        sent = {"channel": self.key.channel, "ts": place, **_shown(payload, nonce), "parse": "none"}
        must = not payload["live"]
        try:
            await self._insisting("chat.update", sent, must=must)
        except StillStreaming:  # begun before a restart
            await self._stop(place)
            await self._insisting("chat.update", sent, must=must)

    async def _insisting(
        self, method: str, sent: dict[str, Any], *, must: bool = True
    ) -> dict[str, Any]:
        """Without pictures where Slack cannot load one, as mere text where it takes no blocks."""
        bare = without_pictures(sent["blocks"])
        shapes = [sent["blocks"], *([bare] if bare != sent["blocks"] else []), []]
        for shape in shapes[:-1]:
            try:
                return await self._client.call(method, sent | {"blocks": shape}, must=must)
            except Refused as refused:
                if refused.error not in _UNSHOWABLE:
                    raise
                _log.warning("blocks refused", method=method, error=str(refused))
        return await self._client.call(method, sent | {"blocks": shapes[-1]}, must=must)

    async def _share(self, place: str, payload: Payload) -> None:
        """The files of a message, each once."""
        files = payload["files"]
        if not isinstance(files, dict) or not files:
            return
        if place not in self._files:
            self._files[place] = await self._shared_after(place)
        for name, content in files.items():
            if name not in self._files[place]:
                await self._client.upload(self.key.channel, self.key.thread, name, content)
                self._files[place].add(name)

    async def _shared_after(self, place: str) -> set[str]:
        """After a restart: what we shared below this message."""
        later = [m for m in await self.messages() if float(m["ts"]) > float(place)]
        ours = [m for m in later if self._is_ours(m)]
        return {str(file.get("name")) for m in ours for file in m.get("files", ())}

    # --- streams ---

    async def _start(self, payload: Payload, nonce: str) -> str | None:
        """None where no stream can be had; then a message does."""
        streams, recipient = self._workspace.streams, self._workspace.recipients.get(self.key)
        direct = self.key.channel.startswith("D")
        room = self._client.pacer.has_room("chat.startStream")
        if not (streams.work and room and (recipient or direct)):
            return None
        sent: dict[str, Any] = {"channel": self.key.channel, "thread_ts": self.key.thread}
        if recipient:
            sent |= {"recipient_user_id": recipient.user, "recipient_team_id": recipient.team}
        stream = streams.begin(str(payload["status"]))
        sent["chunks"] = [*_task(stream.status), _marked(payload, nonce)]
        try:
            told = await self._client.call("chat.startStream", sent)
        except RateLimited:
            return None
        except Refused as refused:
            _log.warning("no streams here", workspace=self.key.workspace, error=refused.error)
            streams.latch()
            return None
        place = str(told["ts"])
        self._open[place] = stream
        with suppress(SurfaceError):  # the next edit will show it
            await self._append(place, stream, payload)
        return place

    async def _append(self, place: str, stream: Stream, payload: Payload) -> bool:
        """False where the stream cannot show this."""
        wanted, status = str(payload["stream"]), str(payload["status"])
        piece = next_piece(stream, wanted)
        if piece is None or stream.lost or self._workspace.streams.is_old(stream):
            return False
        piece = piece[:_LONGEST_PIECE]
        tasks = _task(status) if status != stream.status else []
        if not (piece or tasks):
            return True
        sent: dict[str, Any] = {"channel": self.key.channel, "ts": place, "markdown_text": piece}
        if tasks:
            sent["chunks"] = tasks
        try:
            await self._client.call("chat.appendStream", sent, must=False)
        except NotStreaming:
            del self._open[place]
            return False
        except Refused as refused:
            _log.warning("stream cannot show this", error=str(refused))
            return False
        except SurfaceUnreachable:
            stream.lost = True  # it may stand there, or not
            raise
        stream.shown, stream.status = stream.shown + piece, status
        return True

    async def _stop(self, place: str) -> None:
        try:
            await self._client.call("chat.stopStream", {"channel": self.key.channel, "ts": place})
        except (NotStreaming, Refused) as error:
            _log.info("stream is closed", channel=self.key.channel, told=str(error))
        self._open.pop(place, None)


def _shown(payload: Payload, nonce: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": payload["text"], "blocks": payload["blocks"]}
    if nonce:
        shown["metadata"] = {"event_type": _EVENT_TYPE, "event_payload": {"nonce": nonce}}
    return shown


def _task(status: str) -> list[dict[str, Any]]:
    if not status:
        return []
    return [{"type": "task_update", "id": _TASK, "title": status, "status": "in_progress"}]


def _marked(payload: Payload, nonce: str) -> dict[str, Any]:
    """The buttons of a stream, by whose name it is found again: streams carry no metadata."""
    buttons = payload["buttons"]
    given = list(buttons) if isinstance(buttons, list) else []
    waits = {"type": "context", "elements": [{"type": "mrkdwn", "text": "…"}]}
    return {"type": "blocks", "blocks": [{**(given[0] if given else waits), "block_id": nonce}]}


def _marks(message: dict[str, Any]) -> set[object]:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return {payload.get("nonce"), *(block.get("block_id") for block in message.get("blocks", ()))}
