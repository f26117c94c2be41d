"""Captions files of any usual format and encoding, as timed segments. Pure: no I/O."""

from .parsing import LARGEST_FILE, SUFFIXES, ParsedCaptions, parse_captions

__all__ = ["LARGEST_FILE", "SUFFIXES", "ParsedCaptions", "parse_captions"]
