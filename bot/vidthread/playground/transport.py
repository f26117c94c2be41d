"""The playground as a platform: what is posted is kept by us and told to whoever watches."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vidthread.menus import ANEW
from vidthread.replies import finished
from vidthread.sentences import say
from vidthread.store import Posts
from vidthread.surface import (
    Actions,
    Block,
    Incoming,
    Limits,
    Notice,
    Page,
    PageGone,
    Payload,
    Reply,
    Surface,
    ThreadGone,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport

from .rendering import LIMITS, PageRenderer

PLATFORM, WORKSPACE, CHANNEL = "playground", "local", "playground"
PERSON = "you"
PACE = 0.1
# A reply that grows is written down so often; what came after is made again after a crash.
_WRITTEN_EVERY = 1.0
News = tuple[str, dict[str, Any]]


def thread_key(thread: str) -> ThreadKey:
    return ThreadKey(PLATFORM, WORKSPACE, CHANNEL, thread)


class Subscriber:
    """What one page is yet to be told: of each thing only the newest, in the order in which
    things first changed. So a slow page costs no more memory than a fast one."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], dict[str, Any]] = {}
        self._news = asyncio.Event()

    def tell(self, event: str, data: dict[str, Any]) -> None:
        self._waiting[event, str(data.get("key", ""))] = data
        self._news.set()

    async def next(self) -> list[News]:
        """Waits until there is something."""
        await self._news.wait()
        self._news.clear()
        news = [(event, data) for (event, _), data in self._waiting.items()]
        self._waiting.clear()
        return news


class Feed:
    """Tells everybody who watches a thread. Belongs to one event loop."""

    def __init__(self) -> None:
        self._subscribers: dict[ThreadKey, set[Subscriber]] = {}

    @contextmanager
    def subscribed(self, key: ThreadKey) -> Iterator[Subscriber]:
        subscriber = Subscriber()
        self._subscribers.setdefault(key, set()).add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers[key].discard(subscriber)
            if not self._subscribers[key]:
                del self._subscribers[key]

    def tell(self, key: ThreadKey, event: str, data: dict[str, Any]) -> None:
        for subscriber in self._subscribers.get(key, ()):
            subscriber.tell(event, data)


@dataclass(slots=True)
class _GrowingReply:
    """A reply that is live: when it began, and when it was last written down."""

    payload: dict[str, Any]
    at: str | None = None
    written: float = -math.inf


class MessageBoard:
    """The messages of all threads: those that grow are ahead of what is written down."""

    def __init__(self, posts: Posts, feed: Feed, clock: Callable[[], float]) -> None:
        self.posts = posts
        self.feed = feed
        self._clock = clock
        self._growing: dict[str, _GrowingReply] = {}
        self._unanswered: dict[str, dict[str, Any]] = {}

    async def post(self, key: ThreadKey, payload: dict[str, Any], nonce: str) -> str:
        added = await self.posts.add(
            key, author="", content=payload, nonce=nonce, reply=payload["key"]
        )
        self._growing[added.id] = _GrowingReply(payload, added.at.isoformat())
        self.answered(key, payload["to"])
        await self.edit(key, added.id, payload)
        return added.id

    async def edit(self, key: ThreadKey, place: str, payload: dict[str, Any]) -> None:
        """Raises PageGone."""
        growing = self._growing.setdefault(place, _GrowingReply(payload))
        growing.payload = payload
        self.feed.tell(key, "reply", payload | {"at": growing.at})
        if payload["live"] and self._clock() - growing.written < _WRITTEN_EVERY:
            return
        growing.written = self._clock()
        kept = await self.posts.update(place, payload)
        if not (payload["live"] and kept):
            self._growing.pop(place, None)
        if not kept:
            raise PageGone

    async def remove(self, key: ThreadKey, place: str, reply: str) -> None:
        self._growing.pop(place, None)
        await self.posts.remove(place)
        self.feed.tell(key, "removed", {"key": reply})

    async def say(self, key: ThreadKey, text: str, file: str | None, nonce: str) -> str:
        """Adds what a person wrote; its id. The same nonce adds it once."""
        content = {"kind": "person", "text": text, "file": file}
        added = await self.posts.add(key, author=PERSON, content=content, nonce=nonce)
        self._unanswered[added.id] = {**content, "key": added.id, "at": added.at.isoformat()}
        self.feed.tell(key, "message", self._unanswered[added.id] | {"waiting": True})
        return added.id

    def answered(self, key: ThreadKey, message: str) -> None:
        """From now on it does not wait any more."""
        if shown := self._unanswered.pop(message, None):
            self.feed.tell(key, "message", shown | {"waiting": False})

    async def messages(self, key: ThreadKey) -> list[dict[str, Any]]:
        """As the page shows them, in order."""
        shown = []
        for post in await self.posts.of(key):
            if post.author:
                shown.append(self._message(post.id, post.content, post.at))
            else:
                growing = self._growing.get(post.id)
                newest = growing.payload if growing else post.content
                shown.append({**newest, "at": post.at.isoformat()})
        return shown

    def _message(self, place: str, content: dict[str, Any], at: datetime) -> dict[str, Any]:
        waiting = place in self._unanswered
        return {**content, "key": place, "at": at.isoformat(), "waiting": waiting}


