"""What the watch page and the player's answer tell about a video, and which of its caption tracks
is read: what was spoken, by people rather than machines, unless asked. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from youtube_analysis.captions.cleaning import clean
from youtube_analysis.errors import CaptionsDisabled
from youtube_analysis.models.notices import Missing, MissingCode
from youtube_analysis.models.video import CaptionTrack, Chapter, VideoInfo
from youtube_analysis.passages.words import base_language

if TYPE_CHECKING:
    from youtube_transcript_api import Transcript

_DECODER = json.JSONDecoder()
_MICROFORMAT = re.compile(r'"playerMicroformatRenderer"\s*:\s*')
_MARKERS = re.compile(r'"macroMarkersListRenderer"\s*:\s*')
_FEWEST_CHAPTERS = 3
_STAMP = r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)"
_OPEN, _CLOSE = r"[\[(【（「]?\s?", r"\s?[\])】）」]?"
_UNTIL = rf"(?:\s?[-–—]\s?{_OPEN}(?:\d{{1,2}}:)?\d{{1,3}}:[0-5]\d{_CLOSE}(?!\d))?"
# Anybody writes descriptions, so every repetition has a bound and none can take long.
_LEADING = re.compile(
    rf"^\W{{0,4}}?{_OPEN}{_STAMP}{_CLOSE}(?!\d){_UNTIL}[-–—:：|.~ ]{{0,8}}(?P<title>.*)$"
)
_TRAILING = re.compile(rf"(?:[\s\-–—:：|~]|(?=[\[(【（「])){_OPEN}{_STAMP}{_CLOSE}$")
_LONGEST_TITLE = 200
# Which Chinese is written where.
_CHINESE = {"hans": "hans", "cn": "hans", "sg": "hans"} | dict.fromkeys(
    ("hant", "tw", "hk", "mo"), "hant"
)
_LONGEST_DESCRIPTION = 20_000


def describe(video_id: str, page: str, player: dict[str, Any]) -> VideoInfo:
    """Fields that neither answer tells stay empty; `title` too."""
    details = as_dict(player.get("videoDetails"))
    micro = next(_objects_after(page, _MICROFORMAT), {})
    seconds = _whole(details.get("lengthSeconds")) or _whole(micro.get("lengthSeconds"))
    return VideoInfo(
        video_id=video_id,
        title=one_line(details.get("title")) or one_line(_simple(micro.get("title"))) or "",
        channel=one_line(details.get("author")) or one_line(micro.get("ownerChannelName")),
        channel_id=one_line(details.get("channelId")) or one_line(micro.get("externalChannelId")),
        duration=float(seconds) if seconds else None,
        description=_text(details.get("shortDescription"))
        or _text(_simple(micro.get("description"))),
        keywords=tuple(
            word for k in as_list(details.get("keywords"))[:100] if (word := one_line(k))
        ),
        view_count=_whole(details.get("viewCount")) or _whole(micro.get("viewCount")),
        published=one_line(micro.get("publishDate")) or one_line(micro.get("uploadDate")),
        category=one_line(micro.get("category")),
        thumbnail_url=_thumbnail(details),
        live=details.get("isLiveContent") is True,
    )


def chapters(page: str, description: str, duration: float | None) -> tuple[Chapter, ...]:
    """The creator's own from the description, by YouTube's rule; else those its page lists."""
    return _described(description, duration) or _marked(page, duration)


def _described(description: str, duration: float | None) -> tuple[Chapter, ...]:
    """Lines with a time, all before or all behind the title, from the first at 0:00 on."""
    lines = [" ".join(line.split()) for line in description.splitlines()]
    for stamped in (_stamped_first, _stamped_last):
        found = [chapter for line in lines if (chapter := stamped(line))]
        first = next((n for n, chapter in enumerate(found) if chapter.start == 0), len(found))
        if chosen := _sound(found[first:], duration):
            return chosen
    return ()


def _stamped_first(line: str) -> Chapter | None:
    match = _LEADING.match(line)
    if not match or not match["title"]:
        return None
    return Chapter(match["title"][:_LONGEST_TITLE], _seconds(match))


def _stamped_last(line: str) -> Chapter | None:
    match = _TRAILING.search(line)
    title = line[: match.start()].rstrip("-–—:：|~ ") if match else ""
    return Chapter(title[:_LONGEST_TITLE], _seconds(match)) if match and title else None


def _marked(page: str, duration: float | None) -> tuple[Chapter, ...]:
    for markers in _objects_after(page, _MARKERS):
        found = []
        for item in as_list(markers.get("contents")):
            marker = as_dict(as_dict(item).get("macroMarkersListItemRenderer"))
            title = one_line(_simple(marker.get("title")))
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


@dataclass(frozen=True, slots=True)
class ChosenTrack:
    """`missing` says what was asked for and is not there."""

    transcript: Transcript
    track: CaptionTrack
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Tracks of one language, the best first. `instead` are those to read where YouTube does not
    translate after all."""

    tracks: tuple[ChosenTrack, ...]
    instead: tuple[ChosenTrack, ...] = ()


