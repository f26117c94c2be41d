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


MOON = "the moon is made of cheese"


@pytest.mark.parametrize(
    "quote",
    [
        *(f"{pair[0]}{MOON}{pair[1]}" for pair in (
            "“”", '""', "„“", "„”", "‟”", "”“", "””", "＂＂", "❝❞", "〝〟", "〝〞", "🙶🙷", "ʺʺ", "″″", "״״",
            "«»", "»«", "»»", "‹›", "›‹", "❮❯", "「」", "『』", "｢｣", "﹁﹂", "﹃﹄", "⹂”", "˝˝",
            "‘’", "‚‘", "‛’", "''", "’’", "´´", "`´", "`'", "ʻʼ", "❛❜", "＇＇", "′′", "׳׳", "՚՚",
        )),
        *(f"{opener}{MOON}{closer}" for opener, closer in (
            ("``", "''"), ("''", "''"), (",,", "''"), ("‘‘", "’’"), ('""', '""'), ('"""', '"""'),
            ("<<", ">>"), ("‹<", ">›"), ("« ", " »"), ("' ", " '"), ("'**", "**'"), ("“*", "*”"),
            ('\\"', '\\"'), ("&quot;", "&quot;"), ("&amp;ldquo;", "&rdquo;"), ("“\u200b", "\u2060”"),
            ("'\ufe0f", "'"), ("'Til then ", "'"), ("'90 people said ", "'"), ("“”“", "”"),
        )),
        "“It was built in the city of Gdansk”",
        "“in Gdansk … The crane lifts” of course",
        "“The crane ⓝⓞⓣ lifts forty tonnes”",
        "“The crane lifts ≠ forty tonnes”",
        "“The crane ~~lifts~~ forty tonnes”",
        "“The crane lifts $forty tonnes”",
        "“The crane lifts -40 forty tonnes”",
        "“The crane [moon 1] lifts forty tonnes”",
        "‘月亮是绿色奶酪做的而且很大’",
        "'달은 초록색 치즈로 만들어졌다'라고",
        "הוא ה\"ירח עשוי מגבינה ירוקה\"",
        f"“{MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON}”",
    ],
)  # fmt: skip
def test_an_invented_quote_is_never_seen(quote: str) -> None:
    made = gate(f"He says {quote} [1] and goes.")
    assert "[…]" in made.shown
    assert not re.search("moon|ⓝ|≠|\\$|~|-40|city|月|달|ירח|of course”", made.shown), made.shown
    assert made.citations == ()
    assert MARK in made.marked()
    assert made.marked().endswith(LEGEND)


