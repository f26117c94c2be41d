"""A prompt as chat messages, what is stable first, the task or question last; and the form that its
answer has.

All types and all follow-ups of a video share everything up to the end of its passages, byte for
byte, so that a server can serve it from its cache.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, Protocol

import jiter

from youtube_analysis.checking.filter import MARK
from youtube_analysis.checking.literal import mended, visible
from youtube_analysis.errors import ModelBroke
from youtube_analysis.llm.port import Prompt
from youtube_analysis.models.analysis import (
    AnalysisType,
    Classification,
    ContentCategory,
    ContextTag,
    TokenUsage,
)
from youtube_analysis.models.chat import ChatMessage, MessageRole
from youtube_analysis.models.style import Length, Style
from youtube_analysis.passages.transcript import Passage, Transcript
from youtube_analysis.passages.words import estimate_tokens
from youtube_analysis.patterns import Pattern

_FOLDER = Path(__file__).parent
_RULES = (_FOLDER / "rules.md").read_text(encoding="utf-8")
_TASKS = {
    kind: (_FOLDER / f"{kind.name.lower()}.md")
    .read_text(encoding="utf-8")
    .replace("{categories}", ", ".join(c for c in ContentCategory if c != "Uncategorized"))
    .replace("{tags}", ", ".join(ContextTag))
    for kind in AnalysisType
}
_NOTES = (_FOLDER / "notes.md").read_text(encoding="utf-8").strip()
_LENGTHS = {
    length: (_FOLDER / f"length_{length}.md").read_text(encoding="utf-8").strip()
    for length in (Length.SHORT, Length.LONG)
}
_INSTRUCTION = (_FOLDER / "instruction.md").read_text(encoding="utf-8").strip()
# Part of every cache key: changes with every text here.
_ALL = "".join((_RULES, _NOTES, *_TASKS.values(), *_LENGTHS.values(), _INSTRUCTION))
VERSION = hashlib.blake2b(_ALL.encode(), digest_size=4).hexdigest()
# What is kept of the window for the answer, in tokens, but a quarter of a small one: a long blog
# post is 1,500.
_FOR_ANSWER = 4_000

# Characters, of what stands in front of every prompt.
_LONGEST_NAME, _LONGEST_CHAPTER = 200, 120
# Times and marks as versions before this one wrote them into texts.
_OLD = re.compile(r"\[\d+:|⚠️")
_TIME = re.compile(r"[ \t]*\[\d+(?::\d\d){1,2}\](?:\(https://youtu\.be/[\w-]+\?t=\d+\))?")

# What every talk can be read through, in tokens: less is a wrong setting.
LEAST_WINDOW = 4_096
# A server that counts less than the rules alone counts something else.
_FEWEST = 256
# Less than this share of the upper estimate has been cut: true counts are 0.68 to 1.0 of it.
_READ = 0.65
_OLD_MARKS = re.compile(r"\*⚠️ [^*\n]+\*|[ \t]*⚠️|\([ \t,]*\)")

JsonSchema = dict[str, Any]
STRING: JsonSchema = {"type": "string"}
INTEGER: JsonSchema = {"type": "integer"}
_FENCE = r"\s*(?:(?:```|~~~)[^\S\n]*[\w-]*\s*|json\s)?\s*"
# A citation is no list: [12], [none].
_LIKE_JSON = Pattern(_FENCE + r"""(?:\{\s*["'}]|\[\s*["'{])""")
_AROUND = Pattern(rf"^{_FENCE}|\s*(?:```|~~~)?\s*$")


def schema_of(name: str, **properties: JsonSchema) -> JsonSchema:
    """Asks a server for JSON, strictly."""
    return {"name": name, "strict": True, "schema": object_of(**properties)}


def list_of(items: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": items}


def object_of(**properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class TalkText:
    """A video as a model reads it, and an upper estimate of what it costs in tokens."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class PromptMessage:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    messages: tuple[PromptMessage, ...]
    tokens: int

    def read_of(self, usage: TokenUsage) -> int:
        """The tokens that a server read of this where it cut it in silence; 0 where it read the
        whole, or counts in a way that makes no sense."""
        return usage.prompt if _FEWEST <= usage.prompt < _READ * self.tokens else 0


def talk_text(reading: Transcript) -> TalkText:
    """Takes a tenth of a second an hour of talk: run it beside the event loop."""
    chapters = chapter_lines(reading).values()
    return as_talk(*about(reading), *chapters, "", *numbered(reading.passages))


def about(reading: Transcript) -> list[str]:
    """The first lines of every prompt."""
    info, video = reading.video.info, reading.video
    lines = (
        "# Video",
        f"Title: {one_line(info.title[:_LONGEST_NAME])}",
        f"Channel: {one_line(info.channel[:_LONGEST_NAME])}" if info.channel else "",
        f"Published: {one_line(info.published[:_LONGEST_NAME])}" if info.published else "",
        f"Length: {max(1, round(video.duration / 60))} minutes",
        f"Captions: {one_line(video.track.describe())}",
    )
    return [*filter(None, lines)]


def numbered(passages: Iterable[Passage]) -> list[str]:
    return ["# Passages", *(f"[{p.number}] {one_line(p.text)}" for p in passages)]


def as_talk(*lines: str) -> TalkText:
    text = "\n".join([*lines, "# End", ""])
    return TalkText(text, estimate_tokens(_RULES) + estimate_tokens(text))


def prompt_budget(window: int) -> int:
    """The tokens that a prompt may have, so that the answer fits as well."""
    return window - min(_FOR_ANSWER, window // 4)


class TokenCounts:
    """An LRU cache of what texts cost, so that a turn of a thread is counted once. It holds
    hashes and numbers, no words."""

    def __init__(self, most: int = 8_192) -> None:
        self._most = most
        self._counts: OrderedDict[tuple[int, int], int] = OrderedDict()

    def __call__(self, text: str) -> int:
        key = hash(text), len(text)
        count = self._counts.pop(key, None)
        self._counts[key] = self.count(text) if count is None else count
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return self._counts[key]

    def count(self, text: str) -> int:
        return estimate_tokens(text)


def converse(
    prompt: Prompt, talk: TalkText, budget: int, count: Callable[[str], int] = estimate_tokens
) -> Conversation:
    """The messages for a prompt, of at most `budget` tokens: where the thread is too long, its
    oldest turns are left out. Roles alternate, as some servers demand."""
    turns = [*_turns(prompt), PromptMessage("user", last_message(prompt))]
    costs = [count(turn.text) for turn in turns]
    while len(turns) > 1 and talk.tokens + sum(costs) > budget:
        del turns[0], costs[0]
    opening = PromptMessage("user", talk.text)
    messages = PromptMessage("system", _RULES), *_merged((opening, *turns))
    return Conversation(messages, talk.tokens + sum(costs))


def last_message(prompt: Prompt) -> str:
    if prompt.notes:
        return _NOTES.replace("{most}", str(prompt.notes))
    text = _TASKS[prompt.task].strip() if prompt.task else prompt.question
    if prompt.language:
        text += f"\n\nWrite in this language: {prompt.language}"
    text += styled(prompt.style)
    found = prompt.extract.found if prompt.extract else ()
    if not found:
        return text
    passages = numbered(prompt.reading.passages[number - 1] for number in found)
    return "\n".join([*passages, "# End", "", text])


def styled(style: Style) -> str:
    """How the text is to be, behind all that others share. An instruction has no line of its own
    making, so it cannot end the place that is marked for it."""
    text = f"\n\n{_LENGTHS[style.length]}" if style.length in _LENGTHS else ""
    if style.instruction:
        wanted = one_line(visible(mended(style.instruction)))
        text += "\n\n" + _INSTRUCTION.replace("{instruction}", wanted)
    return text


def _turns(prompt: Prompt) -> Iterable[PromptMessage]:
    for turn in prompt.turns:
        if turn.role is MessageRole.USER:
            yield PromptMessage("user", turn.text)
        elif turn.role is MessageRole.ASSISTANT:
            yield PromptMessage("assistant", _as_written(turn))


def _as_written(turn: ChatMessage) -> str:
    """Without marks and, of older versions, without times: a model shall learn neither."""
    text = turn.text.replace(f" {MARK}", "")
    if _OLD.search(text):
        text = _OLD_MARKS.sub("", _TIME.sub("", text))
    return text.strip()


def chapter_lines(reading: Transcript) -> dict[int, str]:
    """The creator's chapters by the passage in which they begin, one each."""
    starts, lines = [passage.start for passage in reading.passages], dict[int, str]()
    for chapter in reading.video.chapters:
        number = min(bisect_left(starts, chapter.start - 1) + 1, len(starts))
        title = one_line(chapter.title[:_LONGEST_CHAPTER])
        lines[number] = f"Chapter from [{number}] on: {title}"
    return lines


def _merged(messages: Iterable[PromptMessage]) -> Iterable[PromptMessage]:
    """Neighbours of one role as one message."""
    for role, group in groupby(messages, key=lambda message: message.role):
        yield PromptMessage(role, "\n\n".join(message.text for message in group))


def one_line(text: str) -> str:
    """One line in which nothing looks like the number of a passage."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")


class Form(Protocol):
    schema: JsonSchema | None
    """Asks the server for JSON."""

    def feed(self, piece: str) -> str:
        """Returns what can be shown now."""

    def finish(self, *, cut: bool) -> tuple[str, Classification | None]:
        """The whole text, and what was classified. With `cut` the answer may be incomplete. Raises
        ModelBroke where it is not of the form."""


class PlainText:
    """Text is given on as it comes. What begins like JSON, fenced or not, is held back until it is
    known what it is, unless a `schema` asks for it: nobody shall see what is then refused."""

    def __init__(self, schema: JsonSchema | None = None) -> None:
        self.schema = schema
        self._pieces: list[str] = []
        self._holds = schema is None

    def feed(self, piece: str) -> str:
        self._pieces.append(piece)
        if not self._holds:
            return piece
        text = "".join(self._pieces)
        self._holds = bool(_LIKE_JSON.match(text, partial=True))
        return "" if self._holds else text

    def finish(self, *, cut: bool) -> tuple[str, None]:
        text = "".join(self._pieces)
        if self._holds and _is_json(_AROUND.sub("", text), cut=cut):
            raise ModelBroke(what="JSON instead of text")
        return text, None


def _is_json(text: str, *, cut: bool) -> bool:
    if text.startswith("{") and text.endswith("}"):
        return True  # or meant to be
    try:
        return isinstance(jiter.from_json(text.encode(), partial_mode=cut), dict | list)
    except ValueError:
        return False
