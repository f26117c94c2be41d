"""Captions files of any usual format and encoding, as timed segments. Pure: no I/O."""

from .parsing import LARGEST_FILE, SUFFIXES, ParsedCaptions, parse_captions

# In the order of characters, as every front door.
__all__ = ["LARGEST_FILE", "ParsedCaptions", "SUFFIXES", "parse_captions"]  # noqa: RUF022
