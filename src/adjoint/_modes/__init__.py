"""Floor 2b: one interpreter a file; each carries records out in its own way."""
