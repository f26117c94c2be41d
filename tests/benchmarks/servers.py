"""The servers of a benchmark as one program: YouTube, a model, and a door to their records."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import SENTENCES, video_link
from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video


def cues(sentences: int) -> tuple[tuple[str, float, float], ...]:
    return tuple(
        (
            f"Sentence {n} of this talk is about the crane of pier {n % 37} and its rope.",
            5.0 * n,
            5.0,
        )
        for n in range(sentences)
    )


CUES = cues(SENTENCES)


async def serve(
    *,
    youtube_latency: float,
    first_token: float,
    rate: float,
    videos: int,
    handshake: float,
    sentences: int,
) -> None:
    async with (
        LocalYouTube(latency=youtube_latency) as youtube,
        LocalModel(first_token=first_token, rate=rate) as model,
        AsyncExitStack() as stack,
    ):
        for number in range(videos):
            video_id = video_link(number).rpartition("/")[2]
            track = Track("en", cues(sentences))
            youtube.add(Video(video_id, title=f"Talk {number}", tracks=(track,)))
        told = await control(youtube, model)
        if handshake:
            told |= {
                name: await slow_door(told[name], handshake, stack) for name in ("youtube", "model")
            }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def slow_door(url: str, handshake: float, stack: AsyncExitStack) -> str:
    """The same server at another address, where every new connection first takes as long as
    TCP's and TLS's handshakes do over a distance."""
    host, port = url.removeprefix("http://").split("/")[0].split(":")

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(2**16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(handshake)
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))

    door = await asyncio.start_server(enter, "127.0.0.1", 0)
    stack.callback(door.close)
    return url.replace(f":{port}", f":{door.sockets[0].getsockname()[1]}")


async def control(youtube: LocalYouTube, model: LocalModel) -> dict[str, str]:
    async def asked(_: web.Request) -> web.Response:
        told = {"arrived": [a.at for a in youtube.asked], "ended": [a.ended for a in youtube.asked]}
        youtube.asked.clear()
        return web.json_response(told)

    async def called(_: web.Request) -> web.Response:
        told = {
            "arrived": [call.arrived for call in model.calls],
            "ended": [call.ended for call in model.calls],
            "begun": [call.first_token for call in model.calls],
        }
        model.calls.clear()
        return web.json_response(told)

    app = web.Application()
    app.router.add_get("/youtube/served", asked)
    app.router.add_get("/model/served", called)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return {"youtube": youtube.url, "model": model.url, "control": url}


if __name__ == "__main__":
    asyncio.run(serve(**json.loads(sys.argv[1])))
