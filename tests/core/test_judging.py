"""The verdict on a finished text: said, reworded, or found nowhere."""

import time

import pytest

from talks import talk_of
from youtube_analysis.checking.evidence import Evidence
from youtube_analysis.checking.filter import MARK
from youtube_analysis.checking.judging import Hints, Judged, as_written, judge, unsure
from youtube_analysis.models.analysis import Support
from youtube_analysis.models.video import Chapter
from youtube_analysis.passages.transcript import split_into_passages
from youtube_analysis.passages.vectors import Vectors

# One passage each: a chapter begins with every sentence.
SENTENCES = (
    "Welcome to the harbour of Gdansk, where my grandfather built ships for thirty years.",
    "The yellow crane lifts forty tonnes, and nobody has ever seen it fall over.",
    "Grain from Ukraine arrives in March and leaves the warehouses before summer.",
    "We did not repair the old lighthouse, because the budget was only two million euros.",
    "Magdalena Nowak, the harbour master, wants electric tugs instead of diesel engines.",
    "Thirty-eight percent of the containers are empty when they come back from Asia.",
    "Storms close the port about twelve days a year, mostly in November.",
    "If you visit, take the ferry, and bring a warm coat even in July.",
)
READING = split_into_passages(
    talk_of(
        *SENTENCES,
        title="A harbour talk",
        chapters=tuple(Chapter(f"Part {n}", 5.0 * n) for n in range(len(SENTENCES))),
    )
)
EVIDENCE = Evidence(READING)


def judged(text: str, known: Hints | None = None) -> Judged:
    return judge(text, EVIDENCE, known)


def supports(text: str) -> list[str]:
    return [claim.support.value for claim in judged(text).claims]


def test_each_sentence_is_a_passage() -> None:
    assert [passage.text for passage in READING.passages] == list(SENTENCES)


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("The yellow crane lifts forty tonnes, and nobody has ever seen it fall over. [2]", "said"),
        ("The yellow crane can lift 40 tonnes. [2]", "said"),
        ("Of the containers, 38 % return from Asia empty. [6]", "said"),
        ("Empty boxes make up 38 percent of what returns from Asia. [6]", "reworded"),
        ("Der gelbe Kran im Hafen hebt 40 Tonnen, und er ist noch nie umgefallen. [2]", "reworded"),
        ("The yellow crane lifts fifty tonnes. [2]", "unfound"),
        ("Magdalena Kowalska, the harbour master, wants electric tugs. [5]", "unfound"),
        ("They repaired the old lighthouse with the budget of two million euros. [4]", "unfound"),
        ("Elephants dance upon violet oceans of marble. [3]", "unfound"),
        ("Der gelbe Kran im Hafen hebt 70 Tonnen, und er ist noch nie umgefallen. [2]", "unfound"),
        ("It flies. [2]", "unfound"),
    ],
)
def test_a_claim_is_said_reworded_or_found_nowhere(claim: str, support: str) -> None:
    assert supports(claim) == [support]
    assert (MARK in judged(claim).text) == (support == "unfound")


def test_a_wrong_number_is_put_right() -> None:
    made = judged("The yellow crane lifts forty tonnes. [7]")
    assert made.text == "The yellow crane lifts forty tonnes. [2]"
    assert made.citations[0].number == 2
    assert made.claims[0].citations == made.citations


def test_a_claim_without_a_number_is_looked_up_and_cited() -> None:
    made = judged("Storms close the port about twelve days a year. And pigs fly over it daily.")
    assert made.text == (
        f"Storms close the port about twelve days a year. [7] And pigs fly over it daily. {MARK}"
    )
    assert [claim.support for claim in made.claims] == [Support.SAID, Support.UNFOUND]


def test_one_citation_may_stand_behind_several_sentences() -> None:
    text = "The yellow crane lifts forty tonnes. Nobody has ever seen it fall over. [2]"
    assert judged(text).text == text


def test_what_is_found_nowhere_loses_its_citation() -> None:
    assert judged("- Wizards run the port of Hamburg. [1]").text == (
        f"- Wizards run the port of Hamburg. {MARK}"
    )


def test_headings_labels_and_questions_are_no_claims() -> None:
    text = (
        "**Category:** Business · **Type:** News\n\n### Wizards\n\n**Magic.** Storms close the "
        "port about twelve days a year. [7]\n\n- [2] **Spells:** The yellow crane lifts forty "
        "tonnes. [2]\n- [3] **Wizards**\n\nWhat would you do?\n\n#wizards #magic"
    )
    assert judged(text).text == text
    assert supports(text) == ["said", "said"]


@pytest.mark.parametrize(
    "text",
    [
        "According to [7], storms close the port. In [2], the yellow crane lifts forty tonnes.",
        "Storms [7] close the port, and the yellow crane [2] lifts forty tonnes.",
        "The main point is in [7]: storms close the port about twelve days a year.",
        "Sources: [2], [7], and [3].",
        "According to passage 7, storms close the port about twelve days a year. [7]",
        "Storms close the port about twelve days a year. [7] #storms #ports",
        "Of course! Storms close the port about twelve days a year. [7]",
        "| the yellow crane lifts [2] | a |\n| the yellow crane lifts [2] | b |",
        "**Storms:** twelve days a year close the port. [7]  \n**Crane:** forty tonnes. [2]",
    ],
)
def test_what_is_borne_out_stays_as_it_was_written(text: str) -> None:
    assert judged(text).text == text


