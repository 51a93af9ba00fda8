"""Adjoint as a tool of GradBench: its protocol, and its problems behind it."""
