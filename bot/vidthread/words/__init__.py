"""Free text becomes a command here, once, and nowhere else. Pure: no I/O."""

from .files import pasted_text
from .naming import (
    asks_more,
    find_link,
    link_among,
    named_language,
    named_model,
    named_types,
    with_link,
)
from .understanding import (
    addresses_bot,
    asks_question,
    understand,
    unknown_language,
    wrong_with,
)

__all__ = [
    "addresses_bot",
    "asks_more",
    "asks_question",
    "find_link",
    "link_among",
    "named_language",
    "named_model",
    "named_types",
    "pasted_text",
    "understand",
    "unknown_language",
    "with_link",
    "wrong_with",
]
