"""Replies divided into pages that a platform can hold. Pure: no I/O."""

from .filling import divide

__all__ = ["divide"]
