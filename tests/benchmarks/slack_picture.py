"""A thread as Slack would show it: while it grows, and in the end.

`python tests/benchmarks/slack_picture.py FOLDER` saves `slack-growing.png`, `slack-thread.png` and
`slack-command.png`. What is written in them is made offline but for the first.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.async_api import Browser, async_playwright

from browsers import ARGUMENTS, installed
from fakes.slack_picture import page
from fakes.youtube_bodies import Track, Video
from slack_world import SlackWorld
from vidthread.sample import sample_talk
from worlds import link, open_world
from youtube_analysis.captions import parse_captions
from youtube_analysis.config import OPENAI_URL

TITLE = "How to run an incident review that people want to come to"
QUESTION = "How many actions should a review have?"


@asynccontextmanager
async def opened(folder: Path, *, offline: bool) -> AsyncIterator[SlackWorld]:
    """With the sample talk as a video."""
    talk = sample_talk()
    parsed = parse_captions(talk.name, talk.content)
    cues = tuple((s.text, s.start, s.duration) for s in parsed.segments)
    hold = None if offline else asyncio.Event()
    async with open_world("slack", folder, hold=hold) as world:
        assert isinstance(world, SlackWorld)
        world.youtube.add(Video("reviews0001", title=TITLE, tracks=(Track("en", cues),)))
        if offline:
            world.settings = replace(world.settings, openai_base_url=OPENAI_URL)
            await world.restart()
        yield world


async def growing(world: SlackWorld) -> tuple[str, str]:
    thread = await world.open("https://youtu.be/reviews0001")
    await world.until(lambda: "TL;DR" in world.text(thread))
    shown = page("talks", world.slack.thread(world.channel, thread))
    assert world.model.hold
    world.model.hold.set()
    return "slack-growing", shown


async def finished(world: SlackWorld) -> AsyncIterator[tuple[str, str]]:
    thread = await world.open("https://youtu.be/reviews0001 what do you think?")
    await world.idle(thread, "## Key Moments", replies=2)
    await world.say(thread, QUESTION)
    await world.idle(thread, replies=3)
    await world.say(thread, "export md")
    await world.idle(thread, "[")
    again = await world.open("https://youtu.be/reviews0001")
    yield "slack-thread", page("talks", world.slack.thread(world.channel, thread))
    yield "slack-again", page("talks", world.slack.thread(world.channel, again))
    world.slack.slash(world.channel, link(1))
    await world.until(lambda: len(world.slack.threads()) == 3)
    await world.idle(world.slack.threads()[-1][1], "## Key Moments")
    command = world.slack.threads()[-1][1]
    yield "slack-command", page("talks", world.slack.thread(world.channel, command))


async def save(browser: Browser, folder: Path, name: str, html: str) -> None:
    viewport = await browser.new_page(
        viewport={"width": 760, "height": 400}, device_scale_factor=1.5
    )
    await viewport.set_content(html)
    await viewport.screenshot(path=folder / f"{name}.png", full_page=True)
    await viewport.close()


async def main(folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=installed(), args=ARGUMENTS, chromium_sandbox=False
        )
        with tempfile.TemporaryDirectory() as data:
            async with opened(Path(data), offline=False) as world:
                await save(browser, folder, *await growing(world))
        with tempfile.TemporaryDirectory() as data:
            async with opened(Path(data), offline=True) as world:
                async for name, html in finished(world):
                    await save(browser, folder, name, html)
        await browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    target.mkdir(exist_ok=True)
    asyncio.run(main(target))
