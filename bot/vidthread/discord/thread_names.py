"""Names of threads: a thread that we opened gets one, once, when its title is known."""

from __future__ import annotations

import asyncio

import discord

from vidthread.commands import Analyze
from vidthread.surface import Incoming, SurfaceError
from vidthread.thread_key import ThreadKey
from youtube_analysis.checking.literal import printable
from youtube_analysis.logging import get_logger
from youtube_analysis.models.link import parse_link
from youtube_analysis.patterns import Pattern

from .layout import length
from .rest import Channel, Rest

_log = get_logger(__name__)
_LONGEST = 100
# No title looks like this, so that a thread is known for one without a name after a restart.
_BEGINNING, _END = "Video ", " …"
_CHARACTER = Pattern(r"\X")


class Names:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._unnamed: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    def expect(self, thread: str) -> None:
        """It was opened by us just now."""
        self._unnamed.add(thread)

    def is_unnamed(self, channel: Channel | None) -> bool:
        """Whether it is a thread of ours that has had no title yet."""
        me = self._rest.client.user
        if me is None or not isinstance(channel, discord.Thread) or channel.owner_id != me.id:
            return False
        return channel.name.startswith(_BEGINNING) and channel.name.endswith(_END)

    def give(self, key: ThreadKey, title: str) -> None:
        """In the background: Discord allows two names in ten minutes."""
        thread, name = key.thread, cut(title)
        known = self._rest.client.get_channel(int(thread))
        wanted = thread in self._unnamed or self.is_unnamed(known)
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

    async def _give(self, thread: str, name: str) -> None:
        try:
            await self._rest.edit_thread(thread, name=name)
        except SurfaceError as error:
            _log.info("thread not named", thread=thread, cause=str(error))


def name_before(incoming: Incoming) -> str:
    """Until the title is known."""
    if incoming.attachments:
        about = incoming.attachments[0].name
    else:
        link = incoming.command.link if isinstance(incoming.command, Analyze) else ""
        about = parse_link(link).video_id if link else "thread"
    return f"{_BEGINNING}{cut(about, _LONGEST - len(_BEGINNING + _END))}{_END}"


def cut(title: str, longest: int = _LONGEST) -> str:
    """On one line, never in the middle of what is one character to the eye."""
    name = ""
    for character in _CHARACTER.findall(" ".join(printable(title).split())):
        if length(name) + length(character) > longest:
            break
        name += character
    return name.strip()
