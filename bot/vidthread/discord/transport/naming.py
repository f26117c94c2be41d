"""Names of threads: a thread that we opened gets one, once, when its title is known."""

from __future__ import annotations

import asyncio

import discord

from vidthread.discord.text import length
from vidthread.surface import Incoming, SurfaceError
from vidthread.thread_key import ThreadKey
from youtube_analysis.logging import get_logger
from youtube_analysis.models.link import parse_link
from youtube_analysis.patterns import Pattern

from .events import first_link
from .wire import JSON, Wire

_log = get_logger(__name__)
_LONGEST = 100
# No title looks like this, so that a thread is known for one without a name after a restart.
_BEGINNING, _END = "Video ", " …"
_CHARACTER = Pattern(r"\X")


class Names:
    def __init__(self, client: discord.Client, wire: Wire) -> None:
        self._client = client
        self._wire = wire
        self._unnamed: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def _me(self) -> str:
        return str(self._client.user.id) if self._client.user else ""

    def expect(self, thread: str) -> None:
        """It was opened by us just now."""
        self._unnamed.add(thread)

    def is_unnamed(self, thread: JSON) -> bool:
        """Whether it is ours, and has had no title yet."""
        name = str(thread.get("name") or "")
        ours = str(thread.get("owner_id")) == self._me
        return ours and name.startswith(_BEGINNING) and name.endswith(_END)

    def give(self, key: ThreadKey, title: str) -> None:
        """In the background: Discord allows two names in ten minutes."""
        thread, name = key.thread, cut(title)
        wanted = thread in self._unnamed or self._known_unnamed(thread)
        if self._closed or not name or not wanted or thread in self._tasks:
            return
        self._unnamed.discard(thread)
        self._tasks[thread] = asyncio.create_task(self._give(thread, name), name=f"name {thread}")
        self._tasks[thread].add_done_callback(lambda _: self._tasks.pop(thread, None))

    async def close(self) -> None:
        """What ends after us names nothing any more."""
        self._closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _known_unnamed(self, thread: str) -> bool:
        known = self._client.get_channel(int(thread))
        if not isinstance(known, discord.Thread):
            return False
        return self.is_unnamed({"name": known.name, "owner_id": known.owner_id})

    async def _give(self, thread: str, name: str) -> None:
        try:
            await self._wire.rename(thread, name)
        except SurfaceError as error:
            _log.info("thread not named", thread=thread, cause=str(error))


def name_before(incoming: Incoming) -> str:
    """Until the title is known."""
    if incoming.attachments:
        about = incoming.attachments[0].name
    else:
        link = first_link([incoming.text])
        about = parse_link(link).video_id if link else "thread"
    return f"{_BEGINNING}{cut(about, _LONGEST - len(_BEGINNING + _END))}{_END}"


def cut(title: str, longest: int = _LONGEST) -> str:
    """On one line, never in the middle of what is one character to the eye."""
    name = ""
    for character in _CHARACTER.findall(" ".join(title.split())):
        if length(name) + length(character) > longest:
            break
        name += character
    return name.strip()
