"""Transcript, analyzing, answering, rendering. Services never import each other: the workflow
introduces them."""
