"""The playground as one of the adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from vidthread.adapter import House, Mounted
from vidthread.commands import Analyze
from vidthread.sample import SAMPLE, sample_talk
from vidthread.surface import Attachment, Incoming

from .routes import Routes
from .transport import PERSON, Feed, Playground, thread_key


@dataclass(frozen=True, slots=True)
class MountedPlayground(Mounted):
    """`feed` is what whoever watches is told."""

    feed: Feed


@asynccontextmanager
async def open_playground(house: House) -> AsyncIterator[MountedPlayground]:
    """With a talk of our own in a thread from the first start on."""
    playground = Playground(house.store.posts)
    routes = Routes(house.factory, house.assistant, playground)
    house.server.mount(routes.all())

    async def connect() -> None:
        house.links["playground"] = house.server.url
        await house.assistant.resume(playground)
        if opening := await house.assistant.hear(_sample(), playground):
            await opening

    try:
        yield MountedPlayground(playground.platform, connect, playground.feed)
    finally:
        await routes.close()


def _sample() -> Incoming:
    """Heard once in the life of a database: whoever forgets the sample is not given it again."""
    talk = sample_talk()
    attachment = Attachment(talk.name, talk.content)
    return Incoming(
        SAMPLE, thread_key(""), author=PERSON, command=Analyze(), attachments=(attachment,)
    )
