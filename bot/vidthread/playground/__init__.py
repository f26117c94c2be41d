"""Vidthread without a chat platform: the terminal."""
