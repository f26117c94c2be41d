"""A model that lies is seen to, and one that tells the truth is believed: kind by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

from claims_set import TALKS
from fakes.model import LocalModel
from fakes.model_failures import Failure
from lies import Liar, Seen, judged
from question_set import read
from youtube_analysis import AnalysisType, Answer, ServiceFactory, Settings, TaskOutput
from youtube_analysis.llm.prompts.verification import MOST

# Shares that were measured, less than one sentence or .03 above and below; over both halves.
_LIES_OF_OURS = {
    **dict.fromkeys(("changed number", "changed name", "cut quote"), 0.95),
    **dict.fromkeys(("plain lie", "uncited lie"), 0.95),
    "far number": 0.87,
    "swapped name": 0.75,
    "negation": 0.22,
}
_TRUTHS_OF_OURS = {"verbatim": 0.0, "verbatim uncited": 0.0, "translated": 0.0, "reworded": 0.59}
_LIES = {
    **dict.fromkeys(("changed name", "cut quote", "uncited lie"), 0.97),
    "changed number": 0.94,
    "plain lie": 0.95,
    "far number": 0.92,
    "swapped name": 0.85,
    "negation": 0.39,
}
_TRUTHS = {"verbatim": 0.0, "verbatim uncited": 0.0, "translated": 0.06, "reworded": 0.43}


_judged: dict[tuple[str, str, bool], dict[str, Seen]] = {}


async def judged_once(talk: str, half: str, *, verify: bool) -> dict[str, Seen]:
    key = talk, half, verify
    if key not in _judged:
        _judged[key] = await judged(talk, half, verify=verify)
    return _judged[key]


async def seen(talks: Iterable[str], *, verify: bool = False) -> dict[str, Seen]:
    total: defaultdict[str, Seen] = defaultdict(Seen)
    for talk in talks:
        for half in ("tune", "held"):
            for kind, found in (await judged_once(talk, half, verify=verify)).items():
                total[kind].count += found.count
                total[kind].marked += found.marked
                total[kind].moved += found.moved
    return dict(total)


def assert_judged(found: dict[str, Seen], lies: dict[str, float], truths: dict[str, float]) -> None:
    shares = {kind: round(one.share, 3) for kind, one in found.items()}
    assert {kind: share for kind, share in shares.items() if share < lies.get(kind, 0.0)} == {}
    assert {kind: share for kind, share in shares.items() if share > truths.get(kind, 1.0)} == {}
    assert shares.keys() == lies.keys() | truths.keys()


async def test_lies_about_a_talk_of_ours() -> None:
    assert_judged(await seen(["sample"]), _LIES_OF_OURS, _TRUTHS_OF_OURS)


@pytest.mark.usefixtures("recordings")
async def test_lies_about_all_talks() -> None:
    assert_judged(await seen(TALKS), _LIES, _TRUTHS)


async def test_a_verifier_that_judges_rightly_wins_back_what_is_true() -> None:
    found = await seen(["sample"], verify=True)
    assert_judged(found, _LIES_OF_OURS, _TRUTHS_OF_OURS | {"reworded": 0.15})


async def asked(server: LocalModel) -> tuple[Answer, Answer | None]:
    """An answer as the rules judge it, and what a verifier changes."""
    settings = Settings(openai_base_url=server.url, openai_model="liar", openai_verify="on")
    reading = read(TALKS["sample"])
    async with ServiceFactory(settings) as factory:
        chat = factory.get_chat_service()
        *_, answer = [part async for part in chat.ask(reading, "What is true?")]
        assert isinstance(answer, Answer)
        return answer, await chat.verify(reading, answer)


CLAIM = "Whoever compiles the chronology must not have been on duty during the incident."


async def test_a_mark_goes_where_the_verifier_finds_it_said() -> None:
    liar = Liar(f"{CLAIM} [7]")
    liar.tell({CLAIM: True})
    async with LocalModel(reply=liar.reply) as server:
        answer, verified = await asked(server)
        call = server.calls[-1]
    assert answer.text == f"{CLAIM} ⚠ Not found in the video"
    assert verified
    assert verified.text == f"{CLAIM} [7]"
    assert [claim.support.value for claim in verified.claims] == ["reworded"]
    assert call.body["response_format"]["json_schema"]["name"] == "verdicts"
    # No token is less than two characters long here.
    assert sum(len(str(message["content"])) for message in call.body["messages"]) < 4 * MOST


@pytest.mark.parametrize("failure", [Failure.BUSY, Failure.HTML, Failure.HALF_JSON, Failure.CUT])
async def test_where_the_verifier_fails_the_verdict_of_the_rules_stays(failure: Failure) -> None:
    liar = Liar(f"{CLAIM} [7]")
    async with LocalModel(reply=liar.reply, always=failure, only="# Statements") as server:
        settings = Settings(openai_base_url=server.url, openai_model="liar", openai_verify="on")
        async with ServiceFactory(settings) as factory:
            reading = read(TALKS["sample"])
            parts = factory.get_analysis_service().analyze(reading, AnalysisType.X_POST)
            made = [part async for part in parts if isinstance(part, TaskOutput)]
    assert [output.text for output in made] == [f"{CLAIM} ⚠ Not found in the video"]
