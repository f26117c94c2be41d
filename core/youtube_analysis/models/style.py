"""How a text is to be: as long as somebody wants it, and after an instruction of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from youtube_analysis.errors import InvalidRequest

LONGEST_INSTRUCTION = 500
"""Characters."""


class Length(StrEnum):
    SHORT = "short"
    NORMAL = "normal"
    LONG = "long"

    @classmethod
    def named(cls, name: str) -> Length:
        """Case and spaces do not matter; else InvalidRequest."""
        wanted = name.strip().casefold()
        for length in cls:
            if wanted == length:
                return length
        raise InvalidRequest(f"There is no length “{name[:60]}”. Choose from: {', '.join(cls)}.")


@dataclass(frozen=True, slots=True)
class Style:
    """`instruction` is what a person wants of the text in their own, untrusted words, such as "for
    engineers, five bullets": one line. One that is longer than LONGEST_INSTRUCTION raises
    InvalidRequest. Without a language model only the length is obeyed."""

    length: Length = Length.NORMAL
    instruction: str = ""

    def __post_init__(self) -> None:
        line = " ".join(self.instruction.split())
        if len(line) > LONGEST_INSTRUCTION:
            most = f"Use at most {LONGEST_INSTRUCTION} characters."
            raise InvalidRequest(f"That instruction is too long. {most}")
        object.__setattr__(self, "instruction", line)


PLAIN = Style()
"""Normal length, no instruction."""
