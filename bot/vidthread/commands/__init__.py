"""What people write, and press, as commands. Pure: no I/O."""

from .addressing import meant_for_bot
from .command import (
    Analyze,
    Ask,
    Command,
    Coverage,
    Export,
    Forget,
    Help,
    Make,
    Retry,
    SetLanguage,
    SetQuiet,
    Stop,
    Unclear,
)
from .understanding import understand

__all__ = [
    "Analyze",
    "Ask",
    "Command",
    "Coverage",
    "Export",
    "Forget",
    "Help",
    "Make",
    "Retry",
    "SetLanguage",
    "SetQuiet",
    "Stop",
    "Unclear",
    "meant_for_bot",
    "understand",
]
