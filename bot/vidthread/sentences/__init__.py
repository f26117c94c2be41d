"""Every sentence of the bot, by its id, in the language of whoever is served."""

from .catalogs import (
    is_right_to_left,
    language_name,
    say,
    say_all,
    say_count,
    say_in,
    say_list,
    say_place,
    speak,
    spoken,
)
from .of_core import say_coverage, say_error, say_missing, say_notice, say_type

__all__ = [
    "is_right_to_left",
    "language_name",
    "say",
    "say_all",
    "say_count",
    "say_coverage",
    "say_error",
    "say_in",
    "say_list",
    "say_missing",
    "say_notice",
    "say_place",
    "say_type",
    "speak",
    "spoken",
]
