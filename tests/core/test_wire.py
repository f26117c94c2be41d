"""The client of a model's server, and the events that such a server sends."""

from __future__ import annotations

import asyncio

import pytest

from youtube_analysis.errors import ModelBroke
from youtube_analysis.llm.embedding import checked
from youtube_analysis.llm.openai_compatible.chunks import EventDecoder
from youtube_analysis.llm.openai_compatible.wire import Wire


async def test_a_client_that_is_opened_anew_stays_open() -> None:
    wire = Wire("http://127.0.0.1:9", "key")
    await wire.open()
    await wire.close()
    await wire.open()
    for _ in range(5):
        await asyncio.sleep(0)
    assert wire.is_open
    await wire.close()


async def test_a_client_outlives_no_close_though_one_was_cancelled() -> None:
    wire = Wire("http://127.0.0.1:9", "key")
    opening = asyncio.create_task(wire.open())
    await asyncio.sleep(0)
    closing = asyncio.create_task(wire.close())
    await asyncio.sleep(0)
    closing.cancel()
    client = await opening
    assert not client.is_closed()
    await wire.close()
    assert client.is_closed()


def test_an_event_has_an_end() -> None:
    decoder = EventDecoder()
    for _ in range(9):
        decoder.feed(b"data: " + b"x" * 100_000)
    with pytest.raises(ModelBroke):
        decoder.feed(b"x" * 200_000)


def test_vectors_have_a_length() -> None:
    with pytest.raises(ModelBroke):
        checked([[1e308, 1e308]], 1)