def choose_tracks(
    tracks: Sequence[Transcript], player: dict[str, Any], language: str | None
) -> Choice:
    """`language` may name several, the most wanted first. Raises CaptionsDisabled where there is no
    track at all."""
    if not tracks:
        raise CaptionsDisabled
    spoken = _spoken_language(player) or tracks[0].language_code
    originals = _ranked(tracks, spoken) or list(tracks)
    wanted = [code.strip() for code in (language or spoken).split(",")]
    for code in wanted:
        if known := _ranked(tracks, code):
            return Choice(tuple(map(_as_it_is, known)))
    for code in wanted:
        if translated := [made for track in originals if (made := _translated(track, code))]:
            refused = Missing(MissingCode.TRANSLATION, {"language": code})
            return Choice(tuple(translated), tuple(_as_it_is(t, refused) for t in originals))
    none = Missing(MissingCode.CAPTIONS, {"language": language}) if language else None
    return Choice(tuple(_as_it_is(track, none) for track in originals))


def _ranked(tracks: Iterable[Transcript], language: str) -> list[Transcript]:
    """Those of a language and, if there are any, of the script that it is written in: by people
    before by machine, the very region before another."""
    base, script = base_language(language), _script(language)
    region = language.casefold().replace("_", "-")
    same = [track for track in tracks if base_language(track.language_code) == base]
    written = [track for track in same if _script(track.language_code) == script]
    return sorted(
        written or same,
        key=lambda track: (track.is_generated, track.language_code.casefold() != region),
    )


def _script(language: str) -> str:
    """`zh-TW` -> `hant`, `sr-Latn` -> `latn`; empty where the code leaves it open."""
    parts = language.casefold().replace("_", "-").split("-")
    if base_language(language) == "zh":
        return next((_CHINESE[part] for part in parts if part in _CHINESE), "")
    return next((part for part in parts[1:] if len(part) == 4), "")


def _as_it_is(transcript: Transcript, missing: Missing | None = None) -> ChosenTrack:
    track = CaptionTrack(
        clean(transcript.language_code), clean(transcript.language), transcript.is_generated
    )
    return ChosenTrack(transcript, track, missing)


def _translated(original: Transcript, language: str) -> ChosenTrack | None:
    offered = [
        offer.language_code
        for offer in original.translation_languages
        if base_language(offer.language_code) == base_language(language)
    ]
    if not offered:
        return None
    best = next((c for c in offered if c.casefold() == language.casefold()), None)
    written = next((c for c in offered if _script(c) == _script(language)), offered[0])
    translated = original.translate(best or written)
    track = CaptionTrack(
        clean(translated.language_code),
        clean(translated.language),
        original.is_generated,
        translated_from=clean(original.language_code),
    )
    return ChosenTrack(translated, track)


def _spoken_language(player: dict[str, Any]) -> str | None:
    """That of the automatic captions of the default sound track: a machine heard it spoken."""
    captions = as_dict(as_dict(player.get("captions")).get("playerCaptionsTracklistRenderer"))
    tracks = [as_dict(track) for track in as_list(captions.get("captionTracks"))]
    sounds = [as_dict(sound) for sound in as_list(captions.get("audioTracks"))]
    default = _at(sounds, captions.get("defaultAudioTrackIndex")) or {}
    heard = [_at(tracks, index) for index in as_list(default.get("captionTrackIndices"))] or tracks
    for track in heard:
        if track and track.get("kind") == "asr":
            return one_line(track.get("languageCode"))
    shown = _at(tracks, default.get("defaultCaptionTrackIndex"))
    return one_line(shown.get("languageCode")) if shown else None


def _at(items: list[dict[str, Any]], index: object) -> dict[str, Any] | None:
    return items[index] if isinstance(index, int) and 0 <= index < len(items) else None


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
    pictures = [as_dict(p) for p in as_list(as_dict(details.get("thumbnail")).get("thumbnails"))]
    largest = max(pictures, key=lambda p: _whole(p.get("width")) or 0, default={})
    return one_line(largest.get("url"))


def _simple(value: object) -> str | None:
    """YouTube writes texts as `{"simpleText": …}` or as runs."""
    if isinstance(value, dict):
        runs = "".join(_text(as_dict(run).get("text")) for run in as_list(value.get("runs")))
        return _text(value.get("simpleText")) or runs or None
    return value if isinstance(value, str) else None


def one_line(value: object) -> str | None:
    """One printable line of a stranger's text."""
    return _text(" ".join(value.split()))[:1000] or None if isinstance(value, str) else None


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(kept for c in text if (kept := _kept(c)))[:_LONGEST_DESCRIPTION]


def _kept(character: str) -> str:
    # Scripts and emoji need the two joiners; any other blank than a line break is a space.
    if character.isprintable() or character in "\n\u200c\u200d":
        return character
    return " " if character.isspace() else ""


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def as_dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
