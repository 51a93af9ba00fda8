"""Linear layers: a matrix product and a bias."""

from typing import Any

import numpy as np

from adjoint.nn._checks import check_features, check_settings
from adjoint.nn._module import Module
from adjoint.nn.initializers import Initializer, glorot_uniform

__all__ = ["Linear"]


class Linear(Module):
    """The layer x W + b.

    Parameters
    ----------
    inputs, outputs : int
        Lengths of the last axis of what comes in and goes out.
    rng : numpy.random.Generator
        Draws the weights.
    bias : bool
        Whether there is a b; it starts at 0.
    init : callable
        Makes W; one of `adjoint.nn.initializers`, or ``(rng, shape, dtype) -> array``.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (inputs, outputs)
    bias : ndarray, shape (outputs,), or None

    Raises
    ------
    ValueError
        If a length is no integer from 1 on, or the dtype not of floats.
    ShapeError
        When called with x of another last axis than ``inputs``.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer
    Linear(weight=float64[3, 2], bias=float64[2])
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        rng: np.random.Generator,
        bias: bool = True,
        init: Initializer = glorot_uniform,
        dtype: Any = np.float64,
    ) -> None:
        check_settings(self, dtype, inputs=inputs, outputs=outputs)
        self.weight = init(rng, (inputs, outputs), dtype)
        self.bias = np.zeros(outputs, dtype) if bias else None

    def __call__(self, x: Any) -> Any:
        """Return x W + b, shape (..., outputs), of x with shape (..., inputs)."""
        check_features(self, x, self.weight.shape[0])
        return affine(x, self.weight, self.bias)


def affine(x: Any, weight: Any, bias: Any = None) -> Any:
    """Return x W + b along the last axis of x, by one product of two matrices.

    Of a stack of matrices NumPy would make one product each, and the gradient by W one
    matrix each.
    """
    shape = x.shape
    out = (x if len(shape) <= 2 else np.reshape(x, (-1, shape[-1]))) @ weight
    out = out if bias is None else out + bias
    return out if len(shape) <= 2 else np.reshape(out, (*shape[:-1], weight.shape[1]))
