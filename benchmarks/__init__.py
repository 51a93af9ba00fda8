"""Measurements of Adjoint against its peers and against NumPy written by hand."""
