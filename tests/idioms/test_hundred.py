"""One hundred idioms on the unmodified function: value, slopes, curvature, no traces.

The judge is `differences`: slopes of the plain function, extrapolated, good to ten
digits for every one of the hundred, as a test shows. Second derivatives are held to
the differences of the gradient, which the other tests have held to the function.
"""

import numpy as np
import pytest

import adjoint as ad
from differences import gradient, largest, slope_along

from .hundred import HUNDRED, THEMES, classes, functions, toolbox
from .judge import assert_same_form, assert_same_value, directions_like, fresh

RTOL = 1e-9
RTOL_OF_CURVATURE = 1e-7

each = pytest.mark.parametrize("idiom", HUNDRED, ids=lambda idiom: idiom.name)


def plain(idiom):
    """The function on a copy of its own: some write into their argument."""

    def function(x):
        return idiom.function(x.copy() if isinstance(x, np.ndarray) else float(x))

    return function


def assert_near(expected, given, rtol):
    """Equal up to `rtol` of the largest entry, which is taken to be at least 1."""
    assert np.shape(expected) == np.shape(given)
    scale = max(1.0, largest(expected))
    np.testing.assert_allclose(given, expected, rtol=0.0, atol=rtol * scale)


def test_there_are_a_hundred_with_names_of_their_own():
    assert 100 == len(HUNDRED) == len({idiom.name for idiom in HUNDRED})
    themes = {theme.__name__.rpartition(".")[2] for theme in THEMES}
    assert themes == {idiom.name.split(".")[1] for idiom in HUNDRED}
    assert all(idiom.function.__doc__ for idiom in HUNDRED)


@each
def test_differences_can_tell(idiom):
    """No example sits at a kink, and every function is deterministic."""
    slopes, error = gradient(plain(idiom), idiom.example)
    assert error < 0.1 * RTOL * max(1.0, largest(slopes))
    assert largest(slopes) > 0.01
    assert plain(idiom)(idiom.example) == plain(idiom)(idiom.example)


@each
def test_value_and_gradient(idiom):
    """Exact value, right slopes, twice; array and function left as they were."""
    x = fresh(idiom.example)
    expected = plain(idiom)(x)
    slopes, _ = gradient(plain(idiom), x)
    value, given = ad.value_and_grad(idiom.function)(x)
    assert_same_value(expected, value)
    assert_same_form(x, given)
    assert_near(slopes, given, RTOL)

    again, given_again = ad.value_and_grad(idiom.function)(x)
    assert_same_value(value, again)
    np.testing.assert_array_equal(given_again, given)
    assert_same_value(expected, plain(idiom)(x))
    np.testing.assert_array_equal(x, idiom.example)


@each
def test_value_and_slope_in_forward_mode(idiom):
    """Along a fixed direction; the plain function works as before."""
    x, direction = fresh(idiom.example), directions_like(idiom.example)
    expected = plain(idiom)(x)
    slope, _ = slope_along(plain(idiom), x, direction)
    value, given = ad.jvp(idiom.function, (x,), (direction,))
    assert_same_value(expected, value)
    assert_near(slope, given, RTOL)
    assert_same_value(expected, plain(idiom)(x))
    np.testing.assert_array_equal(x, idiom.example)


@each
def test_second_order(idiom):
    """The Jacobian of the gradient along a direction, forward over reverse."""
    x, direction = fresh(idiom.example), directions_like(idiom.example)
    slopes = ad.grad(idiom.function)
    expected, error = slope_along(slopes, x, direction)
    assert error < 0.1 * RTOL_OF_CURVATURE * max(1.0, largest(expected))
    _, given = ad.jvp(slopes, (x,), (direction,))
    assert_near(expected, given, RTOL_OF_CURVATURE)
    np.testing.assert_array_equal(x, idiom.example)


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@each
def test_a_batch_of_gradients_is_right_or_loud(idiom):
    """Two points at once, against one after the other."""
    x, direction = idiom.example, directions_like(idiom.example)
    slopes = ad.grad(idiom.function)
    try:
        expected = np.stack([slopes(fresh(x)), slopes(x + 1e-3 * direction)])
        given = ad.vmap(slopes)(np.stack([x, x + 1e-3 * direction]))
    except ad.errors.AdjointError:
        return
    assert_near(expected, given, 1e-12)


LASTING = {
    "hundred.functions.global_workspace": lambda: functions.SPACE,
    "hundred.functions.helpers_in_another_module": lambda: toolbox.SCRATCH,
    "hundred.classes.workspace_of_a_lasting_object": lambda: classes.SOLVER.u,
}


@pytest.mark.parametrize(
    "idiom",
    [idiom for idiom in HUNDRED if idiom.name in LASTING],
    ids=lambda idiom: idiom.name,
)
def test_what_a_module_keeps_is_plain_afterwards(idiom):
    """A lasting workspace is the same array, with what the plain run leaves in it."""
    space = LASTING[idiom.name]()
    plain(idiom)(idiom.example)
    expected = space.copy()
    space[:] = 0.0
    ad.grad(idiom.function)(fresh(idiom.example))
    assert LASTING[idiom.name]() is space
    assert type(space) is np.ndarray
    np.testing.assert_array_equal(space, expected)
