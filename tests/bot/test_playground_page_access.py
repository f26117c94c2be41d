"""The page of the playground for everybody: with a keyboard alone, by its names, on a phone, in the
dark, from right to left."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from fakes.youtube_bodies import Track, Video
from worlds import cues, link

if TYPE_CHECKING:
    from browsers import Site, Visitor, Visitors

pytest_plugins = ["browsers"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

# What is wider than its pane: parts that scroll sideways, and texts and controls beyond the edge.
WIDE = """pane => [...document.querySelectorAll(`#${pane}, #${pane} *`)].filter((node) => {
  const { left, right } = node.getBoundingClientRect();
  const scrolls = node.id === pane || /auto|scroll/.test(getComputedStyle(node).overflowX);
  const isRead = node.matches("p, a, h1, h2, h3, li, button, input, textarea, select");
  return (scrolls && node.scrollWidth > node.clientWidth) ||
    (isRead && (left < 0 || right > innerWidth));
}).map((node) => node.outerHTML.slice(0, 120))"""
# Of the rules, the size of what is pressed is one that has to be asked for.
AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
ARABIC = tuple(
    (f"الرافعة رقم {number} ترفع القمح من السفينة الكبيرة إلى الرصيف.", 5.0 * number, 5.0)
    for number in range(60)
)
DONE = ".reply[aria-busy=false]"
TITLE = "رافعات الميناء"
# The mark of the focus is an outline, or the frame of the field around it.
FOCUSED = """() => {
  const at = document.activeElement;
  const framed = at.closest(".field");
  const marked = getComputedStyle(at).outlineStyle !== "none"
    || (framed && getComputedStyle(framed).boxShadow !== "none");
  return [at.id || (at === document.body ? "" : at.innerText || at.tagName), marked];
}"""


async def test_a_keyboard_is_enough(visitor: Visitor, site: Site) -> None:
    press = visitor.page.keyboard.press
    await expect(visitor.page.get_by_label("Link to a YouTube video")).to_be_focused()
    await visitor.page.keyboard.type(link(1))
    await press("Enter")
    await visitor.finished()
    await expect(visitor.question).to_be_focused()
    await visitor.page.keyboard.type("What is crane 54 about?")
    await press("Enter")
    await visitor.answered()
    for _ in range(5):  # over what can be done next
        await press("Shift+Tab")
    await expect(visitor.answers.get_by_role("link").last).to_be_focused()
    await expect(visitor.page.get_by_role("tooltip")).to_contain_text("sentence 54 is about")
    await press("Escape")
    await expect(visitor.page.get_by_role("tooltip")).to_be_hidden()
    await press("Enter")
    await expect(visitor.passage).to_contain_text("sentence 54 is about")
    site.model.hold = asyncio.Event()
    await press("/")
    await visitor.page.keyboard.type("And crane 3?")
    await press("Enter")
    await expect(visitor.conversation.locator(".answer.live")).to_be_visible()
    await press("Escape")
    await expect(visitor.replies.last).to_contain_text("Stopped.")


async def test_arrow_keys_walk_through_the_talk(visitor: Visitor) -> None:
    await visitor.read(link(1))
    slider = visitor.talk.get_by_role("slider", name="Position in the talk")
    await slider.press("ArrowRight")
    await expect(slider).to_have_attribute("aria-valuenow", "5")
    await slider.press("End")
    await expect(visitor.passage).to_contain_text("sentence 59 is about")
    await slider.press("Enter")
    await expect(visitor.passage).to_be_focused()
    await visitor.button("Thread menu").press("Enter")
    await expect(visitor.page.get_by_label("Answer in")).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.button("Thread menu")).to_be_focused()


async def test_each_stop_of_the_tab_key_is_seen(visitor: Visitor) -> None:
    await visitor.read(link(1))
    await visitor.page.reload()
    await visitor.finished()
    await expect(visitor.contents).to_contain_text("sentence 0 is about")
    await visitor.page.locator("#skip").focus()
    stops: list[str] = []
    while "" not in stops and len(stops) < 80:
        await visitor.page.keyboard.press("Tab")
        name, seen = await visitor.page.evaluate(FOCUSED)
        stops.append(name)
        assert seen or not name, name
    assert {"theme", "menu-button", "question", "search"} <= set(stops)


async def test_everything_has_a_place_and_a_name_for_a_screen_reader(visitor: Visitor) -> None:
    await visitor.read(link(1))
    await expect(visitor.contents).to_contain_text("sentence 0 is about")
    await expect(visitor.page.locator("body")).to_match_aria_snapshot("""
      - link "Skip to the text field"
      - navigation "Threads":
        - link "New video"
        - list:
          - listitem:
            - link /Talk 1/
      - banner:
        - heading "Talk 1" [level=1]
        - button "Thread menu"
      - main:
        - region "Conversation":
          - list:
            - listitem
            - listitem:
              - heading "Summary" [level=2]
        - textbox "Question about this video"
      - complementary "The talk":
        - slider "Position in the talk"
        - search:
          - searchbox "Search the transcript"
        - region "Contents"
      """)
    tree = await visitor.page.locator("body").aria_snapshot()
    assert re.findall(r"- (?:button|\w*box|slider|link)(?: \[.*)?:?$", tree, re.MULTILINE) == []


async def test_a_phone_shows_each_pane_within_its_width(visitors: Visitors, site: Site) -> None:
    spoken = tuple((f"{text} {'Donaudampfschiff' * 6}", at, long) for text, at, long in cues(9))
    title = "Wide " * 9 + "W" * 90
    site.youtube.add(Video("longwords01", title=title, tracks=(Track("en", spoken),)))
    visitor = await visitors.come_by_phone()
    assert await visitor.page.evaluate(WIDE, "chat") == []
    await visitor.read("https://youtu.be/longwords01")
    await visitor.ask("What is " + "very" * 40 + " long?")
    await visitor.answered()
    for button, pane in (("Talk", "talk"), ("Chat", "chat"), ("Threads", "threads")):
        await visitor.button(button).tap()
        await expect(visitor.page.locator(f"#{pane}")).to_be_visible()
        assert await visitor.page.evaluate(WIDE, pane) == []
    await visitor.threads.get_by_role("link").first.tap()
    await visitor.answers.get_by_role("link").last.tap()
    await expect(visitor.passage.first).to_be_in_viewport()
    await visitor.button("Chat").tap()
    await expect(visitor.answers.first).to_be_visible()


async def test_the_page_is_dark_where_the_system_is_and_remembers_another_wish(
    visitors: Visitors,
) -> None:
    visitor = await visitors.come(color_scheme="dark")
    body = visitor.page.locator("body")
    await expect(body).to_have_css("background-color", "rgb(21, 23, 25)")
    await expect(body).to_have_css("color", "rgb(232, 230, 226)")
    await visitor.button("Light theme").click()
    await expect(body).to_have_css("background-color", "rgb(253, 252, 250)")
    await visitor.page.reload()
    await expect(body).to_have_css("background-color", "rgb(253, 252, 250)")
    await expect(visitor.button("Dark theme")).to_be_visible()


async def test_a_title_from_right_to_left_stands_on_its_side(visitor: Visitor, site: Site) -> None:
    spoken = (("המנוף הגדול מרים תבואה בנמל.", 0.0, 5.0), ("הרציף ארוך מאוד.", 5.0, 5.0))
    title = "סיפור הנמל, part 1"
    site.youtube.add(Video("righttoleft", title=title, tracks=(Track("iw", spoken),)))
    await visitor.read("https://youtu.be/righttoleft")
    await expect(visitor.page.get_by_role("heading", name=title)).to_have_css("direction", "rtl")
    await expect(visitor.passages.locator("p").first).to_have_css("direction", "rtl")
    for items in await visitor.sections.get_by_role("list").all():
        await expect(items).to_have_css("direction", "rtl")
    await expect(visitor.question).to_have_css("direction", "ltr")


async def test_who_reads_further_up_is_not_moved_by_what_is_new(visitor: Visitor) -> None:
    await visitor.read(link(1))
    other = await visitor.another_tab()
    await other.finished()
    await visitor.conversation.evaluate("scroller => scroller.scrollTo(0, 50)")
    await other.ask("What is crane 3 about?")
    await visitor.button("↓ New messages").wait_for()
    await visitor.answered()
    assert await visitor.conversation.evaluate("scroller => scroller.scrollTop") == 50
    await visitor.button("↓ New messages").click()
    await expect(visitor.answers.get_by_role("link").last).to_be_in_viewport()
    await expect(visitor.button("↓ New messages")).to_be_hidden()


async def test_the_transcript_is_searched(visitor: Visitor) -> None:
    await visitor.read(link(1))
    search = visitor.page.get_by_role("searchbox", name="Search the transcript")
    await search.fill("CRANE 30 of")
    await expect(visitor.talk.get_by_text("Passages found: 1", exact=True)).to_be_visible()
    found = visitor.passages.filter(visible=True)
    await expect(found).to_contain_text(["crane 30 of"])
    await expect(visitor.passages.locator("mark")).to_have_text("crane 30 of")


async def test_a_quote_over_two_passages_is_marked_in_both(visitor: Visitor, site: Site) -> None:
    await visitor.read(link(1))
    site.model.reply = lambda _: "“crane 2 of harbour 1. In talk 1 sentence 3 is about” [1]"
    await visitor.ask("What is crane 3 about?")
    await visitor.answered()
    await visitor.answers.get_by_role("link").click()
    await expect(visitor.passages.locator("mark")).to_have_text(
        ["crane 2 of harbour 1.", "In talk 1 sentence 3 is about"]
    )


async def test_the_menu_sets_the_language_and_tells_what_was_read(visitor: Visitor) -> None:
    await visitor.read(link(1))
    await visitor.button("Thread menu").click()
    await visitor.page.get_by_label("Answer in").select_option("Deutsch")
    await expect(visitor.replies.last).to_contain_text("I'll answer in German from now on.")
    await visitor.page.reload()
    await visitor.button("Thread menu").click()
    await expect(visitor.page.get_by_label("Answer in")).to_have_value("de")
    await visitor.button("Coverage").click()
    await expect(visitor.replies.last).to_contain_text("Read 5:00 of 10:00")


async def found_by_axe(visitor: Visitor) -> list[str]:
    """Rules that a page breaks, with the element that does."""
    found = await Axe().run(visitor.page, options=AXE)
    broken = found.response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in broken]


@pytest.mark.parametrize("locale", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(visitors: Visitors, site: Site, locale: str, scheme: str) -> None:
    site.youtube.add(Video("arabic00001", title=TITLE, tracks=(Track("ar", ARABIC),)))
    site.youtube.add(Video("nocaptions1", tracks=()))
    visitor = await visitors.come(locale=locale, color_scheme=scheme)
    assert await found_by_axe(visitor) == []
    for video in ("arabic00001", "nocaptions1"):
        await visitor.page.goto("/")
        await visitor.page.locator("#link").fill(f"https://youtu.be/{video}")
        await visitor.page.keyboard.press("Enter")
        await visitor.page.locator(DONE).first.wait_for()
        if video == "arabic00001":
            await visitor.page.locator("#messages a.time").first.click()
            await expect(visitor.page.locator("#contents [aria-current]")).to_be_visible()
        assert await found_by_axe(visitor) == []


async def test_the_page_is_mirrored_where_its_language_is_written_from_the_right(
    visitors: Visitors, site: Site
) -> None:
    site.youtube.add(Video("arabic00001", title=TITLE, tracks=(Track("ar", ARABIC),)))
    for come, panes in ((visitors.come, 3), (visitors.come_by_phone, 1)):
        visitor = await come(locale="ar-EG")
        await expect(
            visitor.page.get_by_role("heading", name="حوّل الفيديو إلى محادثة")
        ).to_be_visible()
        await visitor.page.get_by_label("رابط فيديو على YouTube").fill(
            "https://youtu.be/arabic00001"
        )
        await visitor.button("تحليل").click()
        await visitor.page.wait_for_url("**/t/*")
        await visitor.page.locator(DONE).first.wait_for()
        for pane in ("threads", "chat", "talk")[-panes:]:
            assert await visitor.page.evaluate(WIDE, pane) == []
        chat = await visitor.page.locator("#chat").bounding_box()
        threads = await visitor.page.locator("#threads").bounding_box()
        assert chat
        assert not threads or threads["x"] > chat["x"]
        await expect(visitor.page.locator(".section ul").first).to_have_css("direction", "rtl")
