"""The register of idioms: a plain function, an example input, and what must happen.

An idiom is an ordinary function of one argument, written with ``import numpy as np``
as a scientist writes it, marked by a decorator that leaves it as it is:

- ``@right(x)``: the transforms give its value and its derivative.
- ``@loud(x, error, *words)``: they raise `error`, whose message contains `words`.
- ``@refused(x, error)``: Python itself refuses before the traced value is asked.

`test_idioms` holds all of these, whatever their mark, to the rule behind them: a right
derivative or an error, never a wrong number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

from adjoint import errors

Batching = Literal["same", "looped", "loud", "exempt"]


@dataclasses.dataclass(frozen=True)
class Idiom:
    """A plain function with its example input and what the transforms owe it.

    ``batching`` says what ``vmap`` makes of a right idiom: the same as a loop
    (``same``), the same with the warning that it had to loop (``looped``), an error
    (``loud``), or nothing to compare because the idiom hangs on Python's own numbers
    (``exempt``). ``step`` is the spacing of its difference quotients and ``rtol`` what
    they can promise; both grow where single precision is part of the idiom.
    """

    function: Callable[[Any], Any]
    example: Any
    verdict: Literal["right", "loud", "refused"]
    error: type[Exception] = errors.AdjointError
    words: tuple[str, ...] = ()
    batching: Batching = "same"
    step: float = 1e-3
    rtol: float = 1e-7

    @property
    def name(self) -> str:
        """The kind and the function: ``writes.filled_in_a_loop``."""
        kind = self.function.__module__.rpartition(".")[2]
        return f"{kind}.{self.function.__name__}"


IDIOMS: list[Idiom] = []


def right(
    example: Any,
    *,
    batching: Batching = "same",
    step: float = 1e-3,
    rtol: float = 1e-7,
) -> Callable[[Callable], Callable]:
    """Register a function that must be differentiated rightly at `example`."""

    def register(function: Callable) -> Callable:
        idiom = Idiom(
            function, example, "right", batching=batching, step=step, rtol=rtol
        )
        IDIOMS.append(idiom)
        return function

    return register


def loud(
    example: Any, error: type[Exception], *words: str
) -> Callable[[Callable], Callable]:
    """Register a function that must raise `error`, saying `words`, at `example`."""

    def register(function: Callable) -> Callable:
        IDIOMS.append(Idiom(function, example, "loud", error, words))
        return function

    return register


def refused(example: Any, error: type[Exception]) -> Callable[[Callable], Callable]:
    """Register a function that Python stops without asking the traced value."""

    def register(function: Callable) -> Callable:
        IDIOMS.append(Idiom(function, example, "refused", error))
        return function

    return register
