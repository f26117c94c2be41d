"""Signs that stand in a text between the gate and the final check; nobody else can write them."""

from __future__ import annotations

REFUSED = "\ue000"  # something was left out here, or could not be backed
CITED = "\ue001"  # a citation ends here
ADDRESS = "\ue003"  # the address of a link of the model's own begins here
APART = "\ue004"  # something was left out between two characters that must not meet
# Characters that mean nothing here: a tick that ends code, a bracket of code.
TICK, BRACKET = "\ue005", "\ue006"

_MEANT = str.maketrans({APART: " ", TICK: "`", BRACKET: "["})
_UNSEEN = str.maketrans(dict.fromkeys((REFUSED, CITED)))


def with_marks_only(text: str) -> str:
    """The text in which only REFUSED and CITED still stand for something."""
    return text if text.isascii() else text.translate(_MEANT)


def without_signs(text: str) -> str:
    return text if text.isascii() else text.translate(_UNSEEN)
