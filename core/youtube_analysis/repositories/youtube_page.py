"""What the watch page and the player's answer tell about a video besides its captions. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from youtube_analysis.models.transcript import Chapter
from youtube_analysis.models.video import VideoInfo

_DECODER = json.JSONDecoder()
_MICROFORMAT = re.compile(r'"playerMicroformatRenderer"\s*:\s*')
_MARKERS = re.compile(r'"macroMarkersListRenderer"\s*:\s*')
_FEWEST_CHAPTERS = 3
_STAMP = r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})"
_OPEN, _CLOSE = r"[\[(【（「]?\s*", r"\s*[\])】）」]?"
_LEADING = re.compile(rf"^\W{{0,4}}?{_OPEN}{_STAMP}{_CLOSE}(?!\d)\s*[-–—:|.~\s]*(?P<title>\S.*)$")
_TRAILING = re.compile(rf"^(?P<title>.*\S)\s*[-–—:|~\s]\s*{_OPEN}{_STAMP}{_CLOSE}\s*$")
_LONGEST_TITLE = 200
_LONGEST_DESCRIPTION = 20_000


def describe(video_id: str, page: str, player: dict[str, Any]) -> VideoInfo:
    """Fields that neither answer tells stay empty; `title` too."""
    details = _dict(player.get("videoDetails"))
    micro = next(_objects_after(page, _MICROFORMAT), {})
    return VideoInfo(
        video_id=video_id,
        title=_line(details.get("title")) or _line(_simple(micro.get("title"))) or "",
        channel=_line(details.get("author")) or _line(micro.get("ownerChannelName")),
        channel_id=_line(details.get("channelId")) or _line(micro.get("externalChannelId")),
        duration=_number(details.get("lengthSeconds")) or _number(micro.get("lengthSeconds")),
        description=_text(details.get("shortDescription"))
        or _text(_simple(micro.get("description"))),
        keywords=tuple(word for k in _list(details.get("keywords"))[:100] if (word := _line(k))),
        view_count=_whole(details.get("viewCount")) or _whole(micro.get("viewCount")),
        published=_line(micro.get("publishDate")) or _line(micro.get("uploadDate")),
        category=_line(micro.get("category")),
        thumbnail_url=_thumbnail(details),
        live=details.get("isLiveContent") is True,
    )


def chapters(page: str, description: str, duration: float | None) -> tuple[Chapter, ...]:
    """The creator's own from the description, else those that YouTube's page lists."""
    return _described(description, duration) or _marked(page, duration)


def _described(description: str, duration: float | None) -> tuple[Chapter, ...]:
    """Lines with a time, at least three, the first at 0:00: YouTube's own rule."""
    found: list[Chapter] = []
    for line in description.splitlines():
        match = _LEADING.match(line.strip()) or _TRAILING.match(line.strip())
        if match:
            found.append(Chapter(match["title"].strip()[:_LONGEST_TITLE], _seconds(match)))
    return _sound(found, duration) if found and found[0].start == 0 else ()


def _marked(page: str, duration: float | None) -> tuple[Chapter, ...]:
    for markers in _objects_after(page, _MARKERS):
        found = []
        for item in _list(markers.get("contents")):
            marker = _dict(_dict(item).get("macroMarkersListItemRenderer"))
            title = _line(_simple(marker.get("title")))
            at = re.fullmatch(_STAMP, _simple(marker.get("timeDescription")) or "")
            if title and at:
                found.append(Chapter(title, _seconds(at)))
        if chosen := _sound(found, duration):
            return chosen
    return ()


def _sound(found: list[Chapter], duration: float | None) -> tuple[Chapter, ...]:
    rising = all(a.start < b.start for a, b in pairwise(found))
    inside = not found or duration is None or found[-1].start < duration
    return tuple(found) if len(found) >= _FEWEST_CHAPTERS and rising and inside else ()


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    return hours * 3600.0 + minutes * 60 + seconds


def _objects_after(page: str, key: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    """JSON objects that follow a key anywhere in a page."""
    for match in key.finditer(page):
        try:
            value, _ = _DECODER.raw_decode(page, match.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _thumbnail(details: dict[str, Any]) -> str | None:
    pictures = [_dict(p) for p in _list(_dict(details.get("thumbnail")).get("thumbnails"))]
    largest = max(pictures, key=lambda p: _whole(p.get("width")) or 0, default={})
    return _line(largest.get("url"))


def _simple(value: object) -> str | None:
    """YouTube writes texts as `{"simpleText": …}` or as runs."""
    if isinstance(value, dict):
        runs = "".join(_line(_dict(run).get("text")) or "" for run in _list(value.get("runs")))
        return _text(value.get("simpleText")) or runs or None
    return value if isinstance(value, str) else None


def _line(value: object) -> str | None:
    """One printable line of a stranger's text."""
    if not isinstance(value, str):
        return None
    return "".join(c for c in " ".join(value.split()) if c.isprintable())[:1000] or None


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c.isprintable() or c == "\n")[:_LONGEST_DESCRIPTION]


def _number(value: object) -> float | None:
    whole = _whole(value)
    return float(whole) if whole else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
