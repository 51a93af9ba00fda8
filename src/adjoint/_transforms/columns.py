"""Jacobians by columns: unit tangents pushed forward, all in one batch."""

from typing import Any

import numpy as np

from adjoint._core.arrays import Value, in_domain, shape_of
from adjoint._core.tree import Tree, flatten
from adjoint._modes.batch import BatchTrace
from adjoint._modes.forward import ForwardTrace
from adjoint._modes.watched import end_forward, forward_trace
from adjoint._transforms.arguments import Selection, check_complex
from adjoint._transforms.blocks import as_tree, count, one_hot, split_columns
from adjoint._transforms.marking import Transform
from adjoint._transforms.pushing import run_on_duals
from adjoint._transforms.recording import Pullback, outputs_of, pushforward_of
from adjoint._transforms.running import lower, lower_leaf
from adjoint._transforms.vectorize import vmap


def by_columns(
    made: Transform, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Tree, Any]:
    """Return the Jacobian of a function, and its aux: one forward pass."""
    asked, _, fun, argnums, has_aux, _, holomorphic = made
    chosen = Selection(asked, fun, args, argnums)
    check_complex(asked, chosen.leaves, holomorphic, may_be_complex=False)
    batch = BatchTrace(count(chosen.leaves))
    trace = forward_trace()
    try:
        dots = map(batch.lift, one_hot(chosen.leaves))
        out, aux = run_on_duals(trace, fun, chosen, dots, kwargs, has_aux)
    finally:
        batch.closed = True
    leaves, structure = outputs_of(out, fun, asked)
    rows = [_columns_of_leaf(leaf, trace, batch, chosen) for leaf in leaves]
    end_forward(trace, [block for row in rows for block in row])
    return as_tree(rows, chosen, structure), lower(trace, aux)


def _columns_of_leaf(
    leaf: Value, trace: ForwardTrace, batch: BatchTrace, chosen: Selection
) -> list[Value]:
    """Return the columns of an output leaf: one block per input leaf."""
    out = lower_leaf(trace, leaf)
    dot: Value = leaf.payload if trace.owns(leaf) else None
    if batch.owns(dot):
        dots = dot.value
    else:
        shape = shape_of(out)
        constant = np.zeros(shape) if dot is None else dot
        dots = np.broadcast_to(constant, (batch.size, *shape))
    return split_columns(in_domain(dots, out), out, chosen.leaves)


def columns_of(out: Tree, pullback: Pullback, holomorphic: bool) -> Tree:
    """Return the Jacobian of one recording: its transpose swept, tangents batched."""
    outs, structure = flatten(out)
    chosen = pullback.chosen
    check_complex("jacobian", chosen.leaves, holomorphic, may_be_complex=False)
    if not outs:
        return as_tree([], chosen, structure)
    pushed = pushforward_of(pullback, outs)
    with np.errstate(all="ignore"):
        dots = vmap(lambda *dots: tuple(pushed(dots)))(*one_hot(chosen.leaves))
    blocks = [
        split_columns(in_domain(dot, leaf), leaf, chosen.leaves)
        for dot, leaf in zip(dots, outs, strict=True)
    ]
    return as_tree(blocks, chosen, structure)
