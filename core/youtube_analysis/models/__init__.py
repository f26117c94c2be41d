"""Frozen shapes and enums: what the other rooms talk about."""
