"""Transformer blocks: attention, then a network for each place, both as residuals.

Transforms follow this file as they follow the user's code: so is the activation.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.nn._composite import Composite
from adjoint.nn.activations import gelu
from adjoint.nn.attention import MultiHeadAttention
from adjoint.nn.containers import Sequential
from adjoint.nn.dropout import Dropout
from adjoint.nn.initializers import Initializer, glorot_uniform
from adjoint.nn.linear import Linear
from adjoint.nn.normalization import LayerNorm

__all__ = ["TransformerBlock"]


class TransformerBlock(Composite):
    """The block x + attention(norm x), then x + network(norm x).

    Parameters
    ----------
    features : int
        Length of the last axis of what comes in and goes out.
    heads : int
        Of the attention.
    rng : numpy.random.Generator
    hidden : int, optional
        Width of the network; 4 times ``features`` by default.
    activation : callable
        Between the network's two layers.
    causal : bool
        Whether a place sees only those up to itself.
    dropout : float
        Rate of what is dropped from both residuals in training.
    init : callable
    dtype : dtype

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017.  Xiong et al., "On layer
    normalization in the transformer architecture", ICML 2020: the norms stand before.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> block = ad.nn.TransformerBlock(8, 2, rng=np.random.default_rng(0), causal=True)
    >>> block(np.ones((4, 5, 8))).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        rng: np.random.Generator,
        hidden: int | None = None,
        activation: Callable[[Any], Any] = gelu,
        causal: bool = False,
        dropout: float = 0.0,
        init: Initializer = glorot_uniform,
        dtype: Any = np.float64,
    ) -> None:
        hidden = 4 * features if hidden is None else hidden
        self.attention_norm = LayerNorm(features, dtype=dtype)
        self.attention = MultiHeadAttention(
            features, heads, rng=rng, causal=causal, init=init, dtype=dtype
        )
        self.network_norm = LayerNorm(features, dtype=dtype)
        self.network = Sequential(
            Linear(features, hidden, rng=rng, init=init, dtype=dtype),
            activation,
            Linear(hidden, features, rng=rng, init=init, dtype=dtype),
        )
        self.dropout = Dropout(dropout)

    def __call__(
        self, x: Any, *, mask: Any = None, rng: np.random.Generator | None = None
    ) -> Any:
        """Return the block of x, shape (..., n, features).

        Parameters
        ----------
        x : array, shape (..., n, features)
        mask : array of bool, optional
            Of the attention.
        rng : numpy.random.Generator, optional
            Draws what is dropped; nothing is, without it.
        """
        seen = self.attention(self.attention_norm(x), mask=mask)
        x = x + self.dropout(seen, rng=rng)
        return x + self.dropout(self.network(self.network_norm(x)), rng=rng)
