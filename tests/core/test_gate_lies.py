"""Whatever a model writes and however it is cut: nothing false is seen, ever."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from talks import talk_of
from youtube_analysis.captions import parse_captions
from youtube_analysis.grounding.gate import CitationGate
from youtube_analysis.grounding.passages import Reading, read_passages
from youtube_analysis.grounding.spoken import SpokenWords

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
        seen += made.feed(text[:size])
        text = text[size:]
        assert no_falsehood(seen, spoken.reading) == []
    assert seen + made.close() == made.shown
    assert no_falsehood(made.shown, spoken.reading) == []
    assert no_falsehood(made.marked(), spoken.reading) == []
    return made


PIECES = [
    "word", " ", "\n", "[1]", "[9]", "[", "]", "(", ")", "“", "”", '"', "'", "forty tonnes",
    "It was built", "moon is made of cheese", "12:34", "12", ":34", "10:30", "](", "http", "s://x.y",
    "<", ">", "&#5", "8;", "\\", "```", "minute 3", "[none]", "「", "」", "…", "«", "»", "!", "*",
]  # fmt: skip


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


_TIME = re.compile(r"(?<!\d)\d{1,3}(?::[0-5]\d){1,2}(?!\d)")
_QUOTE = re.compile(r"“([^”\n]+)”|\"([^\"\n]+)\"|«([^»\n]+)»|「([^」\n]+)」")


def no_falsehood(text: str, reading: Reading) -> list[str]:
    """Times and quotes in a visible text that the video does not bear out; an oracle of its own,
    which knows the captions and not the gate."""
    said = _said(reading)
    links = re.compile(r"\[(\d+(?::\d\d){1,2})\]\((https://youtu\.be/[\w-]+)\?t=(\d+)\)")
    wrong = []
    for match in links.finditer(text):
        seconds = int(match[3])
        inside = any(int(p.start) <= seconds <= p.end for p in reading.passages)
        if not inside or match[2] != LINK:
            wrong.append(match[0])
    rest = links.sub(" ", text)
    wrong += [time for time in _TIME.findall(rest) if _plain(time) not in said]
    wrong += re.findall(r"\w+://\S+|(?<!\\)\]\(\S+", rest)
    for found in _QUOTE.findall(rest):
        quote = "".join(found)
        pieces = [_plain(piece) for piece in re.split(r"…|\[…\]", quote)]
        title = _plain(reading.video.info.title)
        wrong += [quote for piece in pieces if piece.strip() and piece not in said + title]
    return wrong


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
