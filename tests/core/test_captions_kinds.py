"""What people hand in as captions, kind by kind: each row says the same three sentences."""

import gc
import json

import pytest

from youtube_analysis.captions import parse_captions
from youtube_analysis.errors import (
    CaptionsFileError,
    EmptyCaptionsFile,
    UnknownCaptionsFormat,
    UnreadableTimes,
)

SAID = ("The bridge was closed on Monday.", "A crack ran through the arch.", "It opens in spring.")
STARTS = (1.0, 4.0, 7.0)


def numbered(times: str) -> str:
    """SubRip whose lines of times are written in this way."""
    blocks = [
        times.format(s=f"0{int(start)}", e=f"0{int(start) + 2}") + f"\n{text}\n"
        for text, start in zip(SAID, STARTS, strict=True)
    ]
    return "\n".join(f"{number}\n{block}" for number, block in enumerate(blocks, start=1))


def lines(form: str) -> str:
    """A line, or some, for each sentence; `s` is when it starts, `e` when it ends."""
    return "\n".join(
        form.format(s=f"0{int(start)}", e=f"0{int(start) + 2}", said=text, n=number, h=number % 2)
        for number, (text, start) in enumerate(zip(SAID, STARTS, strict=True), start=1)
    )


def tt(body: str) -> str:
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body>{body}</body></tt>'


ROLLING = (
    "a ferry ran here before the bridge",
    "it took an hour in winter",
    "the ice held carts for weeks",
    "then the king sent masons",
    "they sank oak into the mud",
    "and the first arch stood",
)


def rolled(height: int) -> str:
    shown = [ROLLING[max(0, n - height + 1) : n + 1] for n in range(len(ROLLING))]
    return "\n".join(
        f"{n + 1}\n00:00:{3 * n:02},000 --> 00:00:{3 * n + 3:02},000\n" + "\n".join(screen) + "\n"
        for n, screen in enumerate(shown)
    )


