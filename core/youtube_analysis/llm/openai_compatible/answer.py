"""One answer as its events come in: text, end, usage; and whether it is an answer at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from youtube_analysis.errors import ModelBroke, ModelDeclined
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import Classification, TokenUsage
from youtube_analysis.models.notice import Notice, NoticeCode

from .events import DONE, Choice, WholeCharacters, read_chunk, read_usage
from .plain import PlainText
from .summary import SummaryText

# Ten times a long blog post: whoever writes more does not stop.
LONGEST_ANSWER = 60_000
# Whatever else a server calls its end, the answer may lack its last half.
_WHOLE, _CUT = "stop", "length"
_DECLINED = frozenset({"content_filter", "safety", "refusal"})

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
    """How far it has come: `started` is the first token, be it a thought, `begun` the first text,
    `ended` that its end was told, which nothing afterwards takes back, `done` the last event.
    Without a `form`, text is given as it comes."""

    def __init__(self, engine: str, form: PlainText | SummaryText | None) -> None:
        self.usage = TokenUsage()
        self.started = False
        self.begun = False
        self.done = False
        self._engine = engine
        self._form = form
        self._characters = WholeCharacters()
        self._thoughts = _Thoughts()
        self._given: list[str] = []
        self._length = 0
        self._end: str | None = None
        self._index: object = None  # of the choice that is read

    @property
    def ended(self) -> bool:
        return self._end is not None

    @property
    def text(self) -> str:
        """What was given so far."""
        return "".join(self._given)

    def read(self, events: Iterable[bytes]) -> TextDelta | None:
        """The text that events add, if any. Raises ModelBroke for what is no chunk, and for an
        answer without end; ModelDeclined where the model will not answer."""
        return self._give(self._thoughts.feed("".join(map(self._added, events))))

    def finish(self) -> Iterator[TextDelta | Restarted | Completion]:
        """What is left, and the completion. Raises ModelBroke where the answer is none."""
        if self._end is None:
            told = self._index is not None
            raise ModelBroke("it stopped in the middle" if told else "no completion")
        if self._end in _DECLINED:
            raise ModelDeclined
        if self._end not in {_WHOLE, _CUT}:
            raise ModelBroke("an error in the middle")
        cut = self._end == _CUT
        if rest := self._give(self._thoughts.feed("", final=True)):
            yield rest
        classification: Classification | None = None
        if isinstance(self._form, SummaryText):
            text, classification = self._form.finish(cut=cut)
            yield from self._corrected(text)
        elif self._form and (rest := self._show(self._form.finish(cut=cut))):
            yield rest
        if not self.text.strip():
            raise ModelBroke("an empty answer")
        note = Notice(NoticeCode.CUT_SHORT) if cut else None
        yield Completion(self._engine, self.usage, classification, note=note)

    def _added(self, event: bytes) -> str:
        if self.done or event.startswith(DONE):
            self.done = True
            return ""
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
        reason = (choice.finish_reason or "").casefold()
        if reason not in {"", "null"}:
            self._end = reason
        if choice.delta is None:
            return ""
        if isinstance(choice.delta.refusal, str) and choice.delta.refusal:
            raise ModelDeclined
        self.started = self.started or choice.delta.is_token
        return self._characters.feed(choice.delta.text)

    def _give(self, text: str) -> TextDelta | None:
        self._length += len(text)
        if self._length > LONGEST_ANSWER:
            raise ModelBroke("it never ended")
        return self._show(self._form.feed(text) if self._form else text) if text else None

    def _show(self, text: str) -> TextDelta | None:
        shown = text if self.begun else text.lstrip()
        if not shown:
            return None
        self.begun = True
        self._given.append(shown)
        return TextDelta(shown)

    def _corrected(self, text: str) -> Iterator[TextDelta | Restarted]:
        """The rest of a finished summary, or all of it where it is not what was given so far."""
        given = self.text
        if not text.startswith(given):
            yield Restarted()
            given = ""
        if rest := text[len(given) :]:
            self._given.append(rest)
            yield TextDelta(rest)
