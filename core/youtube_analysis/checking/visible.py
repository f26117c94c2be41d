"""A text as its reader sees it: entities become what they mean, what nobody sees goes."""

from __future__ import annotations

import html

import regex

from youtube_analysis.patterns import Pattern

from .stage import Rule, Stage

ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"
_UNSEEN = (
    r"[[\p{Cc}--[\n\t]]\p{Cs}\p{Co}\u034f\u115f\u1160\u3164\uffa0"
    r"[\p{Cf}&&\p{Default_Ignorable_Code_Point}--[\u200c\u200d\U000e0020-\U000e007f]]]"
    # Joiners, selectors and tags stay where they shape a word or an emoji.
    r"|(?<![\p{L}\p{M}\p{N}\p{S}])[\u200c\u200d]"
    r"|(?<=[\p{L}--ℹ])[\ufe00-\ufe0f]"
    r"|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0020-\U000e007f]"
)


class Visible(Stage):
    """What is written twice over, as `&amp;#58;`, is read twice over."""

    start = Pattern(rf"&|{_UNSEEN}", regex.VERSION1)

    def __init__(self) -> None:
        super().__init__()
        self.rules = (
            Rule(Pattern(_UNSEEN, regex.VERSION1), self._drop),
            Rule(Pattern(ENTITY), self._resolve, begins="&"),
        )

    def _drop(self, match: regex.Match[str]) -> None:
        self.again(match, "")

    def _resolve(self, match: regex.Match[str]) -> None:
        meant = html.unescape(match[0])
        if meant == match[0]:
            self.put(meant)
        else:
            self.again(match, meant)
