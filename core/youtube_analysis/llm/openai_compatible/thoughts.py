"""What some models write before they answer, and the marks of their templates, left out."""

from __future__ import annotations

from typing import Any

from youtube_analysis.patterns import Pattern

_NAME = r"/?[\w:-]{0,20}?(?:think|thought|reason|reflect|scratch|monolog|analysis)[\w:-]{0,20}"
# Where thoughts begin or end, whatever they are called (in code it is spoken of them); the header
# of a channel, of which only the final one is the answer; what is put around an answer; and the
# tokens of a model's template.
_MARK = Pattern(
    rf"(?i)(?<!`)(?:<\|?(?P<name>{_NAME})\|?>|◁(?P<name>{_NAME})▷|(?-i:\[(?P<name>/?THINK)\])"
    r"|(?:<\|start\|>\w{0,20})?<\|channel\|>(?P<channel>[^<]{0,80})<\|message\|>"
    r"|</?answer>|(?P<token><[|｜](?!start\||channel\|)[\w▁]{1,30}[|｜]>|</s>|<end_of_turn>))"
)


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