KINDS: dict[str, tuple[str, str]] = {
    "arrow of one dash": ("a.srt", numbered("00:00:{s},000 -> 00:00:{e},000")),
    "arrow with a long dash": ("a.srt", numbered("00:00:{s},000 —> 00:00:{e},000")),
    "arrow as an entity": ("a.srt", numbered("00:00:{s},000 --&gt; 00:00:{e},000")),
    "arrow taken apart": ("a.srt", numbered("00:00:{s},000 - -> 00:00:{e},000")),
    "arrow as one sign": ("a.srt", numbered("00:00:{s},000 → 00:00:{e},000")),
    "arrow of another kind": ("a.srt", numbered("00:00:{s},000 ➔ 00:00:{e},000")),
    "a wave for an arrow": ("a.srt", numbered("00:00:{s}.000 ~ 00:00:{e}.000")),
    "a word for an arrow": ("a.srt", numbered("00:00:{s},000 to 00:00:{e},000")),
    "wide signs": ("a.srt", numbered("00：00：{s}，000 --> 00：00：{e}，000")),
    "frames behind a dash": ("a.txt", lines("00:00:{s}:00 - 00:00:{e}:00\n{said}\n")),
    "frames that are dropped": ("a.txt", lines("00;00;{s};00 - 00;00;{e};00\n{said}\n")),
    "no arrow but a dash": ("a.srt", numbered("00:00:{s},000 - 00:00:{e},000")),
    "times with spaces": ("a.srt", numbered("00: 00: {s}, 000 -> 00: 00: {e}, 000")),
    "times with long fractions": ("a.srt", numbered("00:00:{s},000000 --> 00:00:{e},000000")),
    "times without fractions": ("a.srt", numbered("00:00:{s} --> 00:00:{e}")),
    "times with settings": ("a.srt", numbered("00:00:{s},000 --> 00:00:{e},000 align:left X1:5")),
    "nothing but times": ("a.srt", lines("0:{s}.0 --> 0:{e}.0\n{said}")),
    "numbers without blank lines": ("a.srt", lines("{n}\n0:{s} --> 0:{e}\n{said}")),
    "no end": ("a.srt", numbered("00:00:{s},000")),
    "an arrow to no end": ("a.srt", numbered("00:00:{s},000 -->")),
    "many blank lines": ("a.srt", lines("{n}\n\n\n\n0:{s} --> 0:{e}\n\n{said}\n\n")),
    "blank lines everywhere": ("a.srt", lines("{n}\n\n0:{s} --> 0:{e}\n\n{said}\n")),
    "words beside the times": ("a.srt", lines("00:00:{s},000 --> 00:00:{e},000 {said}")),
    "words beside short times": ("a.srt", lines("{n}\n0:{s}.0 --> 0:{e}.0 {said}")),
    "a fence with a name": ("a.srt", "```srt\n" + numbered("0:{s} --> 0:{e}") + "```\n"),
    "a fence without": ("a.txt", "```\n" + numbered("0:{s} --> 0:{e}") + "\n```"),
    "a fence inside": (
        "a.vtt",
        "```\nWEBVTT\n\n" + lines("0:{s}.000 --> 0:{e}.000\n{said}\n```\n"),
    ),
    "whisper's console": ("a.txt", lines("[00:{s}.000 --> 00:{e}.000]  {said}")),
    "whisper.cpp's console": ("a.txt", lines("\n[00:00:{s}.000 --> 00:00:{e}.000]   {said}")),
    "a console with seconds": ("a.txt", lines("[{s}.00s -> {e}.00s] {said}")),
    "a console's log before it": (
        "a.log",
        "Detected language: English\n" + lines("[00:{s}.000 --> 00:{e}.000]  {said}"),
    ),
    "identifiers": (
        "a.vtt",
        "WEBVTT\n\n" + lines("9f1c-{n}/0\n00:{s}.000 --> 00:{e}.000\n{said}\n"),
    ),
    "identifiers of words": ("a.vtt", "WEBVTT\n\n" + lines("intro {n}\n0:{s} --> 0:{e}\n{said}\n")),
    "identifiers that name": (
        "a.vtt",
        "WEBVTT\n\n" + lines('{n} "Ann" (17)\n00:{s}.000 --> 00:{e}.000\n{said}\n'),
    ),
    "notes": ("a.vtt", "WEBVTT\n\n" + lines("NOTE p={n}\n\n00:{s}.000 --> 00:{e}.000\n{said}\n")),
    "notes of two lines": (
        "a.vtt",
        "WEBVTT\n\n" + lines("NOTE\nby\nhand\n\n00:{s}.000 --> 00:{e}.000\n{said}\n"),
    ),
    "styles and regions": (
        "a.vtt",
        "WEBVTT\n\nSTYLE\n::cue {}\n\nREGION\nid:x\n\n" + lines("0:{s} --> 0:{e}\n{said}\n"),
    ),
    "segments with headers": (
        "a.vtt",
        lines("WEBVTT\nX-T=1\n\n00:{s}.000 --> 00:{e}.000\n{said}\n\n"),
    ),
    "stamps on lines of their own": ("a.txt", lines("0:{s}\n{said}")),
    "a blank line within": ("a.txt", lines("0:{s}\n{said}").replace(" was", "\n\nwas")),
    "stamps with a dash": ("a.txt", lines("0:{s} - {said}")),
    "stamps with a colon": ("a.txt", lines("00:00:{s}.000: {said}")),
    "stamps with a bar": ("a.txt", lines("0:{s} | {said}")),
    "stamps glued to sentences": ("a.txt", lines("0:{s}{said}")),
    "stamps with an end": ("a.txt", lines("0:{s} - 0:{e} {said}")),
    "marked stamps with an end": ("a.txt", lines("[00:{s}–00:{e}]: {said}")),
    "bold stamps": ("a.md", lines("**[00:{s}]** {said}")),
    "stamps in bold": ("a.md", lines("**0:{s}** {said}")),
    "stamps that link": ("a.md", lines("[0:{s}](https://youtu.be/dQw4w9WgXcQ?t={n}) {said}")),
    "stamps in lenses": ("a.txt", lines("【0:{s}】{said}")),
    "round stamps": ("a.txt", lines("(00:00:{s}) {said}")),
    "stamps with days": ("a.txt", lines("[00:00:00:{s}]\n{said}")),
    "time codes with frames": ("a.stc", lines("*TC 00:00:{s};00\n{said}\n")),
    "stamps glued to words": ("a.lrc", lines("[00:{s}.00]{said}")),
    "stamps within a line": ("a.txt", lines("[0:{s}] {said}").replace("\n", " ")),
    "stamps within lines": ("a.txt", lines("[0:{s}] {said}").replace("\n", " ", 1)),
    "stamps at the end": ("a.txt", lines("{said} [00:{s}]")),
    "round stamps at the end": ("a.txt", lines("{said} (00:00:{s})")),
    "stamps behind words without a stop": ("a.txt", lines("{said} [0:{s}]").replace(". [", " [")),
    "stamps at the end of two lines": ("a.txt", lines("{said} [0:{s}]").replace(" was", "\nwas")),
    "the panel's spoken times": (
        "a.txt",
        lines("0:{s}\n{s} seconds\n{said}").replace("\n0", "\n").replace("\n:", "\n0:"),
    ),
    "the panel in German": ("a.txt", lines("0:{s}\n{s} Sekunden\n{said}")),
    "the panel in Japanese": ("a.txt", lines("0:{s}\n{s} 秒\n{said}")),
    "whisper's table": (
        "a.tsv",
        "start\tend\ttext\n" + lines("{s}000\t{e}000\t{said}"),
    ),
    "whisper's table saved on Windows": (
        "a.tsv",
        "\ufeff" + ("start\tend\ttext\n" + lines("{s}000\t{e}000\t{said}")).replace("\n", "\r\n"),
    ),
    "whisper's table with silence": (
        "a.txt",
        "start\tend\ttext\n0\t900\t\n" + lines("{s}000\t{e}000\t{said}\n9000\t9100\t "),
    ),
    "a table with commas": ("a.csv", "Start,End,Text\n" + lines('0:{s},0:{e},"{said}"')),
    "a table in quotes": (
        "a.csv",
        '"Start","End","Text"\n' + lines('"00:00:{s}.000","00:00:{e}.000","{said}"'),
    ),
    "rows without a header": ("a.stl", lines("00:00:{s}:00 , 00:00:{e}:00 , {said}")),
    "labels of a sound": ("a.txt", lines("{s}.000000\t{e}.000000\t{said}")),
    "a script of SubStation": (
        "a.ass",
        "[Script Info]\n[V4+ Styles]\nStyle: D,Arial,20\n[Events]\n"
        "Comment: 0,0:00:00.00,0:00:01.00,D,,0,0,0,,nobody says this\n"
        + lines("Dialogue: 0,0:00:{s}.00,0:00:{e}.00,D,,0,0,0,,{{\\i1}}{said}{{\\i0}}"),
    ),
    "a script with a drawing": (
        "a.ssa",
        "[Script Info]\n[Events]\n"
        "Dialogue: Marked=0,0:00:00.00,0:00:01.00,D,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
        + lines("Dialogue: Marked=0,0:00:{s}.00,0:00:{e}.00,D,,0,0,0,,{said}"),
    ),
    "a script with words one by one": (
        "a.ass",
        "\ufeff[Script Info]\r\n; from a program\r\n[Events]\r\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
        + lines(
            "Dialogue: 10,0:00:{s}.00,0:00:{e}.00,D,Ann,0000,0000,0000,Scroll up;1,{{\\k20}}{said}"
        )
        .replace(" was", "{\\k30}\\N{\\b1}was")
        .replace("\n", "\r\n"),
    ),
    "frames of a document": (
        "a.ttml",
        '<tt xmlns:ttp="p" ttp:frameRate="25">'
        + "".join(
            f'<p begin="{25 * int(start)}f" end="{25 * int(start) + 50}f">{said}</p>'
            for said, start in zip(SAID, STARTS, strict=True)
        )
        + "</tt>",
    ),
    "timed spans": (
        "a.ttml",
        tt("<p>" + lines('<span begin="{s}s" end="{e}s">{said}</span>') + "</p>"),
    ),
}


