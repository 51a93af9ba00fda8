"""Recurrent layers: one step after another along a sequence, with a state.

Sequences are (batch, time, features), or without a batch, or with several batch axes:
time is the axis before the last.  Each layer returns the hidden state after every step,
and the last state, which may be passed to go on from there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import check_features, check_settings, name_of
from adjoint.nn._module import Module
from adjoint.nn.activations import sigmoid, tanh
from adjoint.nn.initializers import Initializer, glorot_uniform, orthogonal
from adjoint.nn.linear import affine

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """What recurrent layers share: the weights of some gates, and the loop."""

    _gates = 0

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        init: Initializer = glorot_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float64,
    ) -> None:
        check_settings(self, dtype, inputs=inputs, hidden=hidden)
        gates = range(self._gates)
        self.weight = np.concatenate(
            [init(rng, (inputs, hidden), dtype) for _ in gates], axis=1
        )
        self.recurrent = np.concatenate(
            [recurrent_init(rng, (hidden, hidden), dtype) for _ in gates], axis=1
        )
        self.bias = np.zeros(self._gates * hidden, dtype)

    def __call__(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        """Return the hidden states after every step, and the last state.

        Parameters
        ----------
        x : array, shape (..., time, inputs)
        state : optional
            The state to begin with; zeros by default.

        Returns
        -------
        outputs : array, shape (..., time, hidden)
        state
            As after the last step.

        Raises
        ------
        ShapeError
            If x has other features or no steps, or the state another shape.
        InputError
            If the state of an `LSTM` is no pair.
        """
        check_features(self, x, self.weight.shape[0], axes=("time",))
        shape = (*x.shape[:-2], self.recurrent.shape[0])
        if x.shape[-2] == 0:
            msg = f"{name_of(self)}: x of shape {tuple(x.shape)} has no steps."
            raise ad.errors.ShapeError(msg)
        if state is None:
            state = self._start(np.zeros(shape, self.weight.dtype))
        elif any(np.shape(part) != shape for part in self._parts(state)):
            given = [np.shape(part) for part in self._parts(state)]
            msg = (
                f"{name_of(self)}: for x of shape {tuple(x.shape)} the state has shape "
                f"{shape}, what is given has {', '.join(map(str, given))}."
            )
            raise ad.errors.ShapeError(msg)
        seen = affine(x, self.weight, self.bias)  # of all steps by one product
        outputs = []
        for time in range(x.shape[-2]):
            state = self._step(seen[..., time, :], state)
            outputs.append(self._parts(state)[0])
        return np.stack(outputs, axis=-2), state

    def _start(self, zeros: Any) -> Any:
        return zeros

    def _parts(self, state: Any) -> tuple[Any, ...]:
        return (state,)

    def _step(self, seen: Any, state: Any) -> Any:
        """Return the state after one more input, of which the gates have seen W x + b.

        Raises
        ------
        NotImplementedError
            Here: each layer has its own.
        """
        msg = f"{name_of(self)} has no step: define its method _step."
        raise NotImplementedError(msg)


class RNN(_Recurrent):
    """The recurrent layer h_t = tanh(x_t W + h_{t-1} U + b).

    Parameters
    ----------
    inputs, hidden : int
        Lengths of an input and of the state.
    rng : numpy.random.Generator
    activation : callable
        In the place of tanh.
    init, recurrent_init : callable
        Make W and U; U starts orthogonal.
    dtype : dtype

    Attributes
    ----------
    weight : ndarray, shape (inputs, hidden)
    recurrent : ndarray, shape (hidden, hidden)
    bias : ndarray, shape (hidden,)

    References
    ----------
    Elman, "Finding structure in time", Cognitive Science 14 (1990).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.RNN(3, 4, rng=np.random.default_rng(0))
    >>> outputs, state = layer(np.ones((8, 5, 3)))
    >>> outputs.shape, state.shape
    ((8, 5, 4), (8, 4))
    """

    _gates = 1

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        activation: Callable[[Any], Any] = tanh,
        init: Initializer = glorot_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(
            inputs,
            hidden,
            rng=rng,
            init=init,
            recurrent_init=recurrent_init,
            dtype=dtype,
        )
        self.activation = activation

    def _step(self, seen: Any, state: Any) -> Any:
        return self.activation(seen + state @ self.recurrent)


class GRU(_Recurrent):
    """The gated recurrent unit.

    With gates r = σ(x W_r + h U_r + b_r) and z = σ(x W_z + h U_z + b_z), and
    n = tanh(x W_n + b_n + r (h U_n + c)), the state h becomes (1 - z) n + z h.

    Parameters
    ----------
    inputs, hidden : int
        Lengths of an input and of the state.
    rng : numpy.random.Generator
    init, recurrent_init : callable
        Make each W and each U; the U start orthogonal.
    dtype : dtype

    Attributes
    ----------
    weight : ndarray, shape (inputs, 3 hidden)
        W_r, W_z, W_n side by side; so the next two.
    recurrent : ndarray, shape (hidden, 3 hidden)
    bias : ndarray, shape (3 hidden,)
    recurrent_bias : ndarray, shape (hidden,)
        c.

    References
    ----------
    Cho et al., "Learning phrase representations using RNN encoder-decoder for
    statistical machine translation", EMNLP 2014; the reset gate stands after the
    product, as in its first version (arXiv:1406.1078v1).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.GRU(3, 4, rng=np.random.default_rng(0))
    >>> outputs, state = layer(np.ones((5, 3)))
    >>> outputs.shape, state.shape
    ((5, 4), (4,))
    """

    _gates = 3

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        init: Initializer = glorot_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(
            inputs,
            hidden,
            rng=rng,
            init=init,
            recurrent_init=recurrent_init,
            dtype=dtype,
        )
        self.recurrent_bias = np.zeros(hidden, dtype)

    def _step(self, seen: Any, state: Any) -> Any:
        hidden = self.recurrent.shape[0]
        kept = state @ self.recurrent
        gates = sigmoid(seen[..., : 2 * hidden] + kept[..., : 2 * hidden])
        reset, update = gates[..., :hidden], gates[..., hidden:]
        new = tanh(
            seen[..., 2 * hidden :]
            + reset * (kept[..., 2 * hidden :] + self.recurrent_bias)
        )
        return new + update * (state - new)


class LSTM(_Recurrent):
    """The long short-term memory.

    With gates i, f, o = σ(x W + h U + b), each with weights of its own, and
    g = tanh(x W_g + h U_g + b_g), the memory c becomes f c + i g, and the hidden state
    h becomes o tanh(c).  The state is the pair (h, c).

    Parameters
    ----------
    inputs, hidden : int
        Lengths of an input, and of h and c.
    rng : numpy.random.Generator
    forget_bias : float
        What b starts with in f; 0 elsewhere.
    init, recurrent_init : callable
        Make each W and each U; the U start orthogonal.
    dtype : dtype

    Attributes
    ----------
    weight : ndarray, shape (inputs, 4 hidden)
        W_i, W_f, W_o, W_g side by side; so the next two.
    recurrent : ndarray, shape (hidden, 4 hidden)
    bias : ndarray, shape (4 hidden,)

    References
    ----------
    Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9 (1997);
    Gers, Schmidhuber & Cummins, "Learning to forget", Neural Computation 12 (2000).
    Jozefowicz, Zaremba & Sutskever, "An empirical exploration of recurrent network
    architectures", ICML 2015: the forget gate's bias of 1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.LSTM(3, 4, rng=np.random.default_rng(0))
    >>> outputs, (hidden, memory) = layer(np.ones((8, 5, 3)))
    >>> outputs.shape, memory.shape
    ((8, 5, 4), (8, 4))
    """

    _gates = 4

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        forget_bias: float = 1.0,
        init: Initializer = glorot_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(
            inputs,
            hidden,
            rng=rng,
            init=init,
            recurrent_init=recurrent_init,
            dtype=dtype,
        )
        self.bias[hidden : 2 * hidden] = forget_bias

    def _start(self, zeros: Any) -> Any:
        return zeros, zeros

    def _parts(self, state: Any) -> tuple[Any, ...]:
        if not isinstance(state, tuple | list) or len(state) != 2:
            count = f" of {len(state)}" if isinstance(state, tuple | list) else ""
            msg = (
                f"{name_of(self)}: the state is the pair (h, c) of the hidden state "
                "and the memory, as the layer returns it, but was given a "
                f"{type(state).__name__}{count}."
            )
            raise ad.errors.InputError(msg)
        return tuple(state)

    def _step(self, seen: Any, state: Any) -> Any:
        hidden, memory = state
        size = self.recurrent.shape[0]
        met = seen + hidden @ self.recurrent
        gates, new = sigmoid(met[..., : 3 * size]), tanh(met[..., 3 * size :])
        entry, forget = gates[..., :size], gates[..., size : 2 * size]
        memory = forget * memory + entry * new
        return gates[..., 2 * size :] * tanh(memory), memory
