"""What a language model writes, read however it is wrapped; and what is no answer."""

import json
from collections.abc import Callable

import pytest

from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.model_asked import QUESTION, READING, SUMMARY, asked
from fakes.model_failures import Failure
from youtube_analysis import AnalysisType
from youtube_analysis.errors import ModelBroke
from youtube_analysis.llm.port import Completion, Prompt, Restarted, TextDelta
from youtube_analysis.models.notices import NoticeCode


async def test_the_summary_is_json_shown_as_markdown_while_it_grows() -> None:
    async with asked(LocalModel(rate=400)) as home:
        *deltas, end = await home.parts(SUMMARY)
        (call,) = home.server.calls
    assert call.body["response_format"]["type"] == "json_schema"
    assert not [part for part in deltas if isinstance(part, Restarted)]
    text = "".join(part.text for part in deltas if isinstance(part, TextDelta))
    assert text.startswith("**Category:** Technology · **Type:** Tutorial\n\n### TL;DR\n\n")
    assert "\n\n### Details\n\n**" in text
    assert "\n\n### Key points\n\n- " in text
    assert isinstance(end, Completion)
    assert end.classification is not None
    assert len(deltas) > 5


async def test_only_the_summary_asks_for_json() -> None:
    async with asked() as home:
        for kind in AnalysisType:
            await home.parts(Prompt(READING, task=kind))
        await home.parts()
        forms = ["response_format" in call.body for call in home.server.calls]
    assert forms == [True, False, False, False, False, False, False]


async def test_an_answer_cut_at_its_length_is_kept_and_said() -> None:
    for prompt in (QUESTION, SUMMARY):
        async with asked(LocalModel(always=Failure.LENGTH)) as home:
            end = (await home.parts(prompt))[-1]
        assert isinstance(end, Completion)
        assert end.note
        assert end.note.code is NoticeCode.CUT_SHORT


async def test_half_a_summary_cut_at_its_length_is_kept_as_far_as_it_goes() -> None:
    half = LocalModel(reply=lambda body: compose(body)[:400], always=Failure.LENGTH)
    async with asked(half) as home:
        text = await home.text(SUMMARY)
    assert "### TL;DR\n\n“" in text


@pytest.mark.parametrize(
    "written",
    [
        lambda good: f"```json\n{good}\n```",
        lambda good: f"Here you are:\n{good}",
        lambda good: f"<think>Let me see {{ }}</think>\n\n{good}",
        lambda good: f"{good}\n\nHope {{it}} helps! }} {{",
        lambda good: f'Here is {{the}} object, {{ "as" you said }}:\n{good}',
        lambda good: f'In the form {{"answer": {{"tag": 1}}}}: {good} {{"more": 2}}',
        lambda good: f"[{good}]",
        lambda good: json.dumps(dict(reversed(list(json.loads(good).items())))),
        lambda good: json.dumps(json.loads(good) | {"category": "technology", "more": 1}, indent=1),
    ],
    ids=[
        "fence",
        "preface",
        "thoughts",
        "braces behind",
        "braces before",
        "objects around",
        "list",
        "order",
        "case",
    ],
)
async def test_a_summary_is_read_however_it_is_wrapped(written: Callable[[str], str]) -> None:
    async with asked(LocalModel(reply=lambda body: written(compose(body)))) as home:
        end = (await home.parts(SUMMARY))[-1]
        text = await home.text(SUMMARY)
    assert isinstance(end, Completion)
    assert end.classification is not None
    assert end.classification.category == "Technology"
    assert text.startswith("**Category:** Technology · **Type:**")
    assert text.index("### TL;DR") < text.index("### Details") < text.index("### Key points")


async def test_thoughts_are_not_part_of_an_answer() -> None:
    reply = "<think>The user wants … [3]</think>\n\nThe crane. [1]"
    async with asked(LocalModel(reply=lambda _: reply)) as home:
        assert await home.text() == "The crane. [1]"


async def test_a_made_up_category_becomes_none() -> None:
    wrong = {"category": "Gossip", "context_tag": 3, "tldr": "A talk. [1]", "details": "x",
             "key_points": [{"a": 1}, "One. [1]"]}  # fmt: skip
    async with asked(LocalModel(reply=lambda _: json.dumps(wrong))) as home:
        assert "**Category:** Uncategorized · **Type:** General" in await home.text(SUMMARY)


JSON = json.dumps({"answer": "The crane lifts grain. [1]", "sources": [1, 2]}, indent=1)


@pytest.mark.parametrize(
    "written",
    [
        JSON,
        JSON.replace("\n", ""),
        f"```json\n{JSON}\n```",
        f"~~~\n{JSON}\n~~~\n",
        f"``` json\n{JSON}",
        f"json\n{JSON}",
        f"\n\n [{JSON}, {JSON}]",
        '["The crane lifts grain.", "[1]"]',
        JSON.replace('"', "'"),
        "{}",
    ],
)
async def test_json_instead_of_text_is_refused_before_any_of_it_is_shown(written: str) -> None:
    async with asked(LocalModel(reply=lambda _: written)) as home:
        with pytest.raises(ModelBroke, match="JSON instead of text"):
            await home.parts()
    assert home.shown == []


async def test_json_cut_at_its_length_is_refused_as_well() -> None:
    half = LocalModel(reply=lambda _: "```json\n" + JSON[:40], always=Failure.LENGTH)
    async with asked(half) as home:
        with pytest.raises(ModelBroke, match="JSON instead of text"):
            await home.parts()


@pytest.mark.parametrize(
    ("written", "at_once"),
    [
        ("[1] says that the crane lifts grain.", True),
        ("[none] The video does not say.", True),
        ("{The crane} lifts grain. [1]", True),
        ("```\nmake install\n```\nThen it lifts. [1]", True),
        ("json is what the crane lifts. [1]", True),
        ("~ 40 tonnes. [1]", True),
        ('{"a": 1} is what the speaker types. [1]', False),
        ('```json\n{"a": 1}\n```\nThis is what the speaker types. [1]', False),
        ('["Lift"] is what the sign says. [1]', False),
    ],
)
async def test_what_only_begins_like_json_is_text(written: str, at_once: bool) -> None:
    async with asked(LocalModel(reply=lambda _: written, rate=50)) as home:
        *deltas, _ = await home.parts()
        assert home.written() == written
    assert (len(deltas) > 1) == at_once


async def test_characters_torn_in_two_are_whole_again_and_halves_replaced() -> None:
    torn = "A crane \ud83c\udfd7 in the har\ud83cbour. [1] \udfd7 \ud83c"
    whole = "A crane \U0001f3d7 in the har\ufffdbour. [1] \ufffd "
    for padding in ("", "1", "12", "123"):
        async with asked(LocalModel(reply=lambda _, at=padding: at + torn)) as home:  # type: ignore[misc]
            assert await home.text() == padding + whole
    summary = json.dumps({"tldr": torn, "details": [], "key_points": []})
    async with asked(LocalModel(reply=lambda _: summary)) as home:
        text = await home.text(SUMMARY)
    assert "A crane \U0001f3d7 in the har\ufffdbour. [1]" in text
    assert text.encode()
