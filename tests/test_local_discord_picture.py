"""Pictures of threads on the local Discord show what is written there, and load nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.discord_guilds import Channel, User
from fakes.discord_markdown import as_html
from fakes.discord_picture import Picture
from fakes.discord_posting import Upload
from fakes.discord_server import LocalDiscord

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytest_plugins = ["browsers"]

_CARD = {
    "type": 17,
    "accent_color": 0xE2341D,
    "components": [
        {
            "type": 9,
            "components": [{"type": 10, "content": "# How a crane is built\nBy **somebody**"}],
            "accessory": {"type": 11, "media": {"url": "https://i.ytimg.com/vi/x/hq.jpg"}},
        },
        {"type": 14, "divider": True, "spacing": 1},
        {
            "type": 10,
            "content": "### Key points\n- It is __heavy__ `[0:12]`\n- See https://youtu.be/x?t=12.\n"
            "> built by two brothers\n-# Read whole, in 2 s",
        },
        {"type": 13, "file": {"url": "attachment://talk.md"}},
        {
            "type": 1,
            "components": [
                {"type": 2, "style": 1, "label": "Ask", "custom_id": "v1:ask:1"},
                {"type": 2, "style": 5, "label": "Watch", "url": "https://youtu.be/x"},
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* __c__ ~~d~~", "<strong>a</strong> <em>b</em> <u>c</u> <s>d</s>"),
        ("[here](https://a.b/c)", '<a href="https://a.b/c">here</a>'),
        ("see https://a.b/c.", 'see <a href="https://a.b/c">https://a.b/c</a>.'),
        ("-# quiet", '<span class="small">quiet</span>'),
        ("hi <@12>", 'hi <span class="mention">@anna</span>'),
        ("<b>no</b> ![x](https://a.b)", "&lt;b&gt;no&lt;/b&gt; !"),
        ("> said\nand more", "<p>said</p>\n</blockquote>\n<p>and more</p>"),
        ("||secret||", '<span class="spoiler">secret</span>'),
    ],
)
async def test_markdown_is_read_as_discord_reads_it(text: str, html: str) -> None:
    assert html in as_html(text, {"12": "anna"})


@pytest.fixture
async def server() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as made:
        yield made


@pytest.fixture
def anna(server: LocalDiscord) -> User:
    return server.user("anna")


@pytest.fixture
def thread(server: LocalDiscord, anna: User) -> Channel:
    """A thread in which much was said."""
    made = server.thread(server.text_channel(server.guild()), anna, "How a crane is built")
    server.say(made, anna, "https://youtu.be/x", mentions=[server.bot])
    files = {"0": Upload("talk.md", b"# How a crane is built")}
    server.post(made, {"flags": 1 << 15, "components": [_CARD]}, files)
    question = server.say(made, anna, "Who built it?")
    answer = {"content": "Two brothers `[3]`.", "message_reference": {"message_id": question}}
    server.post(made, {**answer, "allowed_mentions": {"parse": []}}, {})
    return made


@pytest.mark.asyncio(loop_scope="session")
async def test_a_thread_looks_like_one(
    server: LocalDiscord, thread: Channel, chromium: Browser, tmp_path: Path
) -> None:
    names = {user.id: user.name for user in server.users.values()}
    html = Picture(names).page(thread, server.history(thread))
    context = await chromium.new_context(viewport={"width": 860, "height": 400})
    page = await context.new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    await page.set_content(html)
    shown = await page.locator("main").inner_text()
    await page.screenshot(path=tmp_path / "thread.png", full_page=True)
    await context.close()
    assert loaded == []
    for words in ("@vidthread", "How a crane is built", "talk.md", "Ask", "Watch", "Who built it?"):
        assert words in shown
    assert (tmp_path / "thread.png").stat().st_size > 10_000
