"""Floor 2a: NumPy functions composed of primitives; no rules here."""

from adjoint._numpy import complexes, creation, fourier, joining, metadata, statistics

__all__ = ["complexes", "creation", "fourier", "joining", "metadata", "statistics"]
