"""The figures Adjoint's foundation must reach: `python -m benchmarks.foundation`."""
