"""GradBench's lstm: the loss of a stack of diagonal LSTM layers over a text."""

import numpy as np


def loss(parameters, state, sequence):
    """Return -sum_t sequence[t+1] . (y_t - log(2 + sum exp y_t)) / ((c - 1) b).

    y_t is what the layers predict from sequence[0], ..., sequence[t]; all products in
    a layer are elementwise.

    Parameters
    ----------
    parameters : list of two ndarrays
        Main, shape (2 L, 4 b): row 2i has the weights of layer i, row 2i + 1 its
        biases, each in blocks for forget, in, out, change.  Extra, shape (3, b): input
        weight, output weight, output bias.
    state : ndarray, shape (2 L, b)
        At the beginning: row 2i the output of layer i, row 2i + 1 its cell.
    sequence : ndarray, shape (c, b)
        The bits of each character.

    Returns
    -------
    float
    """
    _, (into, _, _) = parameters
    inputs = sequence * into
    hidden, cells = state[0::2], state[1::2]
    gates = _gates(parameters)
    outputs = []
    for t in range(len(sequence) - 1):
        hidden, cells = _step(gates, inputs[t], hidden, cells)
        outputs.append(hidden[-1])
    return _loss_of(np.stack(outputs), parameters, sequence)


def loss_by_scan(parameters, state, sequence):
    """Return `loss` by JAX's own loop: unrolled, it would compile for minutes."""
    _, (into, _, _) = parameters
    gates = _gates(parameters)

    def turn(carry, x):
        hidden, cells = _step(gates, x, *carry)
        return (hidden, cells), hidden[-1]

    carry = (list(state[0::2]), list(state[1::2]))
    _, outputs = np.scan(turn, carry, (sequence * into)[:-1])
    return _loss_of(outputs, parameters, sequence)


def _gates(parameters):
    """Return weights and biases, each of shape (4 b,), of each layer."""
    main = parameters[0]
    return [(main[i], main[i + 1]) for i in range(0, len(main), 2)]


def _step(gates, x, hidden, cells):
    """Return outputs and cells of all layers after one more character."""
    new_hidden, new_cells = [], []
    for (weight, bias), h, cell in zip(gates, hidden, cells, strict=True):
        x, new = _layer(x, h, cell, weight, bias)
        new_hidden.append(x)
        new_cells.append(new)
    return new_hidden, new_cells


def _layer(x, hidden, cell, weight, bias):
    """Return output and cell of a layer after a step, each of shape (b,)."""
    b = len(x)
    z = np.concatenate([x, hidden, x, hidden]) * weight + bias
    opened = 1.0 / (1.0 + np.exp(-z[: 3 * b]))
    change = np.tanh(z[3 * b :])
    cell = cell * opened[:b] + opened[b : 2 * b] * change
    return opened[2 * b :] * np.tanh(cell), cell


def _loss_of(outputs, parameters, sequence):
    """Return the loss, from the outputs of the last layer, shape (c - 1, b)."""
    _, (_, weight, bias) = parameters
    y = outputs * weight + bias
    lse = np.log(2.0 + np.sum(np.exp(y), axis=1, keepdims=True))
    return -np.mean(sequence[1:] * (y - lse))
