"""Signs that stand in a text between the gate and the final check; nobody else can write them."""

from __future__ import annotations

REFUSED = "\ue000"  # something was left out here, or could not be backed
CITED = "\ue001"  # a citation ends here
ADDRESS = "\ue003"  # the address of a link of the model's own begins here


def without_signs(text: str) -> str:
    return text.replace(REFUSED, "").replace(CITED, "")
