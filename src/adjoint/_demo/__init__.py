"""The demonstration: a textbook gradient, then certified real data fitted exactly."""
