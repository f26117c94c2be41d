"""Rows of the session tables, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Row

from youtube_analysis.models.analysis import TaskOutput, TokenUsage
from youtube_analysis.models.chat import (
    Answer,
    ChatMessage,
    ChatSession,
    MessageRole,
    SessionVideo,
)

from .packing import pack, unpack

Work = TypeVar("Work", Answer, TaskOutput)


def message_values(reply: str, messages: Iterable[ChatMessage]) -> list[dict[str, Any]]:
    """All but the session and the place in it."""
    return [
        _values(message) | {"reply": reply, "number": number}
        for number, message in enumerate(messages)
    ]


def _values(message: ChatMessage) -> dict[str, Any]:
    work = message.answer or message.section
    usage = work.usage if work else TokenUsage()
    return {
        "role": message.role.value,
        "text": message.text,
        "fingerprint": message.fingerprint,
        "answer": pack(message.answer) if message.answer else None,
        "section": pack(message.section) if message.section else None,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "cached_tokens": usage.cached,
        "at": message.at,
    }


def message_of(row: Row[Any]) -> ChatMessage:
    return ChatMessage(
        role=MessageRole(row.role),
        text=row.text,
        reply=row.reply,
        fingerprint=row.fingerprint,
        answer=_named(unpack(row.answer, Answer)) if row.answer else None,
        section=_named(unpack(row.section, TaskOutput)) if row.section else None,
        at=row.at,
    )


def _named(work: Work | None) -> Work | None:
    """Versions before called the offline engine `extractive`."""
    return replace(work, engine="offline") if work and work.engine == "extractive" else work


def video_of(row: Row[Any]) -> SessionVideo:
    return SessionVideo(row.fingerprint, row.video_id, row.title, row.link)


def session_of(
    row: Row[Any], videos: Iterable[Row[Any]], messages: Sequence[Row[Any]] = ()
) -> ChatSession:
    return ChatSession(
        key=row.key,
        title=row.title,
        language=row.language,
        videos=tuple(map(video_of, videos)),
        messages=tuple(map(message_of, messages)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
