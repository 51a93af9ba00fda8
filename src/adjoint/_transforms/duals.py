"""Dual numbers made by hand."""

import numpy as np

from adjoint._core.arrays import Value, dtype_of, shape_of
from adjoint._core.errors import InputError, ShapeError
from adjoint._core.handle import Handle
from adjoint._modes.forward import DUAL_NUMBERS, Dual
from adjoint._transforms.arguments import as_primal


def dual(primal: Value, tangent: Value) -> Dual:
    """Return the dual number ``primal + tangent ε``, with ε² = 0.

    Arithmetic on it, and every NumPy function with a derivative rule, carries the
    derivative along: f(a + b ε) = f(a) + f'(a) b ε.  It needs no transform around it.

    Parameters
    ----------
    primal : float or ndarray
        The value.
    tangent : float or ndarray
        Its derivative, of the same shape.

    Returns
    -------
    Dual
        With attributes ``primal`` and ``tangent``.

    Raises
    ------
    InputError
        If one of them is no real number or array, or is traced already.
    ShapeError
        If the shapes differ.

    References
    ----------
    Griewank & Walther 2008, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.dual(2.0, 1.0)
    2.0 + 1.0ε
    >>> x = ad.dual(2.0, 1.0)
    >>> x * x + 10.0
    14.0 + 4.0ε
    >>> np.sin(ad.dual(0.0, 1.0)).tangent
    np.float64(1.0)
    """
    for part in (primal, tangent):
        if isinstance(part, Handle):
            msg = (
                "ad.dual takes plain numbers and arrays; given was a traced value. Use "
                "ad.jvp for derivatives inside derivatives."
            )
            raise InputError(msg)
    primal = as_primal(primal, "dual", 0, primal, 0)
    tangent = as_primal(tangent, "dual", 1, tangent, 0)
    if shape_of(primal) != shape_of(tangent):
        msg = (
            f"ad.dual: the tangent has shape {shape_of(tangent)}, the primal "
            f"{shape_of(primal)}. Give them one shape."
        )
        raise ShapeError(msg)
    tangent = np.asarray(tangent, dtype_of(primal))
    if not isinstance(primal, np.ndarray):
        tangent = tangent[()]
    return DUAL_NUMBERS.lift(primal, tangent)
