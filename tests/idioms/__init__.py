"""Everyday NumPy and Python idioms: each is differentiated rightly or refused."""
