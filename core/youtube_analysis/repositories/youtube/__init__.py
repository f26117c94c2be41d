"""YouTube: asked within its limits, over one session, through youtube-transcript-api."""

from .http import HttpSession, OnWait
from .repository import OnStep, YouTubeRepository

__all__ = ["HttpSession", "OnStep", "OnWait", "YouTubeRepository"]
