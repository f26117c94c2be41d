"""Strangers' words inside our markdown: they stay words."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~#])")


def literal(text: str) -> str:
    """The text as one printable line that no markdown reader takes for markup or a citation, and
    no platform for an address."""
    line = "".join(c for c in " ".join(text.split()) if c.isprintable() or c in "\u200c\u200d")
    return _SPECIAL.sub(r"\\\1", line.replace("://", ":\u200b//"))


def unescaped(markdown: str) -> str:
    """What `literal` wrote, as it was."""
    return _ESCAPED.sub(r"\1", markdown).replace(":\u200b//", "://")
