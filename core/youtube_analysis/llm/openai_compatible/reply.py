"""One answer as it comes in: its text, its end, its usage; and whether it is an answer at all."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Iterator

from youtube_analysis.checking.literal import mended
from youtube_analysis.errors import ModelBroke, ModelDeclined, ModelError
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.llm.prompts.messages import Conversation, Form
from youtube_analysis.models.analysis import TokenUsage
from youtube_analysis.models.notices import Notice, NoticeCode

from .chunks import (
    DONE,
    ChunkChoice,
    Delta,
    EventDecoder,
    ThoughtFilter,
    read_chunk,
    read_usage,
    text_of,
)
from .wire import Pull

# Ten times a long blog post: whoever writes more does not stop.
_LONGEST_ANSWER = 60_000
# Whatever else a server calls its end, the answer may lack its last half.
_WHOLE = frozenset({"stop", "complete", "end_turn", "eos", "eos_token", "stop_sequence"})
_CUT = re.compile("length|max")
_DECLINED = re.compile("filter|safety|sensitive|refus|prohibited|blocklist|recitation")
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

    def remaining(self) -> float:
        return self._deadline - self._loop.time()

    def longest(self, *, started: bool = False) -> float:
        """Returns the seconds that the next bytes of a reply may take, `started` or not."""
        if started and not self._started:
            self._started = True
            self._deadline = self._loop.time() + self._total
        return min(self._idle if started else self._first, self.remaining())


class Reply:
    """Reads an answer as far as it has come.

    `pull` gives the next bytes of it, which may take so many seconds; `sent` is what was asked.
    `begun` is the first text, `text` all that was given, `end` what the server called its end,
    which nothing afterwards takes back, `unmarked` whether thoughts came without their beginning.
    """

    def __init__(
        self,
        engine: str,
        pull: Pull,
        patience: Patience,
        *,
        form: Callable[[], Form],
        thoughts: ThoughtFilter,
        sent: Conversation,
    ) -> None:
        self.usage = TokenUsage()
        self.end: str | None = None
        self.unmarked = False
        self._engine = engine
        self._pull = pull
        self._patience = patience
        self._make_form = form
        self._form = form()
        self._thoughts = thoughts
        self._sent = sent
        self._decoder = EventDecoder()
        self._given: list[str] = []
        self._length = 0
        self._half = ""  # of a character whose other half may follow
        self._index: object = None  # of the choice that is read
        self._started = False  # with a first token, be it a thought
        self._done = False  # by the last event
        self._finished = False
        self._until = math.inf  # of what follows the end: comments do not prolong it

    @property
    def begun(self) -> bool:
        return bool(self._given)

    @property
    def text(self) -> str:
        return "".join(self._given)

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
            text = self._half + "".join(map(self._added, self._decoder.feed(piece)))
            self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
            if parts := self._take(mended(text.removesuffix(self._half))):
                return parts
            if piece is None:
                self._finished = True
                return list(self._rest())

    async def _piece(self) -> bytes | None:
        """None at the end. Once the answer is whole, what else goes wrong is its end as well."""
        is_whole = self._done or self.end is not None
        longest = self._remaining() if is_whole else self._patience.longest(started=self._started)
        try:
            return await self._pull(longest)
        except ModelError:
            if is_whole:
                return None
            raise

    def _remaining(self) -> float:
        now = asyncio.get_running_loop().time()
        self._until = min(self._until, now + (_AFTER_LAST if self._done else _AFTER_END))
        return self._until - now

    def _added(self, event: bytes) -> str:
        """The text of one event. Raises ModelBroke for what is no chunk, ModelDeclined where the
        model will not answer, and what else a server says in an answer's place."""
        if self._done or event.startswith(DONE):
            self._done = True
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
        delta = choice.delta or choice.message or Delta()
        if isinstance(delta.refusal, str) and delta.refusal:
            raise ModelDeclined
        self._started = self._started or delta.is_token
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
            raise ModelBroke(what="it never ended")
        shown = self._form.feed(text) if text else ""
        shown = shown if self.begun else shown.lstrip()
        if shown:
            self._given.append(shown)
        slices = range(0, len(shown), _AT_ONCE)
        return [*parts, *(TextDelta(shown[at : at + _AT_ONCE]) for at in slices)]

    def _rest(self) -> Iterator[TextDelta | Restarted | Completion]:
        """What is left, and the completion. Raises ModelBroke where the answer is none."""
        cut = self._is_cut()
        # Of an answer that was cut, what is still unclear are thoughts.
        yield from [] if cut else self._take("", final=True)
        text, classification = self._form.finish(cut=cut)
        text, given = text.lstrip(), self.text
        self._given = [text]
        if not text:
            raise ModelBroke(what="an empty answer")
        if not text.startswith(given):
            yield Restarted()
            given = ""
        if rest := text[len(given) :]:
            yield TextDelta(rest)
        note = Notice(NoticeCode.CUT_SHORT) if cut else None
        if read := self._sent.read_of(self.usage):
            told = {"read": f"{read:,}", "sent": f"{self._sent.tokens:,}"}
            note = Notice(NoticeCode.READ_IN_PART, told)
        yield Completion(self._engine, self.usage, classification, note=note)

    def _is_cut(self) -> bool:
        """Whether the answer ends before its end. Raises ModelError where that is not known."""
        if self.end is None and not (self._done and self._index is not None):
            begun = self._index is not None
            raise ModelBroke(what="it stopped in the middle" if begun else "no completion")
        if self.end is None or self.end in _WHOLE:
            return False
        if _DECLINED.search(self.end):
            raise ModelDeclined
        if not _CUT.search(self.end):
            raise ModelBroke(what="an error in the middle")
        return True
