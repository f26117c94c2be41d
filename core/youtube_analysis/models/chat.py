"""Sessions: questions, answers and the videos that they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from .analysis import Citation, Claim, TaskOutput, TokenUsage
from .notices import Notice


class MessageRole(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer, as a TaskOutput. `answered` is False where the video does not say, or
    nothing in it was found; `engine` names the model that answered."""

    question: str
    text: str
    answered: bool
    engine: str
    citations: tuple[Citation, ...] = ()
    usage: TokenUsage = TokenUsage()
    claims: tuple[Claim, ...] = ()
    lead: Notice | None = None
    note: Notice | None = None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a session's log.

    `reply` names the reply that it belongs to: a question and its answer share one, and so do the
    sections of an analysis. What of ours came out of work carries it: an `answer` or a `section`.
    `fingerprint` is that of the reading that it is about.
    """

    role: MessageRole
    text: str
    reply: str = ""
    fingerprint: str = ""
    answer: Answer | None = None
    section: TaskOutput | None = None
    at: datetime = field(default_factory=partial(datetime.now, UTC), compare=False)


@dataclass(frozen=True, slots=True)
class SessionVideo:
    """A video of a session. `link` is what a person sent, empty for captions handed in."""

    fingerprint: str
    video_id: str
    title: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class ChatSession:
    """What one conversation remembers, under a key that only whoever gave it understands.

    `videos` and `messages` are in order, the newest last. `language` is the one to answer in, None
    for the video's own.
    """

    key: str
    title: str = ""
    language: str | None = None
    videos: tuple[SessionVideo, ...] = ()
    messages: tuple[ChatMessage, ...] = ()
    created_at: datetime = field(default_factory=partial(datetime.now, UTC), compare=False)
    updated_at: datetime = field(default_factory=partial(datetime.now, UTC), compare=False)
