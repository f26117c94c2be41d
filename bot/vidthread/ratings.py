"""What people said of answers, for whoever runs the bot."""

from __future__ import annotations

from youtube_analysis.checking.literal import printable
from youtube_analysis.config import Settings
from youtube_analysis.service_factory import ServiceFactory

from .store import Store
from .terminal.screen import Terminal


async def list_ratings(settings: Settings, terminal: Terminal, *, as_json: bool) -> None:
    """Prints them, the oldest first. Raises DatabaseError."""
    async with ServiceFactory(settings) as factory:
        store = Store(factory.get_database())
        await store.open()
        for one in await store.feedback.all():
            if as_json:
                told = {"thread": one.key.session, "reply": one.reply, "good": one.good}
                told |= {"reason": one.reason, "question": one.question}
                terminal.json(told | {"at": one.at.isoformat()})
            else:
                mark = "👍" if one.good else "👎"
                told_of = map(_line, filter(None, (one.question, one.reason)))
                terminal.raw(f"{mark} {one.at:%Y-%m-%d %H:%M} {' · '.join(told_of)}\n")


def _line(words: str) -> str:
    """One line without control characters: a reason cannot forge a rating or move the cursor."""
    return " ".join(printable(words).split())