@pytest.mark.parametrize(("name", "content"), KINDS.values(), ids=KINDS)
def test_every_kind_says_the_same(name: str, content: str) -> None:
    parsed = parse_captions(name, content.encode())
    assert parsed.timed
    said = [" ".join(segment.text.split()).rstrip(".") for segment in parsed.segments]
    assert said == [text.rstrip(".") for text in SAID]
    assert [segment.start for segment in parsed.segments] == list(STARTS)


RECORDS = [{"start": s, "end": s + 2, "text": f" {t}"} for t, s in zip(SAID, STARTS, strict=True)]
OFFSETS = [
    {"offsets": {"from": 1000 * s, "to": 1000 * s + 2000}, "text": f" {t}"}
    for t, s in zip(SAID, STARTS, strict=True)
]
LENGTHS = [{"text": t, "start": s, "duration": 2.0} for t, s in zip(SAID, STARTS, strict=True)]


@pytest.mark.parametrize(
    "told",
    [
        {"text": " ".join(SAID), "segments": RECORDS, "language": "en", "content": "all"},
        {"segments": [{**one, "words": [{"word": "A", "start": 1}]} for one in RECORDS]},
        {"transcription": OFFSETS, "result": {"language": "en"}},
        {"video_id": "x", "transcript_segments": LENGTHS},
        LENGTHS,
        [{**one, "start": str(one["start"])} for one in LENGTHS],
        [LENGTHS],
        {"snippets": LENGTHS, "language_code": "en"},
        [{"text": one["text"], "offset": one["start"], "duration": 2} for one in LENGTHS],
        {"lang": "en", "content": [
            {"text": said, "offset": 1000 * start, "duration": 2000}
            for said, start in zip(SAID, STARTS, strict=True)
        ]},
        {"utterances": [
            {"text": said, "start": 1000 * start, "end": 1000 * start + 2000}
            for said, start in zip(SAID, STARTS, strict=True)
        ], "words": [{"text": "The", "start": 1000, "end": 1100}]},
        {"metadata": {}, "results": {"channels": [], "utterances": [
            {"transcript": one["text"], "start": one["start"], "end": one["end"]}
            for one in RECORDS
        ]}},
        {"text": "", "chunks": [
            {"text": one["text"], "timestamp": [one["start"], one["end"]]} for one in RECORDS
        ]},
        {"version": "1.0.0", "segments": [
            {"body": one["text"], "startTime": one["start"], "endTime": one["end"]}
            for one in RECORDS
        ]},
        {"words": [{"word": one["text"], "start": one["start"], "end": one["end"]}
                   for one in RECORDS]},
    ],
)  # fmt: skip
def test_records_of_every_kind_say_the_same(told: object) -> None:
    parsed = parse_captions("a.json", json.dumps(told).encode())
    assert parsed.timed
    assert [segment.text for segment in parsed.segments] == list(SAID)
    assert [(s.start, s.duration) for s in parsed.segments] == [(at, 2.0) for at in STARTS]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", lines("Ann Lee  0:{s}\n{said}\n")),
        ("a.txt", lines("Ann Lee (00:{s}):\n{said}\n")),
        ("a.txt", lines("Ann Lee: [00:00:{s}]\n{said}\n")),
        ("a.txt", lines("Ann Lee [00:00:{s}] {said}")),
        ("a.txt", lines("Ann Lee:\t00:{s}\t{said}")),
        ("a.txt", lines("Ann Lee 00:00:{s}.000 --> 00:00:{e}.000\n{said}\n")),
        ("a.vtt", "WEBVTT\n\n" + lines("0:{s}.000 --> 0:{e}.000\n<v Ann Lee>{said}\n")),
        ("a.srt", numbered("0:{s}.0 --> 0:{e}.0").replace(".0\n", ".0\n[Ann Lee]: ")),
        (
            "a.json",
            json.dumps({"segments": [{**one, "speaker": "Ann Lee"} for one in RECORDS]}),
        ),
    ],
)
def test_who_speaks_is_a_label(name: str, content: str) -> None:
    parsed = parse_captions(name, content.encode())
    said = [" ".join(segment.text.split()) for segment in parsed.segments]
    assert said == [f"Ann Lee: {text}" for text in SAID]
    assert [segment.start for segment in parsed.segments] == list(STARTS)


