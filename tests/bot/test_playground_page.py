"""The page of the playground as a person uses it, in a real browser."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Request, Route, expect

from worlds import link

if TYPE_CHECKING:
    from browsers import Site, Visitor, Visitors

pytest_plugins = ["browsers"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SAMPLE = "How to run an incident review that people want to come to"
SRT = "\n".join(
    f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\nLantern {n} hangs over pier {n}.\n" for n in range(10)
)
GROWN = "length => document.querySelector('.section .prose').innerText.length > length"


async def test_a_first_visit_shows_the_sample_thread(visitor: Visitor) -> None:
    await visitor.page.get_by_role("main").get_by_role("link", name=SAMPLE).click()
    await visitor.finished()
    await expect(visitor.page).to_have_title(f"{SAMPLE} · Vidthread")
    await expect(visitor.page.get_by_role("heading", name=SAMPLE)).to_have_count(1)
    await expect(visitor.contents.locator("summary").first).to_be_visible()


async def test_a_pasted_link_opens_a_new_thread(visitor: Visitor) -> None:
    field = visitor.page.get_by_role("textbox", name="Link to a YouTube video")
    await field.fill(link(1))
    await field.press("Enter")
    await visitor.finished()
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Talk 1")
    await expect(visitor.threads.get_by_role("link")).to_contain_text(["Talk 1", SAMPLE])
    await expect(visitor.threads.locator("[aria-current=page]")).to_contain_text("Talk 1")
    await expect(visitor.question).to_be_focused()


async def test_language_and_length_are_asked_for_only_where_they_were_chosen(
    visitor: Visitor, site: Site
) -> None:
    opening = re.compile("/api/threads$")

    def opens(request: Request) -> bool:
        return request.method == "POST" and bool(opening.search(request.url))

    async with visitor.page.expect_request(opens) as asking:
        await visitor.read(link(1))
    assert (await asking.value).post_data_json == {"link": link(1)}
    await visitor.page.get_by_role("link", name="New video").click()
    await visitor.page.get_by_label("Language").select_option("Deutsch")
    await visitor.page.get_by_label("Length").select_option("Short")
    async with visitor.page.expect_request(opens) as asking:
        await visitor.read(link(2))
    wanted = {"link": link(2), "language": "de", "length": "short"}
    assert (await asking.value).post_data_json == wanted
    assert "\nLength: short." in site.model.calls[-1].last_message


async def test_each_stage_is_told_and_the_text_grows_while_the_model_writes(
    visitor: Visitor, site: Site
) -> None:
    site.youtube.videos["video000001"].latency = 0.7
    site.model.rate, site.model.hold = 150.0, asyncio.Event()
    await visitor.paste(link(1))
    progress = visitor.conversation.locator(".progress")
    await expect(progress).to_contain_text("Reading the captions")
    await expect(progress).to_contain_text("Writing the analysis")
    length = 20
    for _ in range(3):
        await visitor.page.wait_for_function(GROWN, arg=length)
        length = len(await visitor.sections.first.locator(".prose").inner_text())
    await expect(visitor.stop).to_be_visible()
    site.model.hold.set()
    await visitor.finished()
    await expect(progress).to_have_count(0)
    await expect(visitor.sections.get_by_role("heading", level=2)).to_have_text(
        ["Summary", "Key Moments"]
    )


async def test_a_time_in_an_answer_leads_to_the_passage_that_it_cites(visitor: Visitor) -> None:
    await visitor.read(link(1))
    await visitor.ask("What is crane 54 about?")
    assert "sentence 54 is about crane 54" in await visitor.answered()
    cited = visitor.passages.locator("p").get_by_text("sentence 54 is about")
    await expect(cited).not_to_be_in_viewport()
    await visitor.answers.last.get_by_role("link", name="4:30").click()
    await expect(visitor.passage).to_contain_text("sentence 54 is about")
    await expect(visitor.passage).to_be_in_viewport(ratio=1)
    await expect(visitor.passage.locator("mark")).to_contain_text("In talk 1 sentence 54 is about")
    await expect(visitor.talk.get_by_role("slider")).to_have_attribute("aria-valuenow", "270")
    assert len(visitor.page.context.pages) == 1


async def test_a_time_that_is_chosen_before_the_talk_is_here_is_shown_when_it_is(
    visitor: Visitor,
) -> None:
    held = asyncio.Event()

    async def wait(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await visitor.page.route("**/talk?video=*", wait)
    await visitor.read(link(1))
    await visitor.conversation.get_by_role("link", name="4:30").last.click()
    await expect(visitor.talk).to_contain_text("Reading the captions")
    held.set()
    await expect(visitor.passage).to_contain_text("sentence 54 is about")
    assert len(visitor.page.context.pages) == 1


async def test_a_question_waits_for_the_answer_before_it(visitor: Visitor, site: Site) -> None:
    await visitor.read(link(1))
    site.model.hold = asyncio.Event()
    await visitor.ask("What is crane 3 about?")
    await expect(visitor.conversation.locator(".answer.live")).to_be_visible()
    await visitor.ask("And crane 4?")
    waiting = visitor.conversation.get_by_text("Queued")
    await expect(waiting).to_have_count(1)
    site.model.hold.set()
    await visitor.answered(2)
    await expect(waiting).to_have_count(0)
    said = visitor.conversation.locator("#messages > li")
    await expect(said.nth(2)).to_contain_text("What is crane 3 about?")
    await expect(said.nth(3)).to_contain_text("sentence 0 is about")
    await expect(said.nth(4)).to_contain_text("And crane 4?")


async def test_a_captions_file_that_is_dropped_on_the_window_becomes_a_thread(
    visitor: Visitor,
) -> None:
    await visitor.drop("New thread", "Harbour lights.srt", SRT)
    await visitor.finished()
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Harbour lights")
    await expect(visitor.talk).to_contain_text("Lantern 9 hangs over pier 9.")
    await expect(visitor.page.get_by_text("This thread", exact=True)).to_be_hidden()
    await visitor.drop("New thread", "holiday.mp4", "no captions")
    refused = visitor.page.get_by_role("alert")
    await expect(refused).to_contain_text("“holiday.mp4” isn't a captions file.")


async def test_a_captions_file_opens_within_the_thread_that_is_open(visitor: Visitor) -> None:
    await visitor.read(link(1))
    address = visitor.page.url
    async with visitor.page.expect_file_chooser() as choosing:
        await visitor.button("Add a captions file").click()
    chooser = await choosing.value
    await chooser.set_files({"name": "pier.srt", "mimeType": "text/plain", "buffer": SRT.encode()})
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Pier")
    await expect(visitor.talk).to_contain_text("Lantern 9 hangs over pier 9.")
    await visitor.ask("What hangs over pier 3?")
    assert "Lantern 3" in await visitor.answered()
    assert visitor.page.url == address
    await visitor.drop("This thread", "quay.srt", SRT.replace("pier", "quay"))
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Quay")
    await expect(visitor.talk).to_contain_text("Lantern 9 hangs over quay 9.")
    assert visitor.page.url == address
    # A time of the file before leads to its words, one of the newest back.
    await visitor.answers.last.get_by_role("link").first.click()
    await expect(visitor.talk.get_by_role("heading", name="Pier", exact=True)).to_be_visible()
    await expect(visitor.passage).to_contain_text("hangs over pier")
    await visitor.stop.wait_for(state="hidden")
    await visitor.ask("What hangs over quay 4?")
    assert "Lantern 4" in await visitor.answered(2)
    await visitor.answers.last.get_by_role("link").first.click()
    await expect(visitor.passage).to_contain_text("hangs over quay")


async def test_a_pressed_thumb_looks_so_and_asks_what_was_wrong(
    visitor: Visitor, site: Site
) -> None:
    await visitor.read(link(1))
    for pressed, other in (("👍", "👎"), ("👎", "👍")):
        await visitor.button(pressed).click()
        if pressed == "👎":
            why = visitor.page.get_by_role("dialog", name="What was wrong?")
            await why.get_by_role("textbox").fill("It names nobody.")
            await why.get_by_role("button", name="Send").click()
        await expect(visitor.button(pressed)).to_have_attribute("aria-pressed", "true")
        await expect(visitor.button(other)).not_to_have_attribute("aria-pressed", "true")
    (rating,) = await site.house.store.feedback.all()
    while not rating.reason:
        await asyncio.sleep(0.05)
        (rating,) = await site.house.store.feedback.all()
    assert (rating.good, rating.reason) == (False, "It names nobody.")


async def test_stop_keeps_what_is_written_and_says_so(visitor: Visitor, site: Site) -> None:
    site.model.hold = asyncio.Event()
    await visitor.paste(link(1))
    written = visitor.sections.first.locator(".prose")
    await expect(written).to_contain_text("sentence 0 is about")
    await visitor.stop.click()
    await expect(visitor.replies).to_contain_text("Stopped.")
    await expect(written).to_contain_text("sentence 0 is about")
    await expect(visitor.stop).to_be_hidden()
    await expect(visitor.button("Try again")).to_be_visible()


async def test_a_page_that_is_loaded_anew_goes_on_with_what_is_being_written(
    visitor: Visitor, site: Site
) -> None:
    site.model.hold = asyncio.Event()
    await visitor.paste(link(1))
    await expect(visitor.sections.first).to_contain_text("sentence 0 is about")
    await visitor.page.reload()
    await expect(visitor.sections.first).to_contain_text("sentence 0 is about")
    await expect(visitor.stop).to_be_visible()
    site.model.hold.set()
    await visitor.finished()
    await expect(visitor.sections.last).to_contain_text("sentence 54 is about")
    await expect(visitor.sections).to_have_count(2)


async def test_two_tabs_on_one_thread_show_the_same(visitor: Visitor, site: Site) -> None:
    await visitor.read(link(1))
    other = await visitor.another_tab()
    await other.finished()
    site.model.hold = asyncio.Event()
    await visitor.ask("What is crane 3 about?")
    for tab in (visitor, other):
        await expect(tab.conversation.locator(".answer.live")).to_contain_text("sentence 0 is")
    await other.stop.click()
    for tab in (visitor, other):
        await expect(tab.replies.last).to_contain_text("Stopped.")
        await expect(tab.stop).to_be_hidden()
    same = await visitor.conversation.inner_text()
    await expect(other.conversation).to_have_text(same, use_inner_text=True)


async def test_a_server_that_starts_anew_under_the_page_completes_what_it_had_begun(
    visitor: Visitor, visitors: Visitors, site: Site
) -> None:
    visitors.foreseen = "net::ERR_"
    site.model.hold = asyncio.Event()
    await visitor.paste(link(1))
    await expect(visitor.sections.first).to_contain_text("sentence 0 is about")
    lost = visitor.page.get_by_text("Connection lost. Reconnecting…")
    await expect(lost).to_be_hidden()
    await site.stop()
    await expect(lost).to_be_visible()
    site.model.hold.set()
    await site.start()
    await expect(lost).to_be_hidden()
    await visitor.finished()
    await expect(visitor.sections).to_have_count(2)
    await expect(visitor.replies).to_have_count(1)
    moments = await visitor.sections.last.inner_text()
    assert moments.count("sentence 54 is about") == 1
    shown = await visitor.conversation.inner_text()
    await visitor.page.reload()
    await expect(visitor.conversation).to_have_text(shown, use_inner_text=True)


async def test_an_export_is_a_file_to_download(visitor: Visitor) -> None:
    await visitor.read(link(1))
    await visitor.more.select_option("Export Markdown")
    async with visitor.page.expect_download() as downloading:
        await visitor.conversation.get_by_role("link", name="Talk 1.md").click()
    download = await downloading.value
    assert download.suggested_filename == "Talk 1.md"
    text = (await download.path()).read_text(encoding="utf-8")
    assert text.startswith("# Talk 1")
    assert "sentence 54 is about" in text


async def test_a_thread_that_is_forgotten_is_gone_in_every_tab(
    visitor: Visitor, visitors: Visitors, site: Site
) -> None:
    visitors.foreseen = "404"
    site.model.hold = asyncio.Event()
    await visitor.paste(link(1))
    await expect(visitor.sections.first).to_contain_text("sentence 0 is about")
    other = await visitor.another_tab()
    await expect(other.sections.first).to_contain_text("sentence 0 is about")
    address = visitor.page.url
    await visitor.button("Thread menu").click()
    await visitor.button("Delete this thread").click()
    await visitor.button("Delete").click()
    await expect(visitor.page).to_have_url(f"{site.url}/")
    await expect(visitor.threads.get_by_role("link")).to_contain_text([SAMPLE])
    await expect(other.page.get_by_role("alert")).to_have_text("This thread no longer exists.")
    await visitor.page.goto(address)
    await expect(visitor.page.get_by_role("alert")).to_have_text("This thread no longer exists.")
    await expect(visitor.page).to_have_url(f"{site.url}/")


async def test_a_link_that_has_a_thread_already_leads_there(visitor: Visitor) -> None:
    await visitor.read(link(1))
    address = visitor.page.url
    await visitor.page.get_by_role("link", name="Vidthread", exact=True).click()
    await expect(visitor.page).not_to_have_url(re.compile("/t/"))
    await visitor.paste(link(1))
    await expect(visitor.page).to_have_url(address)
    await expect(visitor.replies.last).to_contain_text("This thread is already about that video.")
    await expect(visitor.threads.get_by_role("link", name="Talk 1")).to_have_count(1)


async def test_what_goes_wrong_is_told_as_a_sentence(visitor: Visitor, visitors: Visitors) -> None:
    visitors.foreseen = "400"
    await visitor.paste("https://youtu.be/aaaaaaaaaaa")
    await expect(visitor.conversation.locator(".failure")).to_contain_text("video")
    await visitor.page.get_by_role("link", name="New video").click()
    field = visitor.page.get_by_role("textbox", name="Link to a YouTube video")
    await field.fill("https://example.com/video")
    await field.press("Enter")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("YouTube")
    await expect(field).to_have_value("https://example.com/video")
