"""Gradients made smaller before a step: number by number, or all together."""

from typing import Any

import numpy as np

import adjoint as ad


def clip_by_value(grads: Any, limit: float) -> Any:
    """Return gradients with every number between ``-limit`` and ``limit``.

    Real and imaginary parts count as numbers of their own.

    Parameters
    ----------
    grads : tree
    limit : float
        Positive.

    Raises
    ------
    ValueError
        If the limit is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.optim.clip_by_value({"w": np.array([-3.0, 0.5])}, 1.0)
    {'w': array([-1. ,  0.5])}
    """
    _check("clip_by_value", "limit", limit)

    def clipped(g: Any) -> Any:
        if np.iscomplexobj(g):
            real, imag = np.real(g), np.imag(g)
            return np.clip(real, -limit, limit) + 1j * np.clip(imag, -limit, limit)
        return np.clip(g, -limit, limit)

    return ad.tree.map(clipped, grads)


def clip_by_global_norm(grads: Any, max_norm: float) -> Any:
    """Return gradients scaled so that their norm together is at most ``max_norm``.

    All are multiplied by min(1, ``max_norm`` / ‖grads‖), which keeps the direction.

    Parameters
    ----------
    grads : tree
    max_norm : float
        Positive.

    Raises
    ------
    ValueError
        If the largest norm is not above 0.

    References
    ----------
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural
    networks", 2013, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.optim.clip_by_global_norm((np.array([3.0]), np.array([4.0])), 1.0)
    (array([0.6]), array([0.8]))
    """
    _check("clip_by_global_norm", "max_norm", max_norm)
    norm = global_norm(grads)
    if norm <= max_norm:
        return grads
    factor = max_norm / norm
    return ad.tree.map(lambda g: g * factor, grads)


def global_norm(grads: Any) -> Any:
    """Return the Euclidean norm of all numbers of a tree together.

    Parameters
    ----------
    grads : tree

    Returns
    -------
    float
        0 for an empty tree.  Right also where squares overflow.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.optim.global_norm({"w": np.array([3.0]), "b": np.array([4.0])})
    5.0
    """
    leaves = ad.tree.leaves(grads)
    return float(np.hypot.reduce([_norm(g) for g in leaves])) if leaves else 0.0


def _norm(g: Any) -> float:
    """Return the norm of one array, scaled where its squares leave the range."""
    row = np.ravel(ad.stop_gradient(g))
    with np.errstate(over="ignore", under="ignore"):
        norm = float(np.linalg.norm(row))
    largest = float(np.max(np.abs(row), initial=0.0))
    if 0.0 < largest < np.inf and not 1e-15 < norm < 1e15:
        return largest * float(np.linalg.norm(row / largest))
    return norm


def _check(who: str, name: str, value: float) -> None:
    """Raise unless a limit is a positive number."""
    if not value > 0.0:
        msg = f"ad.optim.{who}: {name} is {value!r}; give a number above 0."
        raise ValueError(msg)
