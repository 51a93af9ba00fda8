"""Values taken out of differentiation."""

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.elements import held
from adjoint._core.handle import Handle
from adjoint._core.outdated import current
from adjoint._core.tree import Tree, map_leaves
from adjoint._modes.batch import Batched


def stop_gradient(x: Tree) -> Tree:
    """Return the values of ``x`` as constants: their derivative is zero.

    Parameters
    ----------
    x : tree
        Numbers, arrays, containers of these.

    Returns
    -------
    tree
        The same values, plain; what is not traced comes back as it is.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.grad(lambda x: x * ad.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return map_leaves(_plain, x)


def _plain(leaf: Value) -> Value:
    """Return what is below all derivative levels; a copy of an array.

    Batches are kept, and what is being recorded: its derivative is zero, its value not
    a constant.

    A copy, because the tape may hold the original and the user may write into this one.
    """
    leaf = current(leaf)
    if isinstance(leaf, Batched):
        return leaf.trace.lift(_plain(leaf.value))
    if isinstance(leaf, Handle) and leaf.trace.records:
        return held(leaf)
    if isinstance(leaf, Handle):
        leaf.trace.decided("stop", stop_gradient, (leaf,), None)
        return _copied(_plain(leaf.value))
    return leaf


def _copied(value: Value) -> Value:
    return value.copy() if isinstance(value, np.ndarray) else value
