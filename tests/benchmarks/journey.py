"""Which files of the house one Discord command and one question enter, and how many generators a
piece of a model's text passes on its way."""

from __future__ import annotations

import asyncio
import inspect
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Self

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import ROOT, show
from discord_world import DiscordWorld
from places import link
from worlds import open_discord

SIMULATES = (
    "A whole bot against a local Discord, YouTube and model; everything was used once before. A "
    "file is entered if one of its functions runs between the event and the last edit. Generators: "
    "asynchronous ones of the house that are resumed at least once for every other piece of an "
    "answer."
)
_ROOMS = {"core": f"{ROOT / 'core'}/", "bot": f"{ROOT / 'bot'}/"}
_PIECES = 60


@dataclass
class Journey:
    """`entered`: calls by code object, of the house alone."""

    entered: Counter[CodeType] = field(default_factory=Counter)

    def files(self, room: str) -> list[str]:
        names = {code.co_filename for code in self.entered}
        return sorted(n.removeprefix(_ROOMS[room]) for n in names if n.startswith(_ROOMS[room]))

    def generators(self) -> list[str]:
        return sorted(
            f"{Path(code.co_filename).stem}.{code.co_qualname}"
            for code, times in self.entered.items()
            if code.co_flags & inspect.CO_ASYNC_GENERATOR and times >= _PIECES / 2
        )


class Watch:
    """Notes the functions of the house that run, in every thread that begins after it."""

    def __init__(self) -> None:
        self._roots = tuple(_ROOMS.values())
        self.journey = Journey()

    def __enter__(self) -> Self:
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(self._roots):
            self.journey.entered[frame.f_code] += 1

    async def during(self, step: Awaitable[object]) -> Journey:
        self.journey = journey = Journey()
        await step
        self.journey = Journey()  # what comes later is no part of it
        return journey


async def journeys(world: DiscordWorld, watch: Watch) -> tuple[Journey, Journey]:
    """Of a command for a video that nobody has opened yet, and of a question about it."""
    thread = ""

    async def analyze(number: int) -> None:
        nonlocal thread
        thread = await world.open(link(number))
        await world.idle(thread, "crane", replies=2)

    async def ask() -> None:
        await world.say(thread, "What is said about crane 7?")
        await world.idle(thread, replies=3)

    await analyze(0)
    await ask()
    return await watch.during(analyze(1)), await watch.during(ask())


async def measured() -> tuple[Journey, Journey]:
    with tempfile.TemporaryDirectory() as folder, Watch() as watch:
        async with open_discord(Path(folder), rate=200.0) as world:
            return await journeys(world, watch)


def main() -> None:
    analysis, question = asyncio.run(measured())
    rows = [
        ("/analyze, files of bot", str(len(analysis.files("bot"))), "≤ 26"),
        ("/analyze, files of core", str(len(analysis.files("core"))), "≤ 34"),
        ("a question, files of bot", str(len(question.files("bot"))), "≤ 24"),
        ("a question, files of core", str(len(question.files("core"))), "≤ 28"),
        ("generators that a piece passes", str(len(question.generators())), "≤ 5"),
    ]
    show("Journeys through the house", SIMULATES, rows)
    if "--files" in sys.argv:
        for name, journey in (("/analyze", analysis), ("question", question)):
            _list(name, journey.files("bot") + journey.files("core"))
        _list("generators", question.generators())


def _list(title: str, names: Sequence[str]) -> None:
    sys.stdout.write("\n  ".join((title, *names)) + "\n")


if __name__ == "__main__":
    main()
