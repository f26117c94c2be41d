"""Seconds as people read and link them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """`65.9` -> `1:05`, `14462` -> `4:01:02`. Always rounds down: a link must not overshoot."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def watch_link(video_id: str, seconds: float | None = None) -> str:
    """The short link to a video, at a second of it where one is given."""
    base = f"https://youtu.be/{video_id}"
    return base if seconds is None else f"{base}?t={max(0, int(seconds))}"
