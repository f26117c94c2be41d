"""What the page of the playground never does: run, load or follow what a stranger wrote, or ask
YouTube for anything before a person wants it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Route, expect

from fakes.model_answers import compose
from fakes.youtube_bodies import Track, Video
from hostile import HTML as EVIL
from hostile import LINKS as EVIL_LINKS
from vidthread.thread_key import ThreadKey
from worlds import cues, link

if TYPE_CHECKING:
    from browsers import Site, Visitor, Visitors

pytest_plugins = ["browsers"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

LOADED = ":is(#messages, #talk, nav) :is(script, iframe, object, style, form form, [onerror])"
LEADS_AWAY = (
    ":is(#messages, #talk) a:not([href^='https://youtu.be/'], [href^='#t='], [href^='/api/'])"
)


async def test_hostile_text_stays_text(visitor: Visitor, site: Site) -> None:
    spoken = tuple((f"{text} {EVIL} {EVIL_LINKS}", at, long) for text, at, long in cues(9))
    site.youtube.add(Video("hostile0001", title=f"Evil {EVIL}", tracks=(Track("en", spoken),)))
    site.model.reply = lambda body: (
        compose(body) if "response_format" in body else f"{EVIL} {EVIL_LINKS}\n\n{compose(body)}"
    )
    await visitor.read("https://youtu.be/hostile0001")
    await visitor.ask(f"Is it? {EVIL} {EVIL_LINKS}")
    await visitor.answered()
    for place in (visitor.page.get_by_role("heading", level=1), visitor.threads):
        await expect(place).to_contain_text("Evil <script>globalThis.ran = 1</script><img")
    await expect(visitor.conversation.locator(".person").last).to_contain_text(EVIL_LINKS)
    await expect(visitor.answers).to_contain_text("<script>globalThis.ran = 1</script>")
    await visitor.drop("This thread", "<img src=x onerror=alert(1)>.txt", f"{EVIL} {EVIL_LINKS}\n")
    await expect(visitor.replies).to_have_count(3)
    await expect(visitor.page.locator(LOADED)).to_have_count(0)
    await expect(visitor.page.locator(LEADS_AWAY)).to_have_count(0)
    assert await visitor.page.evaluate("globalThis.ran") is None


async def test_the_page_trusts_not_even_the_server_with_html(
    visitor: Visitor, visitors: Visitors
) -> None:
    # Chromium tells this of handlers in the text that is taken apart, where they cannot run.
    visitors.foreseen = "inline event handler|script-src-attr inline"
    section = {"kind": "section", "type": "Blog Post", "html": f"<p>Before</p>{EVIL}<p>After</p>"}
    reply = {"kind": "reply", "key": "r1", "to": "", "live": False, "at": "", "blocks": [section]}
    thread = {"id": "1", "title": EVIL, "language": None, "video": None, "messages": [reply]}

    async def answer(route: Route) -> None:
        told = f"event: snapshot\ndata: {json.dumps(thread)}\n\n"
        await route.fulfill(body=told, content_type="text/event-stream")

    await visitor.page.route("**/events", answer)
    await visitor.page.goto("/t/1")
    await expect(visitor.sections.locator(".prose")).to_have_text(re.compile("Before *time *After"))
    await expect(visitor.page.locator(LOADED)).to_have_count(0)
    await visitor.sections.get_by_role("link", name="time").click()
    assert await visitor.page.evaluate("globalThis.ran") is None


async def test_nothing_comes_from_youtube_before_a_person_asks_for_it(
    visitor: Visitor, visitors: Visitors
) -> None:
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        said = '{"info": {"currentTime": 271}}'
        script = f"onmessage = () => parent.postMessage('{said}', '*')"
        await route.fulfill(body=f"<script>{script}</script>", content_type="text/html")

    await visitor.page.route(re.compile("^https://"), answer)
    await visitor.read(link(1))
    await expect(visitor.contents).to_contain_text("sentence 54 is about")
    assert asked == []
    visitors.asked_for.add("www.youtube-nocookie.com")
    await visitor.button("Play here 10:00").click()
    await expect(visitor.passage).to_contain_text("sentence 54 is about")
    assert asked[-1].startswith("https://www.youtube-nocookie.com/embed/video000001?")


async def test_an_address_of_no_thread_is_told_and_left(visitors: Visitors, site: Site) -> None:
    visitors.foreseen = "404"
    for path in ("/t/0123456789ab", "/t/%E0%A4%A", "/t/..%2f..%2fevil"):
        visitor = await visitors.come(path)
        alert = visitor.page.get_by_role("alert")
        await expect(alert).to_have_text("This thread no longer exists.")
        await expect(visitor.page).to_have_url(f"{site.url}/")


async def heard(watcher: socket.socket, text: bytes) -> None:
    got = b""
    while text not in got:
        got += await asyncio.get_running_loop().sock_recv(watcher, 2**20)


async def watch(site: Site, key: ThreadKey) -> socket.socket:
    watcher = socket.create_connection(("127.0.0.1", site.port))
    watcher.setblocking(False)
    path = f"/api/threads/{key.thread}/events"
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    await asyncio.get_running_loop().sock_sendall(watcher, request.encode())
    await heard(watcher, b"event: snapshot")
    return watcher


async def test_a_watcher_that_vanishes_is_no_error(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    key = await site.sample()
    with await watch(site, key) as staying:
        with await watch(site, key) as vanishing:
            # Closed without a farewell, as by a browser that crashes.
            vanishing.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for name in ("first", "second"):
            site.feed.tell(key, "message", {"key": name})
        await heard(staying, b"second")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