@pytest.mark.parametrize(
    "form",
    ["[SPEAKER_01] {said}", "[Speaker 1]: {said}", "[SPEAKER_1]{said}", "Speaker 12\n{said}"],
)
@pytest.mark.parametrize("times", ["[00:{s}.000 --> 00:{e}.000] ", "[00:{s}] "])
def test_a_voice_with_a_number_is_a_label(times: str, form: str) -> None:
    parsed = parse_captions("a.txt", lines(times + form).encode())
    for segment, said in zip(parsed.segments, SAID, strict=True):
        label, _, text = segment.text.partition(":")
        assert label.casefold().startswith("speaker")
        assert text.strip() == said


@pytest.mark.parametrize("form", ["{name}\n0:{s}\n{said}\n", "{name}\n[0:{s}]\n{said}"])
def test_a_name_above_a_time_is_of_who_speaks_next(form: str) -> None:
    people = ["Ann Lee", "Bo", "Ann Lee", "Bo", "Bo"]
    told = zip(people, ROLLING, strict=False)
    blocks = [form.format(name=name, s=f"0{n}", said=said) for n, (name, said) in enumerate(told)]
    parsed = parse_captions("a.txt", "\n".join(blocks).encode())
    _, *labelled = [segment.text for segment in parsed.segments]
    assert labelled == [f"{people[n]}: {ROLLING[n]}" for n in range(1, 5)]


