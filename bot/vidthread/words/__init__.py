"""Free text becomes a command here, once, and nowhere else. Pure: no I/O."""

from .naming import find_link, named_language, named_types
from .understanding import meant_for_bot, understand

__all__ = ["find_link", "meant_for_bot", "named_language", "named_types", "understand"]