class PlaygroundSurface:
    """One thread of the playground."""

    limits: Limits = LIMITS
    pace = PACE

    def __init__(self, key: ThreadKey, board: MessageBoard) -> None:
        self.key = key
        self._board = board
        self._renderer = PageRenderer()
        self._replies: dict[str, str] = {}

    def render(self, page: Page) -> Payload:
        return self._renderer.render(page)

    def opening(self, reply: Reply) -> None:
        """No opening message: threads here hang under nothing."""

    async def post(self, payload: Payload, nonce: str) -> str:
        place = await self._board.post(self.key, dict(payload), nonce)
        self._replies[place] = str(payload["key"])
        return place

    async def edit(self, place: str, payload: Payload) -> None:
        await self._board.edit(self.key, place, dict(payload))

    async def remove(self, place: str) -> None:
        await self._board.remove(self.key, place, self._replies.pop(place, ""))

    async def find(self, nonce: str) -> str | None:
        return await self._board.posts.find(self.key, nonce)

    async def entitle(self, title: str) -> None:
        self._board.feed.tell(self.key, "entitled", {"title": title})


class Playground(Transport):
    platform = PLATFORM
    opens_first = True

    def __init__(self, posts: Posts, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.feed = Feed()
        self.board = MessageBoard(posts, self.feed, clock)

    def surface_for(self, key: ThreadKey, ticket: str = "") -> Surface:
        return PlaygroundSurface(key, self.board)

    async def open(self, incoming: Incoming, title: str) -> Surface:
        """The thread is named after the event, so that the same one leads to the same thread."""
        named = hashlib.blake2b(incoming.event.encode(), digest_size=6).hexdigest()
        key = replace(incoming.key, thread=named)
        file = incoming.attachments[0].name if incoming.attachments else None
        message = await self.board.say(key, incoming.text, file, nonce=f"open {named}")
        self.board.answered(key, message)
        return self.surface_for(key)

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        """Says so in that thread, which is where whoever asked is led to."""
        offer = finished(
            f"again-{incoming.event}",
            "",
            Notice(say("thread.again")),
            Actions((ANEW,)),
        )
        payload = PageRenderer().render(Page(offer.key, 0, offer.blocks, live=False))
        await self.board.post(thread, payload, nonce=offer.key)

    async def refuse(self, incoming: Incoming, told: tuple[Block, ...]) -> None:
        raise ThreadGone("whoever asks here can always be answered in a thread")

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """All messages but the reply that says so; without one, the thread itself."""
        for post in await self.board.posts.of(key):
            if post.author or post.reply != reply or not reply:
                await self.board.posts.remove(post.id)
        self.feed.tell(key, "cleared" if reply else "forgotten", {})
