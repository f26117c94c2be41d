"""Whatever a model writes and however it is cut: nothing false is seen, ever."""

import html
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from talks import talk_of
from youtube_analysis.captions import parse_captions
from youtube_analysis.checking.gate import CitationGate
from youtube_analysis.checking.marks import MARK
from youtube_analysis.checking.spoken import SpokenWords
from youtube_analysis.passages.reading import Reading, read_passages

LINK = "https://youtu.be/dQw4w9WgXcQ"
SPOKEN = SpokenWords(
    read_passages(
        talk_of(
            "The crane lifts forty tonnes.",
            "It was built in Gdansk.",
            "The train to Warsaw leaves at 10:30 in the morning.",
        )
    )
)


def passed(text: str, sizes: Iterator[int], spoken: SpokenWords = SPOKEN) -> CitationGate:
    """The gate after a text in pieces of these sizes; never more is seen than what is true."""
    made, seen = CitationGate(spoken), ""
    while text:
        size = next(sizes)
        if fresh := made.feed(text[:size]):
            seen += fresh
            assert no_falsehood(seen, spoken.reading) == []
        text = text[size:]
    assert seen + made.close() == made.shown
    assert no_falsehood(made.shown, spoken.reading) == []
    assert no_falsehood(made.marked(), spoken.reading) == []
    return made


PIECES = [
    *(
        "word",
        "word word and ",
        " ",
        "\n",
        "[1]",
        "[9]",
        "[",
        "]",
        "(",
        ")",
        "](",
        "http",
        "s://x.y",
    ),
    *(
        "forty tonnes",
        "It was built",
        "The crane lifts",
        "moon is made of cheese",
        "It's",
        "bosses’ ",
    ),
    *("long and plain words, as they go on, " * 6, "and “forty tonnes” of it, " * 9, "'90s "),
    *"“”\"'«»„‟‘’‚‹›`´′″ʻʼ❛❜❝❞❮❯「」『』｢｣﹁﹂〝〟《》〈〉＂＇<>!*_|…",
    *(
        '""',
        "''",
        "«»",
        "<<",
        ">>",
        "``",
        ",,",
        "\u200b",
        "\u200d",
        "\\",
        "ⓝⓞⓣ",
        "≠",
        "**",
        "~~",
        "- > ",
    ),
    *(
        "12:34",
        "12",
        ":",
        ":34",
        "：",
        "34",
        "10:30",
        "12 : 34",
        "12.34 Uhr",
        "12'34",
        "at ",
        "in ",
    ),
    *(
        "minute 3",
        "into it",
        " mark",
        "5 minutes",
        " 30 seconds",
        "12m34s",
        "min",
        "(12 min)",
        "twelve",
    ),
    *(
        "12. Minute",
        "minuto 12",
        "минута 12",
        "第12分钟",
        "12分34秒",
        "に",
        "١٢",
        "⓬",
        "\u200e",
        "\ufe0f",
    ),
    *("&lrm;", "&#5", "8;", "&amp;", "&quot;", "```", "[none]"),
]


@settings(max_examples=600, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.randoms())
def test_chunks_change_nothing_and_nothing_unproved_is_seen(
    text: str, chance: random.Random
) -> None:
    whole = passed(text, repeat(len(text)))
    torn = passed(text, iter(lambda: chance.randint(1, 9), 0))
    assert torn.shown == whole.shown
    assert torn.marked() == whole.marked()


@settings(max_examples=300, derandomize=True)
@given(st.text(st.characters(codec="utf-8"), max_size=120), st.integers(1, 9))
def test_any_text_in_any_chunks(text: str, size: int) -> None:
    assert passed(text, repeat(size)).shown == passed(text, repeat(len(text))).shown


# What a reader takes for a position in the video, told apart from the gate's own tables.
_TIMES = re.compile(
    r"(?<!\d)\d{1,3}(?::[0-5]\d){1,2}(?!\d)|(?<!\w)\d\d\.\d\d Uhr\b|(?<![\w°])\d{2,3}'[2-5]\d\b"
    r"|\bat \d{1,3}m\d\ds\b|\bat minute (?:\d{1,3}(?!\d)|twelve\b)|(?<!\w)\d+ minutes? into\b"
    r"|(?<!\w)(?:\d+|twelve)[ -]minutes? mark\b|\bat \d+ (?:minutes?|min)\b|[([]\d+ min[)\]]"
    r"|\bin der \d+\. Minute\b|(?<!\S)(?<![\d…] )(?:minuto|минута) \d{1,3}(?!\d)"
    r"|第\d+分|\d+分\d+秒に"
)
_COLONS = dict.fromkeys(map(ord, "：∶ː꞉﹕︓׃"), ":")
_MARKUP = str.maketrans("", "", "*_~`\\")
_GREAT = '“”„‟"«»‹›「」『』｢｣﹁﹂﹃﹄〝〞〟《》〈〉＂❝❞❮❯″ʺ'
_BETWEEN = re.compile(rf"[{_GREAT}]([^{_GREAT}\n]*)[{_GREAT}]")
# Inches, and an arrow between words, quote nothing.
_NO_MARK = re.compile(r"(?<=[\w…])″|(?<![^\s])[›❯](?= )")
_SMALL = "'’‘‚‛´′ʻʼ❛❜＇`"
_SMALL_QUOTE = re.compile(
    rf"(?<![^\W_])(?<![…{_SMALL}])[{_SMALL}](?!\d\ds?\b|s\b)(?=\S)"
    rf"((?:[^{_SMALL}\n]|(?<=[^\W_])[{_SMALL}](?=[^\W_]))+)(?<=\S)[{_SMALL}](?![^\W_])"
)
_CODE = re.compile(r"`[^`\n]*`")
# A term of so many words may stand between small marks: nobody can tell it from apostrophes.
_LONGEST_TERM = 3


