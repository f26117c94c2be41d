"""The offline model: it says nothing of its own, it picks what the speaker said best."""

from .model import OfflineModel

__all__ = ["OfflineModel"]
