"""What the core says, in the language of whoever is served. The core words it in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.notices import Missing, Notice
from youtube_analysis.models.video import CaptionTrack, Source, VideoData, clock

from .catalogs import language_name, say, say_count

_MOST_GAPS = 5
# As the core keeps them.
_MINUTES, _FILE = "minutes ", "captions file ("


class Failure(Protocol):
    """An error, or one that was kept."""

    @property
    def key(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str] | None: ...


def say_error(error: Failure) -> str:
    """One that was kept as text, or has a message of its own, stands as it is."""
    if error.values is None:
        return error.message
    return say(f"error.{error.key}", **error.values)


def say_type(kind: AnalysisType) -> str:
    return say(f"type.{kind.task}")


def say_notice(notice: Notice) -> str:
    values = _worded(notice.params)
    if notice.cause:
        values["reason"] = say_error(notice.cause)
    return say(f"notice.{notice.code}", **values)


def say_missing(missing: Missing | str) -> str:
    if isinstance(missing, str):  # kept by a version before
        return say("missing.kept", what=missing)
    return say(f"missing.{missing.code}", **_worded(missing.params))


def say_coverage(video: VideoData) -> str:
    """`Full video read (1:20:07) · English captions`, or what was read and where nothing was."""
    coverage, captions = video.coverage, _captions(video)
    length, read = clock(coverage.total), clock(coverage.read)
    gaps = ", ".join(f"{clock(gap.start)}–{clock(gap.end)}" for gap in coverage.gaps[:_MOST_GAPS])
    if not gaps:
        return say("coverage.full", length=length, captions=captions)
    if more := len(coverage.gaps[_MOST_GAPS:]):
        gaps = say_count("coverage.gaps", more, gaps=gaps)
    return say("coverage.part", read=read, length=length, captions=captions, gaps=gaps)


def _captions(video: VideoData) -> str:
    track = video.track
    if video.source is Source.FILE:
        return say("captions.file", form=track.name.removeprefix(_FILE).removesuffix(")"))
    if source := track.translated_from:
        names = _language(track), language_name(source)
        return say("captions.translated", language=names[0], source=names[1])
    kind = "captions.generated" if track.generated else "captions.written"
    return say(kind, language=_language(track))


def _language(track: CaptionTrack) -> str:
    return language_name(track.language) if track.language else track.name or say("captions.any")


def _worded(params: Mapping[str, str]) -> dict[str, str]:
    values = {name: value.removeprefix(_MINUTES) for name, value in params.items()}
    if codes := values.get("language"):
        values["language"] = ", ".join(map(language_name, codes.split(",")))
    return values
