"""What the bot says: in the language of whoever is served, whole, and only from its catalogs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from discord import ui

from catalogs import CLOSE, LOCALES, OPEN, identity, pseudo_locale, read, sentences, texts, values
from slack_world import SlackWorld
from vidthread import sentences as door
from vidthread.discord import layout as discord
from vidthread.menus import CAPTIONS, STOP, menu, retry, suggested
from vidthread.playground.rendering import PageRenderer
from vidthread.replies import AnalysisState, away, card, failure, waiting
from vidthread.sentences import language_name, say, say_count, say_error, say_list, speak, spoken
from vidthread.slack import layout as slack
from vidthread.surface import Answer, Block, Page, Section, VideoCard
from worlds import link, open_discord, open_world
from youtube_analysis import AnalysisType, VideoAnalysisError
from youtube_analysis.errors import InvalidLink, ModelBroke
from youtube_analysis.models.analysis import Queued
from youtube_analysis.models.notices import Cause, Missing, MissingCode, Notice, NoticeCode
from youtube_analysis.models.video import (
    CaptionTrack,
    Coverage,
    Gap,
    Source,
    VideoData,
    VideoInfo,
)

CATALOGS = sorted(path.name.removesuffix(".po") for path in LOCALES.iterdir())
ENGLISH = {identity(message): message for message in sentences(read("en"))}
BOT = Path(door.__file__).parents[1]


@pytest.fixture(autouse=True)
def _english() -> None:
    speak("en")


# --- the catalogs ---


@pytest.mark.parametrize("locale", CATALOGS)
def test_a_catalog_is_complete(locale: str) -> None:
    catalog = read(locale)
    told = {identity(message): message for message in sentences(catalog)}
    assert told.keys() == ENGLISH.keys()
    unfinished = [name for name, one in told.items() if one.fuzzy or not all(texts(one))]
    assert unfinished == []
    assert [name for name, one in told.items() if _values(one) != _values(ENGLISH[name])] == []
    counted = [one for one in told.values() if not isinstance(one.id, str)]
    assert {len(texts(one)) for one in counted} == {catalog.num_plurals}


def _values(message: Message) -> set[str]:
    """One of a plural form may leave the number out, but no more."""
    named = [values(text) for text in texts(message)]
    every = set[str]().union(*named)
    assert all(one | {"{n}"} == every | {"{n}"} for one in named), identity(message)
    return every


@pytest.mark.parametrize("locale", CATALOGS)
def test_what_discord_is_given_fits(locale: str) -> None:
    names = re.compile(r"[-_'\w]{1,32}")
    for message in sentences(read(locale)):
        name, text = identity(message), texts(message)[0]
        if re.fullmatch(r"slash\.[a-z]+", name) and name != "slash.menu":
            assert names.fullmatch(text), name
            assert text == text.lower(), name
        elif name.startswith(("slash.menu", "form.title")):
            assert 1 <= len(text) <= 32, name
        elif name.startswith(("slash.", "permission.")):
            assert 1 <= len(text) <= 100, name
        elif name.startswith(("button.", "type.")):
            assert 1 <= len(text) <= 40, name


def test_every_sentence_is_said_and_every_one_that_is_said_is_there() -> None:
    literal, begun = _ids_in_code()
    assert literal - ENGLISH.keys() == set()
    assert {name for name in ENGLISH if name not in literal and not name.startswith(begun)} == set()


def _ids_in_code() -> tuple[set[str], tuple[str, ...]]:
    """Ids that stand in the code, and the beginnings of those that are put together there."""
    rooms = {name.partition(".")[0] for name in ENGLISH if "." in name}
    written = re.compile(rf"(?:{'|'.join(rooms)})(?:\.[a-z_]+)+")
    literal, begun = {"help", "privacy", *_ids_on_page()}, set[str]()
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if re.fullmatch(rf"(?:{'|'.join(rooms)})\.(?:[a-z_]+\.)*", start):
                    begun.add(start)
            elif isinstance(node, ast.Constant) and written.fullmatch(str(node.value)):
                literal.add(str(node.value))
    return literal - {"missing.html", "thread.id", "video.info"}, tuple(begun)


def _ids_on_page() -> Iterator[str]:
    rooms = {name.split(".")[1] for name in ENGLISH if name.startswith("page.")}
    quoted = re.compile(r"""(?:"|\{\{)([a-z_]+(?:\.[a-z_]+)?)(?:"|\}\})""")
    for path in BOT.joinpath("playground/page").iterdir():
        found = quoted.findall(path.read_text("utf-8"))
        yield from (f"page.{name}" for name in found if "." in name and name.split(".")[0] in rooms)
        yield from (f"page.{name}" for name in found if name in {"skip", "needs_script"})


def test_the_core_says_in_english_what_the_catalog_does() -> None:
    kinds: list[type[VideoAnalysisError]] = [VideoAnalysisError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    for kind in kinds:
        if kind.__module__ != "youtube_analysis.errors":
            continue
        named = {kind.code: kind.sentence} if kind.sentence else {}
        reasons = kind.__dict__.get("reasons", {})
        named |= {f"{kind.code}.{reason}": told for reason, told in reasons.items()}
        for key, told in named.items():
            assert texts(ENGLISH[f"error.{key}"]) == (told,)
    for code in NoticeCode:
        named_values = values(texts(ENGLISH[f"notice.{code}"])[0])
        params = {value.strip("{}"): "7" for value in named_values}
        english = str(Notice(code, params)).replace("from 7,", "from minutes 7,")
        assert say(f"notice.{code}", **params) == english
    for missing in MissingCode:
        params = {"language": "xx", "minutes": "minutes 7"}
        english = str(Missing(missing, params)).replace("“", "").replace("”", "")
        assert door.say_missing(Missing(missing, params)) == english


# --- the door ---


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["de-AT"], "de"),
        (["de_DE.UTF-8"], "de"),
        (["tlh", "DE"], "de"),
        (["en-GB", "de"], "en"),
        (["C.UTF-8"], "en"),
        ([""], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_is_there_is_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: list[str], found: str
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        speak(*wanted)
        assert spoken() == found


def test_what_people_say_is_no_pattern() -> None:
    assert say("thread.asks", name="{name} {0} %s") == "{name} {0} %s asks:"
    assert say("kept by a version before: {braces}") == "kept by a version before: {braces}"


def test_numbers_lists_and_names_of_languages_are_the_languages_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say_count("stats.answers", 1) == "1 answer"
    assert say_count("stats.answers", 12_345) == "12,345 answers"
    assert (language_name("de"), language_name("pt-BR")) == ("German", "Portuguese (Brazil)")
    assert (language_name("xx"), language_name("no language")) == ("xx", "no language")
    with pseudo_locale(tmp_path, monkeypatch):
        speak("de")
        assert "12.345 answers" in say_count("stats.answers", 12_345)
        assert language_name("de") == "Deutsch"
        assert say_list(["a", "b", "c"]) == "a, b und c"


def test_errors_are_worded_by_what_they_are_and_kept_texts_stand_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broke = ModelBroke(what="no completion")
    note = Notice(NoticeCode.STAND_IN, {"reason": broke.message}, Cause.of(broke))
    with pseudo_locale(tmp_path, monkeypatch):
        speak("de")
        assert say_error(InvalidLink(reason="no_link")).startswith(f"{OPEN}That isn't a link.")
        assert f"{OPEN}{OPEN}The language model failed (no completion)." in door.say_notice(note)
        assert say_error(VideoAnalysisError("As it stands.")) == "As it stands."
        kept = VideoAnalysisError.kept("model_broke", "As it was kept.", None)
        assert say_error(kept) == "As it was kept."


# --- a language that is longer than English ---

TALK = VideoData(
    VideoInfo("dQw4w9WgXcQ", "000", "111", published="2026-01-02"),
    (),
    CaptionTrack("de", "German", generated=True, translated_from="en"),
    Source.YOUTUBE,
    Coverage(300.0, 900.0, (Gap(0.0, 600.0),) * 7),
    missing=tuple(Missing(code, {"language": "de", "minutes": "4"}) for code in MissingCode),
)


def _blocks() -> Iterator[Block]:
    """All that we say around what others said, who say nothing but numbers here."""
    yield card(TALK)
    for queued in (Queued(2), Queued(0), Queued(0, part=2, parts=6), None):
        yield waiting(queued, say("progress.writing"), 2, 5)
    yield away()
    for kind in AnalysisType:
        yield Section(kind, "222", live=False)
    yield Answer("333", live=False, engine="offline")
    yield from failure(say_error(ModelBroke(what="4")), "5", retry("r"), CAPTIONS)
    yield menu("r", STOP, shown=(AnalysisType.SUMMARY,))
    asked = suggested(["6", "7"])
    assert asked
    yield asked


def _left(shown: Iterable[object]) -> list[str]:
    """Words that are in none of our sentences. What is a language's name, the catalog did not
    write."""
    text = "\n".join(map(str, shown))
    inner = re.compile(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
    while inner.search(text):
        text = inner.sub("", text)
    return re.findall(r"[^\W\d_]{2,}", text)


def test_on_discord_nothing_is_left_in_english_and_all_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        speak("de")
        for block in _blocks():
            view = discord.render(Page("r", 0, (block,), live=False))
            buttons = [b for b in view.walk_children() if isinstance(b, ui.Button)]
            assert all(len(button.label or "") < 80 for button in buttons)
            assert _left([*discord.texts(view), *(button.label for button in buttons)]) == []
        reply = AnalysisState("r", "", (AnalysisType.SUMMARY,), opens=True).reply()
        assert _left(discord.texts(discord.render_opening(reply))) == []


def test_on_slack_nothing_is_left_in_english_and_all_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        speak("de")
        for block in _blocks():
            if isinstance(block, VideoCard):
                continue  # what is longer than a line is cut there
            payload = slack.render(Page("r", 0, (block,), live=False))
            labels = re.findall(r"'plain_text', 'text': '([^']*)'", str(payload["blocks"]))
            assert all(len(label) < slack.BOUNDS.label for label in labels)
            shown = (payload["text"], payload["stream"], payload["status"])
            assert _left(text.replace(":warning:", "") for text in (*shown, *labels)) == []


def test_on_the_page_nothing_is_left_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        speak("de")
        for block in PageRenderer().render(Page("r", 0, tuple(_blocks()), live=False))["blocks"]:
            shown = [block.get("text"), block.get("coverage"), block.get("missing")]
            shown += [re.sub(r"<[^>]*>", "", block.get("html") or "")]
            shown += [button["label"] for button in block.get("buttons", ())]
            assert _left(one for one in shown if one) == []


# --- people who speak different languages ---


async def test_each_person_on_discord_is_served_in_their_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        async with open_discord(tmp_path) as world:
            otto = world.discord.user("otto", locale="de")
            for name in ("help", "privacy", "stats"):
                world.discord.command(world.channel, otto, name)
                assert _left([_sentences_of(await world.told_privately(OPEN, otto))]) == []
            world.discord.command(world.channel, world.person, "help")
            await world.told_privately("Send me a YouTube link")
            world.discord.command(world.channel, otto, "analyze", {"link": link(1)})
            await world.until(lambda: world.discord.threads(world.channel))
            thread = world.discord.threads(world.channel)[0].id
            text = await world.idle(thread, f"## {OPEN}Key Moments")
            assert f"{OPEN}Read 5:00 of 10:00" in text
            # A message tells no language; whoever gave a command is known by it.
            here = world.discord.channels[thread]
            world.discord.say(here, otto, "quiet on", mentions=[world.discord.bot])
            await world.idle(thread, f"{OPEN}I'll only reply when mentioned.")
            world.mention(thread, "quiet off")
            assert f"{OPEN}I'll answer questions" not in await world.idle(
                thread, "I'll answer questions"
            )


async def test_each_person_on_slack_is_served_in_their_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        async with open_world("slack", tmp_path) as world:
            assert isinstance(world, SlackWorld)
            slack, here, otto = world.slack, world.channel, {"user": "U0OTTO"}
            slack.locales["U0OTTO"] = "de-DE"
            slack.channels[here].members.add("U0OTTO")
            for call in ("help", link(99)):
                called = slack.slash(here, call, **otto)
                await world.until(lambda called=called: called.answer)  # type: ignore[misc] # bound now
                assert called.answer
                assert called.answer["text"].startswith(OPEN)
            thread = slack.mention(here, link(1), **otto)
            await world.idle(thread, f"## {OPEN}Key Moments")
            slack.slash(here, link(1), **otto)
            (good,) = (b for b in world.shown(thread)[-1].buttons if b.startswith("v1:good:"))
            slack.press(here, slack.shown(here, thread)[-1].ts, good, **otto)
            await world.until(lambda: len(slack.ephemeral) == 3)
            told = [re.sub(r"<[^|]*\||>", "", one.text) for one in slack.ephemeral]
            assert all(text.startswith(OPEN) for text in told), told
            await world.say(thread, "quiet on")
            assert f"{OPEN}I'll only" not in await world.idle(thread, "I'll only reply")


def _sentences_of(text: str) -> str:
    return text.replace("127.0.0.1", "")


async def test_discord_has_the_names_of_commands_in_each_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pseudo_locale(tmp_path, monkeypatch):
        async with open_discord(tmp_path) as world:
            await world.synced()
            (commands,) = world.discord.commands.values()
            told = {command["name"]: command for command in commands}
            assert told["analyze"]["name_localizations"]["de"] == "analyzex"
            about = told["analyze"]["description_localizations"]["de"]
            assert about.startswith(f"{OPEN}Open a thread about a YouTube video")
            assert told["settings"]["options"][0]["name_localizations"]["de"]
            assert told["Analyze video"]["name_localizations"]["de"]