def no_falsehood(text: str, reading: Reading) -> list[str]:
    """Times and quotes in a visible text that the video does not bear out; an oracle of its own,
    which knows the captions and not the gate."""
    said = _said(reading) + _plain(reading.video.info.title)
    links = re.compile(r"\[(\d+(?::\d\d){1,2})\]\((https://youtu\.be/[\w-]+)\?t=(\d+)\)")
    wrong = []
    for match in links.finditer(text):
        seconds = int(match[3])
        inside = any(int(p.start) <= seconds <= p.end for p in reading.passages)
        if not inside or match[2] != LINK:
            wrong.append(match[0])
    rest = links.sub("¤", text.replace(f" {MARK}", ""))
    rest = re.sub(r"&#?\w+;", lambda match: html.unescape(match[0]), rest)
    wrong += [time for time in _TIMES.findall(_as_read(rest)) if _plain(time) not in said]
    wrong += re.findall(r"\w+://\S+|(?<!\\)\]\(\S+", rest)
    wrong += re.findall(r"(?m)^[ \t]*(?:[-*+] |\d+[.)] )*>.+", rest)
    wrong += [quote for quote in _quotes(rest) if not _is_said(quote, said)]
    return wrong


def _as_read(text: str) -> str:
    """Digits of all scripts as ours, and nothing that only a machine sees."""
    plain = []
    for character in unicodedata.normalize("NFD", text.translate(_COLONS).translate(_MARKUP)):
        number = unicodedata.numeric(character, -1)
        if number >= 0 and number == int(number) and not character.isalpha():
            plain.append(str(int(number)))
        elif unicodedata.category(character) not in {"Mn", "Me", "Mc", "Cf"}:
            plain.append(character)
    return "".join(plain)


def _quotes(text: str) -> Iterator[str]:
    yield from _BETWEEN.findall(_NO_MARK.sub(" ", text))
    for quote in _SMALL_QUOTE.findall(_CODE.sub(" ", text)):
        if sum(any(map(str.isalnum, word)) for word in quote.split()) > _LONGEST_TERM:
            yield quote


def _is_said(quote: str, said: str) -> bool:
    pieces = [_plain(piece) for piece in re.split(r"…|\[…\]", quote)]
    symbols = re.search(r"[≠ⓝⓞⓣ]", quote)
    return not symbols and all(piece in said for piece in pieces if piece.strip())


@lru_cache
def _said(reading: Reading) -> str:
    return _plain(" ".join(sentence.text for sentence in reading.sentences))


def _plain(text: str) -> str:
    words = re.findall(r"[^\W_]+", text.casefold())
    return " " + " ".join(word for word in words if word not in {"um", "uh"}) + " "


def bad_outputs(reading: Reading, chance: random.Random) -> list[str]:
    """Texts as a model that lies writes them, about a real talk."""
    count = len(reading.passages)
    spoken = [s.text for s in reading.sentences if 5 <= len(s.text.split()) <= 14]

    def invented() -> str:
        return " ".join(chance.sample(" ".join(chance.sample(spoken, 4)).split(), 9))

    def time() -> str:
        return f"{chance.randint(0, 99)}:{chance.randint(0, 59):02}"

    makers = [
        lambda: f"A claim with a wrong passage [{count + chance.randint(1, 999)}].",
        lambda: f"At {time()} he says so [{chance.randint(1, count)}].",
        lambda: f"He says “{invented()}” [{chance.randint(1, count)}].",
        lambda: f'She answers "{invented()}" [{chance.randint(1, count)}, {count + 7}].',
        lambda: f"“{chance.choice(spoken)}” [{chance.randint(1, count)}]",
        lambda: f"[{time()}](https://youtu.be/dQw4w9WgXcQ?t={chance.randint(0, 9999)}) it begins",
        lambda: f"({time()}–{time()}) a part [{chance.randint(1, count)}] [1",
        lambda: f"«{invented()}» https://youtu.be/dQw4w9WgXcQ?t={chance.randint(0, 9999)}",
        lambda: f"“{chance.choice(spoken)} {invented()} {invented()} {invented()}” [3",
        lambda: f"**1{chance.randint(0, 9)}**:{chance.randint(10, 59)} and “{invented()}",
        lambda: f"- > at minute {chance.randint(11, 99)} ‘{invented()}’ in der {time()}. Minute",
        lambda: f"(12 min) ``{invented()}'' at {chance.randint(10, 99)} minutes, '{invented()}'",
    ]
    return [" ".join(chance.choice(makers)() for _ in range(chance.randint(1, 6)))
            for _ in range(1000)]  # fmt: skip


def test_a_thousand_bad_outputs_show_no_false_time_or_quote(recordings: Path) -> None:
    path = recordings / "captions" / "javascript-the-good-parts.en.srt"
    parsed = parse_captions(path.name, path.read_bytes())
    reading = read_passages(replace(talk_of("x"), segments=parsed.segments))
    spoken, chance = SpokenWords(reading), random.Random(3)
    sizes = iter(lambda: chance.randint(1, 40), 0)
    shown = [passed(text, sizes, spoken).shown for text in bad_outputs(reading, chance)]
    assert len(shown) == 1000
    # What is true among the lies is there: the gate does not merely swallow everything.
    assert sum("](https://youtu.be/" in text for text in shown) > 400
    assert sum("“" in text for text in shown) > 200
