"""Local partial derivatives: what a line's result changes by, for each operand."""

from typing import Any

from adjoint._core.listing import value_text
from adjoint._core.nodes import OUTPUT, Node
from adjoint._explain.cells import cell
from adjoint._explain.evaluation import Evaluation
from adjoint._modes.along import flowing
from adjoint._transforms.tables import partial_formula, partial_value

_PLACEHOLDER = 0xE000
"""First of the letters of Unicode that mean nothing: they stand for names."""


class Formulas:
    """Formulas of partials, found once for all lines that do the same.

    The rule of a product gives ``y`` for each product; it is recorded for the first of
    them with letters for names, and written out for the others.
    """

    def __init__(self) -> None:
        self._known: dict[Any, str] = {}

    def formula(self, node: Node, k: int, evaluation: Evaluation) -> str:
        """Return the slope of an elementwise function by operand ``k`` as text."""
        operands = dict.fromkeys(
            one for one in (*node.parents, node) if type(one) is Node
        )
        letters = {one: chr(_PLACEHOLDER + j) for j, one in enumerate(operands)}
        key = (
            node.record,
            k,
            tuple(_key(one, letters) for one in (*node.parents, node)),
        )
        if key not in self._known:
            self._known[key] = partial_formula(node, k, evaluation.values, letters)
        text = self._known[key]
        for one, letter in letters.items():
            text = text.replace(letter, evaluation.names[one])
        return text


def _key(one: Any, letters: dict[Node, str]) -> Any:
    """Return what the formula may depend on of an operand."""
    if type(one) is Node:
        return letters[one], one.dtype
    return type(one), value_text(one, 17)


def partials_of(
    node: Node, evaluation: Evaluation, formulas: Formulas
) -> list[dict[str, Any]]:
    """Return the partials of a line as data, one for each operand that is a node.

    Values are ``None`` where no derivative flows, and where the partial is a matrix.
    """
    found = []
    known = _with_partial(node, evaluation)
    for k, parent in enumerate(node.parents):
        if type(parent) is not Node:
            continue
        formula, value = "", None
        if k in known:
            formula = formulas.formula(node, k, evaluation)
            value = cell(
                partial_value(node, k, evaluation.values), evaluation.heads(node)
            )
        found.append(
            {"parent": evaluation.index[parent], "formula": formula, "value": value}
        )
    return found


def _with_partial(node: Node, evaluation: Evaluation) -> list[int]:
    """Return the positions of the operands that a line has a partial by."""
    if node.record is OUTPUT or node.shape is None or node not in evaluation.active:
        return []
    return flowing(node, evaluation.active)
