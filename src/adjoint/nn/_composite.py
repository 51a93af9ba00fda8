"""Layers that hold layers, and pass on to them what those ask for."""

from adjoint.nn._held import Derived, passes_rng
from adjoint.nn._module import Module


class Composite(Module):
    """A module that calls those among its attributes, and draws nothing by itself."""

    takes_rng = Derived(passes_rng)
