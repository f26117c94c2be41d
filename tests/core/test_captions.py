"""Captions files of every format and encoding: the same words at the same times, or an error."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from youtube_analysis.captions import LARGEST_FILE, parse_captions
from youtube_analysis.errors import (
    CaptionsFileError,
    CaptionsFileTooLarge,
    EmptyCaptionsFile,
    UnknownCaptionsFormat,
)

Cues = list[tuple[str, float, float]]

SRT = """1
00:00:01,000 --> 00:00:03,500
<i>Hello</i> there,
friend.

2
00:00:04,000 --> 00:00:06,000
{\\an8}It is 5 &lt; 6 &amp; fine.
"""
VTT = """WEBVTT - some title
Kind: captions
Language: en-GB

STYLE
::cue { color: red }

NOTE nobody
says this

intro
00:01.000 --> 00:03.500 align:start position:0%
<v Ann>Hello <c.loud>there</c>,
friend.

00:00:04.000 --> 00:00:06.000
It is 5 &lt; 6 &amp; fine.
"""
SBV = """0:00:01.000,0:00:03.500
Hello there,
friend.

0:00:04.000,0:00:06.000
It is 5 < 6 & fine.
"""
JSON3 = json.dumps(
    {
        "wireMagic": "pb3",
        "events": [
            {"tStartMs": 0, "dDurationMs": 6000, "id": 1, "wpWinPosId": 1},
            {
                "tStartMs": 1000,
                "dDurationMs": 2500,
                "segs": [{"utf8": "Hello there,"}, {"utf8": "\nfriend.", "tOffsetMs": 400}],
            },
            {"tStartMs": 3500, "dDurationMs": 500, "aAppend": 1, "segs": [{"utf8": "\n"}]},
            {"tStartMs": 4000, "dDurationMs": 2000, "segs": [{"utf8": "It is 5 < 6 & fine."}]},
        ],
    }
)
TTML = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><head/><body><div>
<p begin="00:00:01.000" end="00:00:03.500">Hello <span>there</span>,<br/>friend.</p>
<p begin="4s" dur="2s">It is 5 &lt; 6 &amp; fine.</p>
</div></body></tt>"""
SRV1 = """<?xml version="1.0" encoding="utf-8" ?><transcript>
<text start="1" dur="2.5">Hello there,
friend.</text><text start="4" dur="2">It is 5 &amp;lt; 6 &amp;amp; fine.</text></transcript>"""
SRV3 = """<?xml version="1.0" encoding="utf-8" ?><timedtext format="3"><body>
<p t="1000" d="2500"><s>Hello</s><s t="300"> there,</s>
friend.</p><p t="3500" d="500" a="1">
</p><p t="4000" d="2000">It is 5 &lt; 6 &amp; fine.</p></body></timedtext>"""


def cues_of(name: str, content: str | bytes) -> Cues:
    data = content.encode() if isinstance(content, str) else content
    return [(s.text, s.start, s.duration) for s in parse_captions(name, data).segments]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.srt", SRT),
        ("a.vtt", VTT.replace("<v Ann>", "")),
        ("a.sbv", SBV),
        ("a.json3", JSON3),
        ("a.ttml", TTML),
        ("a.xml", SRV1),
        ("a.xml", SRV3),
    ],
)
def test_every_format_says_the_same(name: str, content: str) -> None:
    wanted = [("Hello there,\nfriend.", 1.0, 2.5), ("It is 5 < 6 & fine.", 4.0, 2.0)]
    assert cues_of(name, content) == wanted
    # The content decides, whatever the name says; line ends and marks do not matter.
    assert cues_of("misnamed.txt", content) == wanted
    assert cues_of("misnamed.srt", content.replace("\n", "\r\n")) == wanted
    assert cues_of(name, b"\xef\xbb\xbf" + content.encode()) == wanted
    assert cues_of(name, content.encode("utf-16")) == wanted


def test_prose_without_times_gets_estimates() -> None:
    parsed = parse_captions("a.txt", b"One two three four five. Six seven eight nine ten.")
    assert not parsed.timed
    assert [s.start for s in parsed.segments] == [0.0, 2.0]
    chinese = parse_captions("a.txt", "计算机并不是非常智能。它们需要帮助。".encode())
    assert len(chinese.segments) == 2


