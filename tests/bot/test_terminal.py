"""The command line on a terminal: what only a person sees."""

import asyncio
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from fakes.discord_limits import RateLimits
from fakes.discord_server import LocalDiscord
from fakes.model import LocalModel
from screens import VIDTHREAD, on_terminal

ROOT = Path(__file__).parents[2]
PROMPT = "\n? "
FIRST = "They appoint a historian"


def _at(folder: Path) -> dict[str, str]:
    return {"WEB_PORT": "0", "DATABASE_URL": f"sqlite:///{folder / 'run.db'}"}


def _reply(_: object) -> str:
    return f"{FIRST} [12]. " + "The review ends on time [30]. " * 60 + "Nobody is blamed [2]."


async def test_an_analysis_is_read_while_it_is_written() -> None:
    async with LocalModel(reply=_reply, rate=400, hold=asyncio.Event(), cached=1000) as model:
        command = (*VIDTHREAD, "analyze", "sample", "--types", "plan")
        async with on_terminal(
            *command, OPENAI_BASE_URL=model.url, OPENAI_VERIFY="off", OPENAI_INPUT_PRICE="3"
        ) as screen:
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


async def test_ctrl_c_in_the_midst_of_it_leaves_the_terminal_in_order() -> None:
    async with LocalModel(reply=_reply, rate=400, hold=asyncio.Event()) as model:
        command = (*VIDTHREAD, "analyze", "sample", "--types", "plan")
        async with on_terminal(*command, OPENAI_BASE_URL=model.url) as screen:
            await screen.until(FIRST)
            screen.type("\x03")
            assert await screen.ended() == 130
            assert screen.shows_cursor
    assert "Stopped." in screen.text
    assert "Traceback" not in screen.text


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


async def test_it_says_where_the_page_is_and_opens_it(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "The browser shows $1."\n', encoding="utf-8")
    browser.chmod(0o700)
    settings = {"DISPLAY": ":0", "SSH_CONNECTION": "", "BROWSER": f"{browser} %s"}
    async with on_terminal(*VIDTHREAD, folder=tmp_path, **_at(tmp_path), **settings) as screen:
        await screen.until("(Ctrl-C ends)")
        page = re.search(r"^Open (\S+) \(Ctrl-C ends\)", screen.text, re.MULTILINE)
        assert page
        await screen.until(f"The browser shows {page[1]}.")
        screen.type("\x03")
        assert await screen.ended() == 130
    assert "Traceback" not in screen.text


async def test_it_says_how_to_add_the_bot_to_a_server(tmp_path: Path) -> None:
    async with LocalDiscord(limits=RateLimits(off=True)) as discord:
        discord.guild()
        settings = {"DISCORD_API_URL": discord.api, "DISCORD_TOKEN": discord.token}
        lines = (f"{name}={value}\n" for name, value in (settings | _at(tmp_path)).items())
        (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")
        async with on_terminal(*VIDTHREAD, folder=tmp_path) as screen:
            link = (
                "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands"
            )
            await screen.until(link.format(discord.application), times=2)  # logged and said
            assert f"Add the bot to a server: {link.format(discord.application)}" in screen.text
            screen.type("\x03")
            assert await screen.ended() == 130
    assert "Open http" not in screen.text


async def test_ctrl_c_ends_make_run_without_a_word(tmp_path: Path) -> None:
    make = shutil.which("make")
    if not make:
        pytest.skip("make is not installed")
    (tmp_path / "installed").touch()
    vidthread = tmp_path / "vidthread"
    vidthread.write_text(f'#!/bin/sh\nexec {sys.executable} -m vidthread "$@"\n', encoding="utf-8")
    vidthread.chmod(0o700)
    command = (make, "run", f"BIN={tmp_path}", f"RUNS={tmp_path / 'installed'}")
    async with on_terminal(*command, folder=ROOT, **_at(tmp_path)) as screen:
        await screen.until("(Ctrl-C ends)")
        screen.type("\x03")
        assert await screen.ended() == -signal.SIGINT
    assert "***" not in screen.text
    assert "Traceback" not in screen.text
