"""The Brusselator on a square of cells that closes on itself: reaction and diffusion.

Two species on n by n cells make a state of 2 n^2 numbers.  Six of them enter each rate.
"""

import functools

import numpy as np
import scipy.sparse

FEED = 3.4
DIFFUSION = 10.0


def inputs(side):
    """Return concentrations about the equilibrium, (1, FEED), on side^2 cells."""
    noise = np.random.default_rng(8).uniform(-0.5, 0.5, (2, side * side))
    return np.reshape(noise + np.array([[1.0], [FEED]]), -1), ()


def rates(state):
    """Return the rate of change of the state, shape (2 n^2,)."""
    side = round((state.shape[0] // 2) ** 0.5)
    u, v = np.reshape(state, (2, side, side))
    reaction = u * u * v
    u_rate = 1.0 + reaction - (FEED + 1.0) * u + DIFFUSION * laplacian(u)
    v_rate = FEED * u - reaction + DIFFUSION * laplacian(v)
    return np.reshape(np.stack([u_rate, v_rate]), (-1,))


def laplacian(field):
    """Return the sum of the four neighbours less four times the middle."""
    north = np.concatenate([field[1:], field[:1]])
    south = np.concatenate([field[-1:], field[:-1]])
    east = np.concatenate([field[:, 1:], field[:, :1]], axis=1)
    west = np.concatenate([field[:, -1:], field[:, :-1]], axis=1)
    return north + south + east + west - 4.0 * field


def rates_cell_by_cell(state):
    """Return `rates`, written for symbols that are scalars."""
    cells = state.shape[0] // 2
    near = _neighbours(round(cells**0.5))
    u_rates, v_rates = [], []
    for i in range(cells):
        u, v = state[i], state[cells + i]
        reaction = u * u * v
        u_spread = sum(state[j] for j in near[i]) - 4.0 * u
        v_spread = sum(state[cells + j] for j in near[i]) - 4.0 * v
        u_rates.append(1.0 + reaction - (FEED + 1.0) * u + DIFFUSION * u_spread)
        v_rates.append(FEED * u - reaction + DIFFUSION * v_spread)
    return np.stack(u_rates + v_rates)


def sparse_jacobian_by_hand(state):
    """Return the Jacobian of `rates` in compressed rows, six entries each."""
    cells = state.size // 2
    u, v = state[:cells], state[cells:]
    entries = np.empty((2, cells, 6))
    entries[:, :, :4] = DIFFUSION
    entries[0, :, 4] = 2.0 * u * v - (FEED + 1.0 + 4.0 * DIFFUSION)
    entries[0, :, 5] = u * u
    entries[1, :, 4] = -entries[0, :, 5] - 4.0 * DIFFUSION
    entries[1, :, 5] = FEED - 2.0 * u * v
    columns, starts = _pattern(cells)
    return scipy.sparse.csr_array(
        (np.reshape(entries, -1), columns, starts), shape=(2 * cells, 2 * cells)
    )


@functools.cache
def _pattern(cells):
    """Return columns and starts of rows: neighbours, itself, the other species."""
    near = np.array(_neighbours(round(cells**0.5)))
    own = np.arange(cells)[:, None]
    upper = np.concatenate([near, own, own + cells], axis=1)
    lower = np.concatenate([near + cells, own + cells, own], axis=1)
    return np.concatenate([upper, lower]).ravel(), np.arange(0, 12 * cells + 1, 6)


def _neighbours(side):
    """Return the four neighbours of each cell, row by row."""
    beside = [(1, 0), (-1, 0), (0, 1), (0, -1)]
    return [
        [(row + i) % side * side + (column + j) % side for i, j in beside]
        for row in range(side)
        for column in range(side)
    ]