@pytest.mark.parametrize("last", [("Yes",) * 3, ("and so on",) * 6, ("No.",) * 6, ROLLING])
def test_last_words_are_no_names(last: tuple[str, ...]) -> None:
    ends = [*(f"\n{words}" for words in last), "", "", ""]
    blocks = [
        f"0:0{n}\n{said}{end}" for n, (said, end) in enumerate(zip(ROLLING, ends, strict=False))
    ]
    parsed = parse_captions("a.txt", "\n".join(blocks).encode())
    assert [segment.text for segment in parsed.segments] == [
        f"{said}{end}" for said, end in zip(ROLLING, ends, strict=False)
    ]


@pytest.mark.parametrize(
    "cues",
    [
        ("3", "2", "1", "Go."),
        ("It was built in", "1444", "for", "4000", "crowns."),
        ("NOTE that it", "STYLE matters", "said\n1969"),
    ],
)
@pytest.mark.parametrize("form", ["WEBVTT\n\n{0}", "{0}"])
def test_what_only_looks_like_a_number_or_a_note_is_spoken(
    cues: tuple[str, ...], form: str
) -> None:
    blocks = [f"00:0{n}.000 --> 00:0{n}.900\n{text}\n" for n, text in enumerate(cues)]
    parsed = parse_captions("a.vtt", form.format("\n".join(blocks)).encode())
    assert [segment.text for segment in parsed.segments] == list(cues)


@pytest.mark.parametrize("height", [1, 2, 3, 4, 6])
def test_lines_that_roll_are_said_once_whatever_the_screen_holds(height: int) -> None:
    parsed = parse_captions("a.srt", rolled(height).encode())
    assert [segment.text for segment in parsed.segments] == list(ROLLING)
    assert [segment.start for segment in parsed.segments] == [3.0 * n for n in range(6)]


