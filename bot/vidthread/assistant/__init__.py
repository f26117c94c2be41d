"""The one behaviour that every platform shares."""

from .assistant import Assistant
from .turn import Destination
from .writing import current_reading

__all__ = ["Assistant", "Destination", "current_reading"]
