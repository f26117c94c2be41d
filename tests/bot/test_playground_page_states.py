"""What the page offers next, and that each of its states ends: what is not true any more goes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from fakes.youtube_bodies import Video
from worlds import link
from youtube_analysis.config import OPENAI_URL

if TYPE_CHECKING:
    from browsers import Site, Visitor, Visitors

pytest_plugins = ["browsers"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MOMENTS = "\n".join(
    f"- [{number}] **Crane number {number}:** It turns. [{number}]" for number in range(1, 10)
)
SRT = "1\n00:00:01,000 --> 00:00:04,000\nA lantern hangs over the pier.\n"
NO_CAPTIONS = "nocaptions1"
SMALL: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}


async def test_a_suggested_question_is_asked_as_if_it_were_typed(
    visitor: Visitor, site: Site
) -> None:
    site.model.reply = lambda _: MOMENTS
    await visitor.read(link(1))
    suggested = visitor.conversation.get_by_role("button", name="What about")
    await expect(suggested).to_have_text(
        [f"What about “Crane number {number}”?" for number in (1, 4, 7)]
    )
    await suggested.nth(1).click()
    await visitor.answered()
    asked = visitor.conversation.locator(".person").last
    await expect(asked).to_contain_text("What about “Crane number 4”?")
    await expect(suggested).to_have_count(0)


async def test_a_button_makes_another_type(visitor: Visitor) -> None:
    await visitor.read(link(1))
    await visitor.more.select_option("Action Plan")
    await expect(visitor.sections).to_have_count(3)
    await expect(visitor.sections.last.get_by_role("heading")).to_have_text("Action Plan")
    await expect(visitor.sections.last).to_contain_text("sentence 0 is about")


async def test_a_refusal_leads_to_the_nearest_places(
    visitor: Visitor, visitors: Visitors, site: Site
) -> None:
    visitors.foreseen = "net::ERR_"  # the page may ask while nobody answers
    await site.stop()
    site.settings = replace(site.settings, openai_base_url=OPENAI_URL)
    await site.start()
    await visitor.page.goto(f"/t/{(await site.sample()).thread}")
    await visitor.ask("What does she say about zebras in Patagonia?")
    assert "Nearest" in await visitor.answered()
    await visitor.answers.get_by_role("link").first.click()
    await expect(visitor.contents.locator("mark").first).to_be_visible()


async def test_a_part_of_the_contents_leads_to_its_place_and_folds_again(
    visitor: Visitor, site: Site
) -> None:
    await visitor.page.goto(f"/t/{(await site.sample()).thread}")
    part = visitor.contents.locator("summary").nth(2)
    passages = visitor.passages.filter(visible=True)
    await part.click()
    await expect(visitor.passage).to_be_in_viewport()
    slider = visitor.talk.get_by_role("slider")
    title = await part.locator(".part-title").inner_text()
    await expect(slider).to_have_attribute("aria-valuetext", f"4:19 {title}")
    await part.click()
    await expect(passages).to_have_count(0)


async def test_there_is_one_button_that_stops(visitor: Visitor, site: Site) -> None:
    site.model.hold = asyncio.Event()
    await visitor.paste(link(1))
    await expect(visitor.sections.first).to_contain_text("sentence 0 is about")
    await expect(visitor.button("Stop")).to_have_count(1)


async def test_a_thread_without_a_video_says_what_failed_and_takes_captions(
    visitor: Visitor, site: Site
) -> None:
    site.youtube.add(Video(NO_CAPTIONS, tracks=()))
    await visitor.paste(f"https://youtu.be/{NO_CAPTIONS}")
    await expect(visitor.conversation).to_contain_text("This video has no captions")
    await expect(visitor.talk).to_be_hidden()
    await expect(visitor.button("Try again")).to_have_count(0)
    async with visitor.page.expect_file_chooser() as choosing:
        await visitor.conversation.get_by_role("button", name="Add captions").last.click()
    chooser = await choosing.value
    await chooser.set_files({"name": "pier.srt", "mimeType": "text/plain", "buffer": SRT.encode()})
    await expect(visitor.talk).to_contain_text("A lantern hangs over the pier.")


async def test_that_the_server_was_away_is_said_as_long_as_it_is(
    visitor: Visitor, visitors: Visitors, site: Site
) -> None:
    visitors.foreseen = "net::ERR_"
    await visitor.read(link(1))
    home = await visitor.another_tab()
    await home.page.goto("/")
    await site.stop()
    await visitor.ask("What is crane 3 about?")
    await home.page.get_by_label("Link to a YouTube video").fill(link(2))
    await home.button("Analyze").click()
    for tab in (visitor, home):
        await expect(tab.page.get_by_role("alert")).to_have_text(
            "Can't reach the server. Retrying…"
        )
    await site.start()
    await expect(visitor.page.get_by_role("alert")).to_be_hidden()
    await expect(home.page.get_by_role("alert")).to_be_hidden()
    await expect(visitor.question).to_have_value("What is crane 3 about?")


async def test_a_thread_that_is_opened_waits_for_a_question(visitor: Visitor) -> None:
    await visitor.threads.get_by_role("link").first.click()
    await expect(visitor.question).to_be_focused()
    await visitor.page.get_by_role("link", name="New video").click()
    await expect(visitor.page.get_by_label("Link to a YouTube video")).to_be_focused()


async def test_a_small_window_shows_chat_and_talk_and_the_threads_on_demand(
    visitors: Visitors,
) -> None:
    visitor = await visitors.come(**SMALL)
    await visitor.read(link(1))
    for pane in (visitor.conversation, visitor.talk, visitor.contents):
        await expect(pane).to_be_visible()
    await expect(visitor.threads).to_be_hidden()
    await visitor.button("Threads").click()
    await visitor.threads.get_by_role("link").last.click()
    await expect(visitor.threads).to_be_hidden()
    await expect(visitor.page.get_by_role("heading", level=1)).not_to_have_text("Talk 1")


async def test_an_address_of_nothing_is_a_page_for_people(visitors: Visitors, site: Site) -> None:
    visitors.foreseen = "404"
    visitor = await visitors.come("/nowhere")
    await expect(visitor.page.get_by_role("heading")).to_have_text("Page not found")
    await visitor.page.get_by_role("link").click()
    await expect(visitor.page).to_have_url(f"{site.url}/")
