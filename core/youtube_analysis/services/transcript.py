"""TranscriptService: from a link or a captions file to a video that was read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import PurePath

from youtube_analysis.captions import parse_captions
from youtube_analysis.captions.cleaning import clean
from youtube_analysis.concurrency import BLOCKING, lane_for, offload
from youtube_analysis.errors import NothingSpoken, VideoError
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import CaptionsFile
from youtube_analysis.models.notices import Missing, MissingCode
from youtube_analysis.models.video import (
    CaptionTrack,
    Source,
    VideoData,
    VideoInfo,
    measure_coverage,
)
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.repositories.cache import CacheRepository, Namespace
from youtube_analysis.repositories.youtube import OnStep, OnWait, YouTubeRepository

_NAME_SUFFIXES = re.compile(
    r"(?:\s*\[[A-Za-z0-9_-]{11}\])?(?:\.[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*|\.[\w-]*timing)*$"
)


class TranscriptService:
    def __init__(
        self, youtube: YouTubeRepository, cache: CacheRepository, metrics: Metrics | None = None
    ) -> None:
        self._youtube = youtube
        self._cache = cache
        self._metrics = metrics or Metrics()

    async def read_link(
        self,
        video_id: str,
        *,
        language: str | None = None,
        use_cache: bool = True,
        on_step: OnStep | None = None,
        on_wait: OnWait | None = None,
    ) -> tuple[Transcript, bool]:
        """The video, and whether it came from the cache. `use_cache=False` reads and keeps anew.

        Raises VideoError where the video cannot be read, YouTubeError where YouTube would not
        answer. A video that cannot be read is not asked for again for a short while. One without
        its title or times is not an error; it says what is missing.
        """
        key = (video_id, language or "")

        async def refresh() -> None:
            await self._divided(await self._youtube.read(video_id, language=language), key)

        if use_cache:
            kept = await self._cache.get(Namespace.VIDEO, key, str, refresh=refresh)
            if kept and (known := await self._kept(kept)):
                return known, True
            if failure := await self._cache.failure(key):
                raise failure
        try:
            with self._metrics.timed("read"):
                video = await self._youtube.read(
                    video_id, language=language, on_step=on_step, on_wait=on_wait
                )
            return await self._divided(video, key), False
        except VideoError as error:
            if not error.retryable:
                await self._cache.put_failure(key, error)
            raise

    async def read_file(self, file: CaptionsFile, *, use_cache: bool = True) -> Transcript:
        """Reads captions handed in, and keeps them. Raises CaptionsFileError or NothingSpoken.

        No key tells the name of the file, and what was in it stands under its fingerprint alone.
        """
        named = ("file", await offload(_name, file, lane=BLOCKING))
        kept = await self._cache.get(Namespace.VIDEO, named, str) if use_cache else None
        if kept and (known := await self._kept(kept)):
            return known
        video = await offload(_read_file, file, lane=lane_for(len(file.content)))
        return await self._divided(video, named)

    async def recall(
        self, fingerprint: str, stored: Callable[[], Awaitable[VideoData | None]]
    ) -> Transcript | None:
        """A video that was read before, from the cache, else divided as it was then; `stored`
        gives it where the cache has none. None where that has none either.

        It goes by the fingerprint that it was kept under, however one is made today.
        """
        if known := await self._kept(fingerprint):
            return known
        if (video := await stored()) is None:
            return None
        reading = replace(await self._read_passages(video), fingerprint=fingerprint)
        await self._keep(reading)
        return reading

    async def _kept(self, fingerprint: str) -> Transcript | None:
        return await self._cache.get(Namespace.VIDEO, ("kept", fingerprint), Transcript)

    async def _keep(self, reading: Transcript) -> None:
        await self._cache.put(Namespace.VIDEO, ("kept", reading.fingerprint), reading)

    async def _divided(self, video: VideoData, key: tuple[str, ...]) -> Transcript:
        """Keeps it once, under its fingerprint, to which the key of its source points."""
        reading = await self._read_passages(video)
        if not reading.passages:
            raise NothingSpoken
        await self._keep(reading)
        await self._cache.put(Namespace.VIDEO, key, reading.fingerprint)
        return reading

    async def _read_passages(self, video: VideoData) -> Transcript:
        length = sum(len(segment.text) for segment in video.segments)
        with self._metrics.timed("divide"):
            return await offload(split_into_passages, video, lane=lane_for(length))


def _name(file: CaptionsFile) -> str:
    # A name that is not UTF-8 comes with lone surrogates.
    digest = hashlib.sha256(f"{file.name}\0".encode("utf-8", "surrogatepass"))
    digest.update(file.content)
    return digest.hexdigest()


def _read_file(file: CaptionsFile) -> VideoData:
    parsed = parse_captions(file.name, file.content)
    video_id = parsed.video_id or f"file-{hashlib.sha256(file.content).hexdigest()[:12]}"
    coverage = measure_coverage(parsed.segments, None, timed=parsed.timed)
    missing = () if parsed.timed else (Missing(MissingCode.TIMES),)
    return VideoData(
        info=VideoInfo(video_id, _title(file.name), duration=coverage.total),
        segments=parsed.segments,
        track=CaptionTrack(parsed.language or "", f"captions file ({parsed.format})"),
        source=Source.FILE,
        coverage=coverage,
        missing=missing,
    )


def _title(name: str) -> str:
    """`my-talk.en.srt` -> `My talk`; a name with spaces is somebody's title already."""
    stem = _NAME_SUFFIXES.sub("", PurePath(name).stem) or PurePath(name).stem
    words = clean(stem if " " in stem else re.sub(r"[-_]+", " ", stem)) or "A captions file"
    return words[:1].upper() + words[1:]
