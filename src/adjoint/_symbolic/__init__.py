"""Graphs as SymPy expressions, their derivatives, and both back as NumPy functions."""
