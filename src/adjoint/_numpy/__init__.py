"""Floor 2a: NumPy functions composed of primitives; no rules here."""

from adjoint._numpy import complexes, creation, joining, metadata, statistics

__all__ = ["complexes", "creation", "joining", "metadata", "statistics"]
