"""Names of analyses, as people shorten them."""

import pytest

from youtube_analysis.errors import UnknownAnalysisType
from youtube_analysis.models.analysis import AnalysisType


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (AnalysisType.SUMMARY, ["Summary & Classification", "summary", "SUM", "classif"]),
        (AnalysisType.ACTION_PLAN, ["action  plan", "action", "plan", "analyze_and_plan_content"]),
        (AnalysisType.KEY_MOMENTS, ["Key Moments", "key", "moments", "m", "key_moments"]),
        (AnalysisType.BLOG_POST, ["blog", "Blog Post"]),
        (AnalysisType.LINKEDIN_POST, ["linked", "LinkedIn"]),
        (AnalysisType.X_POST, ["x", "X Post", "X Tweet", "tweet", "write_tweet"]),
    ],
)
def test_a_type_is_named_by_what_no_other_begins_with(kind: AnalysisType, names: list[str]) -> None:
    assert [AnalysisType.named(name) for name in names] == [kind] * len(names)


@pytest.mark.parametrize("name", ["", " ", "p", "post", "haiku", "ummary", "none"])
def test_what_names_none_or_several_is_refused(name: str) -> None:
    with pytest.raises(UnknownAnalysisType, match="Choose from: Summary"):
        AnalysisType.named(name)
