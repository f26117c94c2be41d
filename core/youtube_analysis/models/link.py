"""Links that people paste, parsed to a video id. A user's link is never fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from youtube_analysis.errors import InvalidLink, PlaylistLink

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE = frozenset(
    {
        "youtube.com",
        "www.youtube.com",
        "m.youtube.com",
        "music.youtube.com",
        "gaming.youtube.com",
        "youtube-nocookie.com",
        "www.youtube-nocookie.com",
    }
)
_SHORT = frozenset({"youtu.be", "www.youtu.be"})
_ID_IN_PATH = frozenset({"shorts", "live", "embed", "v", "e"})
_PLAIN_SECONDS = re.compile(r"(\d{1,7})s?")
_SPELLED_TIME = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?")
_LONGEST_LINK = 2048


@dataclass(frozen=True, slots=True)
class VideoLink:
    """`start` is the second that the link points at; `playlist_id` the list it was taken from."""

    video_id: str
    start: int | None = None
    playlist_id: str | None = None


def parse_link(text: str) -> VideoLink:
    """Raises InvalidLink for anything but one YouTube video, PlaylistLink for a bare playlist."""
    parts = _split(text)
    host = _host(parts)
    query = parse_qs(parts.query, max_num_fields=50)
    path = [piece for piece in parts.path.split("/") if piece]
    if host in _SHORT:
        candidate = path[0] if path else ""
    elif path and path[0] in _ID_IN_PATH and len(path) > 1:
        candidate = path[1]
    elif path and path[0] == "watch":
        candidate = query.get("v", path[1:2] or [""])[0]
    else:
        candidate = ""
    playlist = query.get("list", [None])[0]
    if candidate == "videoseries" or (not candidate and playlist):
        raise PlaylistLink
    if not _VIDEO_ID.fullmatch(candidate):
        raise InvalidLink("That YouTube link names no video.")
    return VideoLink(candidate, _start(query, parts.fragment), playlist)


def _split(text: str) -> SplitResult:
    link = text.strip()
    if link.startswith("<") and link.endswith(">"):
        # Chat platforms wrap links: `<url>` stops previews, Slack writes `<url|label>`.
        link = link[1:-1].split("|", 1)[0]
    if (
        not link
        or len(link) > _LONGEST_LINK
        or any(c.isspace() or not c.isprintable() for c in link)
    ):
        raise InvalidLink("That is not a link.")
    if "://" not in link:
        link = "https://" + link.removeprefix("//")
    try:
        parts = urlsplit(link)
        parts.port  # noqa: B018 - reading it is what checks it
        parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        raise InvalidLink("That link is malformed.") from None
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    wrong_door = parts.username is not None or parts.port not in {None, 80, 443}
    if parts.scheme not in {"http", "https"} or wrong_door or host not in _YOUTUBE | _SHORT:
        raise InvalidLink("That is not a link to YouTube.")
    return host


def _start(query: dict[str, list[str]], fragment: str) -> int | None:
    in_fragment = parse_qs(fragment, max_num_fields=50) if fragment.count("&") < 50 else {}
    for name in ("t", "start", "time_continue"):
        for value in (*query.get(name, ()), *in_fragment.get(name, ())):
            if (seconds := _seconds(value)) is not None:
                return seconds
    return None


def _seconds(value: str) -> int | None:
    """`95`, `95s`, `1h2m3s` -> seconds; anything else is no time."""
    if plain := _PLAIN_SECONDS.fullmatch(value):
        return int(plain[1])
    if (spelled := _SPELLED_TIME.fullmatch(value)) and any(spelled.groups()):
        hours, minutes, seconds = (int(part or 0) for part in spelled.groups())
        return hours * 3600 + minutes * 60 + seconds
    return None
