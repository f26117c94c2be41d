"""The only implementation of showing a reply: divide, render, compare with what stands there, pace.

A post is made exactly once: its intent is written down before, its place after. Whoever comes
back from a crash looks for what an open intent may have left.

presenter (patience) ← view (one reply, its messages)
"""

from .presenter import Presenter, SharedPace
from .view import View

__all__ = ["Presenter", "SharedPace", "View"]
