"""What a reader should look at: where NaNs begin, inputs without effect, branches."""

from collections.abc import Iterable, Sequence
from typing import Any

from adjoint._core.graph import Guard
from adjoint._core.listing import value_text
from adjoint._core.nodes import Node, SourceLine, line_of
from adjoint._explain.cells import nonfinite
from adjoint._explain.evaluation import Evaluation

_MOST = 50


def findings_of(
    evaluation: Evaluation,
    values: Sequence[Any],
    adjoint: Sequence[Any],
    terms: Sequence[Sequence[dict[str, Any]]] | None,
) -> list[dict[str, Any]]:
    """Return findings as data: a kind, a node or -1, and a sentence.

    Parameters
    ----------
    evaluation : Evaluation
    values : sequence of Cell
        Of all nodes.
    adjoint : sequence of Cell
        The adjoints of the first reverse seed; empty if there is none.
    terms : sequence of sequences of dict, optional
        Their summands.
    """
    found = [
        *_born(evaluation, values),
        *(_born_backward(evaluation, adjoint) if adjoint else ()),
        *_unused(evaluation),
        *_rewritten(evaluation, terms or ()),
        *_guards(evaluation),
    ]
    if len(found) > _MOST:
        more = f"... and {len(found) - _MOST:,} more findings."
        found = [*found[:_MOST], _finding("more", -1, more)]
    return found


def _finding(kind: str, node: int, text: str) -> dict[str, Any]:
    return {"kind": kind, "node": node, "text": text}


def _born(evaluation: Evaluation, values: Sequence[Any]) -> Iterable[dict[str, Any]]:
    """Yield the operations that make NaN or infinity of finite operands."""
    bad = [any(nonfinite(one)) for one in values]
    index, names = evaluation.index, evaluation.names
    for place, node in enumerate(evaluation.nodes):
        if not bad[place]:
            continue
        kind = "nan" if nonfinite(values[place])[0] else "inf"
        shown = "NaN" if kind == "nan" else "infinity"
        parents = [index[one] for one in node.parents if type(one) is Node]
        if node.record is None:
            text = f"The input {names[node]} holds {shown}."
        elif not any(bad[one] for one in parents):
            text = f"{names[node]} is the first {shown}{_where(node.line)}."
        else:
            continue
        yield _finding(kind, place, text)


def _born_backward(
    evaluation: Evaluation, adjoint: Sequence[Any]
) -> Iterable[dict[str, Any]]:
    """Yield the lines whose pullback makes NaN or infinity of a finite adjoint."""
    names = evaluation.names
    bad = [any(nonfinite(one)) for one in adjoint]
    for place, node in enumerate(evaluation.nodes):
        parents = [one for one in node.parents if type(one) is Node]
        receivers = [
            one for one in dict.fromkeys(parents) if bad[evaluation.index[one]]
        ]
        if receivers and not bad[place] and adjoint[place] is not None:
            into = ", ".join(names[one] for one in receivers)
            text = (
                f"Going back through {names[node]}{_where(node.line)}, NaN or infinity "
                f"comes into the adjoint of {into}."
            )
            yield _finding("adjoint", place, text)


def _unused(evaluation: Evaluation) -> Iterable[dict[str, Any]]:
    """Yield the inputs that no result depends on."""
    reached = _leading_to(evaluation.outputs, evaluation.active)
    for node in evaluation.target.inputs:
        if node not in reached:
            yield _finding(
                "unused",
                evaluation.index[node],
                f"No result depends on {evaluation.names[node]}: its derivative is 0.",
            )


def _leading_to(outputs: Sequence[Node], active: set[Node]) -> set[Node]:
    seen = set(outputs)
    waiting = list(seen)
    while waiting:
        for parent in waiting.pop().parents:
            if type(parent) is Node and parent in active and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return seen


def _rewritten(
    evaluation: Evaluation, terms: Sequence[Sequence[dict[str, Any]]]
) -> Iterable[dict[str, Any]]:
    """Yield the operations that are differentiated together with an operand's."""
    users = [one["user"] for each in terms for one in each if one["position"] < 0]
    for user in dict.fromkeys(users):
        node, names = evaluation.nodes[user], evaluation.names
        parents = [one for one in node.parents if type(one) is Node]
        operands = ", ".join(names[one] for one in dict.fromkeys(parents))
        text = (
            f"{names[node]}{_where(node.line)} is differentiated as one function with "
            f"its operand ({operands}), which the adjoint therefore passes by."
        )
        yield _finding("rewrite", user, text)


def _guards(evaluation: Evaluation) -> Iterable[dict[str, Any]]:
    """Yield the answers that Python's control flow was given, one for each place."""
    places: dict[Any, list[Guard]] = {}
    for guard in evaluation.target.graph.guards:
        if guard.kind == "finite":  # our own question, on the way back of a gradient
            continue
        key = guard.kind, line_of(guard.code, guard.at)
        places.setdefault(key, []).append(guard)
    for guards in places.values():
        guard = guards[0]
        nodes = [one for one in guard.operands if type(one) is Node]
        operands = ", ".join(
            evaluation.names[one] if type(one) is Node else value_text(one)
            for one in guard.operands
        )
        more = f", and on {len(guards) - 1:,} more such answers" if guards[1:] else ""
        text = (
            f"The way taken hangs on {guard.kind}({operands}) being "
            f"{value_text(guard.expected)}{more}"
            f"{_where(line_of(guard.code, guard.at))}."
        )
        yield _finding("guard", evaluation.index.get(nodes[0], -1), text)


def _where(line: SourceLine | None) -> str:
    return "" if line is None else f" ({line.file}, line {line.line})"
