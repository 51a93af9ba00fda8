"""Floor 2a: NumPy functions composed of primitives; no rules here."""

from adjoint._numpy import creation, joining, metadata, statistics

__all__ = ["creation", "joining", "metadata", "statistics"]
