"""A local YouTube: a real HTTP server that answers as youtube.com does, and fails as it does.

As a program it serves one captions file as the video `localtalk01` and prints where:
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

if not __package__:  # run as a program: only this file's own folder is searched then
    sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes import youtube_bodies as bodies
from fakes.youtube_bodies import Failure, Track, Video
from youtube_analysis.captions import ParsedCaptions, parse_captions

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Asked:
    """One request as it arrived; `at` and `ended` are this server's own clock, in seconds."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    ended: float = 0.0


@dataclass
class LocalYouTube:
    """`videos` by id, each with its failures and its latency; `latency` is that of all requests.
    `asked` is every request, `most_at_once` how many were under way together. `port` 0: any."""

    videos: dict[str, Video] = field(default_factory=dict)
    latency: float = 0.0
    port: int = 0
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
        app.router.add_get("/robots.txt", self._robots)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
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
        asked = Asked(
            time.monotonic(),
            request.method,
            request.path,
            dict(request.query),
            dict(request.headers),
            dict(request.cookies),
        )
        self.asked.append(asked)
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            await asyncio.sleep(self.latency)
            return await handler(request)
        finally:
            self._under_way -= 1
            asked.ended = time.monotonic()

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        video = self._video(request.query.get("v", ""))
        if answer := await self._failing(request, video, "watch"):
            return answer
        consented = request.cookies.get("CONSENT", "").startswith("YES+")
        if video.fails(Failure.CONSENT_INVALID):
            return _html(bodies.consent_page(valid=False))
        if video.fails(Failure.CONSENT_FOR_EVER) or (
            video.fails(Failure.CONSENT) and not consented
        ):
            return _html(video.consent or bodies.consent_page(valid=True))
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
        text = json.dumps(bodies.player_answer(video)) if video.player is None else video.player
        if video.fails(Failure.ODD_JSON):
            text = '["something", "else"]'
        if video.fails(Failure.TORN_JSON):
            text = '{"playabilityStatus": {"sta'
        return web.Response(text=text, content_type="application/json")

    async def _captions(self, request: web.Request) -> web.StreamResponse:
        video = self._video(request.query.get("v", ""))
        if answer := await self._failing(request, video, "timedtext"):
            return answer
        if video.captions is not None:
            return _xml(video.captions)
        if video.fails(Failure.SRV3_CAPTIONS):
            return _xml(bodies.srv3(video.tracks[0]))
        for failure, text in bodies.BAD_CAPTIONS.items():
            if video.fails(failure):
                return _xml(text)
        if "tlang" in request.query and video.fails(Failure.NOT_TRANSLATED):
            return web.Response(status=429, text="<html>no</html>", content_type="text/html")
        asked = [request.query.get(key, "") for key in ("lang", "kind", "name")]
        track = video.track(*asked)
        if track is None:
            return web.Response(status=404)
        return _xml(bodies.srv1(track, request.query.get("tlang")))

    async def _robots(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="User-agent: *\nDisallow: /watch\n")

    def _video(self, video_id: str) -> Video:
        return self.videos.get(video_id) or Video(video_id, failures={Failure.UNAVAILABLE: None})

    async def _failing(
        self, request: web.Request, video: Video, where: str
    ) -> web.StreamResponse | None:
        """What goes wrong before any answer; `where` it does is the value of the failure."""
        await asyncio.sleep(video.latency)
        wait = {"Retry-After": video.retry_after} if video.retry_after else {}
        plain: dict[Failure, tuple[int, dict[str, str]]] = {
            Failure.TOO_MANY: (429, wait),
            Failure.SERVER_ERROR: (503, {}),
            Failure.FORBIDDEN: (403, {}),
            Failure.ELSEWHERE: (302, {"Location": "http://192.0.2.1/elsewhere"}),
            Failure.CAPTCHA: (302, {"Location": "https://www.google.com/sorry/index?q=x"}),
            Failure.REDIRECTED: (302, {"Location": str(request.rel_url)}),
        }
        for failure, (status, headers) in plain.items():
            if video.fails(failure, where):
                return web.Response(status=status, headers=headers, text="<html>no</html>")
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


async def _serve(parsed: ParsedCaptions, video_id: str, title: str, port: int) -> None:
    cues = tuple((segment.text, segment.start, segment.duration) for segment in parsed.segments)
    track = Track(parsed.language or "en", cues)
    async with LocalYouTube(port=port) as youtube:
        youtube.add(Video(video_id, title=title, tracks=(track,)))
        sys.stdout.write(json.dumps({"url": youtube.url, "video_id": video_id}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--captions", type=Path, required=True)
    options.add_argument("--video-id", default="localtalk01")
    options.add_argument("--title", default="A local talk")
    options.add_argument("--port", type=int, default=0)
    chosen = options.parse_args()
    parsed = parse_captions(chosen.captions.name, chosen.captions.read_bytes())
    asyncio.run(_serve(parsed, chosen.video_id, chosen.title, chosen.port))
