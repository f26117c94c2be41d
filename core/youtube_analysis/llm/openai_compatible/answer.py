"""One answer as its chunks come in: text, end, usage; and whether it is an answer at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from youtube_analysis.errors import ModelBroke, ModelDeclined
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import Classification, TokenUsage
from youtube_analysis.models.notice import Notice, NoticeCode

from .chunks import Choice, WholeCharacters, read_chunk, read_usage
from .plain import PlainText
from .summary import SummaryText

# Ten times a long blog post: whoever writes more does not stop.
LONGEST_ANSWER = 60_000

_THOUGHTS_BEGIN, _THOUGHTS_END = re.compile(r"<think(?:ing)?>"), re.compile(r"</think(?:ing)?>")
_LONGEST_TAG = len("</thinking>")
# A tag that the next chunk may finish.
_TAG_BEGUN = re.compile(r"<(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?$")


class _Thoughts:
    """Leaves out what some models write before they answer."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def feed(self, text: str, *, final: bool = False) -> str:
        """What is no thought, as far as it is known."""
        self._held += text
        given = ""
        while found := (_THOUGHTS_END if self._inside else _THOUGHTS_BEGIN).search(self._held):
            given += "" if self._inside else self._held[: found.start()]
            self._held, self._inside = self._held[found.end() :], not self._inside
        if self._inside:
            self._held = self._held[-_LONGEST_TAG:]  # the end tag may have begun
            return given
        tag = _TAG_BEGUN.search(self._held)
        keep = len(self._held) if final or tag is None else tag.start()
        given, self._held = given + self._held[:keep], self._held[keep:]
        return given


class AnswerReader:
    """`begun` tells whether any text was given, `ended` whether its end was told: what a server
    does from then on takes nothing away from the answer."""

    def __init__(self, engine: str, *, as_json: bool) -> None:
        self.as_json = as_json
        self.usage = TokenUsage()
        self.begun = False
        self._engine = engine
        self._form = SummaryText() if as_json else PlainText()
        self._characters = WholeCharacters()
        self._thoughts = _Thoughts()
        self._given: list[str] = []
        self._length = 0
        self._end: str | None = None
        self._index: object = None  # of the choice that is read

    @property
    def ended(self) -> bool:
        return self._end is not None

    def read(self, events: Iterable[object]) -> TextDelta | None:
        """The text that chunks add, if any. Raises ModelBroke for what is no chunk, and for an
        answer without end; ModelDeclined where the model will not answer."""
        return self._give(self._thoughts.feed("".join(map(self._added, events))))

    def finish(self) -> Iterator[TextDelta | Restarted | Completion]:
        """What is left, and the completion. Raises ModelBroke where the answer is none."""
        match self._end:
            case None:
                raise ModelBroke(
                    "it stopped in the middle" if self._index is not None else "no completion"
                )
            case "content_filter":
                raise ModelDeclined
            case "error":
                raise ModelBroke("an error in the middle")
        cut = self._end == "length"
        if rest := self._give(self._thoughts.feed("", final=True)):
            yield rest
        classification: Classification | None = None
        if isinstance(self._form, SummaryText):
            text, classification = self._form.finish(cut=cut)
            yield from self._corrected(text)
        elif rest := self._show(self._form.finish(cut=cut)):
            yield rest
        if not "".join(self._given).strip():
            raise ModelBroke("an empty answer")
        note = Notice(NoticeCode.CUT_SHORT) if cut else None
        yield Completion(self._engine, self.usage, classification, note=note)

    def _added(self, event: object) -> str:
        try:
            chunk = read_chunk(event)
        except ModelBroke:
            if self.ended:
                return ""
            raise
        if self._index is None and chunk.choices:
            self._index = chunk.choices[0].place
        if chunk.usage is not None:
            self.usage = read_usage(chunk.usage)
        # One answer was asked for; a server that gives several is listened to as far as the first.
        own = [choice for choice in chunk.choices or () if choice.place == self._index]
        return "".join(map(self._text, own))

    def _text(self, choice: Choice) -> str:
        self._end = choice.finish_reason or self._end
        if choice.delta is None:
            return ""
        if isinstance(choice.delta.refusal, str) and choice.delta.refusal:
            raise ModelDeclined
        return self._characters.feed(choice.delta.text)

    def _give(self, text: str) -> TextDelta | None:
        self._length += len(text)
        if self._length > LONGEST_ANSWER:
            raise ModelBroke("it never ended")
        return self._show(self._form.feed(text)) if text else None

    def _show(self, text: str) -> TextDelta | None:
        shown = text if self.begun else text.lstrip()
        if not shown:
            return None
        self.begun = True
        self._given.append(shown)
        return TextDelta(shown)

    def _corrected(self, text: str) -> Iterator[TextDelta | Restarted]:
        """The rest of a finished summary, or all of it where it is not what was given so far."""
        given = "".join(self._given)
        if not text.startswith(given):
            yield Restarted()
            given = ""
        if rest := text[len(given) :]:
            self._given.append(rest)
            yield TextDelta(rest)
