"""From SciPy's vectors and matrices to the user's trees, and back."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

from adjoint.solve._plain import refuse_traced
from adjoint.solve._unknowns import Unknowns


def wrapped_callback(
    unknowns: Unknowns, callback: Callable[..., Any] | None
) -> Callable[..., Any] | None:
    """Return a callback that shows the user x in the user's form.

    SciPy decides by the name of the only parameter what it hands over.
    """
    if callback is None:
        return None
    if {*inspect.signature(callback).parameters} == {"intermediate_result"}:

        def with_result(intermediate_result: OptimizeResult) -> Any:
            shown = OptimizeResult(intermediate_result)
            shown["x"] = unknowns.tree(shown["x"])
            return callback(intermediate_result=shown)

        return with_result
    return lambda x, *rest: callback(unknowns.tree(x), *rest)


def in_the_users_form(unknowns: Unknowns, result: OptimizeResult) -> OptimizeResult:
    """Return a result with x, and the gradient if it has one, like the unknowns."""
    result.x = unknowns.tree(result.x)
    for name in ("jac", "grad"):
        slope = result.get(name)  # of trust-constr, jac is a list: of its constraints
        if isinstance(slope, np.ndarray) and slope.shape == (unknowns.size,):
            result[name] = unknowns.tree(slope)
    return result


def as_matrix(unknowns: Unknowns, found: Any) -> Any:
    """Return a user's Jacobian as a matrix: as it is, or from its blocks."""
    refuse_traced(unknowns.who, **{"a user's Jacobian": found})
    shape = np.shape(found) if hasattr(found, "shape") else None
    if shape is not None and shape[-1:] == (unknowns.size,) and len(shape) <= 2:
        return found
    return unknowns.matrix(found)
