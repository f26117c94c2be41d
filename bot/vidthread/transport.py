"""The port to a platform, of which a surface is one thread."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import ClassVar, Protocol

from .surface import Block, Incoming, Surface
from .thread_key import ThreadKey


class Transport(Protocol):
    """A platform, as far as the assistant sees it. Where it `opens_first`, a thread disturbs nobody
    and is opened before its video is read; elsewhere it is opened when there is something in it."""

    opens_first: ClassVar[bool] = False

    @property
    def platform(self) -> str: ...

    async def locale(self, incoming: Incoming) -> str:
        """The locale of the author."""
        return incoming.locale

    async def complete(self, incoming: Incoming) -> Incoming:
        """With what an event refers to and does not carry: files, whether its author is an admin.
        It is asked for when the event is safe, and again after a restart. Raises InvalidRequest."""
        return incoming

    def problem(self, incoming: Incoming) -> str:
        """Why nothing can be shown for an event from outside of any thread, as a sentence; empty
        where that is not known."""
        return ""

    def serves(self, key: ThreadKey) -> bool:
        """Whether this process does: others may serve other parts of the platform."""
        return True

    async def open(self, incoming: Incoming, title: str) -> Surface:
        """The thread for an event that came from outside of one; the same one if asked again.
        `title` is that of its video, empty where there is none yet. Raises CannotOpen."""

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        """Leads whoever asked to the thread that this video has already, with an offer to have
        it analyzed anew. Raises ThreadGone where that thread was deleted meanwhile."""

    async def refuse(self, incoming: Incoming, told: tuple[Block, ...]) -> None:
        """Tells whoever asked, and nobody else where that can be, why nothing comes."""

    def waiting(self, incoming: Incoming) -> AbstractAsyncContextManager[object]:
        """Shows, while it is open, that something is being done for an event."""
        return nullcontext()

    def working(self, key: ThreadKey) -> AbstractAsyncContextManager[object]:
        """Shows in a thread, while it is open, that an answer is being made there."""
        return nullcontext()

    async def earlier_link(self, key: ThreadKey) -> str:
        """The newest link that people posted here unheard by us; empty where there is none."""
        return ""

    async def spoken_since(self, key: ThreadKey, message: str) -> set[str]:
        """Who had written in a thread since our newest message there when this one came, as far as
        the platform tells."""
        return set()

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """Deletes the messages of a thread but for this reply, where we are the platform."""

    def surface_for(self, key: ThreadKey, ticket: str = "") -> Surface:
        """A thread that is there already, after a restart too; `ticket` is that of the event that
        is answered there."""
