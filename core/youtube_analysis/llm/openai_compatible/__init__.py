"""Language models behind OpenAI's chat completions, wherever they run."""

from .model import OpenAICompatibleModel

__all__ = ["OpenAICompatibleModel"]
