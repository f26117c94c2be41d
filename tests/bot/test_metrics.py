"""The figures of a process: every counter is seen to move, and none tells of whom it counted."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from fakes.model_failures import Failure as ModelFailure
from fakes.youtube_bodies import Failure, Track, Video
from worlds import World, cues, link, open_world

Samples = dict[tuple[str, str], float]

DASHBOARD = Path(__file__).parents[2] / "deploy/grafana/vidthread.json"
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}
# What stands in a query besides: selectors, ranges, labels to sum by; a function's name is followed
# by a bracket.
NOT_METRICS = re.compile(r"\{.*?\}|\[.*?\]|by \(.*?\)")
METRIC_NAME = re.compile(r"\b[a-z]\w*\b(?!\s*\()")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[World, aiohttp.ClientSession]]:
    async with (
        open_world("playground", folder, cached=40) as world,
        aiohttp.ClientSession(world.house.server.url) as session,
    ):
        await rested(world)  # from the sample
        yield world, session


async def rested(world: World) -> None:
    async with asyncio.timeout(20):
        while world.house.assistant.turns_under_way:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def scraped(session: aiohttp.ClientSession) -> Samples:
    async with session.get("/metrics", headers={"Host": "10.1.2.3:9090"}) as answer:
        assert answer.status == 200
        text = await answer.text()
    return {
        (sample.name.removeprefix("vidthread_"), next(iter(sample.labels.values()), "")): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


async def test_what_happens_is_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as (world, session):
        await world.idle(await world.open(link(1)), "## Key Moments")
        before = await scraped(session)
        thread = await world.open(link(2))
        await world.idle(thread, "## Key Moments")
        for replies in (2, 3):
            await world.say(thread, "What is sentence 7 about?")
            await world.idle(thread, replies=replies)
        after = await scraped(session)

    def moved(name: str, label: str = "") -> float:
        return after[name, label] - before.get((name, label), 0.0)

    assert moved("requests_total") == moved("answer_seconds_count") == 3
    assert moved("limiter_wait_seconds_count") == 3
    assert moved("connections_created_total") + moved("connections_reused_total") == 3
    assert moved("model_requests_total") == 4
    assert moved("model_tokens_total", "prompt") > moved("model_tokens_total", "completion") > 0
    assert moved("model_tokens_total", "cached") == 4 * 40
    assert moved("cache_misses_total") >= 3
    assert moved("cache_hits_total") >= 1
    assert moved("cache_bytes") > 0
    assert moved("upstream_wait_seconds_count", "youtube") == 1
    assert moved("upstream_wait_seconds_count", "model") == 4
    assert moved("stage_seconds_count", "read") == 1
    assert moved("stage_seconds_count", "divide") == 1
    assert moved("stage_seconds_count", "section") == 2
    assert moved("stage_seconds_count", "answer") == moved("stage_seconds_count", "answer begins")
    assert moved("stage_seconds_count", "check") == 4
    assert moved("loop_lag_seconds_count") >= 0
    assert after["tasks", "loop lag"] == after["tasks", "cache sweep"] == 1
    assert after["cache_limit_bytes", ""] == 500 * 2**20
    assert after["process_resident_memory_bytes", ""] > 0


async def test_no_figure_tells_of_whom(tmp_path: Path) -> None:
    async with opened(tmp_path) as (world, session):
        thread = await world.open(link(3))
        await world.idle(thread, "## Key Moments")
        async with session.get("/metrics") as answer:
            text = await answer.text()
    assert thread not in text
    assert "video000003" not in text
    assert "playground" not in text


async def test_each_query_of_the_dashboard_names_metrics_that_exist(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, session), session.get("/metrics") as answer:
        there = {
            family.name + suffix
            for family in text_string_to_metric_families(await answer.text())
            for suffix in SUFFIXES[family.type]
        }
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    assert len(queries) > 30
    for query in queries:
        named = set(METRIC_NAME.findall(NOT_METRICS.sub("", query)))
        assert named, query
        assert named <= there, query


async def test_every_line_of_the_log_tells_whom_it_is_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Video(
        "flaky000001",
        tracks=(Track("en", cues(1)),),
        failures={Failure.SERVER_ERROR: "player"},
        times={Failure.SERVER_ERROR: 1},
    )
    async with opened(tmp_path) as (world, _):
        world.youtube.add(failing)
        world.model.failures = [ModelFailure.BUSY]
        with caplog.at_level(logging.INFO):
            thread = await world.open("https://youtu.be/flaky000001")
            await world.idle(thread, "## Key Moments")
    fields = {
        record.message: vars(record).get("structured_fields", {}) for record in caplog.records
    }
    about = {"tenant": "playground:local", "thread": thread, "video": "flaky000001"}
    for line in ("youtube retry", "model failed", "analysis finished"):
        assert fields[line].items() >= about.items(), line
        assert fields[line]["request"]
