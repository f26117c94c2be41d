"""A bot's requests of a second: never more than Discord allows, and people who wait come first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from vidthread.discord.budget import RequestBudget
from worlds import link, open_discord

Ask = Callable[[str, str], Coroutine[Any, Any, None]]


@asynccontextmanager
async def asked_within(budget: RequestBudget) -> AsyncIterator[tuple[Ask, list[str]]]:
    """What asks a server through the budget, and what arrived there."""
    arrived: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        arrived.append(f"{request.method} {request.path}")
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    async with TestServer(app) as server:
        trace = budget.trace(str(server.make_url("/api/v10")))
        async with aiohttp.ClientSession(trace_configs=[trace]) as session:

            async def ask(method: str, path: str) -> None:
                async with session.request(method, server.make_url(path)):
                    pass

            yield ask, arrived


async def test_no_span_sees_more_than_is_allowed_and_edits_give_way() -> None:
    now = 0.0
    async with asked_within(RequestBudget(2, 0.2, lambda: now)) as (ask, arrived):
        edits = [asyncio.create_task(ask("PATCH", f"/edit/{number}")) for number in range(3)]
        await asyncio.gather(*edits[:2])
        thread = asyncio.create_task(ask("POST", "/thread"))
        await asyncio.sleep(0.5)
        assert arrived == ["PATCH /edit/0", "PATCH /edit/1"]
        now = 1.0
        await asyncio.gather(thread, edits[2])
        assert arrived[2:] == ["POST /thread", "PATCH /edit/2"]


async def test_interactions_are_not_counted_and_who_goes_away_takes_no_turn() -> None:
    now = 0.0
    async with asked_within(RequestBudget(1, 0.2, lambda: now)) as (ask, arrived):
        await ask("POST", "/channels/1/messages")
        gone, stays = (asyncio.create_task(ask("GET", path)) for path in ("/gone", "/stays"))
        await ask("PATCH", "/webhooks/1/token/messages/@original")
        gone.cancel()
        now = 1.0
        await stays
        assert "GET /gone" not in arrived
        assert len(arrived) == 3


async def test_the_bot_asks_discord_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[bool] = []

    class Watched(RequestBudget):
        async def turn(self, *, gives_way: bool) -> None:
            turns.append(gives_way)
            await super().turn(gives_way=gives_way)

    monkeypatch.setattr("vidthread.discord.connection.RequestBudget", Watched)
    async with open_discord(tmp_path) as world:
        await world.idle(await world.open(link(1)), "## Key Moments")
    assert set(turns) == {True, False}
