"""The verdict on a finished text: each claim said, reworded or found nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from youtube_analysis.models.analysis import Citation, Claim, Support
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.passages.words import base_language, guess_language

from .claims import LONGEST_TERM, QUOTE, Piece, Statement, joined, pieces_of, tokens
from .evidence import FOREIGN, REWORDED, SAID, Evidence, likeness
from .filter import CITED, MARK

# Passages that a search looks at.
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beyond rules: vectors of the talk and, by their text, of claims in another
    language; the claims of an earlier verdict, and what a verifier said of some."""

    vectors: Vectors | None = None
    meanings: Mapping[str, Sequence[float]] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    verified: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """The text with wrong numbers put right and marks behind what was found nowhere;
    `citations` has one entry for each `[n]`. What was found nowhere keeps the places that the
    model named, in its claim alone. `foreign` are claims in another language than the talk's."""

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    foreign: tuple[str, ...] = ()


def unsure(claims: Sequence[Claim], evidence: Evidence) -> list[Claim]:
    """Those of the middle band, which only a verifier can settle: neither said in so many words,
    nor refuted by a number; each with passages to hold it against."""
    return [
        claim
        for claim in claims
        if claim.support is not Support.SAID and claim.citations and _open(claim, evidence)
    ]


def _open(claim: Claim, evidence: Evidence) -> bool:
    statement = evidence.statement(claim.text, base_language(guess_language([claim.text])))
    places = evidence.near(citation.number for citation in claim.citations)
    return not evidence.lacks_number(statement, places)


def said(text: str, citations: Sequence[Citation]) -> tuple[Claim, ...]:
    """The claims of a text that quotes the talk word for word, `citations` in its order."""
    left = list(citations)
    claims: list[Claim] = []
    for line in pieces_of(text):
        for piece in line:
            count = len(piece.cited)
            cited, left = tuple(left[:count]), left[count:]
            if piece.claims:
                claims.append(Claim(piece.plain, Support.SAID, cited))
    return tuple(claims)


def as_written(text: str, claims: Sequence[Claim]) -> str:
    """A judged text with the passages that the model named in the place of each mark."""
    marked = iter([claim for claim in claims if claim.support is Support.UNFOUND])
    parts = text.split(f" {MARK}")
    named = ["".join(f"[{c.number}]" for c in next(marked).citations) for _ in parts[1:]]
    cited = (f" {numbers}" if numbers else "" for numbers in named)
    return parts[0] + "".join(f"{n}{part}" for n, part in zip(cited, parts[1:], strict=True))


def judge(text: str, evidence: Evidence, known: Hints | None = None) -> Judged:
    """Takes some 10 ms for a long text: run it off the event loop. The same text and evidence
    give the same verdict."""
    return _Judge(text, evidence, known or Hints()).judged()


