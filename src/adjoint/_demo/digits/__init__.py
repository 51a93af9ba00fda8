"""A network in plain NumPy that learns to read handwritten digits."""
