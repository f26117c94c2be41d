"""The gate in front of every model: what may be seen, on the way and at the end."""

import re

import pytest

from talks import talk_of
from youtube_analysis.grounding.gate import CitationGate
from youtube_analysis.grounding.marks import LEGEND, MARK
from youtube_analysis.grounding.passages import read_passages
from youtube_analysis.grounding.spoken import SpokenWords

LINK = "https://youtu.be/dQw4w9WgXcQ"
SAID = (
    "The crane lifts forty tonnes.",
    "It was built in Gdansk.",
    "The train to Warsaw leaves at 10:30 in the morning.",
    "Nobody, um, knows why it is always late on Fridays.",
)
SPOKEN = SpokenWords(read_passages(talk_of(*SAID, title="Cranes and trains")))


def gate(text: str, spoken: SpokenWords = SPOKEN, *, size: int = 1) -> CitationGate:
    """The gate after a text in pieces of so many characters; all that left it is `shown`."""
    made = CitationGate(spoken)
    parts = [made.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join((*parts, made.close())) == made.shown
    return made


def shown(text: str) -> str:
    return gate(text).shown


def test_citations_become_times_of_the_words_before_them() -> None:
    made = gate("- It was built in Gdansk. [1]\n- A free remark [1]")
    assert made.shown == (
        f"- It was built in Gdansk. [0:05]({LINK}?t=5)\n- A free remark [0:00]({LINK}?t=0)"
    )
    assert [citation.start for citation in made.citations] == [5.0, 0.0]


@pytest.mark.parametrize(
    "written",
    ["[1]", "[ 1 ]", "【1】", "[passage 1]", "[Passages 1]", "[^1]", "[#1]", "[1†s]", "[p. 1]"],
)
def test_a_citation_may_be_written_in_many_ways(written: str) -> None:
    assert shown(f"Yes {written}.") == f"Yes [0:00]({LINK}?t=0)."


def test_several_passages_in_one_citation() -> None:
    spoken = SpokenWords(read_passages(talk_of(*[f"Sentence {n} of it." * 9 for n in range(6)])))
    assert len(spoken.reading.passages) == 6
    found = gate("All. [1, 3 and 5] Some. [2-4] Two. [2][4]", spoken).shown
    assert re.findall(r"\[(\d:\d\d)\]", found) == ["0:00", "0:10", "0:20", "0:05", "0:05", "0:15"]


def test_quotes_are_found_in_the_middle_of_a_passage() -> None:
    assert "[0:06]" in shown("She said “built in Gdansk” and left. [1]")


def test_a_quote_is_cited_where_it_stands_whatever_the_model_says() -> None:
    spoken = SpokenWords(
        read_passages(talk_of(*[f"Part {n} tells of the number {n}." * 8 for n in range(8)]))
    )
    text = gate("“tells of the number 6” [2]", spoken).shown
    assert text.endswith("[0:30](https://youtu.be/dQw4w9WgXcQ?t=30)")


@pytest.mark.parametrize(
    "quote",
    [
        "“It was built in Gdansk.”",
        '"it was BUILT, in Gdansk"',
        "«It was built»",
        "„It was built“",
        "»It was built«",
        "「It was built」",
        "‘It was built’",
        "'It was built'",
        "“The crane … in Gdansk”",
        "“The crane […] in Gdansk”",
        "“Nobody knows why it is always late”",
        "“**Nobody** knows why”",
        "“Cranes and trains”",
    ],
)
def test_a_quote_of_what_is_said_or_of_the_title_keeps_its_marks(quote: str) -> None:
    assert shown(f"So: {quote}.") == f"So: {quote}."


@pytest.mark.parametrize(
    "quote",
    [
        "“the moon is made of cheese”",
        '"the moon is made of cheese"',
        '\\"the moon is made of cheese\\"',
        "&quot;the moon is made of cheese&quot;",
        "«the moon is made of cheese»",
        "'the moon is made of cheese'",
        "“It was built in the city of Gdansk”",
        "“in Gdansk … The crane lifts” of course",
        f"“{'the moon is made of cheese ' * 20}”",
    ],
)
def test_an_invented_quote_is_never_seen(quote: str) -> None:
    made = gate(f"He says {quote} [1] and goes.")
    assert made.shown.startswith("He says […]")
    assert "moon" not in made.shown
    assert made.citations == ()
    assert MARK in made.marked()
    assert made.marked().endswith(LEGEND)


def test_a_term_in_quotes_that_nobody_says_loses_its_marks() -> None:
    assert shown("the “big crane” effect and 'moon cheese'") == (
        "the big crane effect and moon cheese"
    )


@pytest.mark.parametrize(
    "text",
    [
        "It isn't the workers' fault, don't you think, in the '90s and '80s?",
        "L'eau d'aujourd'hui n'est pas qu'un rêve.",
        "A ratio of 3:1 at 16:9, in chapter 4: done. See 1. and 2) of it (both).",
        "He met Anna (the CEO) – 12,500 € for 3.5 % of it, on 2024-05-01; e.g. v1.2.",
        "Use `git push` and a*b, x < 5 > 3, #tag & more: [x] done.",
        "It leaves at 10:30, you know.",
        "Ünïcödé, 日本語の文章、और हिन्दी, بالعربية 👍🏽.",
    ],
)
def test_ordinary_words_pass_as_they_are(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "written",
    [
        "12:34", "1:02:03", "00:12:34.500", "12**:**34", "12\\:34", "12&#58;34", "12&colon;34",
        "１２：３４", "12\u200b:34", "12m34s", "12 min 34 s", "12 minutes and 34 seconds",
        "1h02m03s", "minute 12", "timestamp 754", "t=754", "the 12 minute mark",
        "12 minutes into the video",
        "(12:34)", "(at 12:34)", "[12:34]", "[12:34 - 13:00]",
        "(see 12:34 and 15:20)", "(12:34–13:00)",
        "[12:34](https://youtu.be/dQw4w9WgXcQ?t=754)", "[here](https://youtu.be/dQw4w9WgXcQ?t=754)",
        "https://youtu.be/dQw4w9WgXcQ?t=754", "<https://youtu.be/dQw4w9WgXcQ?t=754>",
        "youtu.be/dQw4w9WgXcQ?t=754", "www.youtube.com/watch?v=dQw4w9WgXcQ&t=754s",
    ],
)  # fmt: skip
def test_a_time_of_the_models_own_is_never_seen(written: str) -> None:
    visible = shown(f"Here {written} it is. [1]")
    rest = visible.replace(f"[0:00]({LINK}?t=0)", "")
    assert not re.search(r"12\D{0,6}34|754|02|15:20|minute 12|12 minute", rest), visible
    assert "youtu" not in rest


@pytest.mark.parametrize(
    ("written", "visible"),
    [
        ("[more](https://evil.example)", "more"),
        ("![p](http://evil.example/x)", "p"),
        ("<script>x</script>", "\\<script>x\\</script>"),
        ("<@123> <!channel>", "\\<@123> \\<!channel>"),
        ("\\[1\\]", "\\[1\\]"),
        ("see https://evil.example/a?b=c, ok", "see … ok"),
        ("javascript://x", "javascript //x"),
        ("```py\nprint(1)\n```\nend", "print(1)\nend"),
        ("> It was built", "It was built"),
        ("R&amp;D &amp;#58;", "R& D & #58;"),
    ],
)
def test_links_tags_and_fences_lose_their_effect(written: str, visible: str) -> None:
    assert shown(written) == visible


def test_inches_are_no_quotes() -> None:
    assert shown('A 5" pipe and a 6" pipe.') == "A 5″ pipe and a 6″ pipe."


def test_unknown_passages_never_pass() -> None:
    made = gate("Nonsense [7]. More [0] [1, 9] [99999].")
    assert made.shown == f"Nonsense. More [0:00]({LINK}?t=0)."
    assert len(made.citations) == 1
    assert f"Nonsense {MARK}." in made.marked()


def test_a_file_without_a_video_gets_times_without_links() -> None:
    spoken = SpokenWords(read_passages(talk_of(*SAID, video_id="file-0123456789ab")))
    assert gate("The crane lifts. [1]", spoken).shown == "The crane lifts. [0:00]"


def test_a_long_quote_is_shown_while_it_grows_and_ends_where_it_is_no_longer_true() -> None:
    lines = [f"Sentence number {n} is about crane {n} of the harbour." for n in range(30)]
    spoken = SpokenWords(read_passages(talk_of(*lines)))
    true = " ".join(lines)
    made = CitationGate(spoken)
    early = made.feed(f"“{true[:300]}")
    assert early.startswith("“Sentence number 0")
    assert len(early) > 250
    assert gate(f"“{true}” [1] end", spoken).shown.startswith(f"“{true}” [0:00]")
    false = f"“{true[:400]} and the moon is made of cheese” [1] end"
    visible = gate(false, spoken).shown
    assert "moon" not in visible
    assert visible.startswith(f"“{true[:250]}")
    assert "” […]" in visible
    assert visible.endswith(" end")


@pytest.mark.parametrize("opened", ["[", "“", '"', "(", "[label](", "```", "12", "&", "<", "\\"])
def test_whatever_has_begun_is_waited_for_a_while_only(opened: str) -> None:
    made = CitationGate(SPOKEN)
    made.feed(opened)
    late = "".join(made.feed("word ") for _ in range(60))
    assert len(late) >= 5 * 60 - 210 or opened in {'"', "“", "[label]("}
    made.feed("\nanother line")
    assert made.close() is not None
    assert "another line" in made.shown


def test_the_marker_for_no_answer_is_taken_and_not_shown() -> None:
    made = gate("[none] The video does not tell. It comes close here. [1]")
    assert made.unanswered
    assert made.shown.startswith("The video does not tell. It comes close here. [0:00]")


def test_what_cites_nothing_or_shares_no_word_with_it_is_marked_at_the_end() -> None:
    text = (
        "### Heading of it\n\nThe crane lifts forty tonnes there. [1]\n\n"
        "Elephants dance upon violet oceans of marble. [1]\n\n"
        "Bananas are sold here every day.\n\n- an unsourced point in a list\n\nIn short:"
    )
    marked = gate(text).marked()
    lines = [line for line in marked.splitlines() if MARK in line and line != LEGEND]
    assert [line[:9] for line in lines] == ["Elephants", "Bananas a", "- an unso"]
    assert marked.count(LEGEND) == 1


def test_nothing_is_marked_where_languages_cannot_be_compared() -> None:
    made = gate("Der Kran hebt das sehr schwere Getreide und er ist nicht klein. [1]")
    assert MARK not in made.marked()
