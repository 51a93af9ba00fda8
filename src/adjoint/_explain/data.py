"""A report as data: one object of columns, which text, pictures and page are made of.

The keys are described in ``docs/explain.rst``.
"""

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.listing import operation_text
from adjoint._core.nodes import WEAK, Node
from adjoint._core.protocols import function_name
from adjoint._explain.cells import Cell, cell, nonfinite
from adjoint._explain.costs import (
    backward_seconds,
    effort_for,
    forward_seconds,
    kept_bytes,
)
from adjoint._explain.evaluation import Evaluation
from adjoint._explain.findings import findings_of
from adjoint._explain.grouping import groups_of
from adjoint._explain.harmless import harmless
from adjoint._explain.lines import lines_of
from adjoint._explain.partials import Formulas, partials_of
from adjoint._explain.seeds import (
    MOST,
    MOST_OF_LARGE,
    forward_seeds,
    is_capped,
    reverse_seeds,
)
from adjoint._explain.sweeps import Term, adjoints, tangents
from adjoint._explain.target import is_discrete

VERSION = 1
_LONGEST_EXPRESSION = 120


class Asked(NamedTuple):
    """What a report is to hold: seeds of either mode, the user's source, times."""

    forward: Any
    reverse: Any
    source: bool
    timing: bool


def data_of(evaluation: Evaluation, asked: Asked) -> tuple[dict[str, Any], Any]:
    """Return a report's data, and the adjoints of its first reverse seed by node."""
    target = evaluation.target
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forward = _forward(evaluation, asked)
        reverse, first = _reverse(evaluation, asked)
    nodes, lines, files = _nodes(evaluation, asked, first)
    adjoint = reverse[0]["adjoint"] if reverse else []
    terms = reverse[0]["terms"] if reverse else None
    data = {
        "version": VERSION,
        "title": target.title,
        "transform": target.transform,
        "function": target.function,
        "mode": target.mode,
        "nodes": nodes,
        "inputs": [evaluation.index[node] for node in target.graph.inputs],
        "outputs": _outputs(evaluation),
        "lines": lines,
        "files": files,
        "groups": groups_of(
            evaluation.nodes,
            len(target.graph.inputs),
            nodes["name"],
            [None if k < 0 else lines[k]["number"] for k in nodes["line"]],
            target.calls,
        ),
        "forward": forward,
        "reverse": reverse,
        "notes": _notes(evaluation, asked, caught),
        "findings": findings_of(evaluation, nodes["value"], adjoint, terms),
    }
    return harmless(data), first


def _outputs(evaluation: Evaluation) -> list[int]:
    found = [one for one in evaluation.target.outputs if type(one) is Node]
    return [evaluation.index[one] for one in dict.fromkeys(found)]


