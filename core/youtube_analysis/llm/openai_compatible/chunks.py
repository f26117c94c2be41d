"""What a server sends of an answer: events out of bytes, the text of each, and in it the thoughts
that are no answer."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import msgspec

from youtube_analysis.errors import ModelBroke, ModelError
from youtube_analysis.models.analysis import TokenUsage
from youtube_analysis.patterns import Pattern

from .server import meaning

DONE = b"[DONE]"
_BOM = b"\xef\xbb\xbf"
# Bytes of one event: sixteen times what a whole answer may have.
_LONGEST_EVENT = 1_000_000
# More than any model reads; prices times that are still numbers.
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_STATUS = re.compile(r"[45]\d\d")
_NAME = r"/?[\w:-]{0,20}?(?:think|thought|reason|reflect|scratch|monolog|analysis)[\w:-]{0,20}"
# Where thoughts begin or end, whatever they are called (in code it is spoken of them); the header
# of a channel, of which only the final one is the answer; what is put around an answer; and the
# tokens of a model's template.
_MARK = Pattern(
    rf"(?i)(?<!`)(?:<\|?(?P<name>{_NAME})\|?>|◁(?P<name>{_NAME})▷|(?-i:\[(?P<name>/?THINK)\])"
    r"|(?:<\|start\|>\w{0,20})?<\|channel\|>(?P<channel>[^<]{0,80})<\|message\|>"
    r"|</?answer>|<\|(?:im_start|start_header_id)\|>assistant(?:<\|end_header_id\|>)?\s{0,2}"
    r"|(?P<token><[|｜](?!start\||channel\|)[\w▁]{1,30}[|｜]>|\[\|\w{1,30}\|\]|</s>|<end_of_turn>))"
)


class EventDecoder:
    """Events out of bytes, torn anywhere: each line of data is one, for no server breaks its JSON
    into several. A body that is JSON itself, from a server that does not stream, is one as well."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_json: bool | None = None  # until it is known

    def feed(self, piece: bytes | None) -> list[bytes]:
        """The events that are whole now; at the end (None) all. Raises ModelBroke for one that
        never ends."""
        text = self._rest + (piece or b"")
        if self._is_json is None and (begin := text.removeprefix(_BOM).lstrip()):
            self._is_json = begin.startswith(b"{")
        lines = [text] if self._is_json else text.splitlines(keepends=True)
        torn = lines and (self._is_json or not lines[-1].endswith((b"\n", b"\r")))
        self._rest = lines.pop() if torn and piece is not None else b""
        if len(self._rest) > _LONGEST_EVENT:
            raise ModelBroke(what="it never ended")
        if self._is_json:
            return [*filter(None, lines), DONE] if piece is None else []
        data = (line.strip().removeprefix(_BOM) for line in lines)
        events = (line[5:].strip() for line in data if line.startswith(b"data:"))
        return [event for event in events if event]


class Delta(msgspec.Struct):
    content: object = None
    refusal: object = None
    reasoning: object = None
    reasoning_content: object = None

    @property
    def is_token(self) -> bool:
        """Whether the model has begun to write, be it thoughts."""
        return bool(self.content or self.reasoning or self.reasoning_content)


class ChunkChoice(msgspec.Struct):
    """`message` comes where the answer does in one piece."""

    index: object = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct):
    """Checks nothing else: other fields may hold whatever they do."""

    choices: list[ChunkChoice] | None = None
    usage: object = None
    kind: object = msgspec.field(default=None, name="object")
    error: object = None


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    prompt_tokens_details: _Details | None = None


def read_chunk(event: bytes) -> Chunk:
    """Raises ModelBroke for what is no chunk of an answer, and what an error in its place says."""
    try:
        told = json.loads(event)
        chunk = msgspec.convert(told, Chunk)
    except (ValueError, RecursionError):
        raise ModelBroke(what="no completion") from None
    if chunk.error or chunk.kind == "error":
        raise _told(chunk.error or told)
    return chunk


def _told(error: object) -> ModelError:
    fields = error if isinstance(error, dict) else {}
    named = (str(fields.get(name)) for name in ("code", "status", "status_code"))
    return meaning(str(error), next((int(n) for n in named if _STATUS.fullmatch(n)), 0))


def text_of(content: object) -> str:
    """Of a number its digits, of a list those parts that are text; anything else is left out."""
    match content:
        case str():
            return content
        case int() | float() if not isinstance(content, bool):
            return str(content)
        case list():
            return "".join(text_of(part) for part in content if not isinstance(part, list))
        case {"text": str(text), **rest} if rest.get("type", "text") in {"text", "output_text"}:
            return text
    return ""


def read_usage(usage: object) -> TokenUsage:
    """Nothing where it makes no sense: an answer is whole without it. Some servers count apart
    what came from their cache."""
    try:
        counted = msgspec.convert(usage, _Usage)
    except ValueError:  # msgspec's own, and that for half a character where none belongs
        return TokenUsage()
    prompt, details = counted.prompt_tokens or 0, counted.prompt_tokens_details
    cached = (details and details.cached_tokens) or 0
    whole = prompt + cached if cached > prompt else prompt
    return TokenUsage(whole, counted.completion_tokens or 0, cached)


class ThoughtFilter:
    """Takes a text in pieces. Where thoughts begin without a mark, as `mid_thought` tells of a
    server, all is held back up to the mark of their end; else such a mark takes back what was
    given before it."""

    def __init__(self, *, mid_thought: bool = False) -> None:
        self._rest = "\n"  # the character before, and what may become a mark
        self._hidden = mid_thought
        # What turns out to be text where the mark of an end never comes; None where it cannot.
        self._kept: str | None = "" if mid_thought else None
        self._begun = False
        self._ended = False

    def feed(self, text: str, *, final: bool = False) -> tuple[bool, str]:
        """Whether what was given was no answer, and what is one, as far as that is known."""
        text, at = self._rest + text, 1
        anew, answer = False, ""
        while True:
            found = _MARK.search(text, at, partial=not final)
            cut = found.start() if found else len(text)
            answer += self._taken(text[at:cut])
            if found is None or found.partial:
                self._rest = text[cut - 1 :]
                return anew, answer + ((self._kept or "") if final else "")
            at = found.end()
            if self._withdraws(found["name"]):
                anew, answer = True, ""
            self._turn(found)

    def _taken(self, text: str) -> str:
        if not self._hidden:
            self._begun = self._begun or bool(text.strip())
            return text
        if self._kept is not None:
            self._kept += text
        return ""

    def _withdraws(self, name: str | None) -> bool:
        """The first end of thoughts that no mark began."""
        ends = name is not None and _ends(name)
        return ends and self._begun and not (self._hidden or self._ended)

    def _turn(self, found: Any) -> None:
        name, channel = found["name"], found["channel"]
        if name and _ends(name):
            self._hidden, self._kept, self._ended = False, None, True
        elif name:
            # Behind some text, it may be a word about such marks.
            self._kept = found[0] if self._begun and not self._hidden else None
            self._hidden = True
        elif channel is not None:
            self._hidden, self._kept = "final" not in channel.casefold(), None
        elif found["token"] and (self._begun or self._hidden):
            self._hidden, self._kept = True, None  # the answer, or a channel, has ended


def _ends(name: str) -> bool:
    return name.casefold().startswith(("/", "end"))