class _Judge:
    def __init__(self, text: str, evidence: Evidence, known: Hints) -> None:
        self._evidence = evidence
        self._known = known
        self._lines = pieces_of(text)
        plain = (piece.plain for line in self._lines for piece in line)
        self._language = base_language(guess_language([CITED.sub(" ", " ".join(plain))]))
        self._foreign = self._language not in {"", evidence.language}
        self._claims: list[Claim] = []
        self._seen: set[tuple[str, ...]] = set()
        self._statements: dict[str, Statement] = {}

    def judged(self) -> Judged:
        kept: list[list[Piece]] = []
        for line in self._lines:
            # A cell of a table is no repeat of another.
            table = bool(line) and line[0].text.lstrip().startswith("|")
            pieces = [piece for piece in line if table or not self._repeats(piece)]
            if len(pieces) == len(line) or any(piece.claims for piece in pieces):
                kept.append(pieces)
                self._settle_line(pieces)
        citations = tuple(cited for line in kept for piece in line for cited in self._cited(piece))
        foreign = tuple(claim.text for claim in self._claims) if self._foreign else ()
        return Judged(joined(kept), tuple(self._claims), citations, foreign)

    def _repeats(self, piece: Piece) -> bool:
        words = tuple(tokens(piece.plain))
        if not piece.claims or len(words) <= LONGEST_TERM:
            return False
        known = words in self._seen
        self._seen.add(words)
        return known

    def _settle_line(self, pieces: list[Piece]) -> None:
        named: tuple[int, ...] = ()
        shared: list[tuple[int, ...]] = []
        for piece in reversed(pieces):
            named = piece.cited or named
            shared.append(named)
        for piece, numbers in zip(pieces, reversed(shared), strict=True):
            if piece.claims:
                self._settle(piece, numbers)

    def _settle(self, piece: Piece, named: tuple[int, ...]) -> None:
        """`named`: the passages that stand behind the claim, or behind the next one."""
        torn = self._settle_quotes(piece)
        statement = self._statement(piece)
        before = self._known.claims.get(statement.text)
        if before and before.support is Support.UNFOUND:
            torn = torn or not self._known.verified.get(statement.text)
        support, numbers = self._verdict(statement, named, torn=torn)
        if support is Support.UNFOUND:
            piece.cite()
            piece.mark = True
        elif numbers != named:
            piece.cite(*numbers)
        cited = tuple(self._cite(number, statement, piece.quotes) for number in numbers)
        self._claims.append(Claim(piece.plain, support, cited))

    def _verdict(
        self, statement: Statement, named: tuple[int, ...], *, torn: bool
    ) -> tuple[Support, tuple[int, ...]]:
        """With the passages that bear the claim out; with those named where none does."""
        support = Support.UNFOUND if torn else self._support(statement, named)
        if torn or support is Support.SAID:
            return support, named
        if support is Support.UNFOUND and self._evidence.negates(
            statement, self._evidence.near(named)
        ):
            return support, named  # the opposite stands there: not to be looked for elsewhere
        found, there = self._search(statement)
        # What is said in so many words elsewhere was not meant by the passage that is named.
        if found is Support.SAID or (found and support is Support.UNFOUND):
            return found, there
        return support, named

    def _settle_quotes(self, piece: Piece) -> bool:
        """Takes the marks off what nobody says so; tells whether a quote with something left out
        is none."""
        torn = False
        for quote in reversed(list(QUOTE.finditer(piece.text))):
            words = next(filter(None, quote.groupdict().values()), "") or quote[0][1:-1]
            if self._evidence.spoken.quoted(words):
                piece.quotes = (words, *piece.quotes)
                continue
            torn = torn or "…" in words or "..." in words
            piece.text = piece.text[: quote.start()] + words + piece.text[quote.end() :]
        return torn

    def _support(
        self, statement: Statement, numbers: Sequence[int], *, searched: bool = False
    ) -> Support:
        places = self._evidence.near(numbers)
        if not places:
            return Support.UNFOUND
        if self._said_so(statement, places):
            return Support.SAID
        evidence = self._evidence
        if evidence.lacks_number(statement, places):
            return Support.UNFOUND
        verdict = self._known.verified.get(statement.text)
        if verdict is not None:
            return Support.REWORDED if verdict else Support.UNFOUND
        if evidence.lacks_name(statement, places) or evidence.negates(statement, places):
            return Support.UNFOUND
        return self._by_likeness(statement, places, searched=searched)

    def _by_likeness(
        self, statement: Statement, places: Sequence[int], *, searched: bool
    ) -> Support:
        """By shared words; by meaning, where that is known, in another language than the talk's.
        Within one language meaning tells too little: a lie on the talk's subject is as near."""
        if statement.foreign:
            return Support.UNFOUND if self._far(statement, places) else Support.REWORDED
        share = self._evidence.share(statement, places)
        if share >= SAID and not self._evidence.disputes(statement, places):
            return Support.SAID
        # Whoever searches a whole talk finds some likeness by chance: there it takes more.
        return Support.REWORDED if share >= (SAID if searched else REWORDED) else Support.UNFOUND

    def _far(self, statement: Statement, places: Sequence[int]) -> bool:
        vector, vectors = self._known.meanings.get(statement.text), self._known.vectors
        if vector is None or vectors is None:
            return False
        alike = likeness(vector, vectors)
        return max(alike[place] for place in places) < FOREIGN

    def _said_so(self, statement: Statement, places: Sequence[int]) -> bool:
        """Whether somebody says the claim word for word there."""
        if statement.foreign or len(tokens(statement.text)) <= LONGEST_TERM:
            return False
        place = self._evidence.spoken.find(statement.text, near=places[0] + 1)
        return place is not None and place.passage - 1 in places

    def _search(self, statement: Statement) -> tuple[Support | None, tuple[int, ...]]:
        """The passage of the whole talk that bears a claim out best; None if there is none."""
        place = self._evidence.spoken.find(statement.text)
        if place and len(tokens(statement.text)) > LONGEST_TERM:
            return Support.SAID, (place.passage,)
        for number in self._candidates(statement):
            support = self._support(statement, (number,), searched=True)
            if support is not Support.UNFOUND:
                return support, (number,)
        return None, ()

    def _candidates(self, statement: Statement) -> list[int]:
        """Passages to be looked at, the likeliest first."""
        vector, vectors = self._known.meanings.get(statement.text), self._known.vectors
        if statement.foreign and vector is not None and vectors is not None:
            alike = likeness(vector, vectors)
            return [place + 1 for place in sorted(range(len(alike)), key=lambda p: -alike[p])[:1]]
        found = self._evidence.lexical.passages(statement.text, _CANDIDATES)
        return [number for number, _ in found if not statement.foreign]

    def _cite(self, number: int, statement: Statement, quotes: Sequence[str]) -> Citation:
        """The words that are quoted from there, else the passage from its best sentence on."""
        reading = self._evidence.reading
        for words in quotes:
            place = self._evidence.spoken.find(words, near=number)
            if place and place.passage <= number <= place.last_passage:
                end = reading.passages[place.last_passage - 1].end
                start = self._evidence.spoken.start(place)
                return reading.cite(number, start=start, end=end, quote=words)
        return reading.cite(number, start=self._evidence.best_sentence(statement, number))

    def _cited(self, piece: Piece) -> list[Citation]:
        """In the order in which they stand in the text."""
        if not piece.claims:
            return [self._evidence.reading.cite(number) for number in piece.cited]
        statement = self._statement(piece)
        return [self._cite(number, statement, piece.quotes) for number in piece.cited]

    def _statement(self, piece: Piece) -> Statement:
        """Read once; it is wanted again for what the piece cites."""
        text = piece.plain
        if text not in self._statements:
            self._statements[text] = self._evidence.statement(text, self._language)
        return self._statements[text]
