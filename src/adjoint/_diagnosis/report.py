"""The health of a gradient, as a table for terminals and notebooks."""

import html
from dataclasses import dataclass, field
from typing import Any

from adjoint._comparison.text import as_html, as_text


@dataclass(frozen=True)
class InputHealth:
    """One leaf of the arguments, and its gradient.

    Attributes
    ----------
    name : str
        ``"w[0]"``.
    shape : tuple of int
    largest : float
        The largest absolute value in the gradient.
    zeros, size : int
        How many elements of it are exactly zero, and how many there are.
    reasons : tuple of str
        Why all of it is zero, if so.
    """

    name: str
    shape: tuple[int, ...]
    largest: float
    zeros: int
    size: int
    reasons: tuple[str, ...] = ()

    @property
    def is_zero(self) -> bool:
        """Whether the gradient is exactly zero, all of it."""
        return 0 < self.size == self.zeros


@dataclass(frozen=True)
class LineHealth:
    """The cotangents (adjoints) of what one line of the user's code computes.

    Attributes
    ----------
    name : str
        ``"model.py:12"``.
    text : str
        The line.
    count : int
        How many operations.
    first, last : float
        The root mean square of the cotangent that arrives first in the backward pass,
        nearest to the result, and last.
    """

    name: str
    text: str
    count: int
    first: float
    last: float


@dataclass(frozen=True)
class Diagnosis:
    """What `adjoint.diagnose` found.

    ``print`` shows it; notebooks show a table.

    Attributes
    ----------
    value : Any
        The function's.
    inputs : tuple of InputHealth
        Each leaf of the arguments that were differentiated.
    lines : tuple of LineHealth
        The lines, in the order of the backward pass.
    notes : tuple of str
        What stands out: zero, vanishing and exploding gradients, and why.
    """

    value: Any
    inputs: tuple[InputHealth, ...]
    lines: tuple[LineHealth, ...]
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        parts = [as_text(_INPUTS, [_input_cells(one) for one in self.inputs])]
        if self.lines:
            parts.append(as_text(_LINES, [_line_cells(one) for one in self.lines]))
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n\n".join([*parts, notes or "Nothing stands out."])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return (
            as_html(_INPUTS, [_input_cells(one) for one in self.inputs])
            + as_html(_LINES, [_line_cells(one) for one in self.lines])
            + f"<ul>{notes or '<li>Nothing stands out.</li>'}</ul>"
        )


_INPUTS = ("input", "shape", "largest |gradient|", "exactly zero")
_LINES = ("line", "operations", "adjoint, first", "adjoint, last", "")
_LONGEST = 44


def _input_cells(one: InputHealth) -> tuple[str, ...]:
    zeros = "all" if one.is_zero else f"{one.zeros} of {one.size}"
    return one.name, str(list(one.shape)), f"{one.largest:.3g}", zeros


def _line_cells(one: LineHealth) -> tuple[str, ...]:
    text = one.text if len(one.text) <= _LONGEST else one.text[: _LONGEST - 4] + " ..."
    return one.name, str(one.count), f"{one.first:.3g}", f"{one.last:.3g}", text
