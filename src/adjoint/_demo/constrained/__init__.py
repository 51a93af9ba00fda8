"""Optimization under constraints, with exact gradients of both."""
