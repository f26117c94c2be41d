"""Events of the core, folded into what a reply should look like now. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from youtube_analysis.models.analysis import (
    AnalysisResult,
    AnalysisType,
    Citation,
    Queued,
    TaskOutput,
)
from youtube_analysis.models.chat import Answer as CheckedAnswer
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.models.video import VideoData, clock
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.services.content import emphasized, shown_text, with_passage_times
from youtube_analysis.workflow import (
    Event,
    Finished,
    SectionDelta,
    SectionDone,
    SectionFailed,
    Stage,
    VideoRead,
)
from youtube_analysis.workflow import Progress as Step

from .menus import STOP, menu, retry
from .sentences import say, say_coverage, say_error, say_missing, say_notice
from .shortening import folded, tldr_of, without_tldr
from .surface import Actions, Answer, Block, Button, Notice, Progress, Reply, Section, VideoCard

_STAGES = {Stage.READING: "progress.reading", Stage.ANALYZING: "progress.writing"}


def stage_name(stage: Stage) -> str:
    return say(_STAGES[stage])


def away() -> Notice:
    return Notice(say("notice.database_away"))


_BEGUN = Step(Stage.READING, 0, 0)


@dataclass(frozen=True, slots=True)
class AnalysisState:
    """An analysis on its way. `types` are in the order in which they are shown, each `short` or as
    a whole; the card `is_known` where it stands in the thread already, as do these `tldrs`. `note`
    is a quiet line on it."""

    key: str
    to: str
    types: tuple[AnalysisType, ...]
    opens: bool = False
    short: bool = False
    is_known: bool = False
    tldrs: frozenset[str] = frozenset()
    note: str = ""
    in_parts: bool = False
    queued: Queued | None = None
    step: Step = _BEGUN
    reading: Transcript | None = None
    sections: dict[AnalysisType, Section] = field(default_factory=dict)
    result: AnalysisResult | None = None
    outputs: tuple[TaskOutput, ...] = ()
    failed: bool = False

    def fold(self, event: Event) -> AnalysisState:
        match event:
            case Queued():
                return replace(self, queued=event, in_parts=self.in_parts or event.parts > 0)
            case Step():
                return replace(self, step=event, queued=None)
            case VideoRead(reading):
                return replace(self, reading=reading, queued=None)
            case SectionDelta(kind, text):
                known = self.sections.get(kind)
                grown = Section(kind, (known.text if known else "") + text, live=True)
                return self._with(grown)
            case SectionDone(output):
                text, cited = shown_text(output, say_notice), distinct(output.citations)
                done = Section(output.type, text, live=False, citations=cited)
                others = (other for other in self.outputs if other.type is not output.type)
                return replace(self._with(done), outputs=(*others, output))
            case SectionFailed(failure):
                told = say("section.not_made", why=say_error(failure))
                failed = Section(failure.type, emphasized(told), live=False)
                return replace(self._with(failed), failed=True)
            case Finished(result):
                return replace(self, result=result, outputs=result.outputs)

    def reply(self) -> Reply:
        live = self.result is None
        blocks = (*self._card(), *self._shown(), *(self._waiting() if live else self._after()))
        return Reply(self.key, blocks, live, self.to, self.opens)

    def ended(self, *blocks: Block) -> Reply:
        """What there is where the run did not come to its end: unfinished texts stay as far as
        they go."""
        sections = (replace(section, live=False) for section in self._shown())
        shown = (*self._card(), *sections, *blocks)
        return Reply(self.key, shown, live=False, to=self.to, opens=self.opens)

    def _with(self, section: Section) -> AnalysisState:
        return replace(self, sections={**self.sections, section.type: section}, queued=None)

    def _card(self) -> Iterator[VideoCard]:
        """In the end with what the model could not read; as long as it reads the parts of a long
        talk, nobody knows how much that is."""
        if self.reading is None or self.is_known:
            return
        shown = card(self.result.video if self.result else self.reading.video)
        coverage = "" if self.in_parts and not self.result else shown.coverage
        yield replace(shown, coverage=coverage, tldr=self._tldr(), note=self.note)

    def _tldr(self) -> str:
        """In the end: until then it stands where it grows."""
        summary = self.sections.get(AnalysisType.SUMMARY)
        return tldr_of(summary.text) if summary and self.result else ""

    def _shown(self) -> Iterator[Section]:
        """In order; nothing behind the first that is not finished."""
        for kind in self.types:
            section = self.sections.get(kind)
            if section is None:
                return
            if section.live and self.reading:
                text = with_passage_times(section.text, self.reading)
                yield replace(
                    section, text=folded(text, say("section.folded")) if self.short else text
                )
                return
            yield self._finished(section)

    def _finished(self, section: Section) -> Section:
        """A TL;DR that a card shows already is left out."""
        text, last = section.text, self.result is not None
        on_card = not self.is_known or tldr_of(text) in self.tldrs
        if last and section.type is AnalysisType.SUMMARY and on_card:
            text = without_tldr(text)
        return replace(section, text=self._folded(section.type, text) if self.short else text)

    def _folded(self, kind: AnalysisType, text: str) -> str:
        """Folded, but with the note on what could not be written or read."""
        made = next((output for output in self.outputs if output.type is kind), None)
        note = emphasized(say_notice(made.note)) if made and made.note else ""
        shown = folded(text.removesuffix(note).rstrip(), say("section.folded"))
        return f"{shown}\n\n{note}".strip()

    def _waiting(self) -> Iterator[Block]:
        yield waiting(self.queued, stage_name(self.step.stage), self.step.done, self.step.total)
        yield Actions((STOP,))

    def _after(self) -> Iterator[Block]:
        again = (retry(self.key),) if self.failed else ()
        yield menu(self.key, *again, shown=self.types if self.short else ())


@dataclass(frozen=True, slots=True)
class AnswerState:
    """An answer on its way. `reading` tells the times of the passages that it cites."""

    key: str
    to: str
    reading: Transcript
    text: str = ""
    queued: Queued | None = None
    answer: CheckedAnswer | None = None

    def fold(self, part: Queued | str | CheckedAnswer) -> AnswerState:
        match part:
            case Queued():
                return replace(self, queued=part)
            case str():
                return replace(self, text=self.text + part, queued=None)
            case CheckedAnswer():
                return replace(self, answer=part)

    def reply(self) -> Reply:
        if self.answer:
            final = answer_block(self.answer)
            below = menu(self.key, rated=not _is_courtesy(self.answer))
            return Reply(self.key, (final, below), live=False, to=self.to)
        progress = waiting(self.queued, say("progress.looking_up"))
        shown = self._grown(live=True) if self.text else progress
        return Reply(self.key, (shown, Actions((STOP,))), live=True, to=self.to)

    def _grown(self, *, live: bool) -> Answer:
        return Answer(with_passage_times(self.text, self.reading), live=live)

    def ended(self, *blocks: Block) -> Reply:
        shown = (self._grown(live=False),) if self.text else ()
        return Reply(self.key, (*shown, *blocks), live=False, to=self.to)


def _is_courtesy(answer: CheckedAnswer) -> bool:
    """A greeting or thanks, which nobody rates. (A refusal can be wrong, so it is rated.)"""
    notices = filter(None, (answer.lead, answer.note))
    return any(one.code in {NoticeCode.GREETING, NoticeCode.THANKS} for one in notices)


def waiting(queued: Queued | None, otherwise: str, done: int = 0, total: int = 0) -> Progress:
    """What is waited for: a turn in the line, the model while it reads, else the work."""
    if queued is None:
        return Progress(otherwise, done, total)
    if queued.parts:
        return Progress(say("progress.part", part=queued.part, parts=queued.parts))
    place = queued.position
    text = say("progress.queued", place=place) if place else say("progress.model_reads")
    return Progress(text, done, total, place)


def answer_block(made: CheckedAnswer) -> Answer:
    return Answer(
        shown_text(made, say_notice),
        live=False,
        citations=distinct(made.citations),
        answered=made.answered,
        engine=made.engine,
        claims=made.claims,
    )


def distinct(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """Each place once, in the order of the text."""
    return tuple(dict.fromkeys(citations))


def finished(key: str, to: str, *blocks: Block) -> Reply:
    """A reply that is finished when it begins."""
    return Reply(key, blocks, live=False, to=to)


def failure(sentence: str, reference: str, *buttons: Button) -> tuple[Block, ...]:
    notice = Notice(sentence, failure=True, reference=reference)
    return (notice, Actions(buttons)) if buttons else (notice,)


def card(video: VideoData) -> VideoCard:
    info = video.info
    facts = (info.channel, clock(video.duration), (info.published or "")[:10])
    return VideoCard(
        video_id=info.video_id,
        title=info.title,
        url=info.url,
        seconds=video.duration,
        about=" · ".join(fact for fact in facts if fact),
        coverage=say_coverage(video),
        missing=tuple(map(say_missing, video.missing)),
        thumbnail=info.thumbnail_url,
    )
