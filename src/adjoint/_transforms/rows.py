"""Jacobians by rows: unit cotangents pulled back, all in one batch."""

from typing import Any

from adjoint._core.arrays import describe, dtype_of
from adjoint._core.errors import OutputError
from adjoint._core.tree import Tree, flatten
from adjoint._transforms.arguments import check_complex
from adjoint._transforms.blocks import as_tree, one_hot, split_rows
from adjoint._transforms.marking import Transform
from adjoint._transforms.recording import Pullback, record
from adjoint._transforms.vectorize import vmap


def by_rows(
    made: Transform, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Tree, Any]:
    """Return the Jacobian of a function, and its aux: one evaluation, one sweep."""
    out, pullback, aux = record(
        made.inner, args, made.argnums, kwargs, made.has_aux, made.name
    )
    return rows_of(out, pullback, made.holomorphic), aux


def rows_of(out: Tree, pullback: Pullback, holomorphic: bool) -> Tree:
    """Return the Jacobian of one recording: one sweep back, cotangents batched.

    Raises
    ------
    OutputError
        If a result is complex without ``holomorphic``: one row does not tell how real
        and imaginary part change.
    """
    outs, structure = flatten(out)
    chosen = pullback.chosen
    check_complex("jacobian", chosen.leaves, holomorphic, may_be_complex=True)
    for leaf in outs:
        if dtype_of(leaf).kind == "c" and not holomorphic:
            msg = (
                f"A Jacobian by rows was asked of the complex result {describe(leaf)}. "
                "Where the function is holomorphic, say holomorphic=True; for real "
                "inputs use ad.jacfwd; else return real and imaginary parts."
            )
            raise OutputError(msg)
    if not outs:
        return as_tree([], chosen, structure)
    rows = vmap(lambda *bars: tuple(pullback.pull(list(bars))))(*one_hot(outs))
    return as_tree(split_rows(rows, outs, chosen.leaves), chosen, structure)
