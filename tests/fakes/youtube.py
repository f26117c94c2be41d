"""A local YouTube: a real HTTP server that answers as youtube.com does, and fails as it does.

Run as a script it serves one captions file as the video `localtalk01` and prints where:
`python tests/fakes/youtube.py --captions talk.srt` -> `{"url": …, "video_id": …}`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aiohttp import web

from fakes import youtube_bodies as bodies
from fakes.youtube_bodies import Failure, Track, Video

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Asked:
    """One request as it arrived; `at` is this server's own clock, in seconds."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]


@dataclass
class LocalYouTube:
    """`videos` by id; a video's `failures` says how its requests fail, `latency` how long they
    take. `asked` is every request, `most_at_once` how many were under way together."""

    videos: dict[str, Video] = field(default_factory=dict)
    latency: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    url: str = ""
    _under_way: int = 0
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._record], client_max_size=2**20)
        app.router.add_get("/watch", self._watch)
        app.router.add_post("/youtubei/v1/player", self._player)
        app.router.add_get("/api/timedtext", self._captions)
        app.router.add_get("/oembed", self._oembed)
        app.router.add_get("/robots.txt", self._robots)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    def add(self, video: Video) -> Video:
        self.videos[video.video_id] = video
        return video

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(
            Asked(
                time.monotonic(),
                request.method,
                request.path,
                dict(request.query),
                dict(request.headers),
                dict(request.cookies),
            )
        )
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            await asyncio.sleep(self.latency)
            return await handler(request)
        finally:
            self._under_way -= 1

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        video = self._video(request.query.get("v", ""))
        if answer := await self._failing(request, video, "watch"):
            return answer
        if video.fails(Failure.CONSENT) and not request.cookies.get("CONSENT", "").startswith(
            "YES+"
        ):
            return _html(bodies.consent_page(valid=True))
        if video.fails(Failure.CONSENT_INVALID):
            return _html(bodies.consent_page(valid=False))
        if video.fails(Failure.CONSENT_FOR_EVER):
            return _html(bodies.consent_page(valid=True))
        if video.fails(Failure.RECAPTCHA):
            return _html(bodies.recaptcha_page())
        if video.fails(Failure.NO_KEY):
            return _html("<html><body>Something new</body></html>")
        return _html(video.page if video.page is not None else bodies.watch_page(video))

    async def _player(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        video = self._video(str(asked.get("videoId", "")))
        if answer := await self._failing(request, video, "player"):
            return answer
        if video.fails(Failure.ODD_JSON):
            return web.json_response(["something", "else"])
        if video.fails(Failure.TORN_JSON):
            return web.Response(text='{"playabilityStatus": {"sta', content_type="application/json")
        if video.player is not None:
            return web.Response(text=video.player, content_type="application/json")
        return web.json_response(bodies.player_answer(video))

    async def _captions(self, request: web.Request) -> web.StreamResponse:
        video = self._video(request.query.get("v", ""))
        if answer := await self._failing(request, video, "timedtext"):
            return answer
        if video.fails(Failure.EMPTY_CAPTIONS):
            return web.Response(body=b"")
        if video.fails(Failure.HTML_CAPTIONS):
            return _html("<html><body><p>Sorry<br>about that</body></html>")
        if video.fails(Failure.SRV3_CAPTIONS):
            return _xml(bodies.srv3(video.tracks[0]))
        if video.fails(Failure.NO_CUES):
            return _xml('<?xml version="1.0" encoding="utf-8" ?><transcript></transcript>')
        track = video.track(request.query.get("lang", ""), request.query.get("kind", ""))
        if track is None:
            return web.Response(status=404)
        return _xml(bodies.srv1(track, request.query.get("tlang")))

    async def _oembed(self, request: web.Request) -> web.StreamResponse:
        video = self._video(request.query.get("url", "").rpartition("v=")[2])
        if answer := await self._failing(request, video, "oembed"):
            return answer
        return web.json_response(bodies.oembed(video))

    async def _robots(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="User-agent: *\nDisallow: /watch\n")

    def _video(self, video_id: str) -> Video:
        return self.videos.get(video_id) or Video(video_id, failures={Failure.UNAVAILABLE: None})

    async def _failing(
        self, request: web.Request, video: Video, where: str
    ) -> web.StreamResponse | None:
        """What goes wrong before any answer; `where` it does is the value of the failure."""
        if video.fails(Failure.TOO_MANY, where):
            wait = {"Retry-After": video.retry_after} if video.retry_after else {}
            return web.Response(status=429, headers=wait, text="<html>slow down</html>")
        if video.fails(Failure.SERVER_ERROR, where):
            return web.Response(status=503, text="<html>backend error</html>")
        if video.fails(Failure.FORBIDDEN, where):
            return web.Response(status=403, text="<html>no</html>")
        if video.fails(Failure.ELSEWHERE, where):
            return web.Response(status=302, headers={"Location": "http://192.0.2.1/elsewhere"})
        if video.fails(Failure.REDIRECTED, where):
            return web.Response(status=302, headers={"Location": str(request.rel_url)})
        if video.fails(Failure.CUT, where):
            return await _cut(request)
        if video.fails(Failure.STALL, where):
            await asyncio.sleep(3600)
        if video.fails(Failure.OVERSIZE, where):
            return web.Response(body=b"<!-- " + b"x" * (40 * 2**20), content_type="text/html")
        return None


async def _cut(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends, then hangs up."""
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    await response.prepare(request)
    await response.write(b"<html>")
    assert request.transport is not None
    request.transport.abort()
    return response


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _xml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")


async def _serve(captions: Path, video_id: str, title: str) -> None:
    from youtube_analysis.captions import parse_captions

    parsed = parse_captions(captions.name, captions.read_bytes())
    track = Track(
        parsed.language or "en", tuple((s.text, s.start, s.duration) for s in parsed.segments)
    )
    async with LocalYouTube() as youtube:
        youtube.add(Video(video_id, title=title, tracks=(track,)))
        sys.stdout.write(json.dumps({"url": youtube.url, "video_id": video_id}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "core")]
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--captions", type=Path, required=True)
    options.add_argument("--video-id", default="localtalk01")
    options.add_argument("--title", default="A local talk")
    chosen = options.parse_args()
    asyncio.run(_serve(chosen.captions, chosen.video_id, chosen.title))
