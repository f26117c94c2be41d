"""Who asks for the same at the same time shares the work, and disturbs nobody by leaving."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Failure, Track, Video
from youtube_analysis import (
    AnalysisRequest,
    AnalysisStatus,
    AnalysisType,
    Queued,
    ServiceFactory,
    Settings,
)
from youtube_analysis.errors import Interrupted, Unexpected, YouTubeBusy
from youtube_analysis.shared_runs import SharedRuns
from youtube_analysis.workflow import Event, Finished, SectionDelta, SectionDone

CUES = tuple((f"Sentence number {n} is about crane {n}.", 5.0 * n, 5.0) for n in range(40))
LINK = "https://youtu.be/abcdefghij0"


@asynccontextmanager
async def house(
    model: LocalModel | None = None, **settings: object
) -> AsyncIterator[tuple[ServiceFactory, LocalYouTube, LocalModel]]:
    async with LocalYouTube() as youtube, model or LocalModel() as running:
        for n in range(10):
            youtube.add(Video(f"abcdefghij{n}", tracks=(Track("en", CUES),)))
        chosen = Settings(
            youtube_url=youtube.url,
            openai_base_url=running.url,
            openai_model="local",
            rate_per_minute=100_000,
            **settings,  # type: ignore[arg-type]
        )
        async with ServiceFactory(chosen) as factory:
            yield factory, youtube, running


async def events_of(factory: ServiceFactory, request: AnalysisRequest) -> list[Event]:
    async with factory.get_video_analysis_workflow().open(request) as events:
        return [event async for event in events]


def finished(events: list[Event]) -> Finished:
    end = events[-1]
    assert isinstance(end, Finished)
    return end


async def test_five_hundred_equal_requests_are_one_for_everybody_else() -> None:
    async with house(LocalModel(rate=2000)) as (factory, youtube, model):
        request = AnalysisRequest(LINK)
        every = await asyncio.gather(*(events_of(factory, request) for _ in range(500)))
        assert len(model.calls) == 6
        assert len(youtube.asked) == 3
    texts = {tuple(o.text for o in finished(events).result.outputs) for events in every}
    assert len(texts) == 1
    assert all(not finished(events).result.failures for events in every)


async def test_what_two_requests_have_in_common_is_made_once() -> None:
    both = (AnalysisType.SUMMARY, AnalysisType.ACTION_PLAN)
    async with house(LocalModel(rate=2000)) as (factory, _, model):
        first, second = await asyncio.gather(
            events_of(factory, AnalysisRequest(LINK, both)),
            events_of(factory, AnalysisRequest(LINK, both[:1])),
        )
        assert len(model.calls) == 2
    one, other = finished(first).result.outputs[0], finished(second).result.outputs[0]
    assert one == other


async def test_a_late_listener_hears_everything_from_the_beginning() -> None:
    model = LocalModel(hold=asyncio.Event())
    request = AnalysisRequest(LINK, (AnalysisType.ACTION_PLAN,))
    async with house(model) as (factory, _, _):
        early = asyncio.create_task(events_of(factory, request))
        while not model.calls or not model.calls[0].first_token:  # noqa: ASYNC110 - its own clock
            await asyncio.sleep(0.01)
        late = asyncio.create_task(events_of(factory, request))
        await asyncio.sleep(0.05)
        assert model.hold
        model.hold.set()
        heard = [await early, await late]
    first, second = (
        "".join(event.text for event in events if isinstance(event, SectionDelta))
        for events in heard
    )
    assert first == second != ""
    assert len(model.calls) == 1


async def test_text_is_seen_while_the_model_still_holds_back_its_last_token() -> None:
    model = LocalModel(hold=asyncio.Event())
    async with house(model) as (factory, _, _):
        opened = factory.get_video_analysis_workflow().open(AnalysisRequest(LINK))
        seen: dict[AnalysisType, str] = {}
        async with opened as events, asyncio.timeout(10):
            async for event in events:
                assert not isinstance(event, SectionDone)
                if isinstance(event, SectionDelta):
                    seen[event.type] = seen.get(event.type, "") + event.text
                if len(seen) == len(AnalysisType):
                    break
        assert not any(call.whole for call in model.calls)


async def test_who_leaves_disturbs_nobody_and_the_last_one_ends_the_run() -> None:
    model = LocalModel(hold=asyncio.Event())
    request = AnalysisRequest(LINK, (AnalysisType.ACTION_PLAN,))
    async with house(model) as (factory, _, _):
        staying, leaving = (asyncio.create_task(events_of(factory, request)) for _ in range(2))
        while not model.calls:  # noqa: ASYNC110 - the server's own clock
            await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.wait([leaving])
        await asyncio.sleep(0.05)
        assert not model.idle.is_set()
        staying.cancel()
        await asyncio.wait([staying])
        await asyncio.wait_for(model.idle.wait(), 5)
        assert not model.calls[0].whole
        assert factory.metrics.value("runs") == 0
        # Whoever asks now begins anew, whatever the ended run still had to do.
        assert model.hold
        model.hold.set()
        assert finished(await events_of(factory, request)).result.outputs


async def test_a_failure_reaches_each_listener_as_an_error_of_its_own() -> None:
    async with house() as (factory, youtube, _):
        youtube.videos["abcdefghij0"].failures = {Failure.TOO_MANY: "watch"}
        youtube.videos["abcdefghij0"].retry_after = "600"
        request = AnalysisRequest(LINK)
        ended = await asyncio.gather(
            *(events_of(factory, request) for _ in range(5)), return_exceptions=True
        )
        asked = len(youtube.asked)
    assert {type(error) for error in ended} == {YouTubeBusy}
    assert len({id(error) for error in ended}) == 5
    assert asked == 1


async def test_waiting_for_youtube_is_a_place_in_a_line() -> None:
    async with house(rate_concurrent=1) as (factory, youtube, _):
        youtube.latency = 0.02
        every = await asyncio.gather(
            *(
                events_of(factory, AnalysisRequest(f"https://youtu.be/abcdefghij{n}", ()))
                for n in range(4)
            )
        )
    places = sorted(
        [event.position for event in events if isinstance(event, Queued)] for events in every
    )
    assert places == [[], [1], [2, 1], [3, 2, 1]]


async def test_closing_tells_whoever_waits() -> None:
    model = LocalModel(hold=asyncio.Event())
    async with house(model) as (factory, _, _):
        waiting = asyncio.create_task(
            events_of(factory, AnalysisRequest(LINK, (AnalysisType.ACTION_PLAN,)))
        )
        while not model.calls:  # noqa: ASYNC110 - the server's own clock
            await asyncio.sleep(0.01)
        await factory.close()
        result = finished(await waiting).result
    assert result.status is AnalysisStatus.FAILED
    assert [failure.code for failure in result.failures] == [Interrupted.code]
    assert "interrupted" in result.failures[0].message


async def test_a_bug_in_a_run_is_in_the_log_and_an_error_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs: SharedRuns[int] = SharedRuns()

    async def broken(write: Callable[[int], None]) -> None:
        write(1)
        await asyncio.sleep(0)
        raise LookupError("a bug")

    entries = runs.follow("key", broken)
    assert await anext(entries) == 1
    with pytest.raises(Unexpected) as caught:
        await anext(entries)
    assert isinstance(caught.value.__cause__, LookupError)
    assert len(runs) == 0
    assert [record.message for record in caplog.records] == ["a shared run failed"]


async def waiting(write: Callable[[int], None]) -> None:
    write(1)
    await asyncio.Event().wait()


async def test_who_never_listens_starts_nothing() -> None:
    runs: SharedRuns[int] = SharedRuns()
    unheard = runs.follow("key", waiting)
    assert len(runs) == 0
    await unheard.aclose()
    assert len(runs) == 0


async def test_who_begins_to_listen_when_the_last_one_left_gets_a_run_of_their_own() -> None:
    runs: SharedRuns[int] = SharedRuns()
    first, second = runs.follow("key", waiting), runs.follow("key", waiting)
    assert await anext(first) == 1
    await first.aclose()
    assert await anext(second) == 1
    assert len(runs) == 1
    await second.aclose()


async def test_closing_waits_for_runs_that_nobody_listens_to_any_more() -> None:
    runs: SharedRuns[int] = SharedRuns()
    cleaning, ended = asyncio.Event(), asyncio.Event()

    async def slow_to_end(write: Callable[[int], None]) -> None:
        try:
            await waiting(write)
        finally:
            cleaning.set()
            for _ in range(10):
                await asyncio.sleep(0)
            ended.set()

    entries = runs.follow("key", slow_to_end)
    await anext(entries)
    await entries.aclose()
    await cleaning.wait()
    assert len(runs) == 0
    assert not ended.is_set()
    await runs.close()
    assert ended.is_set()


async def test_after_closing_nothing_is_begun() -> None:
    runs: SharedRuns[int] = SharedRuns()
    await runs.close()
    with pytest.raises(Interrupted):
        await anext(runs.follow("key", waiting))
    assert len(runs) == 0


async def test_a_bug_too_reaches_each_listener_as_an_error_of_its_own() -> None:
    runs: SharedRuns[int] = SharedRuns()

    async def broken(write: Callable[[int], None]) -> None:
        write(1)
        raise LookupError("a bug")

    async def listen() -> None:
        async for _ in runs.follow("key", broken):
            pass

    errors = await asyncio.gather(*(listen() for _ in range(3)), return_exceptions=True)
    assert {type(error) for error in errors} == {Unexpected}
    assert len({id(error) for error in errors}) == 3
