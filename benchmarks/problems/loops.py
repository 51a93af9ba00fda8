"""Python loops over the entries of an array, read one by one or written in place.

By hand is the loop backward, entry by entry too: what the loop costs without recording.
"""

import numpy as np

DIFFUSION = 0.1
MEMORY = 0.9


def neighbours(x):
    """Return the sum of x[i] x[i - 1], read as numbers."""
    total = 0.0
    for i in range(1, len(x)):
        total = total + x[i] * x[i - 1]
    return total


def neighbours_by_hand(x):
    """Return the gradient of `neighbours`."""
    neighbours(x)
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, 0, -1):
        x_bar[i] += x[i - 1]
        x_bar[i - 1] += x[i]
    return x_bar


def smoothed(x):
    """Return the sum of z[i] = 0.9 z[i - 1] + sin(x[i]), written entry by entry."""
    z = np.zeros_like(x)
    z[0] = np.sin(x[0])
    for i in range(1, len(x)):
        z[i] = MEMORY * z[i - 1] + np.sin(x[i])
    return np.sum(z)


def smoothed_by_at(x):
    """Return `smoothed` as JAX writes it: an array with one entry replaced."""
    z = np.zeros_like(x)
    z = z.at[0].set(np.sin(x[0]))
    for i in range(1, len(x)):
        z = z.at[i].set(MEMORY * z[i - 1] + np.sin(x[i]))
    return np.sum(z)


def smoothed_by_hand(x):
    """Return the gradient of `smoothed`."""
    smoothed(x)
    z_bar = np.ones_like(x)
    x_bar = np.empty_like(x)
    for i in range(len(x) - 1, 0, -1):
        x_bar[i] = z_bar[i] * np.cos(x[i])
        z_bar[i - 1] += MEMORY * z_bar[i]
    x_bar[0] = z_bar[0] * np.cos(x[0])
    return x_bar


def heat(x, steps):
    """Return the energy of a rod after some steps, each written in place."""
    u = 1.0 * x
    for _ in range(steps):
        u[1:-1] += DIFFUSION * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_by_at(x, steps):
    """Return `heat` as JAX writes it: an array with some entries increased."""
    u = 1.0 * x
    for _ in range(steps):
        u = u.at[1:-1].add(DIFFUSION * (u[2:] - 2.0 * u[1:-1] + u[:-2]))
    return np.sum(u * u)


def heat_by_hand(x, steps):
    """Return the gradient of `heat`: the steps transposed, in reverse."""
    u = 1.0 * x
    for _ in range(steps):
        u[1:-1] += DIFFUSION * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    u_bar = 2.0 * u
    for _ in range(steps):
        flow = DIFFUSION * u_bar[1:-1]
        u_bar[1:-1] -= 2.0 * flow
        u_bar[2:] += flow
        u_bar[:-2] += flow
    return u_bar
