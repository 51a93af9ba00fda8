"""Difference quotients, complex steps, extrapolation: function values are enough."""
