"""Floor 4: what users call, one idea a file."""
