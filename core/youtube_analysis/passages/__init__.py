"""Captions as numbered passages: what models are shown and cite, and what questions find."""
