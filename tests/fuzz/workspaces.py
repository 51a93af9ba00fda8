"""Functions that share workspaces, as modules of scientists' code do."""

import numpy as np

SPACE = np.zeros(24)
LISTED = [np.zeros(24), np.zeros(24)]
BIG = np.linspace(-1.0, 1.0, 24 * 24).reshape(24, 24)  # above what a tape copies


class Solver:
    """An object that allocates once."""

    def __init__(self, size):
        self.u = np.zeros(size)
        self.steps = {"half": np.zeros(size)}

    def sweep(self, x):
        """Half a step, then another, both in workspaces."""
        self.steps["half"][:] = np.sin(x)
        self.u[:] = x
        self.u += 0.5 * self.steps["half"]
        self.u[1:] -= 0.1 * self.u[:-1]


SOLVER = Solver(24)


def written_whole(x):
    """A global array, first written as a whole."""
    SPACE[:] = np.sin(x)
    SPACE[1:] += 0.3 * SPACE[:-1]
    return np.sum(SPACE**2)


def filled_in_a_loop(x):
    """A global array, entry by entry."""
    SPACE[0] = x[0]
    for i in range(1, len(x)):
        SPACE[i] = np.cos(SPACE[i - 1]) * x[i]
    return np.sum(SPACE)


def constants_first(x):
    """A global array that holds constants before it holds values."""
    SPACE[:] = 0.5
    SPACE[::2] *= x[::2]
    return np.sum(np.sin(SPACE) * x)


def kept_in_attributes(x):
    """The arrays of an object of the module."""
    SOLVER.sweep(x)
    SOLVER.sweep(SOLVER.u * x)
    return np.sum(SOLVER.u**2) + SOLVER.steps["half"][3]


def kept_in_a_list(x):
    """Arrays of a list, under another name."""
    first, second = LISTED
    first[:] = x
    second[...] = first * x
    first[::-1] += second
    return np.sum(first * np.cos(second))


def only_read(x):
    """A large constant that nobody writes to."""
    return np.sum(np.tanh(BIG @ x) * x)


FUNCTIONS = (
    written_whole,
    filled_in_a_loop,
    constants_first,
    kept_in_attributes,
    kept_in_a_list,
    only_read,
)
