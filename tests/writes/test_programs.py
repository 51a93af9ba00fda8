"""Small random programs of views and writes: every one is right, or says why not."""

import numpy as np
import pytest

from adjoint.errors import MutationError

from .judge import assert_right, plainly
from .programs import draw

SEEDS = range(150)
IN_ORDER = {1850, 10553}
"""Programs in which NumPy reads what it has just overwritten."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_program_is_right(seed):
    """Value, slopes, batches and second order, beside the plain program."""
    program, x = draw(seed)
    assert np.isfinite(plainly(program, x))
    assert_right(program, x)


@pytest.mark.parametrize("seed", sorted(IN_ORDER))
def test_a_random_program_with_an_overlap_says_so(seed):
    """What hangs on NumPy's order of copying is refused, not guessed."""
    program, x = draw(seed)
    with pytest.raises(MutationError, match="order in which it copies"):
        assert_right(program, x)


FOUND = [98, 1061, 1126, 1178, 1237, 1368, 1726, 2210, 2539, 3633]
"""Seeds that once were wrong: what is a view hangs on the order in memory."""


@pytest.mark.parametrize("seed", FOUND)
def test_a_program_that_was_wrong_stays_right(seed):
    """In batches, after gathers, and for arrays in Fortran order."""
    program, x = draw(seed)
    assert_right(program, x)
