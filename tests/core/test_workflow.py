"""Services and workflow through their public doors, from a captions file to a finished result."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest

from fakes.model import LocalModel
from youtube_analysis import (
    AnalysisRequest,
    AnalysisStatus,
    AnalysisType,
    Answer,
    CaptionsFile,
    ServiceFactory,
    Settings,
    TaskOutput,
    VideoAnalysisError,
)
from youtube_analysis.concurrency import LONG
from youtube_analysis.errors import EmptyCaptionsFile, InvalidLink, NothingSpoken
from youtube_analysis.services.content import ContentFormat
from youtube_analysis.workflow import (
    Event,
    Finished,
    Progress,
    SectionDelta,
    SectionDone,
    Stage,
    VideoRead,
)

LINES = (
    "Welcome to the harbour.",
    "Always check the hook before the first lift of the day.",
    "The big crane in Gdansk was built in 1985 by two brothers.",
    "It lifts forty tonnes of grain in a single hour of work.",
    "Ferries to Sweden leave from the pier every second morning.",
    "Never stand under a load that hangs from the crane.",
    "In winter the ice breaker keeps the channel open for ships.",
    "Steel ropes on harbour cranes are replaced after two years.",
    "Tickets for the ferry are sold at the small office by the gate.",
)
LONG_LINES = [
    f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000 --> {n // 3600:02}:{n // 60 % 60:02}:"
    f"{n % 60:02}.900\nNever stand under load {n}, which hangs from the crane.\n".encode()
    for n in range(60, 4060)
]


def vtt(lines: tuple[str, ...] = LINES) -> bytes:
    cues = [
        f"00:00:{5 * n:02}.000 --> 00:00:{5 * n + 5:02}.000\n{line}\n"
        for n, line in enumerate(lines)
    ]
    return ("WEBVTT\nLanguage: en\n\n" + "\n".join(cues)).encode()


@pytest.fixture
async def factory() -> AsyncIterator[ServiceFactory]:
    async with ServiceFactory(Settings()) as made:
        yield made


def request(**changes: object) -> AnalysisRequest:
    link = CaptionsFile("Harbour [dQw4w9WgXcQ].en.vtt", vtt())
    return AnalysisRequest(link, **changes)  # type: ignore[arg-type]


async def events_of(factory: ServiceFactory, wanted: AnalysisRequest) -> list[Event]:
    async with factory.get_video_analysis_workflow().open(wanted) as events:
        return [event async for event in events]


async def test_events_tell_the_way_in_order(factory: ServiceFactory) -> None:
    events = await events_of(factory, request())
    kinds = [type(event) for event in events]
    assert kinds[0] is VideoRead
    assert kinds[-1] is Finished
    analyzing = [e for e in events if isinstance(e, Progress) and e.stage is Stage.ANALYZING]
    assert [(e.done, e.total) for e in analyzing] == [(n, 6) for n in range(7)]


async def test_deltas_add_up_to_the_finished_section(factory: ServiceFactory) -> None:
    events = await events_of(factory, request())
    for done in (event.output for event in events if isinstance(event, SectionDone)):
        deltas = [e.text for e in events if isinstance(e, SectionDelta) and e.type is done.type]
        assert "".join(deltas) == done.text


async def test_the_result_holds_what_was_asked_for_once_and_in_order(
    factory: ServiceFactory,
) -> None:
    types = (AnalysisType.KEY_MOMENTS, AnalysisType.SUMMARY, AnalysisType.KEY_MOMENTS)
    *_, finished = await events_of(factory, request(types=types))
    assert isinstance(finished, Finished)
    result = finished.result
    assert [output.type for output in result.outputs] == list(types[:2])
    assert result.status is AnalysisStatus.COMPLETED
    assert result.video.info.video_id == "dQw4w9WgXcQ"
    assert result.created_at.tzinfo is not None
    assert all(output.engine == "offline" for output in result.outputs)


async def test_the_second_time_comes_from_the_cache(factory: ServiceFactory) -> None:
    first, second, anew = [
        (await events_of(factory, wanted))[-1]
        for wanted in (request(), request(), request(use_cache=False))
    ]
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert isinstance(anew, Finished)
    assert second.result.status is AnalysisStatus.CACHED
    assert anew.result.status is AnalysisStatus.COMPLETED
    assert [o.text for o in second.result.outputs] == [o.text for o in first.result.outputs]


async def test_another_language_or_another_file_is_another_section(
    factory: ServiceFactory,
) -> None:
    await events_of(factory, request())
    (*_, german) = await events_of(factory, request(language="de"))
    assert isinstance(german, Finished)
    assert german.result.status is AnalysisStatus.COMPLETED
    other = AnalysisRequest(CaptionsFile("Harbour [dQw4w9WgXcQ].en.vtt", vtt(LINES[2:])))
    (*_, changed) = await events_of(factory, other)
    assert isinstance(changed, Finished)
    assert changed.result.status is AnalysisStatus.COMPLETED


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("https://example.org/watch?v=dQw4w9WgXcQ", InvalidLink),
        (CaptionsFile("talk.vtt", b"WEBVTT\n\n"), EmptyCaptionsFile),
        *(
            (
                CaptionsFile("a.vtt", f"WEBVTT\n\n0:01.0 --> 0:02.0\n{heard}\n".encode()),
                NothingSpoken,
            )
            for heard in (
                "[Music]",
                "♪ ♪",
                "（拍手）",
                ">> (gentle music)",
                "…",
                "[SPEAKER_00] [ノイズ]",
            )
        ),
    ],
)
async def test_what_cannot_be_read_is_a_typed_error(
    factory: ServiceFactory, link: str | CaptionsFile, error: type[VideoAnalysisError]
) -> None:
    with pytest.raises(error) as caught:
        await events_of(factory, AnalysisRequest(link))
    assert caught.value.message.endswith((".", "…)."))


async def test_leaving_early_ends_the_run(factory: ServiceFactory) -> None:
    async with factory.get_video_analysis_workflow().open(request()) as events:
        async for event in events:
            if isinstance(event, VideoRead):
                break
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "analysis"]


async def test_answers_stream_and_cite(factory: ServiceFactory) -> None:
    reading = await factory.get_video_analysis_workflow().read(request())
    parts = [p async for p in factory.get_chat_service().ask(reading, "who built the crane?")]
    *deltas, answer = parts
    assert isinstance(answer, Answer)
    assert "".join(str(delta) for delta in deltas) == answer.text
    assert answer.answered
    best = answer.citations[0]
    assert "two brothers" in best.quote
    assert best.url == f"https://youtu.be/dQw4w9WgXcQ?t={int(best.start)}"
    assert best.start <= 10 < best.end


async def result_of(factory: ServiceFactory) -> Finished:
    (*_, finished) = await events_of(factory, request())
    assert isinstance(finished, Finished)
    return finished


async def test_results_are_json_with_the_keys_of_the_library(factory: ServiceFactory) -> None:
    result = (await result_of(factory)).result
    results = json.loads(factory.get_content_service().render(result, ContentFormat.JSON))
    assert set(results) == set(
        """video_id youtube_url status task_outputs category context_tag total_token_usage
        token_usage analysis_time created_at timestamp cached chat_details error_message transcript
        transcript_segments video_info workflow_version performance_optimized engine
        claims""".split()
    )
    assert set(results["task_outputs"]) == {kind.task for kind in AnalysisType}
    assert results["engine"] == "offline"
    claim = results["claims"]["key_moments"][0]
    assert claim["support"] == "said"
    assert set(claim["citations"][0]) == {"video_id", "start", "end", "url", "quote"}
    assert results["youtube_url"] == "https://youtu.be/dQw4w9WgXcQ"
    assert results["error_message"] is None
    assert results["token_usage"] == {
        "total_tokens": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "cached_tokens": 0,
    }
    assert results["transcript_segments"][1] == {"text": LINES[1], "start": 5.0, "duration": 5.0}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses |= {value or "" for name, value in attrs if name in {"href", "src"}}


async def test_html_is_one_page_without_anything_from_elsewhere() -> None:
    hostile = (
        "The crane <script>alert(1)</script> lifts forty tonnes of grain in Gdansk.",
        "Always check [the hook](javascript:alert(2)) of the crane before the first lift.",
        "Never stand under ![a load](https://evil.example/x.png) of the crane in Gdansk.",
    )
    link = CaptionsFile("<b>Harbour *1* [dQw4w9WgXcQ].en.vtt", vtt(hostile))
    async with ServiceFactory(Settings()) as factory:
        (*_, finished) = await events_of(factory, AnalysisRequest(link))
        assert isinstance(finished, Finished)
        content = factory.get_content_service()
        html = content.render(finished.result, ContentFormat.HTML)
        text = content.render(finished.result, ContentFormat.TEXT)
    # Shown as the words that they are; tags are styling and brackets hold sounds in captions.
    assert text.startswith("Harbour *1*\n")
    assert "The crane alert(1) lifts" in text
    assert "(javascript:alert(2)) of the crane" in text
    page = _Page()
    page.feed(html)
    assert not page.tags & {"script", "img", "link", "iframe", "b"}
    assert all(address.startswith("https://youtu.be/dQw4w9WgXcQ") for address in page.addresses)


async def test_text_and_markdown_say_what_was_read(factory: ServiceFactory) -> None:
    result = (await result_of(factory)).result
    content = factory.get_content_service()
    markdown = content.render(result, ContentFormat.MARKDOWN)
    assert markdown.startswith("# Harbour\n")
    assert "Read 0:45 of 0:45" in markdown
    assert "Made offline" in markdown
    text = content.render(result, ContentFormat.TEXT)
    assert "](" not in text
    assert "**" not in text
    assert re.search(r"\[0:\d\d\]", text)


async def test_a_section_is_served_by_the_analysis_service_alone(factory: ServiceFactory) -> None:
    reading = await factory.get_video_analysis_workflow().read(request())
    parts = factory.get_analysis_service().analyze(reading, AnalysisType.ACTION_PLAN)
    *_, output = [part async for part in parts]
    assert isinstance(output, TaskOutput)
    assert "check the hook" in output.text


async def test_plain_prose_says_that_its_times_are_estimates(factory: ServiceFactory) -> None:
    link = CaptionsFile("notes.txt", " ".join(LINES).encode())
    (*_, finished) = await events_of(factory, AnalysisRequest(link))
    assert isinstance(finished, Finished)
    assert any("estimated" in str(what) for what in finished.result.video.missing)


async def test_nobodys_long_file_delays_a_question_about_another_talk(
    factory: ServiceFactory,
) -> None:
    workflow, may_go_on = factory.get_video_analysis_workflow(), threading.Event()
    under_way = LONG.submit(may_go_on.wait)  # somebody's long file is being computed
    file = CaptionsFile("long.vtt", vtt() + b"\n".join(LONG_LINES))
    reading_long = asyncio.create_task(workflow.read(AnalysisRequest(file)))
    try:
        async with asyncio.timeout(60):  # or it would wait for ever
            reading = await workflow.read(request())
            question = factory.get_chat_service().ask(reading, "who built the crane?")
            assert isinstance([part async for part in question][-1], Answer)
        assert not reading_long.done()
    finally:
        may_go_on.set()
    assert len((await reading_long).passages) > len(reading.passages)
    assert under_way.result()


@pytest.mark.parametrize(
    ("asked", "written"), [("de", "de"), ("gsw, de,en", "gsw"), (" , fr", "fr"), (",", None)]
)
async def test_a_model_writes_in_the_language_that_is_wanted_most(
    asked: str, written: str | None
) -> None:
    async with LocalModel() as model:
        settings = Settings(openai_base_url=model.url, semantic="off")
        async with ServiceFactory(settings) as factory:
            await events_of(factory, request(language=asked))
        told = {re.search(r"Write in this language: (.+)", c.last_message) for c in model.calls}
    assert {found and found[1] for found in told} == {written}


async def test_a_file_in_any_of_the_languages_that_are_wanted_lacks_none(
    factory: ServiceFactory,
) -> None:
    for asked, lacks in (("gsw,en", False), ("gsw,de", True)):
        (*_, finished) = await events_of(factory, request(language=asked))
        assert isinstance(finished, Finished)
        missing = [str(what) for what in finished.result.video.missing]
        assert any("No analysis in" in what for what in missing) is lacks
