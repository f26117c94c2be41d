"""The one behaviour that every platform shares."""

from .assistant import Assistant, Led
from .writing import current_reading

__all__ = ["Assistant", "Led", "current_reading"]
