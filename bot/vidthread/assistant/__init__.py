"""The one behaviour that every platform shares."""

from .assistant import Assistant
from .entrance import Led
from .talks import current_reading

__all__ = ["Assistant", "Led", "current_reading"]