@pytest.mark.parametrize(
    "words",
    [
        "the ice held carts for weeks".split(),
        "the ice, it held carts - for weeks".split(),
        list("冰上可以走车好几个星期"),
    ],
)
def test_a_line_that_grows_is_said_once(words: list[str]) -> None:
    space = " " if words[0].isascii() else ""
    screens = [space.join(words[: n + 1]) for n in range(len(words))]
    blocks = [f"00:{n:02}.0 --> 00:{n + 1:02}.0\n{screen}\n" for n, screen in enumerate(screens)]
    parsed = parse_captions("a.vtt", ("WEBVTT\n\n" + "\n".join(blocks)).encode())
    assert space.join(segment.text for segment in parsed.segments) == screens[-1]


def test_who_says_the_same_again_and_again_is_heard_each_time() -> None:
    blocks = "".join(f"00:0{n}.0 --> 00:0{n}.9\nNo.\n\n" for n in range(8))
    assert len(parse_captions("a.vtt", f"WEBVTT\n\n{blocks}".encode()).segments) == 8


@pytest.mark.parametrize(
    "times",
    ["00:00:0four,000 --> 00:00:06,000", "00:00:04,000 --> ", "00:--:04,000 -> 00:00:06,000"],
)
def test_a_time_that_cannot_be_read_is_mended_from_its_neighbours(times: str) -> None:
    content = numbered("00:00:{s},000 --> 00:00:{e},000")
    torn = content.replace("00:00:04,000 --> 00:00:06,000", times)
    segments = parse_captions("a.srt", torn.encode()).segments
    assert [segment.text for segment in segments] == list(SAID)
    assert 1 <= segments[1].start <= 7


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("a.srt", numbered("00:00:o{s},000 --> 00:00:o{e},000"), "00:00:o01,000 --> 00:00:o03,000"),
        ("a.vtt", "WEBVTT\n\n" + lines("00:o{s}.0 --> 00:o{e}.0\n{said}\n"), "00:o01.0"),
        ("a.txt", lines("00.00.{s} {said}"), "00.00.01 The bridge"),
        ("a.txt", lines("1m{s}s {said}"), "1m01s The bridge"),
        ("a.txt", lines("0.{s}: {said}"), "0.01: The bridge"),
        ("a.srt", numbered("{s},000 --> {e},000"), "01,000 -->"),
        ("a.srt", numbered("{s}000 --> {e}000"), "01000 -->"),
        ("a.srt", numbered("00:00:{s} --> 00:00:{e}").replace("\n", " "), "00:00:01 -->"),
        ("a.srt", numbered("0:{s},0 --> 0:{e},0").replace("\n", "\\n"), "0:01,0 -->"),
        ("a.txt", lines("{n}. [0:{s}] {said}"), "1. 0:01 The bridge"),
        ("a.txt", lines("- **0:{s}** {said}"), "- 0:01 The bridge"),
        ("a.txt", lines("[{s}.0] {said}"), "01.0 The bridge"),
        ("a.txt", lines("<|{s}.00|> {said}<|{e}.00|>"), "01.00"),
        ("a.tsv", "start\tend\ttext\n" + lines("{s}s\t{e}s\t{said}"), "01s"),
        ("a.ttml", tt(lines('<p begin="{s} o\'clock">{said}</p>')), "01 oclock"),
        ("a.ass", "[Script Info]\n" + lines("Dialogue: 0,{s},{e},D,,0,0,0,,{said}"), "Dialogue"),
    ],
)
def test_times_that_nobody_can_read_are_shown_and_never_guessed(
    name: str, content: str, shown: str
) -> None:
    with pytest.raises(UnreadableTimes, match=shown) as caught:
        parse_captions(name, content.encode())
    assert caught.value.message.endswith(".")


