"""The verdict on a finished text: each claim said, reworded or found nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from youtube_analysis.models.analysis import Citation, Claim, Support
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.passages.words import base_language, guess_language

from .citing import CITED, cited_numbers
from .claims import Piece, joined, pieces_of
from .evidence import FOREIGN, FOUND, REWORDED, SAID, Evidence, Statement, likeness
from .quotes import LONGEST_TERM, QUOTE, tokens

# Passages that a search looks at.
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Help:
    """What is known beyond rules: vectors of the talk and, by their text, of claims in another
    language; verdicts of a verifier."""

    vectors: Vectors | None = None
    meanings: Mapping[str, Sequence[float]] = field(default_factory=dict)
    verified: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """The text with wrong numbers put right and marks behind what was found nowhere;
    `citations` has one entry for each `[n]`. `unsure` are the claims of the middle band, each with
    the passages to compare, which a verifier may settle; `foreign` are those in another language,
    which meaning may."""

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    unsure: tuple[Claim, ...]
    foreign: tuple[str, ...] = ()


def said(text: str, citations: Sequence[Citation]) -> tuple[Claim, ...]:
    """The claims of a text that quotes the talk word for word, `citations` in its order."""
    left = list(citations)
    claims: list[Claim] = []
    for line in pieces_of(text):
        for piece in line:
            del left[: len(cited_numbers(piece.text))]
            cited, left = tuple(left[: len(piece.numbers)]), left[len(piece.numbers) :]
            if piece.claims:
                claims.append(Claim(piece.plain, Support.SAID, cited))
    return tuple(claims)


def judge(text: str, evidence: Evidence, known: Help | None = None) -> Judged:
    """Takes some 10 ms for a long text: run it off the event loop. The same text and evidence
    give the same verdict."""
    return _Judge(text, evidence, known or Help()).judged()


class _Judge:
    def __init__(self, text: str, evidence: Evidence, known: Help) -> None:
        self._evidence = evidence
        self._known = known
        self._lines = pieces_of(text)
        plain = (piece.plain for line in self._lines for piece in line)
        self._language = base_language(guess_language([CITED.sub(" ", " ".join(plain))]))
        self._foreign = self._language not in {"", evidence.language}
        self._claims: list[Claim] = []
        self._unsure: list[Claim] = []
        self._seen: set[tuple[str, ...]] = set()

    def judged(self) -> Judged:
        kept: list[list[Piece]] = []
        for line in self._lines:
            pieces = [piece for piece in line if not self._repeats(piece)]
            if len(pieces) == len(line) or any(piece.claims for piece in pieces):
                kept.append(pieces)
                self._settle_line(pieces)
        citations = tuple(cited for line in kept for piece in line for cited in self._cited(piece))
        foreign = tuple(claim.text for claim in self._claims) if self._foreign else ()
        return Judged(joined(kept), tuple(self._claims), citations, tuple(self._unsure), foreign)

    def _repeats(self, piece: Piece) -> bool:
        words = tuple(tokens(piece.plain))
        if not piece.claims or len(words) <= LONGEST_TERM:
            return False
        known = words in self._seen
        self._seen.add(words)
        return known

    def _settle_line(self, pieces: list[Piece]) -> None:
        for place, piece in enumerate(pieces):
            if piece.claims:
                later = (other.numbers for other in pieces[place:] if other.numbers)
                self._settle(piece, next(later, ()))

    def _settle(self, piece: Piece, named: tuple[int, ...]) -> None:
        """`named`: the passages that stand behind the claim, or behind the next one."""
        torn = self._settle_quotes(piece)
        statement = self._evidence.statement(piece.plain, self._language)
        support, numbers = self._support(statement, named), named
        # What is put together from pieces of a quote, or is the opposite of what stands there, is
        # not looked for elsewhere.
        refuted = torn or self._refuted(statement, support, named)
        if refuted:
            support = Support.UNFOUND
        elif support is not Support.SAID:
            found, there = self._search(statement)
            # What is said in so many words elsewhere was not meant by the passage that is named.
            if found is Support.SAID or support is Support.UNFOUND:
                support, numbers = found, there
                piece.numbers = numbers
        if support is Support.UNFOUND:
            piece.mark, piece.numbers, numbers = True, (), ()
        cited = tuple(self._cite(number, statement) for number in numbers)
        claim = Claim(piece.plain, support, cited)
        self._claims.append(claim)
        self._doubt(claim, statement, named or numbers, refuted=refuted)

    def _refuted(self, statement: Statement, support: Support, named: tuple[int, ...]) -> bool:
        places = self._evidence.near(named)
        return support is Support.UNFOUND and self._evidence.negates(statement, places)

    def _doubt(
        self, claim: Claim, statement: Statement, near: tuple[int, ...], *, refuted: bool
    ) -> None:
        """Keeps a claim that neither words nor numbers settle, with the passages to compare."""
        if claim.support is Support.SAID or refuted or not near:
            return
        if not self._evidence.lacks(statement, self._evidence.near(near)):
            asked = tuple(map(self._evidence.reading.cite, near))
            self._unsure.append(replace(claim, citations=asked))

    def _settle_quotes(self, piece: Piece) -> bool:
        """Takes the marks off what nobody says so; tells whether a quote with something left out
        is none."""
        torn = False
        for quote in reversed(list(QUOTE.finditer(piece.text))):
            words = next(filter(None, quote.groupdict().values()), "") or quote[0][1:-1]
            if self._evidence.spoken.quoted(words):
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
        if self._evidence.lacks(statement, places) or self._evidence.negates(statement, places):
            return Support.UNFOUND
        verdict = self._known.verified.get(statement.text)
        if verdict is not None:
            return Support.REWORDED if verdict else Support.UNFOUND
        return self._by_likeness(statement, places, searched=searched)

    def _by_likeness(
        self, statement: Statement, places: Sequence[int], *, searched: bool
    ) -> Support:
        """By shared words; by meaning, where that is known, in another language than the talk's.
        Within one language meaning tells too little: a lie on the talk's subject is as near."""
        if statement.foreign:
            return Support.UNFOUND if self._far(statement, places) else Support.REWORDED
        share = self._evidence.share(statement, places)
        if share >= SAID:
            return Support.SAID
        return Support.REWORDED if share >= (FOUND if searched else REWORDED) else Support.UNFOUND

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

    def _search(self, statement: Statement) -> tuple[Support, tuple[int, ...]]:
        """The passage of the whole talk that bears a claim out best, if there is one."""
        place = self._evidence.spoken.find(statement.text)
        if place and len(tokens(statement.text)) > LONGEST_TERM:
            return Support.SAID, (place.passage,)
        for number in self._candidates(statement):
            support = self._support(statement, (number,), searched=True)
            if support is not Support.UNFOUND:
                return support, (number,)
        return Support.UNFOUND, ()

    def _candidates(self, statement: Statement) -> list[int]:
        """Passages to be looked at, the likeliest first."""
        vector, vectors = self._known.meanings.get(statement.text), self._known.vectors
        if statement.foreign and vector is not None and vectors is not None:
            alike = likeness(vector, vectors)
            return [place + 1 for place in sorted(range(len(alike)), key=lambda p: -alike[p])[:1]]
        found = self._evidence.lexical.passages(statement.text, _CANDIDATES)
        return [number for number, _ in found if not statement.foreign]

    def _cite(self, number: int, statement: Statement) -> Citation:
        start = self._evidence.best_sentence(statement, number)
        return self._evidence.reading.cite(number, start=start)

    def _cited(self, piece: Piece) -> list[Citation]:
        """In the order in which they stand in the text."""
        anchors = [self._evidence.reading.cite(number) for number in cited_numbers(piece.text)]
        if not piece.numbers:
            return anchors
        statement = self._evidence.statement(piece.plain, self._language)
        return [*anchors, *(self._cite(number, statement) for number in piece.numbers)]
