"""Which messages are for the bot."""

from __future__ import annotations

from vidthread.surface import Addressed
from youtube_analysis.patterns import Pattern

from .phrases import REACTIONS
from .spelling import flat

_OPENS_WITH_A_NAME = Pattern(r"[\s\p{Cf}]*+(?:@\p{L}|<(?:@|!))")
_PICTURES = Pattern(
    r"(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\s\p{Cf}\p{P}\uFE0F]"
    r"|<a?:\w{1,64}:\d{1,32}>|:[\w+\-]{1,64}:)*+"
)
_LAUGHTER = Pattern(r"(?:ha|he|ja|je|kk){2,20}h?|l+o+l+|x+d+|r?o?t?fl|lmf?ao|www+")
_LONGEST_REACTION = 40


def meant_for_bot(addressed: Addressed, *, in_own_thread: bool, quiet: bool, text: str) -> bool:
    """Whether a message is to be answered. What comes beside its text is not looked at here."""
    if addressed is not Addressed.NOBODY:
        return addressed is Addressed.BOT
    if not in_own_thread or quiet or _OPENS_WITH_A_NAME.match(text):
        return False
    return not _is_reaction(text)


def _is_reaction(text: str) -> bool:
    """“?” asks for help; other signs and pictures, and a word of thanks, ask for nothing."""
    if "?" in text or len(text) > 4000:
        return False
    if _PICTURES.fullmatch(text):
        return True
    words = flat(text[: _LONGEST_REACTION + 1]).split() if len(text) <= _LONGEST_REACTION else []
    return bool(words) and all(w in REACTIONS or _LAUGHTER.fullmatch(w) for w in words)
