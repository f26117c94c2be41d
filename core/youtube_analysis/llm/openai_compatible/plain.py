"""An answer in plain text, shown as it comes; unless it is JSON after all."""

from __future__ import annotations

import jiter

from youtube_analysis.errors import ModelBroke
from youtube_analysis.patterns import Pattern

_FENCE = r"\s*(?:(?:```|~~~)[^\S\n]*[\w-]*\s*|json\s)?\s*"
# A citation is no list: [12], [none].
_LIKE_JSON = Pattern(_FENCE + r"""(?:\{\s*["'}]|\[\s*["'{])""")
_AROUND = Pattern(rf"^{_FENCE}|\s*(?:```|~~~)?\s*$")


class PlainText:
    """Takes text in pieces and gives it on, but holds back what begins like JSON, fenced or not,
    until it is known what it is: nobody shall see what is then refused."""

    def __init__(self) -> None:
        self._held: str | None = ""

    def feed(self, piece: str) -> str:
        """What can be shown now."""
        if self._held is None:
            return piece
        self._held += piece
        return "" if _LIKE_JSON.match(self._held, partial=True) else self._release()

    def finish(self, *, cut: bool) -> str:
        """The rest. Raises ModelBroke where all of it is JSON; with `cut`, the first part of it."""
        if self._held and _is_json(_AROUND.sub("", self._held), cut=cut):
            raise ModelBroke("JSON instead of text")
        return self._release()

    def _release(self) -> str:
        held, self._held = self._held or "", None
        return held


def _is_json(text: str, *, cut: bool) -> bool:
    if text.startswith("{") and text.endswith("}"):
        return True  # or meant to be
    if not text.startswith(("{", "[")):
        return False
    try:
        jiter.from_json(text.encode(), partial_mode=cut)
    except ValueError:
        return False
    return True
