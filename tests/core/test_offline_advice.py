"""Advice and category: what offline analyses claim of a talk, and what they do not."""

from dataclasses import replace
from pathlib import Path

import pytest

from analyses import OWN, analyses, read
from talks import talk_of
from youtube_analysis.llm.offline.sections import Sections
from youtube_analysis.llm.offline.talk import Talk
from youtube_analysis.models.analysis import AnalysisType, ContentCategory, ContextTag
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.passages.transcript import split_into_passages


async def test_advice_makes_the_action_plan() -> None:
    completion = (await analyses(read(OWN[0])))[AnalysisType.ACTION_PLAN]
    assert completion.lead is None
    for advised in (
        "1. Write the timeline before the meeting. [5]",
        "Hold the review within five working days. [10]",
        "Limit yourself to three actions. [23]",
    ):
        assert advised in completion.text
    for told in ("Priya", "Tomas", "I'm a manager", "you get a defence", "drained"):
        assert told not in completion.text


@pytest.mark.parametrize(
    ("language", "advice", "story"),
    [
        (
            "en",
            ("You should weigh each container first.", "Never stand under a hanging load."),
            ("The crane lifts forty tonnes.", "Follow me to the next crane."),
        ),
        (
            "de",
            ("Prüft jeden Haken vor dem ersten Heben.", "Ihr solltet nie unter der Last stehen."),
            ("Jetzt hebt der Kran vierzig Tonnen.", "Gestern fehlte uns der Haken am Seil."),
        ),
        (
            "es",
            ("Nunca pases debajo de la carga.", "Debes revisar el gancho antes de empezar."),
            ("La grúa levanta cuarenta toneladas.", "Ayer faltaba el gancho del cable."),
        ),
        (
            "fr",
            (
                "Vous devez vérifier le crochet avant de lever.",
                "Pesez chaque conteneur avant tout.",
            ),
            ("La grue lève quarante tonnes de blé.", "Vous avez vu la grue du vieux port ?"),
        ),
        (
            "ru",
            ("Вам нужно проверить крюк до подъёма.", "Никогда не стойте под грузом на тросе."),
            ("Кран поднимает сорок тонн зерна.", "Вы видите кран нашего старого порта."),
        ),
        (
            "ja",
            ("作業の前にフックを必ず点検してください。", "荷物の下には立たないでください。"),
            ("このクレーンは四十トンの穀物を持ち上げます。", "昨日はフックがありませんでした。"),
        ),
    ],
)
async def test_what_is_advice_and_what_is_a_story(
    language: str, advice: tuple[str, ...], story: tuple[str, ...]
) -> None:
    said = [sentence for pair in zip(advice, story, strict=True) for sentence in pair]
    reading = split_into_passages(talk_of(*said * 3, language=language))
    found = {line.text for line in Talk(reading).advice}
    assert {text.rstrip(".。") for text in found} == {text.rstrip(".。") for text in advice}


async def test_little_advice_is_owned_up_to() -> None:
    talk = talk_of(
        "The crane in the harbour of Gdansk was built by two brothers in 1985.",
        "You should see the crane when it lifts grain from a ship at night.",
        "The most important part of a crane is the steel rope on its drum.",
        "Every rope of a harbour crane is replaced after two years of work.",
        "Ferries to Sweden leave from the pier beside the crane in the morning.",
    )
    completion = (await analyses(split_into_passages(talk)))[AnalysisType.ACTION_PLAN]
    assert completion.lead is not None
    assert completion.lead.code is NoticeCode.LITTLE_ADVICE
    assert "The most important part" in completion.text
    assert "advice" not in completion.text


def test_what_few_lines_command_belongs_to_the_story() -> None:
    story = [f"Crane {n} lifts forty tonnes of grain in the harbour of Gdansk." for n in range(60)]
    reading = split_into_passages(talk_of(*story, "Write the other name into this box here."))
    assert not Talk(reading).advice
    reading = split_into_passages(talk_of(*story[:6], "Write the weight on every container."))
    assert len(Talk(reading).advice) == 1


async def test_commands_in_a_demo_are_no_advice(recordings: Path) -> None:
    reading = read(recordings / "captions" / "io2009-wave.en.srt")
    completion = (await analyses(reading))[AnalysisType.ACTION_PLAN]
    assert completion.lead is not None
    assert "his screen" not in completion.text


BROWSERS = "The browser sends the request to the server and the server runs the code."


@pytest.mark.parametrize(
    ("sentence", "info", "category"),
    [
        (BROWSERS, {}, ContentCategory.TECHNOLOGY),
        (BROWSERS, {"category": "Education"}, ContentCategory.EDUCATION),
        (BROWSERS, {"category": "People & Blogs"}, ContentCategory.TECHNOLOGY),
        (BROWSERS, {"category": "Science & Technology"}, ContentCategory.TECHNOLOGY),
        (
            "The experiment on the molecule shows that the theory of physics was right.",
            {"category": "Science & Technology"},
            ContentCategory.SCIENCE,
        ),
        (
            "Der Arzt fragt die Patienten nach Ernährung, Gesundheit und Schlaf.",
            {},
            ContentCategory.HEALTH,
        ),
        (
            "The rope is red and the sea is cold near the island in winter.",
            {"keywords": ("invest", "stocks", "dividend", "tax")},
            ContentCategory.FINANCE,
        ),
        (
            "The rope is red and the sea is cold near the island in winter.",
            {},
            ContentCategory.OTHER,
        ),
    ],
)
def test_category(sentence: str, info: dict[str, object], category: ContentCategory) -> None:
    talk = talk_of(*[sentence] * 12, language="de" if "Arzt" in sentence else "en")
    talk = replace(talk, info=replace(talk.info, **info))  # type: ignore[arg-type]
    made = Sections(Talk(split_into_passages(talk))).compose(AnalysisType.SUMMARY)
    assert made.classification is not None
    assert made.classification.category is category
    assert f"**Category:** {category}" in made.text


def test_the_category_of_our_talks() -> None:
    made = [Sections(Talk(read(path))).compose(AnalysisType.SUMMARY) for path in OWN]
    categories = [one.classification.category for one in made if one.classification]
    assert categories == [ContentCategory.TECHNOLOGY, ContentCategory.OTHER]


def test_of_a_handful_of_words_no_category_is_claimed() -> None:
    made = Sections(Talk(split_into_passages(talk_of(BROWSERS)))).compose(AnalysisType.SUMMARY)
    assert made.classification is not None
    assert made.classification.category is ContentCategory.UNCATEGORIZED


@pytest.mark.parametrize(
    ("title", "tag"),
    [
        ("How to lift grain", ContextTag.HOW_TO),
        ("Wie man Getreide hebt", ContextTag.HOW_TO),
        ("クレーンの操作方法と作り方", ContextTag.HOW_TO),
        ("Введение в краны", ContextTag.TUTORIAL),
        ("Interview with a crane driver", ContextTag.INTERVIEW),
        ("The incident review", ContextTag.GENERAL),
    ],
)
def test_the_title_tells_the_kind(title: str, tag: ContextTag) -> None:
    made = Sections(Talk(split_into_passages(talk_of(*[BROWSERS] * 4, title=title))))
    classification = made.compose(AnalysisType.SUMMARY).classification
    assert classification is not None
    assert classification.tag is tag
