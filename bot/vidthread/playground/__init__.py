"""Vidthread without a chat platform: a page in the browser."""
