"""Threads in Slack. Only `client`, `connection` and `listener` speak the SDK."""
