"""Layers that hold layers, and what they are asked about those.

Apart from `containers`, which transforms follow as they follow the user's code: these
properties compute nothing, and a class with properties of its own costs each run time,
since Python calls them by itself.
"""

from collections.abc import Iterator
from typing import Any

from adjoint.nn._module import Module


class Composite(Module):
    """A module that calls those among its attributes."""

    @property
    def takes_rng(self) -> bool:
        """Whether a layer of it draws random numbers in training."""
        return any(getattr(layer, "takes_rng", False) for layer in _held_by(self))

    @property
    def keeps_statistics(self) -> bool:
        """Whether a layer of it keeps statistics of what it has seen."""
        return any(
            getattr(layer, "keeps_statistics", False) for layer in _held_by(self)
        )


def _held_by(module: Module) -> Iterator[Any]:
    for value in vars(module).values():
        if type(value) in (list, tuple):
            yield from value
        else:
            yield value
