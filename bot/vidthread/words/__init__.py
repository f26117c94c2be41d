"""Free text becomes a command here, once, and nowhere else. Pure: no I/O."""

from .files import pasted_text
from .naming import (
    asks_more,
    find_link,
    link_among,
    named_language,
    named_types,
    with_link,
)
from .understanding import meant_for_bot, understand

__all__ = [
    "asks_more",
    "find_link",
    "link_among",
    "meant_for_bot",
    "named_language",
    "named_types",
    "pasted_text",
    "understand",
    "with_link",
]
