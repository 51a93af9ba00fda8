"""The ways to a derivative beside each other: exactness, time, size of expressions."""