def test_a_lie_within_a_sentence_marks_its_end() -> None:
    written = "Ines stole the money of the company [1] and flew to the moon with wizards [2]."
    first = judged(written)
    assert first.text == (
        f"Ines stole the money of the company and flew to the moon with wizards. {MARK}"
    )
    verdicts = Hints(claims={claim.text: claim for claim in first.claims})
    assert judged(as_written(first.text, first.claims), verdicts).text == first.text


@pytest.mark.parametrize(
    "claim",
    [
        "The lighthouse was not repaired for lack of budget. [4]",
        "Nobody ever saw the crane fall over. [2]",
        "No diesel engines but electric tugs are wanted by Magdalena Nowak. [5]",
    ],
)
def test_a_true_sentence_with_a_negation_is_believed(claim: str) -> None:
    assert MARK not in judged(claim).text


def test_what_is_bold_stays_closed() -> None:
    assert judged("**The yellow crane lifts forty tonnes [2].**").text == (
        "**The yellow crane lifts forty tonnes [2].**"
    )
    lie = judged("**Wizards run the port of Hamburg [2].** More.").text
    assert lie == f"**Wizards run the port of Hamburg.** More. {MARK}"


def test_what_is_said_twice_is_shown_once() -> None:
    text = "- Storms close the port about twelve days a year. [7]\n- Grain arrives in March. [3]\n"
    assert judged(text + text).text.strip() == text.strip()


def test_a_quote_that_nobody_says_so_loses_its_marks() -> None:
    made = judged("She wants “electric tugs instead of old diesel engines”. [5]")
    assert made.text == "She wants electric tugs instead of old diesel engines. [5]"
    kept = "She wants “electric tugs instead of diesel engines”. [5]"
    assert judged(kept).text == kept


def test_a_quote_that_leaves_out_a_negation_is_unfound() -> None:
    assert supports("He says “We did … repair the old lighthouse”. [4]") == ["unfound"]
    assert supports("He says “nobody has … seen it fall over”. [2]") == ["unfound"]


def test_citations_stand_in_the_order_of_the_text_and_point_at_sentences() -> None:
    made = judged("Grain arrives from Ukraine in March. [3] Storms close the port. [7]")
    assert [(c.number, c.start) for c in made.citations] == [(3, 10.0), (7, 30.0)]


@pytest.mark.parametrize("place", [1, 6])
def test_meaning_finds_the_passage_of_a_claim_in_another_language(place: int) -> None:
    """`place`: the passage that the claim is like in meaning."""
    claim = "Der Kran dort ist sehr stark, und er ist noch nie umgefallen."
    size = len(SENTENCES)
    rows = [[float(column == row) for column in range(size)] for row in range(size)]
    known = Hints(Vectors.of(rows), {claim: tuple(rows[place])})
    assert judged(f"{claim} [2]").foreign == (claim,)
    made = judged(f"{claim} [2]", known)
    assert [c.support.value for c in made.claims] == ["reworded"]
    assert made.citations[0].number == place + 1


@pytest.mark.parametrize("verdict", [True, False])
@pytest.mark.parametrize(
    "claim",
    [
        "Vessels were assembled there by an ancestor of the speaker.",  # unfound by rules
        "Empty boxes make up 38 percent of what returns from Asia.",  # reworded by rules
    ],
)
def test_a_verifier_settles_what_rules_cannot(claim: str, verdict: bool) -> None:
    number = 6 if "Asia" in claim else 1
    first = judged(f"{claim} [{number}]")
    assert [doubt.text for doubt in unsure(first.claims, EVIDENCE)] == [claim]
    before = {one.text: one for one in first.claims}
    written = as_written(first.text, first.claims)
    made = judged(written, Hints(claims=before, verified={claim: verdict}))
    assert made.claims[0].support is (Support.REWORDED if verdict else Support.UNFOUND)
    assert made.text == (f"{claim} [{number}]" if verdict else f"{claim} {MARK}")


def test_what_a_verifier_was_not_asked_stays_as_it_was_judged() -> None:
    text = (
        "He says “nobody has … seen it fall over”. [2] The yellow crane lifts fifty tonnes. [2] "
        "The yellow crane lifts forty tonnes. [2]"
    )
    first = judged(text)
    before = {one.text: one for one in first.claims}
    made = judged(as_written(first.text, first.claims), Hints(claims=before))
    assert (made.text, made.claims) == (first.text, first.claims)


def test_a_verifier_is_not_asked_what_rules_can_tell() -> None:
    told = "The yellow crane lifts fifty tonnes. [2] The yellow crane lifts forty tonnes. [2]"
    assert unsure(judged(told).claims, EVIDENCE) == []


@pytest.mark.parametrize("piece", [" ", "[1]", "…", "A ", "“a”", "a. ", "- x\n", "**", "> ", "1 "])
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text, began = piece * (length // len(piece)), time.thread_time()
        judged(text)
        return time.thread_time() - began

    seconds(500)
    # The least of three: a collection of everybody's garbage may fall into one.
    assert min(seconds(16_000) for _ in range(3)) < 0.05 + 3 * 8 * seconds(2_000)