def test_rolling_captions_say_each_line_once() -> None:
    rolled = """WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
 
hello<00:00:00.500><c> and</c><00:00:01.000><c> welcome</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
hello and welcome
 

00:00:02.010 --> 00:00:04.000 align:start position:0%
hello and welcome
to<00:00:02.500><c> the</c><00:00:03.000><c> harbour</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
to the harbour
 

00:00:04.010 --> 00:00:06.000 align:start position:0%
to the harbour
of<00:00:04.500><c> gdansk</c>
"""  # noqa: W293 - YouTube's blank lines hold a space
    said = cues_of("auto.en.vtt", rolled)
    assert [text for text, *_ in said] == ["hello and welcome", "to the harbour", "of gdansk"]
    assert [start for _, start, _ in said] == [0.0, 2.01, 4.01]


def test_a_wrong_time_does_not_change_the_order_of_the_words() -> None:
    lines = [f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nLine {n}\n" for n in range(1, 50)]
    lines[20] = lines[20].replace("00:00:21", "00:59:59")
    lines[30] = lines[30].replace("00:00:31", "00:00:29")
    read = cues_of("a.srt", "\n".join(lines))
    assert [text for text, *_ in read] == [f"Line {n}" for n in range(1, 50)]
    assert [start for _, start, _ in read][19:22] == [20.0, 20.0, 22.0]
    backwards = cues_of("a.srt", "\n".join(reversed(lines)))
    assert [text for text, *_ in backwards][:20] == [f"Line {n}" for n in range(1, 21)]


def test_language_and_video_come_from_the_file_or_its_name() -> None:
    assert parse_captions("x.vtt", VTT.encode()).language == "en-GB"
    named = parse_captions("Talk [dQw4w9WgXcQ].pt-BR.srt", SRT.encode())
    assert (named.language, named.video_id) == ("pt-BR", "dQw4w9WgXcQ")
    assert parse_captions("a.en-orig.srt", SRT.encode()).language == "en"
    bare = parse_captions("talk.srt", SRT.encode())
    assert (bare.language, bare.video_id) == (None, None)


ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    '<transcript><text start="1">&b;</text></transcript>'
)
ENTITY_FILE = (
    '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<transcript><text start="1">&x;</text></transcript>'
)
ARROW = "00:00:01,000 --> 00:00:02,000"
ODD: list[tuple[str, str | bytes, str | None]] = [
    # (name, content, first words or None for a typed error)
    ("a.srt", "", None),
    ("a.srt", " \n\t\n", None),
    ("a.srt", b"\xef\xbb\xbf", None),
    ("a.srt", b"\xff\xfe", None),
    ("a.srt", b"\x00\x00\x00", None),
    ("a.srt", b"PK\x03\x04" + bytes(range(256)), None),
    ("a.vtt", b"\x00\x00\x00\x18ftypmp42" + bytes(100), None),
    ("a.srt", b"%PDF-1.7\n" + bytes(range(128, 256)) + bytes(9), None),
    ("a.srt", bytes(range(256)) * 20, None),
    ("a.exe", "MZ this program", None),
    ("a.docx", "words in a box", None),
    ("a.srt", "1\n2\n3\n", "1 2 3"),
    ("a.srt", f"1\n{ARROW}\n\n", None),
    ("a.srt", f"{ARROW}\nHi", "Hi"),
    ("a.srt", f"1\n{ARROW}", None),
    ("a.srt", f"1\n{ARROW}\nHi\n2\n00:00:03,0", "Hi\n2\n00:00:03,0"),
    ("a.srt", f"1\n{ARROW}\nHi\n2\n00:00:03,000 --> \nlost", "Hi"),
    ("a.srt", "1\n00:00:05,000 --> 00:00:02,000\nBackwards", "Backwards"),
    ("a.srt", "1\n99:99:99,999 --> 99:99:99,999\nLate", "Late"),
    ("a.srt", "1\n0:0:1,0 --> 0:0:2,0\nSparse", "Sparse"),
    ("a.srt", f"{ARROW}\n<b><i><u>Deep</u></i></b>", "Deep"),
    ("a.srt", f"{ARROW}\n<unclosed", "<unclosed"),
    ("a.srt", f"{ARROW} {'a:b' * 500} x", f"{'a:b' * 500} x"),
    ("a.srt", f"{ARROW}\n3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
    ("a.srt", f"{ARROW}\n{{\\pos(1,2)}}Here", "Here"),
    ("a.srt", f"{ARROW}\n{{braces}} stay", "{braces} stay"),
    ("a.srt", f"{ARROW}\n&nbsp;&nbsp;", None),
    ("a.srt", f"{ARROW}\n&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ("a.srt", f"{ARROW}\n\x1b[31mred\x07", "[31mred"),
    ("a.srt", f"{ARROW}\n\u202eevil\u202c", "evil"),
    ("a.srt", f"{ARROW}\nzero\u200bwidth", "zerowidth"),
    ("a.srt", f"{ARROW}\nمی\u200cخواهم", "می\u200cخواهم"),
    ("a.srt", f"{ARROW}\n{'word ' * 20000}", ("word " * 800).strip()),
    ("a.vtt", "WEBVTT", None),
    ("a.vtt", "WEBVTT\n\nNOTE only a note\n", None),
    ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi", "Hi"),
    ("a.vtt", "WEBVTT\n00:01.000 --> 00:02.000\nNo blank line", "No blank line"),
    ("a.vtt", "webvtt\n\n00:01.000 --> 00:02.000\nLow", "Low"),
    ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<00:00:01.500><c>Timed</c>", "Timed"),
    ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<ruby>kan<rt>ji</rt></ruby>", "kanji"),
    ("a.vtt", "WEBVTT\n\n00:01,000 --> 00:02,000\nCommas", "Commas"),
    ("a.sbv", "0:00:01.000,0:00:02.000\nHi[br]there", "Hi\nthere"),
    ("a.sbv", "0:00:01.000,\nHi", "0:00:01.000, Hi"),
    ("a.json3", "{", None),
    ("a.json3", "{}", None),
    ("a.json3", "[]", None),
    ("a.json3", '{"events": []}', None),
    ("a.json3", '{"events": {}}', None),
    ("a.json3", '{"events": [1, null, "x"]}', None),
    ("a.json3", '{"events": [{"segs": [{"utf8": 5}]}]}', None),
    ("a.json3", '{"events": [{"segs": [{"utf8": "Hi"}]}]}', "Hi"),
    ("a.json3", '{"events": [{"tStartMs": -5, "segs": [{"utf8": "Hi"}]}]}', None),
    ("a.json3", '{"events": [{"tStartMs": 1e300, "segs": [{"utf8": "Hi"}]}]}', None),
    ("a.json3", '{"events": [{"tStartMs": 1, "segs": [{"utf8": "\\n"}]}]}', None),
    ("a.json3", '{"events": ' + "[" * 5000, None),
    ("a.json3", '{"events": [{"tStartMs": 1, "segs": [{"utf8": "\\ud800"}]}]}', None),
    ("a.ttml", "<tt/>", None),
    ("a.ttml", "<tt><body><p>No time</p></body></tt>", None),
    ("a.ttml", '<tt><body><p begin="x">Odd</p></body></tt>', None),
    ("a.ttml", '<tt><body><p begin="1s">Open</p></body></tt>', "Open"),
    ("a.ttml", '<tt><body><p begin="00:00:01:15" end="2s">Frames</p></body></tt>', "Frames"),
    ("a.ttml", '<tt xmlns:ttp="p" ttp:tickRate="10"><p begin="10t">Ticks</p></tt>', "Ticks"),
    ("a.xml", "<transcript/>", None),
    ("a.xml", '<transcript><text start="x">Odd</text></transcript>', None),
    ("a.xml", '<transcript><text start="1">No end</text></transcript>', "No end"),
    ("a.xml", '<transcript><text start="nan" dur="inf">No number</text></transcript>', None),
    ("a.xml", '<transcript><text start="1" dur="-5">Negative</text></transcript>', "Negative"),
    ("a.xml", "<html><body>Sorry</body></html>", None),
    ("a.xml", "<rss><item>News</item></rss>", None),
    ("a.xml", "<transcript>" + "<text>" * 3000, None),
    ("a.xml", ENTITY_BOMB, None),
    ("a.xml", ENTITY_FILE, None),
    ("a.txt", "At 10:30 we meet. At 11:00 we part.", "At 10:30 we meet."),
    ("a.txt", "0:01\n0:02\n0:03\n", None),
    ("a.txt", "{ not json at all", "{ not json at all"),
    ("a.srt", "{ not json at all", None),
    ("a.md", "0:01 Hi.\n0:04 Bye.\n", "Hi."),
    ("a.stc", "*TC 00:00:01;15\nHi\n*TC 00:00:03;00\nBye", "Hi"),
    ("a.scc", "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420\n\n00:00:04:00\t942c\n", None),
    ("noextension", SRT, "Hello there,\nfriend."),
    ("", SRT, "Hello there,\nfriend."),
    ("../../etc/passwd", SRT, "Hello there,\nfriend."),
    ("a.srt\x00.exe", SRT, "Hello there,\nfriend."),
]


@pytest.mark.parametrize(("name", "content", "first"), ODD)
def test_odd_files_give_words_or_a_typed_error(
    name: str, content: str | bytes, first: str | None
) -> None:
    data = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    if first is None:
        with pytest.raises(CaptionsFileError) as caught:
            parse_captions(name, data)
        assert caught.value.message.endswith(".")
        return
    parsed = parse_captions(name, data)
    assert parsed.segments[0].text == first
    assert all(s.start >= 0 and s.duration >= 0 for s in parsed.segments)


def test_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(CaptionsFileTooLarge, match="10 MB"):
        parse_captions("a.srt", bytes(LARGEST_FILE + 1))
    with pytest.raises(EmptyCaptionsFile):
        parse_captions("a.srt", b" " * LARGEST_FILE)
    with pytest.raises(UnknownCaptionsFormat):
        parse_captions("a.srt", bytes(LARGEST_FILE))


def _clock(seconds: float, comma: str) -> str:
    millis = round(seconds * 1000)
    return (
        f"{millis // 3_600_000:02}:{millis // 60_000 % 60:02}:{millis // 1000 % 60:02}"
        f"{comma}{millis % 1000:03}"
    )


_WORDS = st.text(st.sampled_from("abc dé计算機かلا नम."), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)
_CUES = st.lists(
    st.tuples(_WORDS.filter(bool), st.integers(0, 5000), st.integers(1, 5000)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=400, derandomize=True)
@given(_CUES, st.sampled_from(["srt", "vtt", "sbv", "json3", "xml"]))
def test_what_is_written_is_read_back(lengths: list[tuple[str, int, int]], form: str) -> None:
    cues: Cues = []
    at = 0.0
    for number, (text, gap, length) in enumerate(lengths):
        at += gap / 1000
        # A word of its own keeps neighbours from looking like rolling captions.
        cues.append((f"{text} w{number}", round(at, 3), length / 1000))
        at = round(at + length / 1000, 3)
    read = cues_of(f"a.{form}", _written(cues, form))
    assert [text for text, *_ in read] == [text for text, *_ in cues]
    for (_, start, lasts), (_, wanted, long) in zip(read, cues, strict=True):
        assert start == pytest.approx(wanted, abs=0.002)
        assert lasts == pytest.approx(long, abs=0.002)


def _written(cues: Cues, form: str) -> str:
    if form == "json3":
        events = [
            {"tStartMs": round(s * 1000), "dDurationMs": round(d * 1000), "segs": [{"utf8": t}]}
            for t, s, d in cues
        ]
        return json.dumps({"events": events})
    if form == "xml":
        lines = "".join(f'<text start="{s}" dur="{d}">{t}</text>' for t, s, d in cues)
        return f"<transcript>{lines}</transcript>"
    arrow, comma = {"srt": (" --> ", ","), "vtt": (" --> ", "."), "sbv": (",", ".")}[form]
    blocks = [
        f"{_clock(start, comma)}{arrow}{_clock(start + length, comma)}\n{text}\n"
        for text, start, length in cues
    ]
    return ("WEBVTT\n\n" if form == "vtt" else "") + "\n".join(blocks)


_SEEDS = (SRT, VTT, SBV, JSON3, TTML, SRV1, SRV3, "0:01 Hello.\n0:05 Bye.\n")


@st.composite
def _torn(draw: st.DrawFn) -> bytes:
    """A good file, cut, doubled, with bytes of chance in it."""
    data = draw(st.sampled_from(_SEEDS)).encode(
        draw(st.sampled_from(["utf-8", "utf-16", "cp1252"]))
    )
    begin = draw(st.integers(0, len(data)))
    end = draw(st.integers(begin, len(data)))
    return data[:begin] + draw(st.binary(max_size=20)) + data[end:] * draw(st.integers(0, 2))


@settings(max_examples=1500, derandomize=True)
@given(
    st.sampled_from(["srt", "vtt", "sbv", "json3", "ttml", "xml", "txt", ""]),
    st.one_of(_torn(), st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
)
def test_generated_files_give_segments_or_a_typed_error(suffix: str, data: bytes) -> None:
    try:
        parsed = parse_captions(f"a.{suffix}", data)
    except CaptionsFileError:
        return
    assert parsed.segments
    starts = [segment.start for segment in parsed.segments]
    assert starts == sorted(starts)
    assert all(segment.text.strip() and segment.duration >= 0 for segment in parsed.segments)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHello there my friend\n\n"),
        ("a.srt", b"<i><b>{\\an8}&amp;"),
        ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n"),
        ("a.txt", b"word "),
        ("a.txt", b"0:01 Hi\n"),
        ("a.txt", "é".encode("cp1252") + b"t "),
        ("a.xml", b'<transcript><text start="1" dur="1">x</text>'),
        ("a.srt", b"["),
        ("a.srt", b"00:00:01,000 --> "),
    ],
)
def test_memory_is_bounded_by_the_size_of_the_file(name: str, unit: bytes) -> None:
    # Watching every allocation is slow: a third of a megabyte shows what ten would.
    size = LARGEST_FILE // 30
    data = (unit * (size // len(unit) + 1))[:size]
    tracemalloc.start()
    try:
        parse_captions(name, data)
    except CaptionsFileError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # Two words a line is the worst case: text, lines, cues and segments live at once.
    assert peak < 70 * size


def test_a_cue_of_any_length_is_divided_between_words() -> None:
    said = [f"word{number}" for number in range(2000)]
    content = f"1\n00:00:10,000 --> 00:03:20,000\n{' '.join(said)}\n"
    segments = parse_captions("a.srt", content.encode()).segments
    assert [word for segment in segments for word in segment.text.split()] == said
    assert max(len(segment.text) for segment in segments) <= 4000
    assert {segment.start for segment in segments} == {10.0}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_read_in_slices_is_read_as_a_whole(encoding: str, end: str) -> None:
    said = [f"Sentence {number} is about the naïve café…" for number in range(20_000)]
    segments = parse_captions("a.txt", f"{end}{end}".join(said).encode(encoding)).segments
    assert [segment.text for segment in segments] == said


def test_more_lines_than_any_talk_has_are_refused() -> None:
    with pytest.raises(CaptionsFileTooLarge, match="500,000 lines"):
        parse_captions("a.txt", b"0:01 Hi\n" * 600_000)


COUNTS = {
    "apollo11-air-to-ground.en.txt": (8480, 4.0, 703098.0),
    "elephants-dream.en.vtt": (78, 15.0, 537.0),
    "friends-connect.hi.srt": (39, 0.534, 90.167),
    "intro-google-data.ja.stc": (267, 0.0, 733.333),
    "io2009-keynote.en.sbv-timing.srt": (2073, 2.569, 5274.159),
    "io2009-wave.ru.srt": (1999, 1.1, 4807.97),
    "javascript-the-good-parts.en.srt": (1488, 22.534, 3815.634),
}


@pytest.mark.parametrize("name", COUNTS)
def test_real_files(recordings: Path, name: str) -> None:
    parsed = parse_captions(name, (recordings / "captions" / name).read_bytes())
    count, first, last = COUNTS[name]
    assert (len(parsed.segments), parsed.segments[0].start) == (count, first)
    assert parsed.segments[-1].start == pytest.approx(last, abs=0.001)
    assert parsed.language == name.split(".")[1]
    said = "\n".join(segment.text for segment in parsed.segments)
    assert not any(mark in said for mark in ("-->", "<i>", "*TC"))
