"""A real browser before a real house: Chromium, started once from what is installed.

Whatever a page does that nobody asked it for fails its test: a request to another host, an error
on its console, a violation of its content security policy.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    async_playwright,
    expect,
)

from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from vidthread.adapter import House, Mounted
from vidthread.config import BotSettings
from vidthread.playground.adapter import open_playground
from vidthread.playground.transport import Feed, thread_key
from vidthread.run import open_house
from vidthread.thread_key import ThreadKey
from worlds import World, cues

DESKTOP = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
PATIENCE = 15_000
"""Milliseconds that a condition is waited for."""
expect.set_options(timeout=PATIENCE)
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Names of others lead nowhere, so that no request leaves this machine even where a test fails.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_TELLS_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`policy violated: ${violatedDirective} ${blockedURI}`));
"""
_CARRY = """([name, content]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([content], name));
  return transfer;
}"""


def installed() -> str | None:
    """Where Chromium is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    executable = installed()
    if executable is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("VIDTHREAD_NO_SKIPS"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=ARGUMENTS, chromium_sandbox=False
        )
        yield browser
        await browser.close()


class Site(World):
    """A house with its page, at the same address after each start."""

    port = 0
    feed: Feed
    """What is told to all who watch."""

    @asynccontextmanager
    async def _playground(self, house: House) -> AsyncIterator[Mounted]:
        async with open_playground(house) as mounted:
            self.feed = mounted.feed
            yield mounted

    async def start(self) -> None:
        opening = open_house(self.settings, BotSettings(web_port=self.port), [self._playground])
        self.house = await self._open.enter_async_context(opening)
        self.port = urlsplit(self.url).port or 0

    @property
    def url(self) -> str:
        return self.house.server.url

    def key(self, thread: str) -> ThreadKey:
        return thread_key(thread)

    async def sample(self) -> ThreadKey:
        """The thread that is there from the first start on, when all is written in it."""
        assistant, sessions = self.house.assistant, self.house.factory.get_session_repository()
        await assistant.idle(self.key(""))
        oldest = (await sessions.recent(self.key("").place_prefix, limit=100))[-1]
        key = ThreadKey.of_session(oldest.key)
        await assistant.idle(key)
        return key


def brief(body: dict[str, Any]) -> str:
    """What the local model says, shortened: its first and its last statements."""
    text = compose(body)
    lines = text.splitlines()
    return text if text.startswith("{") else "\n".join([lines[0], *lines[-2:]])


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    async with LocalYouTube() as youtube, LocalModel(reply=brief) as model:
        for number in range(4):
            video = Video(f"video{number:06}", tracks=(Track("en", cues(number)),))
            youtube.add(replace(video, title=f"Talk {number}"))
        made = Site(folder, youtube, model)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a house after its very first start, with the sample thread."""
    folder = tmp_path_factory.mktemp("house")
    async with open_site(folder) as made:
        await made.sample()
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def site(furnished: Path, tmp_path: Path) -> AsyncIterator[Site]:
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    async with open_site(tmp_path) as made:
        yield made


class Visitor:
    """One person in front of one tab of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.conversation = page.get_by_role("region", name="Conversation")
        self.replies = self.conversation.locator(".reply")
        self.answers = self.conversation.locator(".answer:not(.live)")
        self.sections = self.conversation.locator(".section")
        self.talk = page.get_by_role("complementary", name="The talk")
        self.contents = page.get_by_role("region", name="Contents")
        self.passages = self.contents.locator("li.passage")
        self.passage = self.contents.locator("[aria-current]")
        self.threads = page.get_by_role("navigation", name="Threads").get_by_role("list")
        self.question = page.get_by_role("textbox", name="Question about this video")
        self.more = page.get_by_role("combobox", name="More")
        self.stop = page.locator("#composer").get_by_role("button", name="Stop")

    async def paste(self, link: str) -> None:
        if "/t/" in self.page.url:
            await self.page.get_by_role("link", name="New video").click()
        await self.page.get_by_role("textbox", name="Link to a YouTube video").fill(link)
        await self.button("Analyze").click()
        await self.page.wait_for_url("**/t/*")

    async def read(self, link: str) -> None:
        """Opens a video and waits until all is written."""
        await self.paste(link)
        await self.finished()

    async def finished(self) -> None:
        await self.replies.last.and_(self.page.locator("[aria-busy=false]")).wait_for()
        await self.stop.wait_for(state="hidden")

    async def ask(self, question: str) -> None:
        await self.question.fill(question)
        await self.question.press("Enter")

    async def answered(self, count: int = 1) -> str:
        """The last answer, when there are so many."""
        await expect(self.answers).to_have_count(count)
        return await self.answers.last.inner_text()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def drop(self, zone: str, name: str, content: str) -> None:
        """Drags a file over the window and lets it fall there."""
        transfer = await self.page.evaluate_handle(_CARRY, [name, content])
        await self.page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
        await self.page.get_by_text(zone, exact=True).dispatch_event(
            "drop", {"dataTransfer": transfer}
        )

    async def another_tab(self) -> Visitor:
        """On the same place; the person goes on looking at this one."""
        page = await self.page.context.new_page()
        await page.goto(self.page.url)
        await self.page.bring_to_front()
        return Visitor(page)


@dataclass
class Visitors:
    """People with browsers of their own. `asked_for` are hosts that a person let the page load
    from; `foreseen` is a pattern of errors that belong to what is tested."""

    browser: Browser
    site: Site
    asked_for: set[str] = field(default_factory=set)
    foreseen: str = "(?!)"
    _errors: list[str] = field(default_factory=list)
    _hosts: set[str] = field(default_factory=set)
    _left: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def come(self, path: str = "/", **options: Any) -> Visitor:
        """Opens the page in a browser that was never here before."""
        context = await self.browser.new_context(
            **{"base_url": self.site.url, **DESKTOP, **options}
        )
        self._left.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(_TELLS_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._errors.append(str(error.error)))
        context.on("request", self._see)
        page = await context.new_page()
        await page.goto(path)
        return Visitor(page)

    async def come_by_phone(self, path: str = "/", **options: Any) -> Visitor:
        return await self.come(path, **PHONE, **options)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not re.search(self.foreseen, message.text):
            self._errors.append(message.text)

    def _see(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"}:
            self._hosts.add(address.hostname or "")

    async def leave(self) -> None:
        await self._left.aclose()
        assert self._errors == []
        assert self._hosts - self.asked_for <= {"127.0.0.1"}


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(chromium: Browser, site: Site) -> AsyncIterator[Visitors]:
    """At the end of each test nothing has happened that nobody asked for."""
    made = Visitors(chromium, site)
    yield made
    await made.leave()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(visitors: Visitors) -> Visitor:
    return await visitors.come()
