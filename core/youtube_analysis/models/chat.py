"""Questions, answers and who said what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .analysis import Citation, TokenUsage


class MessageRole(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: MessageRole
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer. `answered` is False where the video does not say.

    `citations` come best first; `engine` names the model that answered.
    """

    question: str
    text: str
    answered: bool
    engine: str
    citations: tuple[Citation, ...] = ()
    usage: TokenUsage = TokenUsage()
