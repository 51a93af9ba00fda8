"""First values of weights, drawn from a `numpy.random.Generator`.

Each is a function ``(rng, shape, dtype)``.  The last two axes of a shape are the inputs
and the outputs, those before them a convolution's kernel.  With k the product of the
latter, fan_in is k * inputs, and fan_out k * outputs; an array of one axis has both
equal to its length.

>>> import numpy as np
>>> import adjoint as ad
>>> ad.nn.initializers.fans((3, 3, 16, 32))
(144, 288)
>>> rng = np.random.default_rng(0)
>>> ad.nn.initializers.he_normal(rng, (256, 64), np.float32).std().round(3)
np.float32(0.088)
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

import adjoint as ad

__all__ = [
    "fans",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "uniform",
    "zeros",
]

Initializer: TypeAlias = Callable[[np.random.Generator, Sequence[int], Any], Any]
"""What makes an array of a shape and dtype."""


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return how many inputs an output of a layer hangs on, and outputs on an input.

    Parameters
    ----------
    shape : sequence of int
        (..., inputs, outputs).

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.nn.initializers.fans((784, 10))
    (784, 10)
    """
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    kernel = math.prod(shape[:-2])
    return kernel * shape[-2], kernel * shape[-1]


def glorot_uniform(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return uniform numbers of variance 2 / (fan_in + fan_out).

    References
    ----------
    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> w = ad.nn.initializers.glorot_uniform(np.random.default_rng(0), (50, 100))
    >>> bool(np.all(np.abs(w) <= 0.2))
    True
    """
    fan_in, fan_out = fans(shape)
    return _uniform(rng, shape, dtype, 2.0 / max(fan_in + fan_out, 1))


def glorot_normal(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return normal numbers of variance 2 / (fan_in + fan_out).

    References
    ----------
    Glorot & Bengio 2010, equation 12.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> ad.nn.initializers.glorot_normal(rng, (100, 100)).std().round(3)
    np.float64(0.1)
    """
    fan_in, fan_out = fans(shape)
    return _normal(rng, shape, dtype, 2.0 / max(fan_in + fan_out, 1))


def he_uniform(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return uniform numbers of variance 2 / fan_in, for layers before a `relu`.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> ad.nn.initializers.he_uniform(rng, (200, 100)).std().round(2)
    np.float64(0.1)
    """
    return _uniform(rng, shape, dtype, 2.0 / max(fans(shape)[0], 1))


def he_normal(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return normal numbers of variance 2 / fan_in, for layers before a `relu`.

    References
    ----------
    He, Zhang, Ren & Sun 2015, equation 10.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> ad.nn.initializers.he_normal(rng, (200, 100)).std().round(2)
    np.float64(0.1)
    """
    return _normal(rng, shape, dtype, 2.0 / max(fans(shape)[0], 1))


def lecun_uniform(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return uniform numbers of variance 1 / fan_in.

    References
    ----------
    LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998, equation 16.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> ad.nn.initializers.lecun_uniform(rng, (100, 100)).std().round(2)
    np.float64(0.1)
    """
    return _uniform(rng, shape, dtype, 1.0 / max(fans(shape)[0], 1))


def lecun_normal(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return normal numbers of variance 1 / fan_in, for layers before a `selu`.

    References
    ----------
    LeCun, Bottou, Orr & Müller 1998, equation 16.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> ad.nn.initializers.lecun_normal(rng, (100, 100)).std().round(2)
    np.float64(0.1)
    """
    return _normal(rng, shape, dtype, 1.0 / max(fans(shape)[0], 1))


def orthogonal(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return a matrix with orthonormal rows or columns, whichever are fewer.

    It is uniform among them (Haar measure).  Of more than two axes, all but the last
    count as rows.

    Raises
    ------
    ValueError
        For shapes of fewer than two axes.

    References
    ----------
    Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks", ICLR 2014.  Mezzadri, "How to generate random
    matrices from the classical compact groups", Notices AMS 54 (2007): the signs.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> q = ad.nn.initializers.orthogonal(np.random.default_rng(0), (3, 5))
    >>> np.allclose(q @ q.T, np.eye(3))
    True
    """
    if len(shape) < 2:
        msg = f"orthogonal: a matrix has two axes or more, the shape given is {shape}."
        raise ValueError(msg)
    rows, columns = math.prod(shape[:-1]), shape[-1]
    tall = _checked(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diagonal(r))  # else Householder's signs would favour some
    return (q if rows >= columns else q.T).reshape(shape).astype(dtype)


def normal(
    rng: np.random.Generator,
    shape: Sequence[int],
    dtype: Any = np.float64,
    std: float = 1.0,
) -> Any:
    """Return normal numbers of a standard deviation.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.initializers.normal(np.random.default_rng(0), (2,), std=0.1)
    array([ 0.01257302, -0.01321049])
    """
    return _normal(rng, shape, dtype, std**2)


def uniform(
    rng: np.random.Generator,
    shape: Sequence[int],
    dtype: Any = np.float64,
    bound: float = 1.0,
) -> Any:
    """Return uniform numbers between ``-bound`` and ``bound``.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.initializers.uniform(np.random.default_rng(0), (2,), bound=0.1)
    array([ 0.02739234, -0.04604266])
    """
    return _uniform(rng, shape, dtype, bound**2 / 3.0)


def zeros(
    rng: np.random.Generator | None, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return zeros; ``rng`` is not used.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.nn.initializers.zeros(None, (2,))
    array([0., 0.])
    """
    del rng
    return np.zeros(shape, dtype)


def ones(
    rng: np.random.Generator | None, shape: Sequence[int], dtype: Any = np.float64
) -> Any:
    """Return ones; ``rng`` is not used.

    Examples
    --------
    >>> import adjoint as ad
    >>> ad.nn.initializers.ones(None, (2,))
    array([1., 1.])
    """
    del rng
    return np.ones(shape, dtype)


def _uniform(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any, variance: float
) -> Any:
    bound = math.sqrt(3.0 * variance)
    return _checked(rng).uniform(-bound, bound, shape).astype(dtype)


def _normal(
    rng: np.random.Generator, shape: Sequence[int], dtype: Any, variance: float
) -> Any:
    return (math.sqrt(variance) * _checked(rng).standard_normal(shape)).astype(dtype)


def _checked(rng: Any) -> np.random.Generator:
    """Return a generator.

    Raises
    ------
    InputError
        If it is none: a seed given to each layer would make their weights alike.
    """
    if not isinstance(rng, np.random.Generator):
        msg = (
            f"rng={rng!r}: weights are drawn from a numpy.random.Generator, which goes "
            "on from layer to layer; make one with np.random.default_rng(seed)."
        )
        raise ad.errors.InputError(msg)
    return rng
