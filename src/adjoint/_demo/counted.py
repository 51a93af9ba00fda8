"""Functions that count their calls."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Counted(Generic[Arguments, Result]):
    """A function that counts its calls."""

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        self.function = function
        self.calls = 0

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Return the function's value, one call more."""
        self.calls += 1
        return self.function(*args, **kwargs)
