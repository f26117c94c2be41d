"""Prompts for a language model."""
