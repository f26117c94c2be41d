"""Whatever a server streams, by chance or malice: a whole answer, or a ModelError."""

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web

from fakes.model_answers import compose
from fakes.model_asked import QUESTION, SUMMARY, asked
from fakes.model_events import chunk
from youtube_analysis.errors import ModelBroke, ModelError
from youtube_analysis.llm.openai_compatible.wire import Wire
from youtube_analysis.llm.port import Completion

STREAMS = 100
# What JSON may hold where something else was meant.
ODD: list[Any] = [
    None, True, -1, 3.5, 10**30, float("inf"), "", "x", "stop", "\ud83d", "{", "[DONE]", [], {},
    [None], [["x"]], {"content": "x"}, [{"type": "text", "text": "x"}], [{"type": "image"}],
    "9" * 5_000, "a" * 70_000,
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Whatever can be replaced within a value, as what holds it and where."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def mutated(event: dict[str, Any], chance: random.Random) -> Any:
    holder, key = chance.choice(list(places([event])))
    match chance.randrange(4):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1:
            holder[key] = [holder[key]]
        case _:
            holder[key] = chance.choice(ODD)
    return event


def stream(text: str, chance: random.Random) -> bytes:
    """An answer as a server would send it, but for one thing or two."""
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached": 1}}
    pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
    events: list[Any] = [chunk("", role="assistant"), *map(chunk, pieces)]
    events += [chunk("", reason=chance.choice(["stop", "length"])), chunk(None, usage=usage)]
    for _ in range(chance.randrange(3)):
        place = chance.randrange(len(events))
        if isinstance(events[place], dict):
            events[place] = mutated(events[place], chance)
    end = chance.choice([b"\n\n", b"\r\n\r\n", b"\r\r", b"\n: ping\n\n"])
    sent = [b"data: " + json.dumps(event).encode() + end for event in (*events, "[DONE]")]
    whole = bytearray(b"".join(sent).replace(b'"[DONE]"', b"[DONE]"))
    for _ in range(chance.choice([0, 0, 0, 1, 9])):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole)


@asynccontextmanager
async def stranger(chance: random.Random) -> AsyncIterator[str]:
    async def completions(request: web.Request) -> web.Response:
        text = compose(await request.json())
        return web.Response(body=stream(text, chance), content_type="text/event-stream")

    async with serving(completions) as url:
        yield url


@asynccontextmanager
async def serving(
    completions: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", completions)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("seed", range(2))
async def test_a_mutated_stream_is_an_answer_or_a_model_error(seed: int) -> None:
    chance = random.Random(seed)
    whole = 0
    async with stranger(chance) as url, asked(openai_base_url=url) as home:
        for _ in range(STREAMS):
            try:
                *_, end = await home.parts(chance.choice([QUESTION, SUMMARY]))
            except ModelError:
                continue
            assert isinstance(end, Completion)
            assert 0 <= end.usage.cached <= end.usage.prompt < 10**10
            assert home.written().encode().strip()
            whole += 1
    assert STREAMS / 4 < whole < STREAMS


async def test_a_cookie_is_not_kept_however_it_is_written() -> None:
    told: list[str | None] = []

    async def completions(request: web.Request) -> web.Response:
        told.append(request.headers.get("Cookie"))
        text = compose(await request.json())
        sent = [chunk(text), chunk("", reason="stop")]
        events = [f"data: {json.dumps(event)}\n\n".encode() for event in sent]
        cookie = {"Set-Cookie": "session=k\u00e9k\u0161; Path=/"}
        body = b"".join([*events, b"data: [DONE]\n\n"])
        return web.Response(body=body, content_type="text/event-stream", headers=cookie)

    async with serving(completions) as url, asked(openai_base_url=url) as home:
        for _ in range(2):
            *_, end = await home.parts(QUESTION)
            assert isinstance(end, Completion)
    assert told == [None, None]


async def test_an_answer_in_one_piece_has_an_end() -> None:
    sent = 0

    async def completions(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while sent < 1_000:
                await answer.write(b" " * 100_000)
                sent += 1
        return answer

    async with serving(completions) as url:
        wire = Wire(url, None)
        with pytest.raises(ModelBroke, match="never ended"):
            await wire.request("/chat/completions", 30.0, dict, {})
        await wire.close()
    assert sent < 500
