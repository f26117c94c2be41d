"""The gate in front of every model: what may be seen, on the way and at the end."""

import re

import pytest

from gates import LINK, MOON, SAID, SPOKEN, gate, shown
from talks import talk_of
from youtube_analysis.checking.gate import CitationGate
from youtube_analysis.checking.marks import LEGEND, MARK
from youtube_analysis.checking.spoken import SpokenWords
from youtube_analysis.passages.reading import read_passages


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
    "text",
    [
        "It isn't the workers' fault, don't you think, in the '90s and '80s?",
        "L'eau d'aujourd'hui n'est pas qu'un rêve.",
        "A ratio of 3:1 at 16:9, in chapter 4: done. See 1. and 2) of it (both).",
        "He met Anna (the CEO) – 12,500 € for 3.5 % of it, on 2024-05-01; e.g. v1.2.",
        "Use `git push` and a*b, x < 5 > 3, #tag & more: [x] done.",
        "Use a[0], arr[i], `x = [1, 2]`, f(x), a << 2 and x >> y; f''(x) = '', it's \"\".",
        "The class of '69, the bosses' and the workers' rights, rock 'n' roll, 'til 1990's end.",
        "de foto's van 's avonds; 'ne Idee, Hans' Auto; 2023'te; ʻāina in Hawaiʻi; p'tit",
        'צה"ל וארה"ב; می\u200cخواهم क्\u200dष 👩\u200d👧 1️⃣ ❤️ ℹ️',
        "Settings › Privacy › Cookies, 5'10 tall, 12°34'56 N, v0.12.34, 10.12.2024, 1:75, 3:1.",
        "Étape 3 : 10 minutes. Jour 12 : 45 minutes. Step 5: 30 reps; chapter 12: 34 pages.",
        "It takes 5 minutes 30 seconds to cook, 30 minutes or 12 min; a 12-minute walk.",
        "She ran 12 minutes in the rain; per minute 12 beats; every minute 12 die; min. 12 items.",
        "The build took 5m30s; in 2m34s; at 12 minutes per mile; the 100 m mark, at 12 m (5 m).",
        "1h30 de cuisson; il mesure 1m80; à 12 minutes de Paris; für 12 Minuten; на 12 минут",
        "用了12分34秒。只要12分钟。第一分钟。12分34秒で完走した。12분 34초 걸렸다. لمدة 12 دقيقة",
        "The second 12 weeks; a minute or two; ten minutes of peace; version 1.2 at t=5.",
        "It leaves at 10:30, you know.",
        "Ünïcödé, 日本語の文章、और हिन्दी, بالعربية 👍🏽.",
    ],
)
def test_ordinary_words_pass_as_they_are(text: str) -> None:
    assert shown(text) == text


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
        ("R&amp;D &amp;#58;", "R&D :"),
    ],
)
def test_links_tags_and_fences_lose_their_effect(written: str, visible: str) -> None:
    assert shown(written) == visible


def test_unknown_passages_never_pass() -> None:
    made = gate("Nonsense [7]. More [0] [1, 9] [99999].")
    assert made.shown == f"Nonsense. More [0:00]({LINK}?t=0)."
    assert len(made.citations) == 1
    assert f"Nonsense {MARK}." in made.marked()


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        (f"He says “{MOON}” [1].", f"He says […] {MARK}."),
        (f"He says “{MOON}”, and goes [1].", f"He says […] {MARK}, and goes."),
        ("At 12:34 he [9][8] goes.", f"At … {MARK} he {MARK} goes."),
        ("(12:34) He goes.", f"{MARK} He goes."),
        ("It ends at 12:34pm.", f"It ends at … {MARK} pm."),
    ],
)
def test_what_was_refused_has_one_mark_behind_it(written: str, marked: str) -> None:
    assert gate(written).marked() == f"{marked}\n\n{LEGEND}"


def test_a_file_without_a_video_gets_times_without_links() -> None:
    spoken = SpokenWords(read_passages(talk_of(*SAID, video_id="file-0123456789ab")))
    assert gate("The crane lifts. [1]", spoken).shown == "The crane lifts. [0:00]"


@pytest.mark.parametrize(
    "opened",
    [
        *"[“\"'‘´(&<«《`\\",
        "[label](",
        "```",
        "``",
        ",,",
        "<<",
        "12",
        "minute 12",
        "12 m",
        "'90s",
        "第",
    ],
)
def test_whatever_has_begun_is_waited_for_a_while_only(opened: str) -> None:
    made = CitationGate(SPOKEN)
    made.feed(opened)
    late = "".join(made.feed("word ") for _ in range(60))
    assert len(late) >= 5 * 60 - 210 or opened in {'"', "“", "«", "《"}
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
