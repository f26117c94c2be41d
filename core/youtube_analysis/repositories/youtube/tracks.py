"""Which caption track is read: what was spoken, by people rather than machines, unless asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from youtube_transcript_api import Transcript

from youtube_analysis.captions.cleaning import clean
from youtube_analysis.models.transcript import CaptionTrack
from youtube_analysis.passages.words import base_language

from .page import as_dict, as_list


@dataclass(frozen=True, slots=True)
class Choice:
    """`lacking` says in words what was asked for and is not there."""

    transcript: Transcript
    track: CaptionTrack
    lacking: str | None = None


def choose_track(
    tracks: Sequence[Transcript], player: dict[str, Any], language: str | None
) -> Choice | None:
    """None where there is no track at all."""
    spoken = _spoken_language(player) or next((track.language_code for track in tracks), "")
    original = _best(tracks, spoken) or next(iter(tracks), None)
    if original is None:
        return None
    if not language:
        return _as_it_is(original)
    if wanted := _best(tracks, language):
        return _as_it_is(wanted)
    return _translated(original, language) or _as_it_is(
        original, f"captions in “{language}”: there are none, nor a translation"
    )


def _best(tracks: Iterable[Transcript], language: str) -> Transcript | None:
    """By people before by machine, the very region before another of the same language."""
    same = [t for t in tracks if base_language(t.language_code) == base_language(language)]
    return min(
        same,
        key=lambda track: (
            track.is_generated,
            track.language_code.casefold() != language.casefold(),
        ),
        default=None,
    )


def _as_it_is(transcript: Transcript, lacking: str | None = None) -> Choice:
    track = CaptionTrack(
        clean(transcript.language_code), clean(transcript.language), transcript.is_generated
    )
    return Choice(transcript, track, lacking)


def _translated(original: Transcript, language: str) -> Choice | None:
    offered = [offer.language_code for offer in original.translation_languages]
    exact = [code for code in offered if code.casefold() == language.casefold()]
    alike = [code for code in offered if base_language(code) == base_language(language)]
    if not (exact or alike):
        return None
    translated = original.translate((exact or alike)[0])
    track = CaptionTrack(
        clean(translated.language_code),
        clean(translated.language),
        original.is_generated,
        translated_from=clean(original.language_code),
    )
    return Choice(translated, track)


def _spoken_language(player: dict[str, Any]) -> str | None:
    """That of the automatic captions of the default sound track: a machine heard it spoken."""
    captions = as_dict(as_dict(player.get("captions")).get("playerCaptionsTracklistRenderer"))
    tracks = [as_dict(track) for track in as_list(captions.get("captionTracks"))]
    sounds = [as_dict(sound) for sound in as_list(captions.get("audioTracks"))]
    default = _at(sounds, captions.get("defaultAudioTrackIndex")) or {}
    heard = [_at(tracks, index) for index in as_list(default.get("captionTrackIndices"))] or tracks
    for track in heard:
        if track and track.get("kind") == "asr":
            return _text(track.get("languageCode"))
    shown = _at(tracks, default.get("defaultCaptionTrackIndex"))
    return _text(shown.get("languageCode")) if shown else None


def _at(items: list[dict[str, Any]], index: object) -> dict[str, Any] | None:
    return items[index] if isinstance(index, int) and 0 <= index < len(items) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
