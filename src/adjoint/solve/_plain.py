"""Solvers run on plain numbers: what is traced is refused, with the way to go."""

from typing import Any

import numpy as np

import adjoint as ad


def refuse_traced(who: str, **arguments: Any) -> None:
    """Raise if an argument holds a value that an outer transform traces.

    Raises
    ------
    ConversionError
        Naming the argument, and how a solution is given its derivative.
    """
    for name, tree in arguments.items():
        if holds_traced(tree):
            raise _refusal(who, name)


def refuse_traced_result(who: str, function: Any, tree: Any) -> None:
    """Raise if what a function gave for plain unknowns hangs on an outer transform.

    Raises
    ------
    ConversionError
        Naming the function, and how a solution is given its derivative.
    """
    if holds_traced(tree):
        name = getattr(function, "__name__", type(function).__name__)
        raise _refusal(who, f"what {name} returned")


def holds_traced(tree: Any) -> bool:
    """Tell whether a leaf of a tree is traced."""
    if type(tree) in (np.ndarray, np.float64, float):
        return False
    return any(map(_is_traced, ad.tree.leaves(tree)))


def _is_traced(leaf: Any) -> bool:
    if ad.stop_gradient(leaf) is leaf:
        return False
    try:
        np.asarray(leaf)  # an array of the user's that is filled within a transform
    except ad.errors.ConversionError:
        return True
    return False


def _refusal(who: str, what: str) -> ad.errors.ConversionError:
    error = ad.errors.ConversionError(
        f"{who}: {what} holds a traced value, but the result of a solver is not "
        "differentiated here. Solve at plain numbers, in a function with a rule of its "
        "own (ad.custom_vjp), and take the derivative from the implicit function "
        "theorem: np.linalg.solve with the Jacobian at the solution. "
        'docs/fitting.rst, "Derivatives of a solution", has the lines. Or use '
        "ad.stop_gradient(x) where no derivative is wanted, and a loop over the "
        "samples in the place of ad.vmap."
    )
    error.explained = True  # what helps with other functions does not help here
    return error
