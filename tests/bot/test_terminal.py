"""The command line on a terminal: what only a person sees."""

import asyncio
import os

from fakes.model import LocalModel
from screens import VIDTHREAD, on_terminal

PROMPT = "\n? "
FIRST = "They appoint a historian"


def _reply(_: object) -> str:
    return f"{FIRST} [12]. " + "The review ends on time [30]. " * 60 + "Nobody is blamed [2]."


async def test_an_analysis_is_read_while_it_is_written() -> None:
    async with LocalModel(reply=_reply, rate=400, hold=asyncio.Event(), cached=1000) as model:
        settings = {"OPENAI_BASE_URL": model.url, "OPENAI_VERIFY": "off", "OPENAI_INPUT_PRICE": "3"}
        command = (*VIDTHREAD, "analyze", "sample", "--types", "plan")
        async with on_terminal(*command, **settings) as screen:
            await screen.until(FIRST)
            # What is longer than the window is shown by its end.
            await screen.until("Nobody is")
            assert screen.process.returncode is None
            assert model.hold
            model.hold.set()
            assert await screen.ended() == 0
    final = screen.text[screen.text.rindex("How to run") :]
    assert FIRST in final
    assert "1,000 cached" in final
    assert "at the prices set" in final


async def test_a_question_is_edited_and_comes_back() -> None:
    answer, asked = "We call that person the historian", "who is the historian?"
    async with on_terminal(*VIDTHREAD, "chat", "sample", INPUTRC=os.devnull) as screen:
        await screen.until(PROMPT)
        screen.type("who is the hXstorian?")
        screen.type("\x1b[D" * 8 + "\x7fi\n")
        await screen.until(PROMPT, times=2)
        assert answer in screen.text
        before = screen.text.count(asked)
        screen.type("\x1b[A")
        await screen.until(asked, times=before + 1)
        screen.type("\n")
        await screen.until(PROMPT, times=3)
        assert screen.text.count(answer) > 1
        screen.type("\x04")
        assert await screen.ended() == 0
    assert "tokens" not in screen.text


async def test_each_answer_of_a_model_has_its_cost() -> None:
    async with (
        LocalModel(reply=lambda _: "The historian [12].", cached=1000) as model,
        on_terminal(*VIDTHREAD, "chat", "sample", OPENAI_BASE_URL=model.url) as screen,
    ):
        for answers in (1, 2):
            await screen.until(PROMPT, times=answers)
            screen.type("who?\n")
            await screen.until("(1,000 cached)", times=answers)
        screen.type("\x03")
        assert await screen.ended() == 130
    assert "Traceback" not in screen.text
    assert "at the prices set" not in screen.text
