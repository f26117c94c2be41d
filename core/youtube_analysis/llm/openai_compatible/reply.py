"""One answer as it comes in: its text, its end, its usage; and whether it is an answer at all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator

from youtube_analysis.errors import ModelBroke, ModelDeclined, ModelError
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import TokenUsage
from youtube_analysis.models.notice import Notice, NoticeCode
from youtube_analysis.patterns import Pattern

from .events import DONE, ChunkChoice, read_chunk, read_usage, whole_characters
from .forms import Form
from .wire import EventStream

# Ten times a long blog post: whoever writes more does not stop.
_LONGEST_ANSWER = 60_000
# Whatever else a server calls its end, the answer may lack its last half.
_WHOLE, _CUT = "stop", "length"
_DECLINED = frozenset({"content_filter", "safety", "refusal"})
_THOUGHTS_BEGIN, _THOUGHTS_END = Pattern(r"<think(?:ing)?>"), Pattern(r"</think(?:ing)?>")
# An answer whose end came is whole: what may still come is how many tokens it took. After the last
# event only the connection's own end is left, without which it cannot be used again.
_AFTER_END, _AFTER_LAST = 1.0, 0.1
# A server that does not stream sends a whole answer. So many characters of it are given at once:
# what is done with them takes a few milliseconds.
_AT_ONCE = 500
# To pause for less costs more than it spares, in seconds.
_SHORTEST_PAUSE = 0.01


class Patience:
    """How long all tries of a reply may be silent: `first` seconds before a first token, `idle`
    after that; `total` is from the first token to the end."""

    def __init__(self, first: float, idle: float, total: float) -> None:
        self._first, self._idle, self._total = first, idle, total
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + first + total
        self._started = False

    @property
    def remaining(self) -> float:
        return self._deadline - self._loop.time()

    def longest(self, *, started: bool = False) -> float:
        """How long the next bytes may take of a reply that has, or has not, `started`."""
        if started and not self._started:
            self._started = True
            self._deadline = self._loop.time() + self._total
        return min(self._idle if started else self._first, self.remaining)


class ReplyReader:
    """Reads an answer's stream as far as it has come."""

    def __init__(self, stream: EventStream, parser: AnswerParser, patience: Patience) -> None:
        self._stream = stream
        self._parser = parser
        self._patience = patience
        self._finished = False
        self._until = math.inf  # of what follows the end: comments do not prolong it

    @property
    def begun(self) -> bool:
        return self._parser.begun

    async def next(self, pause: float = 0.0) -> list[TextDelta | Restarted | Completion]:
        """What is to be given next; nothing after the end. Raises ModelError.

        For `pause` seconds what arrives is left to the connection, so that more is read in one
        go; but the first words wait for nothing.
        """
        if self._finished:
            return []
        if self.begun and pause >= _SHORTEST_PAUSE:
            await asyncio.sleep(pause)
        while (events := await self._events()) is not None:
            if text := self._parser.read(events):
                return [TextDelta(text[at : at + _AT_ONCE]) for at in range(0, len(text), _AT_ONCE)]
        self._finished = True
        return list(self._parser.finish())

    async def _events(self) -> list[bytes] | None:
        """None at the end. Once the answer is whole, what else goes wrong is its end as well."""
        parser = self._parser
        is_whole = parser.done or parser.end is not None
        try:
            return await self._stream.read(
                self._remaining() if is_whole else self._patience.longest(started=parser.started)
            )
        except ModelError:
            if is_whole:
                return None
            raise

    def _remaining(self) -> float:
        now = asyncio.get_running_loop().time()
        self._until = min(self._until, now + (_AFTER_LAST if self._parser.done else _AFTER_END))
        return self._until - now


class AnswerParser:
    """How far it has come: `started` is the first token, be it a thought, `begun` the first text,
    `end` how the server called its end, which nothing afterwards takes back, `done` the last
    event."""

    def __init__(self, engine: str, form: Form) -> None:
        self.usage = TokenUsage()
        self.started = False
        self.end: str | None = None
        self.done = False
        self._engine = engine
        self._form = form
        self._thoughts = _Thoughts()
        self._given: list[str] = []
        self._length = 0
        self._half = ""  # of a character whose other half may follow
        self._index: object = None  # of the choice that is read

    @property
    def begun(self) -> bool:
        return bool(self._given)

    def read(self, events: Iterable[bytes]) -> str:
        """The text that events add. Raises ModelBroke for what is no chunk, and for an answer
        without end; ModelDeclined where the model will not answer."""
        text = self._half + "".join(map(self._added, events))
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return self._give(self._thoughts.feed(whole_characters(text.removesuffix(self._half))))

    def finish(self) -> Iterator[TextDelta | Restarted | Completion]:
        """What is left, and the completion. Raises ModelBroke where the answer is none."""
        if self.end is None:
            begun = self._index is not None
            raise ModelBroke("it stopped in the middle" if begun else "no completion")
        if self.end in _DECLINED:
            raise ModelDeclined
        if self.end not in {_WHOLE, _CUT}:
            raise ModelBroke("an error in the middle")
        cut = self.end == _CUT
        if rest := self._give(self._thoughts.feed("", final=True)):
            yield TextDelta(rest)
        text, classification = self._form.finish(cut=cut)
        text, given = text.lstrip(), "".join(self._given)
        if not text:
            raise ModelBroke("an empty answer")
        if not text.startswith(given):
            yield Restarted()
            given = ""
        if rest := text[len(given) :]:
            yield TextDelta(rest)
        note = Notice(NoticeCode.CUT_SHORT) if cut else None
        yield Completion(self._engine, self.usage, classification, note=note)

    def _added(self, event: bytes) -> str:
        if self.done or event.startswith(DONE):
            self.done = True
            return ""
        try:
            chunk = read_chunk(event)
        except ModelBroke:
            if self.end is not None:
                return ""
            raise
        if chunk.usage is not None:
            self.usage = read_usage(chunk.usage)
        if self._index is None and chunk.choices:
            self._index = chunk.choices[0].index or 0
        # One answer was asked for; a server that gives several is listened to as far as the first.
        own = [choice for choice in chunk.choices or () if (choice.index or 0) == self._index]
        return "".join(map(self._text, own))

    def _text(self, choice: ChunkChoice) -> str:
        reason = (choice.finish_reason or "").casefold()
        if reason not in {"", "null"}:
            self.end = reason
        if choice.delta is None:
            return ""
        if isinstance(choice.delta.refusal, str) and choice.delta.refusal:
            raise ModelDeclined
        self.started = self.started or choice.delta.is_token
        return choice.delta.text

    def _give(self, text: str) -> str:
        self._length += len(text)
        if self._length > _LONGEST_ANSWER:
            raise ModelBroke("it never ended")
        shown = self._form.feed(text) if text else ""
        shown = shown if self.begun else shown.lstrip()
        if shown:
            self._given.append(shown)
        return shown


class _Thoughts:
    """Leaves out what some models write before they answer."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def feed(self, text: str, *, final: bool = False) -> str:
        """What is no thought, as far as it is known."""
        self._held += text
        answer = ""
        while True:
            tag = _THOUGHTS_END if self._inside else _THOUGHTS_BEGIN
            found = tag.search(self._held, partial=not final)
            cut = found.start() if found else len(self._held)
            answer += "" if self._inside else self._held[:cut]
            if found is None or found.partial:
                self._held = self._held[cut:]
                return answer
            self._held, self._inside = self._held[found.end() :], not self._inside
