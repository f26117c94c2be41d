"""One answer as it comes in: its text, its end, its usage; and whether it is an answer at all."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Iterable, Iterator

from youtube_analysis.errors import ModelBroke, ModelDeclined, ModelError
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import Notice, NoticeCode, TokenUsage

from .chunks import DONE, ChunkChoice, EventDecoder, read_chunk, read_usage, text_of
from .forms import Form, whole_characters
from .refusals import SMALLEST_WINDOW
from .thoughts import ThoughtFilter
from .wire import Pieces, Wire

# Ten times a long blog post: whoever writes more does not stop.
_LONGEST_ANSWER = 60_000
# Whatever else a server calls its end, the answer may lack its last half.
_WHOLE = frozenset({"stop", "end_turn", "eos", "eos_token"})
_CUT = re.compile("length|max")
_DECLINED = re.compile("filter|safety|sensitive|refus|prohibited|blocklist|recitation")
# A server that read less than this share of what we think that it was sent has cut it.
_READ = 0.7
# An answer whose end came is whole: what may still come is how many tokens it took. After the last
# event only the connection's own end is left, without which it cannot be used again.
_AFTER_END, _AFTER_LAST = 1.0, 0.1
# A server that does not stream sends a whole answer. So many characters of it are given at once:
# what is done with them takes a few milliseconds.
_AT_ONCE = 500
# Seconds. Nobody reads faster, and handling every token by itself took two fifths of an answer's
# computing (`tests/benchmarks/cost.py`).
_SHORTEST_PAUSE = 0.04
Parts = list[TextDelta | Restarted | Completion]


class Patience:
    """Limits how long all tries of a reply may be silent: `first` seconds before a first token,
    `idle` after that; `total` is from the first token to the end."""

    def __init__(self, first: float, idle: float, total: float) -> None:
        self._first, self._idle, self._total = first, idle, total
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + first + total
        self._started = False

    @property
    def remaining(self) -> float:
        return self._deadline - self._loop.time()

    def longest(self, *, started: bool = False) -> float:
        """Returns the seconds that the next bytes of a reply may take, `started` or not."""
        if started and not self._started:
            self._started = True
            self._deadline = self._loop.time() + self._total
        return min(self._idle if started else self._first, self.remaining)


class ReplyReader:
    """Reads an answer as far as it has come."""

    def __init__(
        self, wire: Wire, pieces: Pieces, parser: AnswerParser, patience: Patience
    ) -> None:
        self._wire = wire
        self._pieces = pieces
        self._decoder = EventDecoder()
        self._parser = parser
        self._patience = patience
        self._finished = False
        self._until = math.inf  # of what follows the end: comments do not prolong it

    @property
    def begun(self) -> bool:
        return self._parser.begun

    async def next(self, pause: float = 0.0) -> Parts:
        """Returns what comes next; nothing after the end. Raises ModelError.

        For `pause` seconds, or a moment, what arrives is left to the connection, so that more is
        read in one go; but the first words wait for nothing.
        """
        if self._finished:
            return []
        if self.begun:
            await asyncio.sleep(max(pause, _SHORTEST_PAUSE))
        while True:
            piece = await self._piece()
            if parts := self._parser.read(self._decoder.feed(piece)):
                return parts
            if piece is None:
                self._finished = True
                return list(self._parser.finish())

    async def _piece(self) -> bytes | None:
        """None at the end. Once the answer is whole, what else goes wrong is its end as well."""
        parser = self._parser
        is_whole = parser.done or parser.end is not None
        longest = self._remaining() if is_whole else self._patience.longest(started=parser.started)
        try:
            return await self._wire.piece(self._pieces, longest)
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
    called its end, which nothing afterwards takes back, `done` the last event. `window` is what
    the server read of a prompt of about `sent` tokens where it cut that, else 0. `unmarked` tells
    that thoughts came without their beginning.
    """

    def __init__(
        self, engine: str, form: Callable[[], Form], sent: int, thoughts: ThoughtFilter
    ) -> None:
        self.usage = TokenUsage()
        self.started = False
        self.end: str | None = None
        self.done = False
        self.unmarked = False
        self._engine = engine
        self._make_form = form
        self._form = form()
        self._sent = sent
        self._thoughts = thoughts
        self._given: list[str] = []
        self._length = 0
        self._half = ""  # of a character whose other half may follow
        self._index: object = None  # of the choice that is read

    @property
    def begun(self) -> bool:
        return bool(self._given)

    @property
    def window(self) -> int:
        return read_in_part(self.usage, self._sent)

    def read(self, events: Iterable[bytes]) -> Parts:
        """What events add. Raises ModelBroke for what is no chunk, and for an answer without end;
        ModelDeclined where the model will not answer, and what else a server says in its place."""
        text = self._half + "".join(map(self._added, events))
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return self._take(whole_characters(text.removesuffix(self._half)))

    def finish(self) -> Iterator[TextDelta | Restarted | Completion]:
        """Gives what is left, and the completion. Raises ModelBroke where the answer is none."""
        end = self.end or ("stop" if self.done and self._index is not None else None)
        if end is None:
            begun = self._index is not None
            raise ModelBroke("it stopped in the middle" if begun else "no completion")
        cut = bool(_CUT.search(end))
        if _DECLINED.search(end):
            raise ModelDeclined
        if end not in _WHOLE and not cut:
            raise ModelBroke("an error in the middle")
        # Of an answer that was cut, what is still unclear are thoughts.
        yield from [] if cut else self._take("", final=True)
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
        if self.window:
            read, sent = f"{self.window:,}", f"{self._sent:,}"
            note = Notice(NoticeCode.READ_IN_PART, {"read": read, "sent": sent})
        yield Completion(self._engine, self.usage, classification, note=note)

    def _added(self, event: bytes) -> str:
        if self.done or event.startswith(DONE):
            self.done = True
            return ""
        try:
            chunk = read_chunk(event)
        except ModelError:
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
        delta = choice.delta or choice.message
        if delta is None:
            return ""
        if isinstance(delta.refusal, str) and delta.refusal:
            raise ModelDeclined
        self.started = self.started or delta.is_token
        return text_of(delta.content)

    def _take(self, text: str, *, final: bool = False) -> Parts:
        anew, text = self._thoughts.feed(text, final=final)
        parts: Parts = []
        if anew:
            self.unmarked = True
            self._form = self._make_form()
            parts = [Restarted()] if self.begun else []
            self._given.clear()
        self._length += len(text)
        if self._length > _LONGEST_ANSWER:
            raise ModelBroke("it never ended")
        shown = self._form.feed(text) if text else ""
        shown = shown if self.begun else shown.lstrip()
        if shown:
            self._given.append(shown)
        slices = range(0, len(shown), _AT_ONCE)
        return [*parts, *(TextDelta(shown[at : at + _AT_ONCE]) for at in slices)]


def read_in_part(usage: TokenUsage, sent: int) -> int:
    """The tokens that a server read of a prompt of about `sent`; 0 where that is the whole of it,
    or makes no sense."""
    return usage.prompt if SMALLEST_WINDOW <= usage.prompt < _READ * sent else 0
