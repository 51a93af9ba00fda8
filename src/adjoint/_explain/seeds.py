"""What the sweeps start from: unit tangents of inputs, unit cotangents of outputs.

One seed gives one column of the Jacobian (forward) or one row of it (reverse).
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.errors import InputError
from adjoint._core.nodes import WEAK, Node
from adjoint._explain.evaluation import Evaluation
from adjoint._transforms.tables import fitting_seed

MOST = 12
"""Seeds of one mode: of more elements, one seed of ones for each array."""
MOST_OF_LARGE = 2
"""Seeds of one mode of a large graph, whose sweeps take their time."""
_WORD = re.compile(r"\w_?[^\W\d_]|\W")
DOT, BAR = "\u0307", "\u0304"


class Seed(NamedTuple):
    """A tangent of some inputs, or a cotangent of some outputs."""

    label: str
    given: dict[Node, Any]


def forward_seeds(evaluation: Evaluation, given: Any, most: int) -> list[Seed]:
    """Return the seeds of forward mode: that of the user, or one for each input."""
    inputs = evaluation.target.inputs
    if given is not None:
        graph = evaluation.target.graph
        found = fitting_seed(given, graph.inputs, "input", "tangent", "explain")
        dots = {node: dot for node, dot in found.items() if node in inputs}
        return [Seed("seed given", dots)]
    return _units(evaluation, inputs, DOT, most)


def reverse_seeds(evaluation: Evaluation, given: Any, most: int) -> list[Seed]:
    """Return the seeds of reverse mode: that of the user, or one for each output."""
    outputs = evaluation.outputs
    if given is not None:
        wanted = evaluation.target.outputs
        found = fitting_seed(given, wanted, "output", "cotangent", "explain")
        bars = {node: bar for node, bar in found.items() if node in outputs}
        for node, bar in bars.items():
            _check_real(evaluation.values[node], bar, evaluation.names[node])
        return [Seed("seed given", bars)]
    if evaluation.target.total:
        return [_ones(evaluation, node, BAR) for node in outputs]
    return _units(evaluation, outputs, BAR, most)


def _check_real(value: Any, bar: Any, name: str) -> None:
    """Raise if a cotangent is complex, and the value it belongs to is not.

    Raises
    ------
    InputError
        Its imaginary part would be lost.
    """
    if np.iscomplexobj(bar) and not np.iscomplexobj(value):
        msg = (
            f"explain(seed=...): the cotangent of {name} has dtype {bar.dtype}, but "
            f"{name} is real; give real numbers."
        )
        raise InputError(msg)


def is_capped(nodes: Sequence[Node], most: int) -> bool:
    """Tell whether there are more elements than seeds."""
    return sum(map(_size, nodes)) > most


def is_word(name: str) -> bool:
    """Tell whether a name is no letter with a number: a mark would be on a part."""
    return _WORD.match(name) is not None


def marked(name: str, mark: str) -> str:
    """Return a name with a dot or a bar on its letter; of a word, what these mean.

    Examples
    --------
    >>> marked("v12", BAR) == "v" + BAR + "12"
    True
    >>> marked("params['w']", DOT), marked("rate", BAR)
    ("d params['w']", 'adjoint of rate')
    """
    if is_word(name):
        return f"d {name}" if mark == DOT else f"adjoint of {name}"
    return unicodedata.normalize("NFC", f"{name[:1]}{mark}{name[1:]}")


def _units(
    evaluation: Evaluation, nodes: Sequence[Node], mark: str, most: int
) -> list[Seed]:
    if is_capped(nodes, most):
        return [_ones(evaluation, node, mark) for node in nodes[:most] if _size(node)]
    return [
        seed for node in nodes for seed in _units_of(node, evaluation.names[node], mark)
    ]


def _units_of(node: Node, name: str, mark: str) -> Iterator[Seed]:
    for index in np.ndindex(node.shape or ()):
        unit = np.zeros(node.shape or (), dtype_of_seed(node))
        unit[index] = 1.0
        where = f"[{', '.join(map(str, index))}]" if index else ""
        yield Seed(f"{marked(name, mark)}{where} = 1", {node: unit[()]})


def _ones(evaluation: Evaluation, node: Node, mark: str) -> Seed:
    ones = np.ones(node.shape or (), dtype_of_seed(node))
    what = "ones" if node.shape else "1"
    return Seed(f"{marked(evaluation.names[node], mark)} = {what}", {node: ones[()]})


def dtype_of_seed(node: Node) -> Any:
    """Return the dtype of a node's derivatives; of Python's numbers, float64."""
    if node.dtype is not WEAK:
        return node.dtype
    complex_input = node.record is None and node.params[1] is complex
    return np.complex128 if complex_input else np.float64


def _size(node: Node) -> int:
    return math.prod(node.shape or ())
