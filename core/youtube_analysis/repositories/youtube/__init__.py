"""YouTube: asked within its limits, over one session, through youtube-transcript-api."""

from .http import HttpSession
from .limits import OnWait, RateWindow
from .repository import OnStep, YouTubeRepository

__all__ = ["HttpSession", "OnStep", "OnWait", "RateWindow", "YouTubeRepository"]
