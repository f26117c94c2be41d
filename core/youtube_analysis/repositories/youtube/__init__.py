"""YouTube: asked within its limits, over one session, through youtube-transcript-api."""

from .http import HttpSession
from .limits import OnWait, Window
from .repository import OnStep, YouTubeRepository

__all__ = ["HttpSession", "OnStep", "OnWait", "Window", "YouTubeRepository"]