@pytest.mark.parametrize("opener", [*"'‘’‚‛´`ʻʼ❛＇", "''", "``", ",,", "<<", '""', "“”"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_may_be_a_quote_too_long_to_be_awaited_does_not_open_one(
    opener: str, size: int
) -> None:
    closer = {"“”": "“”", "<<": ">>"}.get(opener, "’" * len(opener))
    shown = gate(f"He says {opener}{f'{MOON} ' * 9}moon{closer} and goes.", size=size).shown
    assert shown.startswith(f"He says {MOON}")


@pytest.mark.parametrize("mark", ["《》", "〈〉", "⟪⟫"])
def test_a_title_loses_its_marks_only(mark: str) -> None:
    assert shown(f"He reads {mark[0]}{MOON}{mark[1]}.") == f"He reads {MOON}."


def test_marks_within_a_proved_quote_open_no_other() -> None:
    assert shown(f'“It was ‘built’ in Gdansk”, “The crane "lifts” {MOON}" ’tis') == (
        f"“It was ‘built’ in Gdansk”, “The crane lifts” {MOON} ’tis"
    )


EMPTY = 'Set the name to "" and the crane ' + "lifts what it can carry, as cranes do, " * 7


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        (EMPTY, EMPTY),
        ("«»" + "the " * 60, "the " * 60),
        ("x = '' and y = \"\" or «».", "x = '' and y = \"\" or «»."),
        ("“”", "“”"),
        ('""The crane lifts""', '"The crane lifts"'),
    ],
)
@pytest.mark.parametrize("size", [1, 10, 1000])
def test_an_empty_pair_of_marks_quotes_nothing(text: str, visible: str, size: int) -> None:
    assert gate(text, size=size).shown == visible


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
        "Use a[0], arr[i], `x = [1, 2]`, f(x), a << 2 and x >> y; f''(x) = '', it's \"\".",
        "The class of '69, the bosses' and the workers' rights, rock 'n' roll, 'til 1990's end.",
        "de foto's van 's avonds; 'ne Idee, Hans' Auto; 2023'te; ʻāina in Hawaiʻi; p'tit",
        'צה"ל וארה"ב; می\u200cخواهم क्\u200dष 👩\u200d👧 1️⃣ ❤️ ℹ️',
        "Settings › Privacy › Cookies, 5'10 tall, 12°34'56 N, v0.12.34, 10.12.2024, 1:75, 3:1.",
        "Étape 3 : 10 minutes. Jour 12 : 45 minutes. Step 5: 30 reps; chapter 12: 34 pages.",
        "It takes 5 minutes 30 seconds to cook, 30 minutes or 12 min; a 12-minute walk.",
        "She ran 12 minutes in the rain; per minute 12 beats; every minute 12 people; min. 12 items.",
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
    "written",
    [
        "12:34", "1:02:03", "00:12:34.500", "12m34s", "1h02m03s", "00.12.34", "12.34 Uhr",
        "12'34\"", "12’34”", "12′34″", "minute 12", "Minute 12–14", "minutes 12 to 14", "min. 12,",
        "timestamp 754", "timecode: 00-12-34", "t=754", "?t=12m34s", "start=754", "second 754,",
        "the 12 minute mark", "the 12-minute mark", "the 12 minute point", "the 12th minute",
        "12 minutes into the video", "12 minutes into it", "12 minutes in, ", "12:34 – 13:00",
        # As a notation that hides something.
        "12**:**34", "12:**3**4", "1**2**:34", "12\\:34", "12&#58;34", "12&colon;34", "12&lrm;:34",
        "12&amp;#58;34", "12&amp;amp;colon;34", "12{:}34", "`12`:`34`", "12[](http://x.y):34",
        *(f"12{hidden}:34" for hidden in "\u200b\u200e\u200f\u180e\u2061\ufe0f\u034f\u115f\u3164\u0338"),
        *(f"12{colon}34" for colon in "：∶ː꞉﹕︓׃˸։"),
        "１２：３４", "١٢:٣٤", "۱۲:۳۴", "१२:३४", "⓬:34", "①②:③④", "¹²:³⁴", "𝟏𝟐:𝟑𝟒", "1️⃣2️⃣:3️⃣4️⃣",
        "12\u2009:\u200934", "12\u202f:34",
        # At the beginning of a line, or behind words that tell.
        "at 12 : 34", "at 12: 34,", "at 12m34s", "at 12h34", "at 12 minutes", "at about 12 min",
        "at 12 min 34 s", "at 12 minutes and 34 seconds", "at 12 min 34", "at 12.34.56",
        "\n- 12 : 34", "\n- 12 min 34 s – x",
        # In brackets, alone.
        "(12:34)", "(at 12:34)", "[12:34]", "[12:34 - 13:00]", "(see 12:34 and 15:20)",
        "(12:34–13:00)", "（12:34）", "［12:34］", "\\[12:34\\]", "(12 min)", "[12 min]", "[12m]",
        "[12m30]", "(12m30s)", "(~12 min)", "(at 12 minutes)", "(12 minutes 34 seconds)", "(754 s)",
        "(12 : 34)", "（12分34秒）", "(12분)", "(12–14 min)",
        # In words.
        "at minute twelve", "in minute thirty-four", "the twelve minute mark", "ten minutes into it",
        # In other languages.
        "in der 12. Minute", "ab Minute 12", "bei 12 Minuten 34 Sekunden", "à la 12e minute",
        "à 12 min 34 s", "en el minuto 12", "a los 12 minutos", "al minuto 12", "12º minuto",
        "a 12 minuti e 34 secondi", "minuut 12", "vid 12 minuter", "w 12. minucie", "12. dakikada",
        "12. percben", "минута 12", "на 12-й минуте", "в 12 минут 34 секунды", "на 12-й хвилині",
        "στο 12ο λεπτό", "الدقيقة 12", "دقیقه 12", "בדקה ה-12", "मिनट 12", "12 मिनट 34 सेकंड पर",
        "menit ke-12", "phút thứ 12", "นาทีที่ 12", "第12分钟", "第十二分三十四秒", "在12分34秒", "12分34秒に",
        "12分のところ", "12분 34초에", "12분 지점",
        # As a link.
        "[12:34](https://youtu.be/dQw4w9WgXcQ?t=754)", "[here](https://youtu.be/dQw4w9WgXcQ?t=754)",
        "https://youtu.be/dQw4w9WgXcQ?t=754", "<https://youtu.be/dQw4w9WgXcQ?t=754>",
        "youtu.be/dQw4w9WgXcQ?t=754", "www.youtube.com/watch?v=dQw4w9WgXcQ&t=754s",
    ],
)  # fmt: skip
def test_a_time_of_the_models_own_is_never_seen(written: str) -> None:
    visible = shown(f"Here {written} it is. [1]")
    rest = visible.replace(f"[0:00]({LINK}?t=0)", "")
    assert not re.search(r"\d\W*\d|\b\d|[十١۱१１⓬①¹𝟏]|twelve|thirty|ten\b|youtu", rest), visible
    assert "it is." in visible


@pytest.mark.parametrize(
    ("written", "visible"),
    [
        ("**12:34** – x", "**…** – x"),
        ("**At 12:34:** x **y**", "**At …:** x **y**"),
        ("`12:34` x `y`", "`…` x `y`"),
        ("~~12:34~~ _12:34_ *12:34*", "~~…~~ _…_ *…*"),
        ("**12**:**34** x", "**…** x"),
        ("- **[12:34] Title:** x", "- **… Title:** x"),
        ("- **(12:34)** x", "- **…** x"),
        ("```12:34```", "…"),
    ],
)
def test_emphasis_around_a_time_stays_whole(written: str, visible: str) -> None:
    assert shown(written) == visible


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


def test_inches_are_no_quotes() -> None:
    assert shown('A 5" pipe and a 6" pipe.') == "A 5″ pipe and a 6″ pipe."


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
