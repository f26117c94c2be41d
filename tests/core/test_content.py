"""`[n]` becomes a time where a text is rendered; texts of older versions stay as they are."""

from talks import talk_of
from youtube_analysis.checking.literal import literal, unescaped
from youtube_analysis.models.analysis import Citation
from youtube_analysis.passages.transcript import split_into_passages
from youtube_analysis.services.content import emphasized, with_passage_times, with_times

READING = split_into_passages(talk_of(*[f"Sentence {n} of a talk. " * 9 for n in range(9)]))
LINK = "https://youtu.be/dQw4w9WgXcQ"


def test_each_number_has_a_citation_of_its_own() -> None:
    cited = (READING.cite(2), READING.cite(3), READING.cite(2, start=12.5))
    assert with_times("a [2] b [3] c [2] d [2] \\[3\\] x[0]", cited) == (
        f"a [0:05]({LINK}?t=5) b [0:10]({LINK}?t=10) c [0:12]({LINK}?t=12) d  \\[3\\] x[0]"
    )


def test_what_grows_is_cited_at_the_start_of_its_passages() -> None:
    assert with_passage_times("a [2] b [999]", READING) == f"a [0:05]({LINK}?t=5) b "


def test_texts_of_older_versions_stay_as_they_are() -> None:
    old = f"a [0:05]({LINK}?t=5) and list[2]"
    assert with_times(old, (Citation("dQw4w9WgXcQ", 5, 9, f"{LINK}?t=5", "b"),)) == old


def test_strangers_words_are_no_markup_no_citation_and_no_address() -> None:
    said = "see [12] at https://evil.example/x_y *now*"
    assert literal(said) == "see \\[12\\] at https:\u200b//evil.example/x\\_y \\*now\\*"
    assert unescaped(literal(said)) == said


def test_a_sentence_of_ours_is_in_italics_as_a_whole() -> None:
    assert emphasized("Ask for a *summary*.") == "*Ask for a summary.*"
    assert emphasized("The video “a\\*b” has **no** end.") == "*The video “a\\*b” has no end.*"
