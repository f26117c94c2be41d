"""Puts the network guard into programs that tests start; they find this folder on PYTHONPATH."""

import sys

import network_guard

network_guard.install()
# As on most machines: the extra is not there, and no model is fetched.
sys.modules["fastembed"] = None  # type: ignore[assignment] # how Python is told so
