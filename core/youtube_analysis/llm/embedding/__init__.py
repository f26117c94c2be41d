"""Embedders: texts become vectors that are near each other where the texts mean the same."""

from .port import Embedder

__all__ = ["Embedder"]
