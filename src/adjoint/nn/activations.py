"""Activation functions: plain functions of arrays, stable at any argument.

At a kink the slope is that of the left side (``relu`` has slope 0 at 0).  float32 in
gives float32 out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

import adjoint as ad
from adjoint.nn._checks import is_plain

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]

_FAR = 100.0
"""Beyond it the normal distribution and its density are 0 or 1 in any precision."""


def relu(x: Any) -> Any:
    """Return max(x, 0): the rectified linear unit.

    Parameters
    ----------
    x : array

    Notes
    -----
    The slope at 0 is 0.  nan stays nan.

    References
    ----------
    Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines",
    ICML 2010.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    >>> ad.elementwise_grad(ad.nn.relu)(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 1.])
    """
    return _rectified(x)


@ad.extend.elementwise(lambda out, _x: (out > 0.0).astype(out.dtype), name="relu")
def _rectified(x: Any) -> Any:
    out = np.maximum(x, 0.0)
    # In a formula the second factor decides the slope that SymPy finds at 0.
    return out if is_plain(out) else out * (x > 0.0)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x where it is positive, and ``slope * x`` elsewhere.

    Parameters
    ----------
    x : array
    slope : float
        That of the negative side, and at 0.

    References
    ----------
    Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.leaky_relu(np.array([-2.0, 3.0]), slope=0.1)
    array([-0.2,  3. ])
    """
    return np.where(x > 0.0, x, slope * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return x where it is positive, and alpha (exp(x) - 1) elsewhere.

    Parameters
    ----------
    x : array
    alpha : float
        Minus the limit at -inf.  The slope at 0 is alpha.

    References
    ----------
    Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", ICLR 2016.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.elu(np.array([-np.inf, 0.0, 1.0]))
    array([-1.,  0.,  1.])
    """
    # expm1 of the positive ones would overflow, though nobody looks at it.
    return np.where(x > 0.0, x, alpha * np.expm1(np.where(x > 0.0, 0.0, x)))


def selu(x: Any) -> Any:
    """Return 1.0507 elu(x, 1.6733): it keeps mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    x : array

    References
    ----------
    Klambauer, Unterthiner, Mayr & Hochreiter, "Self-normalizing neural networks",
    NeurIPS 2017, equation 2; the constants are given there to 16 digits.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.selu(np.array([-np.inf, 1.0]))
    array([-1.75809934,  1.05070099])
    """
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)): the logistic function.

    Parameters
    ----------
    x : array

    Notes
    -----
    Accurate relative to its value, on the negative side too, until that underflows; so
    are its derivatives (see the pairs on the page of conventions).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore"):  # 1 / inf is the 0 that is meant
        return 1.0 / (1.0 + np.exp(-x))


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent, ``np.tanh(x)``.

    Parameters
    ----------
    x : array

    Examples
    --------
    >>> import adjoint as ad
    >>> float(ad.nn.tanh(1000.0))
    1.0
    """
    return np.tanh(x)


def softplus(x: Any) -> Any:
    """Return log(1 + exp(x)): a smooth `relu`.

    Parameters
    ----------
    x : array

    References
    ----------
    Dugas, Bengio, Belisle, Nadeau & Garcia, "Incorporating second-order functional
    knowledge for better option pricing", NIPS 2000.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    with np.errstate(invalid="ignore"):  # NumPy's logaddexp complains of nan
        return np.logaddexp(x, 0.0)


def silu(x: Any) -> Any:
    """Return x sigmoid(x), also called swish.

    Parameters
    ----------
    x : array

    References
    ----------
    Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", Neural Networks 107 (2018).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.silu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    # -inf times 0 would be nan; at the bound the sigmoid is 0 already.
    return np.maximum(x, -1000.0) * sigmoid(x)


def gelu(x: Any, approximate: bool = False) -> Any:
    """Return x Φ(x), Φ the distribution function of the standard normal.

    Parameters
    ----------
    x : array
    approximate : bool
        Whether to return the paper's approximation,
        x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, instead; they differ by
        5e-4 at most.

    References
    ----------
    Hendrycks & Gimpel, "Gaussian error linear units", arXiv:1606.08415 (2016).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.gelu(np.array([-1.0, 0.0, 1.0]))
    array([-0.15865525,  0.        ,  0.84134475])
    >>> ad.nn.gelu(np.array([-1.0, 0.0, 1.0]), approximate=True)
    array([-0.15880801,  0.        ,  0.84119199])
    """
    above = np.maximum(x, -_FAR)  # -inf times 0 would be nan
    if not approximate:
        return above * special.ndtr(x)
    near = np.minimum(above, _FAR)  # a cube may overflow; the tangent is 1 long before
    inner = np.sqrt(2.0 / np.pi).item() * (near + 0.044715 * near**3)
    return 0.5 * above * (1.0 + np.tanh(inner))


@ad.extend.implements(special.ndtr)
@ad.custom_jvp
def _normal_cdf(x: Any) -> Any:
    return special.ndtr(x)


@_normal_cdf.defjvp
def _normal_cdf_jvp(primals: Any, tangents: Any) -> tuple[Any, Any]:
    """Return Φ(x), and the density of the standard normal times the tangent."""
    (x,), (x_dot,) = primals, tangents
    near = np.clip(x, -_FAR, _FAR)  # a square may overflow; the density is 0 before
    density = np.exp(-0.5 * near * near) * (1.0 / np.sqrt(2.0 * np.pi).item())
    return special.ndtr(x), density * x_dot


def softmax(x: Any, axis: int | Sequence[int] = -1, where: Any = None) -> Any:
    """Return exp(x) / Σ exp(x): probabilities from logits.

    Parameters
    ----------
    x : array
    axis : int or sequence of int
        Along which they sum to 1.
    where : array of bool, optional
        Broadcasts with ``x``.  Elements outside have probability 0 and take no part;
        without any inside, all are 0.

    Notes
    -----
    An element that is inf has probability 1; several share it.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.softmax(np.array([1000.0, 1000.0, -1000.0]))
    array([0.5, 0.5, 0. ])
    """
    axes = _axes(axis)
    if where is not None:
        x = np.where(where, x, -np.inf)
    exponentials = np.exp(shifted(x, axes))
    total = np.sum(exponentials, axis=axes, keepdims=True)
    if where is not None:
        total = np.where(total > 0.0, total, 1.0)
    return exponentials / total


def log_softmax(x: Any, axis: int | Sequence[int] = -1) -> Any:
    """Return x - log Σ exp(x): logarithms of the probabilities of `softmax`.

    Parameters
    ----------
    x : array
    axis : int or sequence of int

    Notes
    -----
    With an inf among them it is -inf for the others; several infs share the 1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    axes = _axes(axis)
    below = shifted(x, axes)
    return below - np.log(np.sum(np.exp(below), axis=axes, keepdims=True))


def logsumexp(
    x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Any:
    """Return log Σ exp(x), without overflow.

    Parameters
    ----------
    x : array
    axis : int, sequence of int, or None
        Over which to sum; over all by default.
    keepdims : bool

    Notes
    -----
    Of nothing but -inf it is -inf, with slopes 0; with an inf among them, inf.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> float(ad.nn.logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    axes = None if axis is None else _axes(axis)
    largest = _largest(x, axes)
    with np.errstate(divide="ignore"):  # log 0 is the -inf that is meant
        total = np.log(np.sum(np.exp(x - largest), axis=axes, keepdims=True))
    out = total + largest
    return out if keepdims else np.squeeze(out, axis=axes)


def _axes(axis: int | Sequence[int]) -> int | tuple[int, ...]:
    return int(axis) if isinstance(axis, (int, np.integer)) else tuple(axis)


def shifted(x: Any, axes: int | tuple[int, ...]) -> Any:
    """Return x minus its largest element along axes, a constant; slopes are those of x.

    Where that is inf it is 0 for the infinite elements and -inf for others, the limit.
    """
    # A name for what stop_gradient returns would keep its memory from the difference.
    still = x if is_plain(x) else ad.stop_gradient(x)
    largest = np.maximum.reduce(still, axis=axes, keepdims=True)
    if is_plain(largest) and np.logical_and.reduce(np.isfinite(largest), axis=None):
        return x - largest
    return less_largest(x, largest)


@ad.custom_jvp
def less_largest(x: Any, largest: Any) -> Any:
    """Return x minus its largest element; that is 0 below inf."""
    finite = np.where(largest == -np.inf, 0.0, largest)
    with np.errstate(invalid="ignore"):
        return np.where(x == np.inf, 0.0, x - finite)


@less_largest.defjvp
def less_largest_jvp(primals: Any, tangents: Any) -> tuple[Any, Any]:
    return less_largest(*primals), tangents[0]


def _largest(x: Any, axes: int | tuple[int, ...] | None) -> Any:
    """Return the largest element along axes, a constant; 0 where it is infinite.

    The functions do not depend on what they are shifted by.
    """
    largest = np.max(ad.stop_gradient(x), axis=axes, keepdims=True)
    return np.where(np.isfinite(largest), largest, 0.0)