def _nodes(
    evaluation: Evaluation, asked: Asked, bars: dict[Node, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the columns of nodes, and the lines and files that they name."""
    nodes, names, index = evaluation.nodes, evaluation.names, evaluation.index
    line, lines, files = lines_of(nodes, source=asked.source)
    effort = effort_for(evaluation)
    unknown: list[float | None] = [None] * len(nodes)
    values = _column(evaluation, evaluation.values)
    formulas = Formulas()
    columns = {
        "name": [names[node] for node in nodes],
        "operation": [_operation(node) for node in nodes],
        "expression": [_expression(node, names) for node in nodes],
        "parents": [
            [index[one] for one in node.parents if type(one) is Node] for node in nodes
        ],
        "shape": [list(node.shape or ()) for node in nodes],
        "dtype": [_dtype(node) for node in nodes],
        "line": line,
        "value": values,
        "forward_s": forward_seconds(evaluation, effort) if asked.timing else unknown,
        "backward_s": (
            backward_seconds(evaluation, bars, effort) if asked.timing else unknown
        ),
        "kept_bytes": kept_bytes(evaluation),
        "nonfinite": [nonfinite(one) for one in values],
        "partials": [partials_of(node, evaluation, formulas) for node in nodes],
    }
    return columns, lines, files


def _operation(node: Node) -> str:
    """Return the name of what the user called: ``mean``, not the sum inside it."""
    if node.record is None:
        return "input"
    if node.caller is None:
        return node.record.name
    return function_name(node.caller).rpartition(".")[2]


def _expression(node: Node, names: dict[Node, str]) -> str:
    if node.record is None:
        return names[node]
    text = operation_text(node, names)
    if len(text) > _LONGEST_EXPRESSION:
        operands = [names[one] for one in node.parents if type(one) is Node]
        shown = ", ".join(operands[:3])
        text = f"{node.record.name}({shown}, … {len(node.parents):,} operands)"
    return text


def _dtype(node: Node) -> str:
    if node.dtype is WEAK:
        return "Python number"
    return "" if node.dtype is None else str(node.dtype)


def _column(evaluation: Evaluation, found: dict[Node, Any]) -> list[Cell]:
    heads = evaluation.heads
    return [cell(found.get(node), heads(node)) for node in evaluation.nodes]


def _seeded(evaluation: Evaluation, given: dict[Node, Any]) -> list[list[Any]]:
    return [[evaluation.index[node], cell(one)] for node, one in given.items()]


def _forward(evaluation: Evaluation, asked: Asked) -> list[dict[str, Any]]:
    seeds = forward_seeds(evaluation, asked.forward, _most(evaluation))
    return [
        {
            "label": seed.label,
            "seed": _seeded(evaluation, seed.given),
            "tangent": _column(evaluation, tangents(evaluation, seed)),
        }
        for seed in seeds
    ]


def _reverse(
    evaluation: Evaluation, asked: Asked
) -> tuple[list[dict[str, Any]], dict[Node, Any]]:
    """Return the reverse sweeps as data, and the adjoints of the first by node."""
    first: dict[Node, Any] = {}
    found = []
    for seed in reverse_seeds(evaluation, asked.reverse, _most(evaluation)):
        bars, terms = adjoints(evaluation, seed, with_terms=not evaluation.is_large)
        first = first or bars
        found.append(
            {
                "label": seed.label,
                "seed": _seeded(evaluation, seed.given),
                "adjoint": _column(evaluation, bars),
                "terms": None if terms is None else _terms(terms),
            }
        )
    return found, first


def _terms(terms: list[list[Term]]) -> list[list[dict[str, Any]]]:
    return [[one._asdict() for one in each] for each in terms]


def _most(evaluation: Evaluation) -> int:
    return MOST_OF_LARGE if evaluation.is_large else MOST


def _notes(evaluation: Evaluation, asked: Asked, caught: Sequence[Any]) -> list[str]:
    """Return what a reader must know of how the report was made."""
    target = evaluation.target
    most = _most(evaluation)
    notes = [f"{one.message}" for one in caught]
    if evaluation.is_large:
        notes.append(
            f"The graph has {len(evaluation.nodes):,} nodes: at most {most} seeds of "
            "each mode were swept, and summands of adjoints and elements of arrays "
            "between inputs and outputs are left out."
            + " Made again with timing=False, this report takes a third less time."
            * asked.timing
        )
    if asked.forward is None and is_capped(target.inputs, most):
        notes.append(
            f"The inputs have more than {most} elements: forward mode has one seed of "
            f"ones for each {_array(target.inputs, most)}, which gives the sum of its "
            "columns."
        )
    if asked.reverse is None and is_capped(evaluation.outputs, most):
        notes.append(
            f"The outputs have more than {most} elements: reverse mode has one seed of "
            f"ones for each {_array(evaluation.outputs, most)}, which gives the sum of "
            "its rows."
        )
    seeded = [*target.inputs, *evaluation.outputs]
    if any(np.iscomplexobj(evaluation.values[node]) for node in seeded):
        notes.append(
            "Complex numbers are seeded with 1 alone, which says all of a holomorphic "
            "function. Of others, give 1j too, as seed=."
        )
    integers = [node for node in target.graph.inputs if is_discrete(node)]
    if integers and target.transform is None:
        shown = ", ".join(evaluation.names[node] for node in integers[:MOST])
        notes.append(
            f"Integers are constants here: {shown}. Give 2.0 for 2 where a derivative "
            "by it is wanted."
        )
    if not evaluation.outputs:
        notes.append("No result depends on the inputs: all derivatives are zero.")
    if asked.timing:
        notes.append(
            "Times are those of each operation carried out again by itself; in grad "
            "and jvp, which do not look at each step, small ones are quicker."
        )
    return [*dict.fromkeys(notes)]


def _array(nodes: Sequence[Node], most: int) -> str:
    """Return which arrays have a seed of their own."""
    return "array" if len(nodes) <= most else f"of the first {most} arrays"
