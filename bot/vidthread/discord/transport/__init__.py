"""Where Discord's client is spoken to: events come in, messages go out."""

from .connection import CannotConnect, Connection
from .examination import examine

__all__ = ["CannotConnect", "Connection", "examine"]
