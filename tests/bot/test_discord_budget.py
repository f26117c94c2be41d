"""A bot's requests of a second: never more than Discord allows, and people who wait come first."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from vidthread.discord.transport.budget import Budget


async def test_a_span_of_time_sees_no_more_than_is_allowed() -> None:
    clock = asyncio.get_running_loop().time
    budget, begun = Budget(3, 0.05), []
    for _ in range(10):
        await budget.turn()
        begun.append(clock())
    assert all(later - first >= 0.05 for first, later in zip(begun, begun[3:], strict=False))


async def test_who_waits_for_a_thread_goes_before_texts_that_grow() -> None:
    budget, order = Budget(1, 0.01), list[str]()

    async def take(name: str, *, gives_way: bool) -> None:
        await budget.turn(gives_way=gives_way)
        order.append(name)

    async with asyncio.TaskGroup() as all_of_them:
        for name in ("edit 1", "edit 2", "edit 3"):
            all_of_them.create_task(take(name, gives_way=True))
        for name in ("thread 1", "thread 2"):
            all_of_them.create_task(take(name, gives_way=False))
    assert order == ["edit 1", "thread 1", "thread 2", "edit 2", "edit 3"]


async def test_who_goes_away_takes_no_turn() -> None:
    budget = Budget(1, 0.02)
    await budget.turn()
    gone = asyncio.create_task(budget.turn())
    stays = asyncio.create_task(budget.turn(gives_way=True))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    async with asyncio.timeout(0.5):
        await stays


async def test_what_is_sent_waits_for_its_turn_and_interactions_do_not() -> None:
    budget, arrived = Budget(2, 0.5), list[str]()

    async def serve(request: web.Request) -> web.Response:
        arrived.append(f"{request.method} {request.path}")
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    async with TestServer(app) as server:
        trace = budget.trace(str(server.make_url("/api/v10")))
        async with aiohttp.ClientSession(trace_configs=[trace]) as session:

            async def ask(method: str, path: str) -> None:
                async with session.request(method, server.make_url(f"/api/v10{path}")):
                    pass

            edits = (ask("PATCH", f"/channels/1/messages/{number}") for number in range(3))
            answer = ask("PATCH", "/webhooks/1/token/messages/@original")
            await asyncio.gather(*edits, ask("POST", "/channels/1/messages/2/threads"), answer)
    first, last = arrived[:3], arrived[3:]
    assert any("/webhooks/" in path for path in first)
    assert last == [
        "POST /api/v10/channels/1/messages/2/threads",
        "PATCH /api/v10/channels/1/messages/2",
    ]