def test_the_line_that_is_shown_pings_and_links_nobody() -> None:
    evil = "1:0x <@1> @everyone https://evil.example/a --> [x](http://evil.example)\nHi\n" * 3
    with pytest.raises(UnreadableTimes) as caught:
        parse_captions("a.srt", evil.encode())
    assert not {"@", "/", "[", "("} & set(caught.value.message)


@pytest.mark.parametrize(
    "prose",
    [
        "We begin at 10:30 and stop at noon.\nThe talk is about ice.\nThen we eat.\nAt 3:15 we go.",
        "Ice it is.\n10:30 - 11:00 was the time.\nA cart came.\nIt fell in.\nNobody swam.",
        "The doors open at 10:30\n"
        + "We walk on\n" * 4
        + "The inn shuts at 9:05\n"
        + "We run\n" * 6,
        "10:30pm it was.\n11:00h they came.\n9:15am it froze." + "\nThe ice broke." * 14,
        "1. Ice\n2. Carts\n3. Masons\n4. Mud",
        "In 2.5 hours the ice broke.\nIn 1444 it held.\nBread cost 3 pence then.",
    ],
)
def test_prose_that_names_a_time_stays_prose(prose: str) -> None:
    parsed = parse_captions("a.txt", prose.encode())
    assert not parsed.timed
    assert "".join("".join(s.text.split()) for s in parsed.segments) == "".join(prose.split())


NESTED = [
    ('<div begin="3s"><p begin="1s">A</p></div>', [("A", 4.0)]),
    ('<p begin="1s">A<span begin="2s">B</span>C</p>', [("A", 1.0), ("C", 1.0), ("B", 3.0)]),
    ('<div begin="2s"><p>A <span><span>B</span></span></p></div>', [("A B", 2.0)]),
    ('<div><div begin="1s"><p><span begin="1s">A</span></p></div></div>', [("A", 2.0)]),
]


@pytest.mark.parametrize(("body", "said"), NESTED)
def test_nested_elements_count_from_the_one_around_them(
    body: str, said: list[tuple[str, float]]
) -> None:
    parsed = parse_captions("a.ttml", tt(body).encode())
    assert [(segment.text, segment.start) for segment in parsed.segments] == said


@pytest.mark.parametrize("depth", [5_000, 100_000])
@pytest.mark.parametrize("form", ['<tt><p begin="1s">{0}Hi{1}</p></tt>', "<tt>{0}{1}</tt>"])
def test_no_depth_of_elements_is_too_deep(depth: int, form: str) -> None:
    content = form.format("<span>" * depth, "</span>" * depth).encode()
    try:
        assert parse_captions("a.ttml", content).segments[0].text == "Hi"
    except EmptyCaptionsFile:
        assert b"Hi" not in content


