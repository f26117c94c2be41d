"""Vidthread: a YouTube video becomes a chat thread that has its own session."""
