"""Where Discord's client is spoken to: events come in, messages go out."""

from .connection import CannotConnect, Connection

__all__ = ["CannotConnect", "Connection"]
