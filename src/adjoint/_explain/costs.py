"""What each equation costs: time forward and backward, and memory of the tape."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.layout import owner_of
from adjoint._core.nodes import OUTPUT, Node
from adjoint._core.record import Calculus
from adjoint._explain.evaluation import Evaluation
from adjoint._modes.along import flowing, pull_along


class Effort(NamedTuple):
    """How long an equation is timed: so many times, or until so many seconds."""

    repetitions: int
    seconds: float


_USUAL, _OF_LARGE = Effort(5, 2e-2), Effort(3, 1e-4)


@np.errstate(all="ignore")
def forward_seconds(evaluation: Evaluation, effort: Effort) -> list[float | None]:
    """Return how long each equation takes to evaluate again; ``None`` for inputs."""
    values = evaluation.values

    def seconds(node: Node) -> float | None:
        if node.record is None:
            return None
        args = [values[p] if type(p) is Node else p for p in node.parents]
        return _seconds(lambda: node.evaluate(args), effort)

    return [seconds(node) for node in evaluation.nodes]


@np.errstate(all="ignore")
def backward_seconds(
    evaluation: Evaluation, bars: dict[Node, Any], effort: Effort
) -> list[float | None]:
    """Return how long each equation takes to pull its adjoint back to its operands."""

    def seconds(node: Node) -> float | None:
        bar = bars.get(node)
        if node.record is None or bar is None or node not in evaluation.active:
            return None

        def pull() -> None:
            given = {node: bar}
            pull_along((node,), given, evaluation.active, evaluation.values.__getitem__)

        return _seconds(pull, effort)

    return [seconds(node) for node in evaluation.nodes]


def effort_for(evaluation: Evaluation) -> Effort:
    """Return how long each equation of a graph is timed."""
    return _OF_LARGE if evaluation.is_large else _USUAL


def _seconds(call: Callable[[], Any], effort: Effort) -> float:
    """Return the median of several times; of what is slow, of few."""
    found: list[float] = []
    while len(found) < effort.repetitions and sum(found) < effort.seconds:
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def kept_bytes(evaluation: Evaluation) -> list[int | None]:
    """Return the bytes of each result that some derivative rule reads later.

    They are what reverse mode holds from the forward to the backward sweep, as a record
    says what its rules read.  Memory that several results share counts once, with the
    first; that of inputs is the caller's, and counts as 0.
    """
    needed = {one for node in evaluation.nodes for one in _read_by(evaluation, node)}
    inputs = evaluation.target.graph.inputs
    counted = {id(owner_of(evaluation.values[node])) for node in inputs}
    found: list[int | None] = []
    for node in evaluation.nodes:
        held = 0
        if node in needed and node.record is not None:
            value = evaluation.values[node]
            for one in value if isinstance(value, tuple) else (value,):
                owner = owner_of(one)
                if not isinstance(owner, np.ndarray):
                    held += getattr(owner, "nbytes", 8)
                elif id(owner) not in counted:
                    counted.add(id(owner))
                    held += owner.nbytes
        found.append(held)
    return found


def _read_by(evaluation: Evaluation, node: Node) -> Iterator[Node]:
    """Yield the nodes whose values the rules of an equation read."""
    record = node.record
    if record is None or record is OUTPUT or record.calculus is Calculus.STRUCTURAL:
        return
    wanted = flowing(node, evaluation.active)
    if record.variadic:
        if record.calculus is not Calculus.LINEAR:
            for k, parent in enumerate(node.parents):
                if type(parent) is Node and any(k != reader for reader in wanted):
                    yield parent
        return
    reads = [record.reads[k] for k in wanted]
    if any(one.out for one in reads):
        yield node
    for k, parent in enumerate(node.parents):
        if type(parent) is Node and any(one.args[k] for one in reads):
            yield parent
