"""Pictures of the page: the real house with the sample talk and a local YouTube, in Chromium.

What is written in them is made offline, as it is for everybody who starts Vidthread without a
language model. `python tests/benchmarks/screenshots.py FOLDER` saves three: light, dark, phone.
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

from browsers import ARGUMENTS, Site, Visitor, Visitors, installed
from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from youtube_analysis.config import OPENAI_URL

QUESTION = "How many actions should a review have?"
OTHERS = {
    "harbour0001": "How a container crane finds its box in the dark",
    "sourdough01": "Sourdough in a cold kitchen: what changes, what does not",
}
SPOKEN = tuple(
    (f"This is sentence {n} of a talk that nobody opens.", 9.0 * n, 9.0) for n in range(66)
)


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    """With other threads beside the sample, which stands on top."""
    async with LocalYouTube() as youtube, LocalModel() as model:
        site = Site(folder, youtube, model)
        site.settings = replace(site.settings, openai_base_url=OPENAI_URL)
        for video, title in OTHERS.items():
            youtube.add(Video(video, title=title, tracks=(Track("en", SPOKEN),)))
        await site.start()
        try:
            yield site
        finally:
            await site.stop()


async def fill(visitor: Visitor) -> None:
    for video in OTHERS:
        await visitor.read(f"https://youtu.be/{video}")
    await visitor.threads.get_by_role("link", name="incident review").click()
    await visitor.finished()
    await visitor.ask(QUESTION)
    await visitor.answered()


async def show(visitor: Visitor) -> None:
    """The answer beside the passage that it quotes."""
    await visitor.finished()
    await visitor.contents.locator("summary").first.wait_for()
    await visitor.answers.get_by_role("link").first.click()
    await visitor.passage.locator("mark").first.wait_for()
    await visitor.page.mouse.move(0, 0)


async def picture(browser: Browser, site: Site, folder: Path) -> None:
    visitors = Visitors(browser, site)
    visitor = await visitors.come()
    await fill(visitor)
    await show(visitor)
    await visitor.page.screenshot(path=folder / "light.png")
    path = visitor.page.url.removeprefix(site.url)
    dark = await visitors.come(path, color_scheme="dark")
    await show(dark)
    await dark.page.screenshot(path=folder / "dark.png")
    phone = await visitors.come_by_phone(path, device_scale_factor=2)
    await phone.answered()
    await phone.page.screenshot(path=folder / "phone.png")
    await visitors.leave()


async def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="vidthread-") as data:
        async with open_site(Path(data)) as site, async_playwright() as playwright:
            await site.sample()
            browser = await playwright.chromium.launch(
                executable_path=installed(), args=ARGUMENTS, chromium_sandbox=False
            )
            await picture(browser, site, folder)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")))
