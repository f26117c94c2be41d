"""The one behaviour that every platform shares."""

from .assistant import MOST_TRIES, OLDEST, Assistant, Led
from .talks import current_reading

__all__ = ["MOST_TRIES", "OLDEST", "Assistant", "Led", "current_reading"]
