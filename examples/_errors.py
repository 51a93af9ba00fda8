"""How far a solution is from the exact one."""

import numpy as np


def relative_and_greatest(found, exact):
    """Return the L2 norm of the error by that of the solution, the greatest error."""
    error = found - exact
    return np.linalg.norm(error) / np.linalg.norm(exact), np.max(np.abs(error))
