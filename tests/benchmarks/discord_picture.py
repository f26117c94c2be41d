"""A picture of a thread as Discord would show it: the real bot on the local Discord, drawn.

What is written in it is an example of what a language model writes; with `--offline` it is made
without one, as for everybody who starts Vidthread like that.
`python tests/benchmarks/discord_picture.py FILE [--offline]` saves it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image
from playwright.async_api import async_playwright

from browsers import ARGUMENTS, installed
from discord_world import DiscordWorld
from fakes.discord_components import THUMBNAIL, walk
from fakes.discord_picture import Picture
from fakes.model_sample import write
from fakes.youtube_bodies import Track, Video
from vidthread.sample import sample_talk
from worlds import open_discord
from youtube_analysis.captions import parse_captions
from youtube_analysis.config import OPENAI_URL

QUESTION = "How many actions should a review have?"
TITLE = "How to run an incident review that changes something"
VIDEO = "incident001"
WIDTH, SECONDS, COLOURS = 860, 420, 128
SCENE = (
    "<body style='margin:0;height:180px;background:linear-gradient(150deg,#2b3a67,#e07a5f 70%,"
    "#f2cc8f);color:white;font:700 22px sans-serif;padding:64px 0;text-align:center'>"
    "INCIDENT<br>REVIEWS"
)


class Offline(DiscordWorld):
    async def start(self) -> None:
        self.settings = replace(self.settings, openai_base_url=OPENAI_URL)
        await super().start()


def spoken() -> tuple[tuple[str, float, float], ...]:
    talk = sample_talk()
    segments = parse_captions(talk.name, talk.content).segments
    return tuple((s.text, s.start, s.duration) for s in segments if s.start < SECONDS)


async def talked(world: DiscordWorld) -> str:
    """The thread of a talk in which one question was asked."""
    thread = await world.open(f"https://youtu.be/{VIDEO}")
    await world.idle(thread, "## Key Moments")
    before = len(world.shown(thread))
    world.write(thread, QUESTION)
    await world.idle(thread, replies=before + 1)
    return thread


def page(world: DiscordWorld, thread: str, thumbnail: bytes) -> str:
    names = {user.id: user.name for user in world.discord.users.values()}
    place = world.discord.channels[thread]
    above = [m for m in world.discord.messages(world.channel) if m.id == thread]
    pictures = {c["media"]["url"]: thumbnail for m in above for c in walk(m.components)
                if c["type"] == THUMBNAIL}  # fmt: skip
    return Picture(names, pictures).page(place, [*above, *world.discord.history(place)])


async def draw(world: DiscordWorld, thread: str, path: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=installed(), args=ARGUMENTS, chromium_sandbox=False
        )
        scene = await browser.new_page(viewport={"width": 240, "height": 180})
        await scene.set_content(SCENE)
        html = page(world, thread, await scene.screenshot())
        shown = await browser.new_page(viewport={"width": WIDTH, "height": 400})
        await shown.set_content(html)
        drawn = await shown.screenshot(full_page=True)
        await browser.close()
    # With as few colours as nobody misses, it is a quarter of the size.
    Image.open(BytesIO(drawn)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


async def main(path: Path, world_of: type[DiscordWorld]) -> None:
    with tempfile.TemporaryDirectory(prefix="vidthread-") as folder:
        async with open_discord(Path(folder), world_of, reply=write) as world:
            world.youtube.add(
                Video(
                    VIDEO,
                    title=TITLE,
                    channel="Ines on call",
                    seconds=SECONDS,
                    tracks=(Track("en", spoken()),),
                )
            )
            thread = await talked(world)
            await draw(world, thread, path)


if __name__ == "__main__":
    options = [option for option in sys.argv[1:] if option != "--offline"]
    world_of = Offline if "--offline" in sys.argv else DiscordWorld
    asyncio.run(main(Path(options[0] if options else "discord.png"), world_of))