@pytest.mark.parametrize(
    "content",
    [
        '{"segments": 5}',
        '{"segments": [{"start": "soon", "text": "x"}]}',
        '[{"name": "left-pad", "version": "1.3.0"}]',
        '{"name": "left-pad", "dependencies": {}}',
        '{"transcription": [{"offsets": {"from": []}}]}',
        "[Script Info]\n[Events]\nDialogue: \n",
    ],
)
def test_records_of_something_else_are_a_sentence(content: str) -> None:
    with pytest.raises(CaptionsFileError) as caught:
        parse_captions("a.json", content.encode())
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("form", ["[{0}:{1:02}] word{2} ", "word{2}\u3000", "w{2}: [x] ", "{2}"])
def test_a_line_of_any_length_loses_nothing(form: str) -> None:
    content = "".join(form.format(n // 60, n % 60, n) for n in range(30_000))
    parsed = parse_captions("a.txt", content.encode())
    said = "".join("".join(segment.text.split()) for segment in parsed.segments)
    stamps = form.startswith("[")
    assert (
        said == "".join(f"word{n}" for n in range(30_000)) if stamps else "".join(content.split())
    )


ENCODED = [
    ("utf-8", "Ça va, naïve façade"),
    ("utf-16", "Ça va, naïve façade"),
    ("utf-16-le", "Ça va, naïve façade"),
    ("utf-16-be", "The bridge was closed."),
    ("utf-32", "Ça va, naïve façade"),
    ("cp1251", "Сегодня мы собираемся показать вам новый продукт для общения людей"),
    ("koi8-r", "Сегодня мы собираемся показать вам новый продукт для общения людей"),
    ("shift_jis", "これは便利なものです。ブログの簡単な例を見てみましょう。記事があります。"),
    ("gb18030", "计算机并不是非常智能，因此它们也需要些许帮助来像我们一样理解信息。"),
    ("cp1252", "Das Mädchen hörte die schöne Straße über Köln und fühlte Größe"),
    ("cp1254", "Şimdi ağaçların büyümesi için ışık gerekiyor, değil mi?"),
    ("cp1254", "Bugün insanları birbirine bağlayan çok güçlü bir ürün göstereceğiz"),
    ("iso8859_9", "Öğretmen sınıfta yeni dersi çok iyi anlattı, öğrenciler şaşırdı"),
    ("cp1250", "Dzisiaj pokażemy państwu wyrób, który łączy ludzi między sobą; źródła są ważne."),
    ("cp1250", "Příště řekneme více o tom, jak most drží a proč led nepovolil."),
    ("cp1250", "Később többet mondunk arról, hogyan tartott a híd és miért tűrte a jég."),
    ("cp1252", "L’hôtel était situé près de la forêt, où le garçon a été très étonné"),
    ("cp1252", "A situação não está fácil, coração; amanhã vêm as crianças e os irmãos."),
    ("cp1252", "På hösten går människor över ån, är det inte så?"),
    ("cp1252", "¿Dónde está el niño? Mañana vendrá con su corazón alegre."),
    ("cp850", "Das Mädchen hörte die schöne Straße über Köln und fühlte Größe"),
    ("mac_roman", "Das Mädchen hörte die schöne Straße über Köln und fühlte Größe"),
    ("iso8859_2", "Dzisiaj pokażemy wyrób, który łączy ludzi między sobą; źródła są ważne."),
    ("iso8859_15", "Cœur et âme, l'été coûte cher, c'était très bien"),
    ("cp1253", "Σήμερα θα σας δείξουμε ένα νέο προϊόν που συνδέει τους ανθρώπους"),
    ("cp1255", "היום נראה לכם מוצר חדש שמחבר בין אנשים, וזה מאוד חשוב, נכון?"),
    ("cp1256", "سنعرض لكم اليوم منتجا جديدا يربط الناس ببعضهم البعض"),
    ("cp1257", "Šiandien parodysime naują gaminį, kuris jungia žmones; ąžuolas yra čia."),
    ("cp874", "วันนี้เราจะแสดงผลิตภัณฑ์ใหม่ที่เชื่อมโยงผู้คนเข้าด้วยกัน"),
    ("big5", "電腦並不是非常聰明，因此它們也需要一些幫助來像我們一樣理解資訊。"),
    ("cp949", "오늘 우리는 사람들을 연결하는 새로운 제품을 보여 드리겠습니다."),
]


@pytest.mark.parametrize(("encoding", "words"), ENCODED)
def test_usual_encodings(encoding: str, words: str) -> None:
    cues = [f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{words}\n" for n in range(1, 9)]
    parsed = parse_captions("a.srt", "\n".join(cues).encode(encoding))
    assert [segment.text for segment in parsed.segments] == [words] * 8


def test_what_is_kept_of_a_file_is_not_searched_for_garbage() -> None:
    segments = parse_captions("a.srt", numbered("0:{s} --> 0:{e}").encode()).segments
    assert not any(map(gc.is_tracked, segments))


def test_a_file_of_another_kind_is_told_so() -> None:
    with pytest.raises(UnknownCaptionsFormat, match="can't read that file"):
        parse_captions("a.json", b'{"a": 1}')
