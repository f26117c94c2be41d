"""Statements that every message costs, built once: building them takes longer than their work."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from .tables import messages, session_videos, sessions

_MINE = messages.c.session_id == bindparam("of")
_SAME = and_(_MINE, messages.c.reply == bindparam("by"))

SESSION = select(sessions).where(sessions.c.key == bindparam("of_key"))
TOUCH = (
    update(sessions)
    .where(sessions.c.key == bindparam("of_key"))
    .values(updated_at=bindparam("now"))
    .returning(sessions.c.id)
)
VIDEOS = (
    select(session_videos)
    .where(session_videos.c.session_id == bindparam("of"))
    .order_by(session_videos.c.place)
)
NEWEST_MESSAGES = (
    select(messages).where(_MINE).order_by(messages.c.place.desc(), messages.c.number.desc())
)
# Where a reply's messages stand, and where the log ends.
PLACES = select(
    select(messages.c.place).where(_SAME).limit(1).scalar_subquery().label("old"),
    select(func.max(messages.c.place)).where(_MINE).scalar_subquery().label("last"),
)
CLEAR = delete(messages).where(_SAME)
ADD = insert(messages)
