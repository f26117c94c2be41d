"""Puts the network guard into programs that tests start; they find this folder on PYTHONPATH."""

import network_guard

network_guard.install()
