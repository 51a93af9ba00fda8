"""The register of the hundred: a plain function and the input it is tried at.

Nothing here knows of any library but NumPy, so that anybody's can be asked the same.
"""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Idiom:
    """A function of one float or array, its sample input, and how it is judged.

    ``verdict``, ``step`` and ``rtol`` say to the benchmarks what they say of the
    idioms in the catalogue: all must be right, by differences of that spacing.
    """

    function: Callable[[Any], Any]
    example: Any
    verdict: str = "right"
    step: float = 1e-3
    rtol: float = 1e-7

    @property
    def name(self) -> str:
        """The theme and the function: ``hundred.stepping.euler_trajectory``."""
        theme = self.function.__module__.rpartition(".")[2]
        return f"hundred.{theme}.{self.function.__name__}"


HUNDRED: list[Idiom] = []


def idiom(example: Any) -> Callable[[Callable], Callable]:
    """Register a function at a sample input, and leave it as it is."""

    def register(function: Callable) -> Callable:
        HUNDRED.append(Idiom(function, example))
        return function

    return register
