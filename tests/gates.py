"""The gate over a small talk, for tests: what of a text leaves it."""

from talks import talk_of
from youtube_analysis.checking.gate import CitationGate
from youtube_analysis.checking.spoken import SpokenWords
from youtube_analysis.passages.reading import read_passages

LINK = "https://youtu.be/dQw4w9WgXcQ"
SAID = (
    "The crane lifts forty tonnes.",
    "It was built in Gdansk.",
    "The train to Warsaw leaves at 10:30 in the morning.",
    "Nobody, um, knows why it is always late on Fridays.",
)
SPOKEN = SpokenWords(read_passages(talk_of(*SAID, title="Cranes and trains")))

MOON = "the moon is made of cheese"  # which nobody says


def gate(text: str, spoken: SpokenWords = SPOKEN, *, size: int = 1) -> CitationGate:
    """The gate after a text in pieces of so many characters; all that left it is `shown`."""
    made = CitationGate(spoken)
    parts = [made.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join((*parts, made.close())) == made.shown
    return made


def shown(text: str) -> str:
    return gate(text).shown
