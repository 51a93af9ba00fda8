"""Convolutions: a linear layer of each window of the input (im2col).

Channels are the last axis.  The windows of all positions are laid out as the rows of
one matrix, the columns of the literature (Chellapilla, Puri & Simard, "High performance
convolutional neural networks for document processing", IWFHR 2006), and multiplied by
the weights.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.nn._checks import check_features
from adjoint.nn._module import Module
from adjoint.nn._windows import Padding, windows
from adjoint.nn.initializers import Initializer, glorot_uniform

__all__ = ["Conv1D", "Conv2D"]


class _Convolution(Module):
    """What convolutions over any number of axes share."""

    _axes: tuple[str, ...] = ()

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int | Sequence[int],
        *,
        rng: np.random.Generator,
        stride: int | Sequence[int] = 1,
        padding: Padding = "valid",
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        init: Initializer = glorot_uniform,
        dtype: Any = np.float64,
    ) -> None:
        kind = type(self).__name__
        if groups < 1 or inputs % groups or outputs % groups:
            msg = (
                f"{kind}: groups={groups} should divide both the {inputs} channels "
                f"that come in and the {outputs} that go out."
            )
            raise ValueError(msg)
        self.windows = windows(kind, len(self._axes), size, stride, padding, dilation)
        self.groups = groups
        shape = (*self.windows.size, inputs // groups, outputs)
        self.weight = init(rng, shape, dtype)
        self.bias = np.zeros(outputs, dtype) if bias else None

    def __call__(self, x: Any) -> Any:
        """Return the convolution of x, shape (..., lengths, inputs).

        Parameters
        ----------
        x : array, shape (..., lengths, inputs)

        Returns
        -------
        array, shape (..., counts of windows, outputs)

        Raises
        ------
        ShapeError
            For other channels or too few axes, or where not one window fits.
        """
        *_, inputs, outputs = self.weight.shape
        check_features(self, x, inputs * self.groups, axes=self._axes)
        padded = self.windows.padded(self, x)
        split = _one_group if self.groups == 1 else _several_groups
        out, counts = split(self, padded, inputs, outputs)
        out = out if self.bias is None else out + self.bias
        lead = x.shape[: -len(self._axes) - 1]
        return np.reshape(out, (*lead, *counts, outputs))


def _one_group(
    layer: _Convolution, padded: Any, inputs: int, outputs: int
) -> tuple[Any, tuple[int, ...]]:
    """Return a convolution as rows, one a window, and the counts of windows."""
    positions = layer.windows.positions(padded)
    counts = positions[0].shape[-1 - len(layer._axes) : -1]
    width = len(positions) * inputs
    columns = positions[0] if len(positions) == 1 else np.stack(positions, axis=-2)
    rows = np.reshape(columns, (-1, width))
    return rows @ np.reshape(layer.weight, (width, outputs)), counts


def _several_groups(
    layer: _Convolution, padded: Any, inputs: int, outputs: int
) -> tuple[Any, tuple[int, ...]]:
    """Return the same where each group of outputs sees its group of inputs only.

    The groups stand in front, as a stack of matrices.
    """
    groups = layer.groups
    apart = np.reshape(padded, (*padded.shape[:-1], groups, inputs))
    positions = layer.windows.positions(np.moveaxis(apart, -2, 0))
    counts = positions[0].shape[-1 - len(layer._axes) : -1]
    width = len(positions) * inputs
    rows = np.reshape(
        np.stack(positions, axis=-2),
        (groups, math.prod(positions[0].shape[1:-1]), width),
    )
    weight = np.reshape(layer.weight, (width, groups, outputs // groups))
    out = rows @ np.moveaxis(weight, 1, 0)
    return np.reshape(np.moveaxis(out, 0, 1), (-1, outputs)), counts


class Conv1D(_Convolution):
    """The convolution (cross-correlation) over one axis.

    Inputs are (batch, length, channels).

    y_i = b + Σ_k x_{i s + k d} W_k, for stride s and dilation d.

    Parameters
    ----------
    inputs, outputs : int
        Channels that come in and go out: the last axis.
    size : int
        Positions in a window.
    rng : numpy.random.Generator
    stride : int
    padding : {"valid", "same"} or int
        Nothing; as much that there are ceil(length / stride) windows, the odd one at
        the end; or so many zeros at both ends.
    dilation : int
    groups : int
        Into how many parts channels are split, each by itself.
    bias : bool
    init : callable
    dtype : dtype

    Attributes
    ----------
    weight : ndarray, shape (size, inputs / groups, outputs)
    bias : ndarray, shape (outputs,), or None

    Raises
    ------
    ValueError
        For groups that do not divide the channels, sizes below 1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.Conv1D(2, 4, 3, rng=np.random.default_rng(0), padding="same")
    >>> layer(np.ones((8, 10, 2))).shape
    (8, 10, 4)
    """

    _axes = ("length",)


class Conv2D(_Convolution):
    """The convolution (cross-correlation) over two axes.

    Inputs are (batch, height, width, channels).

    y_ij = b + Σ_kl x_{i s + k d, j s + l d} W_kl, for stride s and dilation d.

    Parameters
    ----------
    inputs, outputs : int
        Channels that come in and go out: the last axis.
    size : int or pair of int
        Positions in a window, along height and width.
    rng : numpy.random.Generator
    stride, dilation : int or pair of int
    padding : {"valid", "same"}, int or pair of int
        Nothing; as much that there are ceil(length / stride) windows, the odd one at
        the end; or so many zeros on both sides.
    groups : int
        Into how many parts channels are split, each by itself.
    bias : bool
    init : callable
    dtype : dtype

    Attributes
    ----------
    weight : ndarray, shape (height, width, inputs / groups, outputs)
    bias : ndarray, shape (outputs,), or None

    Raises
    ------
    ValueError
        For groups that do not divide the channels, sizes below 1.

    Notes
    -----
    The largest array made is that of the columns: one for each window, with all its
    elements.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.Conv2D(1, 16, 3, rng=np.random.default_rng(0), stride=2)
    >>> layer(np.ones((8, 28, 28, 1))).shape
    (8, 13, 13, 16)
    """

    _axes = ("height", "width")
