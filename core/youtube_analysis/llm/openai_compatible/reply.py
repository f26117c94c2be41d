"""One answer as it comes in: its text, its end, its usage; and whether it is an answer at all."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from youtube_analysis.errors import ModelBroke, ModelDeclined, ModelError
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import Notice, NoticeCode, TokenUsage

from .forms import Form, ThoughtFilter, whole_characters
from .wire import EventStream, Patience

_DONE = b"[DONE]"
# More than any model reads; prices times that are still numbers.
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_THOUGHTS = frozenset({"reasoning", "thinking"})
# Ten times a long blog post: whoever writes more does not stop.
_LONGEST_ANSWER = 60_000
# Whatever else a server calls its end, the answer may lack its last half.
_WHOLE, _CUT = "stop", "length"
_DECLINED = frozenset({"content_filter", "safety", "refusal"})
# An answer whose end came is whole: what may still come is how many tokens it took. After the last
# event only the connection's own end is left, without which it cannot be used again.
_AFTER_END, _AFTER_LAST = 1.0, 0.1
# A server that does not stream sends a whole answer. So many characters of it are given at once:
# what is done with them takes a few milliseconds.
_AT_ONCE = 500
# Seconds. Nobody reads faster, and handling every token by itself took two fifths of an answer's
# computing (`tests/benchmarks/cost.py`).
_SHORTEST_PAUSE = 0.04


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
        """Returns what comes next; nothing after the end. Raises ModelError.

        For `pause` seconds, or a moment, what arrives is left to the connection, so that more is
        read in one go; but the first words wait for nothing.
        """
        if self._finished:
            return []
        if self.begun:
            await asyncio.sleep(max(pause, _SHORTEST_PAUSE))
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
    """Turns the events of one answer into its text.

    `started` is the first token, be it a thought, `begun` the first text, `end` what the server
    called its end, which nothing afterwards takes back, `done` the last event.
    """

    def __init__(self, engine: str, form: Form) -> None:
        self.usage = TokenUsage()
        self.started = False
        self.end: str | None = None
        self.done = False
        self._engine = engine
        self._form = form
        self._thoughts = ThoughtFilter()
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
        """Gives what is left, and the completion. Raises ModelBroke where the answer is none."""
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
        if self.done or event.startswith(_DONE):
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


class ContentPart(msgspec.Struct):
    """Some servers send text as a list of these."""

    type: str = "text"
    text: str | None = None


class Delta(msgspec.Struct):
    content: str | list[ContentPart] | None = None
    refusal: object = None
    reasoning: object = None
    reasoning_content: object = None

    @property
    def text(self) -> str:
        """Raises ModelBroke where a part is no text."""
        if not isinstance(self.content, list):
            return self.content or ""
        parts = [part for part in self.content if part.type not in _THOUGHTS]
        if any(part.type != "text" for part in parts):
            raise ModelBroke("something else than text")
        return "".join(part.text or "" for part in parts)

    @property
    def is_token(self) -> bool:
        """Whether the model has begun to write, be it thoughts."""
        return bool(self.content or self.reasoning or self.reasoning_content)


class ChunkChoice(msgspec.Struct):
    index: object = None
    delta: Delta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct):
    """Checks nothing else: other fields may hold whatever they do."""

    choices: list[ChunkChoice] | None = None
    usage: object = None
    error: object = None


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    prompt_tokens_details: _Details | None = None


def read_chunk(event: bytes) -> Chunk:
    """Raises ModelBroke for what is no chunk of an answer, and for an error instead of one."""
    try:
        chunk = msgspec.convert(json.loads(event), Chunk)
    except (ValueError, RecursionError):
        raise ModelBroke("no completion") from None
    if chunk.error:
        raise ModelBroke("an error in the middle")
    return chunk


def read_usage(usage: object) -> TokenUsage:
    """Nothing where it makes no sense: an answer is whole without it."""
    try:
        counted = msgspec.convert(usage, _Usage)
    except ValueError:  # msgspec's own, and that for half a character where none belongs
        return TokenUsage()
    prompt, details = counted.prompt_tokens or 0, counted.prompt_tokens_details
    cached = min(prompt, (details and details.cached_tokens) or 0)
    return TokenUsage(prompt, counted.completion_tokens or 0, cached)
