"""What of a reply is rendered for the page in the browser, and how often."""

from vidthread.playground.rendering import PageRenderer, html_of
from vidthread.surface import Block, Page, Progress, Section
from youtube_analysis.models.analysis import AnalysisType


class Counted:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def html(self, text: str) -> str:
        self.texts.append(text)
        return html_of(text)


def test_only_what_changed_is_rendered_while_a_reply_grows() -> None:
    counted = Counted()
    renderer = PageRenderer(counted.html)
    summary = Section(AnalysisType.SUMMARY, "The **whole** summary.", live=False)
    grown = [f"- {'word ' * length}" for length in range(1, 51)]
    for text in grown:
        moments = Section(AnalysisType.KEY_MOMENTS, text, live=True)
        blocks: tuple[Block, ...] = (summary, moments, Progress("Writing", 1, 2))
        shown = renderer.render(Page("r", 0, blocks, live=True))
    assert counted.texts == [summary.text, *grown]
    assert shown == PageRenderer().render(Page("r", 0, blocks, live=True))


def test_nothing_is_remembered_of_a_reply_that_is_finished() -> None:
    counted = Counted()
    renderer = PageRenderer(counted.html)
    section = Section(AnalysisType.SUMMARY, "The summary.", live=False)
    for live in (True, False, False):
        renderer.render(Page("r", 0, (section,), live=live))
    assert counted.texts == ["The summary."] * 2
