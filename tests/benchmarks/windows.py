"""Talks of hours through small windows: what is found, what it costs, how long it takes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import func, select

from benchmarks.world import show
from fakes.model import LocalModel
from fakes.model_answers import tokens
from fakes.model_failures import Failure
from long_talks import insight, long_talk, question, take_notes
from youtube_analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    Answer,
    ServiceFactory,
    Settings,
)
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.repositories.tables import SCHEMA, talk_notes
from youtube_analysis.workflow import Finished

SIMULATES = (
    "A talk of {hours:g} hours, ten insights planted from its first to its last hundredth, and a "
    "model that takes notes by quoting them, behind a window of {window:,} tokens that {does}. "
    "Tokens as the server counts them, as multiples of the talk. The critical path is that of the "
    "server's own clock: its slowest part and the text written from the notes."
)
CASES = [
    (4_096, 3, False),
    (4_096, 3, True),
    (8_192, 3, False),
    (8_192, 3, True),
    (32_768, 3, False),
    (32_768, 3, True),
    (32_768, 12, False),
    (32_768, 12, True),
]
ONE = (AnalysisType.KEY_MOMENTS,)
_NOTES = "Task: take notes"


@dataclass
class Case:
    window: int
    refuses: bool
    reading: Transcript
    settings: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def open(self, **given: Any) -> AsyncIterator[tuple[LocalModel, ServiceFactory]]:
        server = LocalModel(take_notes, window=self.window, refuses_long=self.refuses, **given)
        async with server:
            told = Settings(openai_base_url=server.url, openai_model="local", openai_verify="off")
            made = replace(told, openai_context=self.window, **self.settings)
            async with ServiceFactory(made) as factory:
                yield server, factory

    async def analyzed(
        self, factory: ServiceFactory, types: tuple[AnalysisType, ...] = ONE
    ) -> AnalysisResult:
        request = AnalysisRequest("unread", types)
        workflow = factory.get_video_analysis_workflow()
        async with workflow.open(request, reading=self.reading) as events:
            *_, end = [event async for event in events]
        if not isinstance(end, Finished):
            raise TypeError("no result")
        return end.result

    @property
    def size(self) -> int:
        said = "\n".join(f"[{one.number}] {one.text}" for one in self.reading.passages)
        return len(said.encode()) // 4

    def fits(self, server: LocalModel) -> str:
        sizes = [tokens(json.loads(call.raw)) for call in server.calls]
        return f"{sum(size <= self.window for size in sizes)} of {len(sizes)}"


async def whole(case: Case) -> list[tuple[str, str, str]]:
    """Six types, then ten questions."""
    async with case.open() as (server, factory):
        result = await case.analyzed(factory, tuple(AnalysisType))
        asked = len(server.calls)
        right = 0
        for number in range(10):
            parts = factory.get_chat_service().ask(case.reading, question(number))
            *_, end = [part async for part in parts]
            right += isinstance(end, Answer) and insight(number).rstrip(".") in end.text
        spent = sum(tokens(json.loads(call.raw)) for call in server.calls[asked:]) / 10
        fits = case.fits(server)
    found = min(_found(output.text) for output in result.outputs)
    cited = [citation for output in result.outputs for citation in output.citations]
    last, length = len(case.reading.passages), case.reading.video.duration
    tenths = min(
        len({int(10 * one.start / length) for one in output.citations}) for output in result.outputs
    )
    least = 9 if case.window >= 32_768 else 7
    valid = sum(1 <= one.number <= last for one in cited)
    made = sum(output.engine == "local" for output in result.outputs)
    six = result.usage.total / case.size
    return [
        ("calls that fit the window", fits, "all"),
        ("types that the model wrote", f"{made} of 6", "6"),
        ("insights in the text that has fewest", f"{found} of 10", f"≥ {least}"),
        ("insights told when asked for", f"{right} of 10", f"≥ {least}"),
        ("tenths of the talk cited, least", f"{tenths}", "10"),
        ("citations of a passage that is there", f"{valid} of {len(cited)}", "all"),
        ("tokens of six types", f"{six:.2f} ×", "≤ 1.35 ×" if least == 9 else ""),
        ("tokens of a question", f"{spent / case.size:.3f} ×", ""),
    ]


async def alone(case: Case) -> list[tuple[str, str, str]]:
    """One type, at a server that takes its time."""
    async with case.open(first_token=3.0, rate=150.0) as (server, factory):
        spent = (await case.analyzed(factory)).usage.total / case.size
        first = min(call.arrived for call in server.calls)
        notes = [call for call in server.calls if _NOTES in call.last_message]
        *_, reduce = server.calls
        slowest = max(call.ended - call.arrived for call in notes)
        path = (reduce.ended - first) / (slowest + reduce.ended - reduce.arrived)
    return [
        ("parts", f"{len(notes)}", ""),
        ("tokens of one type", f"{spent:.2f} ×", "≤ 1.15 ×" if case.window >= 32_768 else ""),
        ("time beside the critical path", f"{path:.3f} ×", "≤ 1.05 ×"),
    ]


async def broken(case: Case) -> list[tuple[str, str, str]]:
    """A part that fails; and a process that ends after some parts."""
    async with case.open(always=Failure.FILTERED, only="passages 1 to ") as (_, factory):
        (output,) = (await case.analyzed(factory)).outputs
    with TemporaryDirectory() as folder:
        case.settings = {"database_url": f"sqlite:///{folder}/kept.db", "openai_concurrent": 1}
        hangs = asyncio.Event()
        async with case.open(hold=asyncio.Event()) as (server, factory):
            server.reply = _hanging(server, hangs, 3)
            await _remember(factory, case.reading)
            run = asyncio.create_task(case.analyzed(factory))
            await hangs.wait()
            await _until_kept(factory, 2)
            run.cancel()
        async with case.open() as (server, factory):
            await _remember(factory, case.reading)
            await case.analyzed(factory)
            again = sum(_NOTES in call.last_message for call in server.calls)
    case.settings = {}
    return [
        ("a part that fails", f"{output.engine}: {str(output.note).partition(',')[0]}", "named"),
        ("parts asked again after a kill behind two", f"{again}", "all but 2"),
    ]


def _hanging(server: LocalModel, hangs: asyncio.Event, call: int) -> Any:
    if server.hold:
        server.hold.set()

    def reply(body: dict[str, Any]) -> str:
        if len(server.calls) == call and server.hold:
            server.hold.clear()
            hangs.set()
        return take_notes(body)

    return reply


async def _until_kept(factory: ServiceFactory, parts: int) -> None:
    """What came before a kill was judged and written down."""
    count = select(func.count()).select_from(talk_notes)
    while True:
        kept = await factory.get_database().read(lambda connection: connection.scalar(count))
        if kept == parts:
            return
        await asyncio.sleep(0.05)


async def _remember(factory: ServiceFactory, reading: Transcript) -> None:
    await factory.get_database().open(SCHEMA)
    sessions = factory.get_session_repository()
    await sessions.add_video("here", reading.video, reading.fingerprint, "")


def _found(text: str) -> int:
    return sum(insight(number).rstrip(".") in text for number in range(10))


async def measured(window: int, hours: float, *, refuses: bool) -> None:
    case = Case(window, refuses, split_into_passages(long_talk(hours)))
    rows = [*await whole(case), *await alone(case), *await broken(case)]
    does = "is kept by refusing" if refuses else "cuts in silence"
    title = f"{hours:g} hours through {window:,} tokens"
    show(title, SIMULATES.format(hours=hours, window=window, does=does), rows)


def main() -> None:
    """With a number of hours only talks of that length."""
    for window, hours, refuses in CASES:
        if not sys.argv[1:] or str(hours) in sys.argv[1:]:
            asyncio.run(measured(window, hours, refuses=refuses))


if __name__ == "__main__":
    main()
