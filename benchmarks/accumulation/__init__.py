"""Why reverse: forward against reverse accumulation, counted and timed."""
