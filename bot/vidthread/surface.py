"""The port between the one behaviour and the platforms on which it appears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from youtube_analysis.models.analysis import AnalysisType, Citation, Claim

from .commands import Command, Mended
from .thread_key import ThreadKey

# --- in: what a person did ---


class Addressed(StrEnum):
    """To whom a message is addressed, as the platform tells it."""

    BOT = "bot"  # mention, reply to it, command, button, direct message
    NOBODY = "nobody"  # a plain message
    OTHERS = "others"  # mentions, or replies to, other people


@dataclass(frozen=True, slots=True)
class Attachment(Mended):
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming(Mended):
    """One event of a platform, written to the ledger so that nothing is lost.

    `event` is the id that the platform gives to this delivery, `message` that of the message (its
    twins share it; empty for commands and buttons). `key.thread` is empty until a thread is open.
    `command` is what an option, a button or a form asked for; without one, `text` is understood,
    once. `happened` orders events as the platform does, `locale` is their author's: where it
    tells. `ticket` is for the platform, to answer with; `direct` is to the bot alone."""

    event: str
    key: ThreadKey
    author: str
    message: str = ""
    text: str = ""
    command: Command | None = None
    addressed: Addressed = Addressed.BOT
    attachments: tuple[Attachment, ...] = ()
    private: bool = False
    ticket: str = ""
    admin: bool = False
    happened: int = 0
    direct: bool = False
    locale: str = ""


# --- out: what a reply should look like now ---


@dataclass(frozen=True, slots=True)
class VideoCard:
    """`about` are the facts below the title, `missing` is what could not be had, `tldr` is
    Markdown; `note` is a quiet line of ours."""

    key: ClassVar[str] = "card"
    video_id: str
    title: str
    url: str | None
    seconds: float
    about: str
    coverage: str
    missing: tuple[str, ...] = ()
    thumbnail: str | None = None
    tldr: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """`total` is 0 if unknown, `position` that in the line, and 0 where a model reads for long."""

    key: ClassVar[str] = "progress"
    text: str
    done: int = 0
    total: int = 0
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Markdown that only grows while `live`; a `continued` piece began on a page before."""

    type: AnalysisType
    text: str
    live: bool
    citations: tuple[Citation, ...] = ()
    continued: bool = False

    @property
    def key(self) -> str:
        return f"section-{self.type.task}"


@dataclass(frozen=True, slots=True)
class Answer:
    """As Section. `engine` names the model; `claims` are for programs."""

    key: ClassVar[str] = "answer"
    text: str
    live: bool
    citations: tuple[Citation, ...] = ()
    answered: bool = True
    engine: str = ""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of ours in markdown; of a failure with the `reference` to find it in the log."""

    key: ClassVar[str] = "notice"
    text: str
    failure: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: str
    media_type: str

    @property
    def key(self) -> str:
        return f"file-{self.name}"


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is `v1:<action>:<id>`, at most 100 characters; `label` the id of a text, or one."""

    action: str
    label: str


@dataclass(frozen=True, slots=True)
class Actions:
    """`choices` are shown as one menu."""

    key: ClassVar[str] = "actions"
    buttons: tuple[Button, ...]
    choices: tuple[Button, ...] = ()


Block = VideoCard | Progress | Section | Answer | Notice | File | Actions


@dataclass(frozen=True, slots=True)
class Reply:
    """One analysis or answer as it should look now, `live` until the last; `to` is the message that
    it answers, if any. One that `opens` is the first of a thread made for it."""

    key: str
    blocks: tuple[Block, ...]
    live: bool
    to: str = ""
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """As many blocks, or pieces of such, as one message of the platform holds."""

    reply: str
    number: int
    blocks: tuple[Block, ...]
    live: bool
    to: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters that a message holds, as `measure` counts them of a rendered block. Where it
    `prints`, a finished message cannot change."""

    characters: int
    measure: Callable[[Block], int]
    prints: bool = False


Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Opening:
    """The message of ours under which a thread hangs, and the `rest` for the thread itself. It
    stays as it is without a `payload`; where it `says_all`, nothing need be posted yet."""

    place: str
    payload: Payload | None
    rest: Reply
    says_all: bool = False


class SurfaceError(Exception):
    """What a platform answers instead of what was asked. Of no kind below, it refuses for good."""


class RateLimited(SurfaceError):
    """`retry_after` in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited for {retry_after:g} s")
        self.retry_after = retry_after


class PageGone(SurfaceError):
    """This message cannot be edited any more; another one can be posted."""


class ThreadGone(SurfaceError):
    """Nothing can be shown here any more: deleted, locked, or we were thrown out."""


class CannotOpen(SurfaceError):
    """There can be no thread for an event; `sentence` tells whoever asked why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SurfaceUnreachable(SurfaceError):
    """The network or the platform failed; whether the request was carried out is not known."""


class Surface(Protocol):
    """One thread of a platform. What it raises is a SurfaceError."""

    @property
    def key(self) -> ThreadKey: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def pace(self) -> float:
        """Seconds between two edits of one message."""

    def render(self, page: Page) -> Payload:
        """The message that shows a page; pure."""

    def opening(self, reply: Reply) -> Opening | None:
        """Where the thread hangs under a message of ours: how that looks with this reply; pure."""

    async def post(self, payload: Payload, nonce: str) -> str:
        """Adds a message and tells its id. `nonce` (at most 25 characters) goes with it."""

    async def edit(self, place: str, payload: Payload) -> None: ...

    async def remove(self, place: str) -> None:
        """Deletes a message of ours; one that is gone already is no error."""

    async def find(self, nonce: str) -> str | None:
        """The id of the message that was posted with this nonce, if there is one."""

    async def entitle(self, title: str) -> None:
        """Names the thread, where the platform can."""
