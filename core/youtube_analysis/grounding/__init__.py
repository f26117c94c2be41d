"""From captions to numbered passages, ranked and cited. Pure: no I/O, no clock, no randomness."""
