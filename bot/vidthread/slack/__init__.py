"""Threads in Slack. Only `client`, `listening` and `checks` speak the SDK."""
