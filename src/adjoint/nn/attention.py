"""Attention: each place of a sequence looks at the others, by content."""

import math
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import check_features, check_settings, name_of
from adjoint.nn._module import Module
from adjoint.nn.activations import softmax
from adjoint.nn.initializers import Initializer, glorot_uniform
from adjoint.nn.linear import Linear

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(Module):
    """Attention by several heads: softmax(Q Kᵀ / √d) V in each, side by side.

    Parameters
    ----------
    features : int
        Length of the last axis of what comes in and goes out.
    heads : int
        Divides ``features``; d is the quotient.
    rng : numpy.random.Generator
    causal : bool
        Whether a place sees only those up to itself.
    bias : bool
    init : callable
    dtype : dtype

    Attributes
    ----------
    query, key, value, output : Linear
        From ``features`` to ``features``.

    Raises
    ------
    ValueError
        If ``heads`` does not divide ``features``.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> layer = ad.nn.MultiHeadAttention(8, 2, rng=rng, causal=True)
    >>> x = rng.standard_normal((5, 8))
    >>> shorter = x[:3]
    >>> np.allclose(layer(x)[:3], layer(shorter))
    True
    """

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        rng: np.random.Generator,
        causal: bool = False,
        bias: bool = True,
        init: Initializer = glorot_uniform,
        dtype: Any = np.float64,
    ) -> None:
        check_settings(self, dtype, features=features, heads=heads)
        if features % heads:
            msg = (
                f"MultiHeadAttention: heads={heads} should divide features={features}."
            )
            raise ValueError(msg)
        self.heads = heads
        self.causal = causal
        self.query, self.key, self.value, self.output = (
            Linear(features, features, rng=rng, bias=bias, init=init, dtype=dtype)
            for _ in range(4)
        )

    def __call__(self, x: Any, source: Any = None, *, mask: Any = None) -> Any:
        """Return what each place of x gathers from the places it looks at.

        Parameters
        ----------
        x : array, shape (..., n, features)
            The places that look.
        source : array, shape (..., m, features), optional
            Those looked at; by default x itself.
        mask : array of bool, shape (n, m) or (..., n, m), optional
            Who may look at whom: True where it may.  A place that may look at none
            gathers zeros.

        Returns
        -------
        array, shape (..., n, features)

        Raises
        ------
        ShapeError
            If features, batches, or the shape of the mask, do not fit, or there is no
            place to look at.
        InputError
            If the mask is no array of bool.
        """
        source = self._source(x, source)
        query, key, value = (
            self._apart(part)
            for part in (self.query(x), self.key(source), self.value(source))
        )
        allowed = self._allowed(x.shape, source.shape[-2], mask)
        together = np.swapaxes(_weights(query, key, allowed) @ value, -2, -3)
        return self.output(np.reshape(together, x.shape))

    def weights(self, x: Any, source: Any = None, *, mask: Any = None) -> Any:
        """Return how much each place of x looks at each other: softmax(Q Kᵀ / √d).

        Parameters
        ----------
        x, source, mask
            As of the call.

        Returns
        -------
        array, shape (..., heads, n, m)
            Each row sums to 1, or is 0 where a place may look at none.

        Raises
        ------
        ShapeError, InputError
            As the call.

        Examples
        --------
        >>> import numpy as np
        >>> import adjoint as ad
        >>> rng = np.random.default_rng(0)
        >>> layer = ad.nn.MultiHeadAttention(8, 2, rng=rng, causal=True)
        >>> weights = layer.weights(rng.standard_normal((5, 8)))
        >>> weights.shape, np.allclose(weights.sum(axis=-1), 1.0)
        ((2, 5, 5), True)
        """
        source = self._source(x, source)
        query, key = self._apart(self.query(x)), self._apart(self.key(source))
        return _weights(query, key, self._allowed(x.shape, source.shape[-2], mask))

    def _source(self, x: Any, source: Any) -> Any:
        """Return what is looked at, checked as x is.

        Raises
        ------
        ShapeError
            If features or batches do not fit, or there is no axis of places, or none
            to look at.
        """
        source = x if source is None else source
        for one in (x, source):
            check_features(self, one, self.query.weight.shape[0], axes=("time",))
        if source.shape[-2] == 0:
            msg = (
                f"{name_of(self)}: there is no place to look at, what is looked at "
                f"has shape {tuple(source.shape)}."
            )
            raise ad.errors.ShapeError(msg)
        if source is not x and not _spreads(source.shape[:-2], x.shape[:-2]):
            msg = (
                f"{name_of(self)}: x has shape {tuple(x.shape)}, the source "
                f"{tuple(source.shape)}; their batches, all axes but the last two, "
                "should be equal."
            )
            raise ad.errors.ShapeError(msg)
        return source

    def _apart(self, x: Any) -> Any:
        """Return (..., heads, n, d) of (..., n, features)."""
        *lead, features = x.shape
        split = np.reshape(x, (*lead, self.heads, features // self.heads))
        return np.swapaxes(split, -2, -3)

    def _allowed(self, shape: tuple[int, ...], m: int, mask: Any) -> Any:
        """Return who may look at whom, for all heads alike; ``None``: all at all.

        Raises
        ------
        ShapeError
            If the mask has another shape.
        InputError
            If it is not of bool: an additive mask, 0 where one may look, would be
            taken for its opposite.
        """
        n = shape[-2]
        # The last place that looks is level with the last looked at.
        causal = np.tri(n, m, m - n, dtype=bool) if self.causal else None
        if mask is None:
            return causal
        mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
        if mask.dtype.kind != "b":
            msg = (
                f"{name_of(self)}: the mask is an array of bool, True where a place "
                f"may look at another, but is {mask.dtype}; of a mask that is added to "
                "the logits, 0 or -inf, make one by `mask == 0`."
            )
            raise ad.errors.InputError(msg)
        if mask.shape != (n, m) and mask.shape != (*shape[:-2], n, m):
            msg = (
                f"{name_of(self)}: the mask should have shape {(n, m)} or "
                f"{(*shape[:-2], n, m)}, but has {tuple(mask.shape)}."
            )
            raise ad.errors.ShapeError(msg)
        if len(mask.shape) > 2:
            mask = np.expand_dims(mask, -3)
        return mask if causal is None else mask & causal


def _spreads(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Tell whether a shape broadcasts to another."""
    ends = zip(reversed(shape), reversed(wanted), strict=False)
    return len(shape) <= len(wanted) and all(n in {1, m} for n, m in ends)


def _weights(query: Any, key: Any, allowed: Any) -> Any:
    """Return softmax(Q Kᵀ / √d) over the places that are allowed."""
    scale = 1.0 / math.sqrt(query.shape[-1])
    return softmax((query * scale) @ np.swapaxes(key, -1, -2), where=allowed)
