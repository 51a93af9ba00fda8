"""Convolutions: a linear layer of each window of the input (im2col).

Channels are the last axis.  The windows are laid out as the columns of one matrix,
which is multiplied by the weights (Chellapilla, Puri & Simard, "High performance
convolutional neural networks for document processing", IWFHR 2006).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.nn._checks import check_features, check_settings
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
        check_settings(self, dtype, inputs=inputs, outputs=outputs, groups=groups)
        if inputs % groups or outputs % groups:
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
        groups = self.groups
        check_features(self, x, inputs * groups, axes=self._axes)
        # Channels to the front: what is copied below is then copied row by row.
        apart = np.reshape(x, (*x.shape[:-1], groups, inputs))
        padded = self.windows.padded(
            self, np.moveaxis(apart, (-2, -1), (0, 1)), after=0
        )
        positions = self.windows.positions(padded, after=0)
        shape = positions[0].shape[2:]
        width = len(positions) * inputs
        columns = np.reshape(
            np.stack(positions, axis=1), (groups, width, math.prod(shape))
        )
        weight = np.reshape(self.weight, (width, groups, outputs // groups))
        out = np.swapaxes(columns, 1, 2) @ np.moveaxis(weight, 1, 0)
        out = np.reshape(np.moveaxis(out, 0, 1), (*shape, outputs))
        return out if self.bias is None else out + self.bias


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
        For groups that do not divide the channels, numbers that are no integers from
        1 on, a dtype that is not of floats.

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
        For groups that do not divide the channels, numbers that are no integers from
        1 on, a dtype that is not of floats.

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
