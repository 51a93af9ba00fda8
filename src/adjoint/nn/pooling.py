"""Pooling: the largest, or the mean, of each window, channel by channel."""

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import name_of
from adjoint.nn._module import Module
from adjoint.nn._windows import Padding, windows

__all__ = ["AvgPool1D", "AvgPool2D", "MaxPool1D", "MaxPool2D"]


class _Pool(Module):
    """What poolings share: their windows."""

    _axes: tuple[str, ...] = ()

    def __init__(
        self,
        size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Padding = "valid",
    ) -> None:
        kind, step = type(self).__name__, size if stride is None else stride
        self.windows = windows(kind, len(self._axes), size, step, padding)

    def _check(self, x: Any) -> None:
        """Raise if an input has too few axes.

        Raises
        ------
        ShapeError
        """
        if len(x.shape) <= len(self._axes):
            axes = ", ".join(self._axes)
            msg = (
                f"{name_of(self)} takes an input of shape (..., {axes}, channels), but "
                f"was given one of shape {tuple(x.shape)}."
            )
            raise ad.errors.ShapeError(msg)


class _MaxPool(_Pool):
    def __call__(self, x: Any) -> Any:
        """Return the largest element of each window of x, shape (..., lengths, c)."""
        self._check(x)
        padded = self.windows.padded(self, x, -np.inf)
        return np.max(np.stack(self.windows.positions(padded)), axis=0)


class _AvgPool(_Pool):
    def __call__(self, x: Any) -> Any:
        """Return the mean of each window of x, shape (..., lengths, channels)."""
        self._check(x)
        total = self._sums(x)
        # Margins do not count: the ones of the input are summed the same way.
        there = np.ones((*x.shape[-1 - len(self._axes) : -1], 1), x.dtype)
        return total / self._sums(there)

    def _sums(self, x: Any) -> Any:
        parts = self.windows.positions(self.windows.padded(self, x))
        return functools.reduce(operator.add, parts)


class MaxPool1D(_MaxPool):
    """The largest element of each window over one axis: (batch, length, channels).

    Parameters
    ----------
    size : int
    stride : int, optional
        By default, ``size``: windows side by side.
    padding : {"valid", "same"} or int
        As of `Conv1D`; margins never win.

    Notes
    -----
    Elements that tie share the derivative equally.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.MaxPool1D(2)(np.array([[1.0], [3.0], [2.0], [0.0]]))
    array([[3.],
           [2.]])
    """

    _axes = ("length",)


class MaxPool2D(_MaxPool):
    """The largest element of each window: (batch, height, width, channels).

    Parameters
    ----------
    size : int or pair of int
    stride : int or pair of int, optional
        By default, ``size``: windows side by side.
    padding : {"valid", "same"}, int or pair of int
        As of `Conv2D`; margins never win.

    Notes
    -----
    Elements that tie share the derivative equally.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.MaxPool2D(2)(np.ones((8, 28, 28, 3))).shape
    (8, 14, 14, 3)
    """

    _axes = ("height", "width")


class AvgPool1D(_AvgPool):
    """The mean of each window over one axis: (batch, length, channels).

    Parameters
    ----------
    size : int
    stride : int, optional
        By default, ``size``: windows side by side.
    padding : {"valid", "same"} or int
        As of `Conv1D`; margins do not count.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.AvgPool1D(2)(np.array([[1.0], [3.0], [2.0], [0.0]]))
    array([[2.],
           [1.]])
    """

    _axes = ("length",)


class AvgPool2D(_AvgPool):
    """The mean of each window: (batch, height, width, channels).

    Parameters
    ----------
    size : int or pair of int
    stride : int or pair of int, optional
        By default, ``size``: windows side by side.
    padding : {"valid", "same"}, int or pair of int
        As of `Conv2D`; margins do not count.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.AvgPool2D(7)(np.ones((8, 7, 7, 3))).shape
    (8, 1, 1, 3)
    """

    _axes = ("height", "width")
