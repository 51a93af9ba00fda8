"""Every idiom is right or loud: in reverse, forward, batched and nested modes."""

from __future__ import annotations

import importlib
import itertools
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import AdjointError, BatchFallbackWarning

from .catalogue import IDIOMS, Idiom
from .judge import (
    assert_close,
    assert_same_form,
    assert_same_value,
    directions_like,
    fresh,
    gradient,
    leaves,
    map_leaves,
    moved,
    rebuild,
    slope_along,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:you are shuffling a:UserWarning"),
]

KINDS = (
    "functions",
    "gathering",
    "indexing",
    "libraries",
    "methods",
    "operators",
    "programs",
    "scalars",
    "ufuncs",
    "writes",
)
for _kind in KINDS:  # importing a kind registers its idioms
    importlib.import_module(f".{_kind}", __package__)


def such_as(verdict: str, **traits: str) -> pytest.MarkDecorator:
    """Run a test on every idiom of a verdict and of the given traits."""
    chosen = [
        idiom
        for idiom in IDIOMS
        if idiom.verdict == verdict
        and all(getattr(idiom, trait) == value for trait, value in traits.items())
    ]
    return pytest.mark.parametrize("idiom", chosen, ids=lambda idiom: idiom.name)


def plainly(idiom: Idiom) -> Callable:
    """The plain function, on copies, so that it may write into its argument."""
    return lambda x: idiom.function(fresh(x))


def neighbours(x):
    """Three points around x, as a list, for batching."""
    direction = directions_like(x)
    return [moved(x, direction, 0.02 * k) for k in range(3)]


def stacked(points):
    """Points of one tree put together along a leading axis."""
    columns = zip(*(leaves(point) for point in points), strict=True)
    return rebuild(points[0], iter([np.stack(column) for column in columns]))


def points_of(tree, count):
    """Undo `stacked`."""
    return [map_leaves(lambda leaf, k=k: leaf[k], tree) for k in range(count)]


# What must be right


@such_as("right")
def test_a_right_idiom_has_its_value_and_gradient_in_reverse_mode(idiom):
    """The value to the last bit, the gradient within the error of differences."""
    expected = gradient(plainly(idiom), idiom.example, idiom.step)
    value, slopes = ad.value_and_grad(idiom.function)(fresh(idiom.example))
    assert_same_value(idiom.function(fresh(idiom.example)), value)
    assert_same_form(idiom.example, slopes)
    assert_close(expected, slopes, idiom.rtol)


@such_as("right")
def test_a_right_idiom_has_its_value_and_slope_in_forward_mode(idiom):
    """The directional derivative along a fixed random direction."""
    direction = directions_like(idiom.example)
    expected = slope_along(plainly(idiom), idiom.example, direction, idiom.step)
    value, slope = ad.jvp(idiom.function, (fresh(idiom.example),), (direction,))
    assert_same_value(idiom.function(fresh(idiom.example)), value)
    assert_close(expected, slope, idiom.rtol)


@such_as("right")
def test_a_right_idiom_leaves_its_arguments_as_they_were(idiom):
    """No transform writes into the caller's arrays, nor keeps them read-only."""
    x = fresh(idiom.example)
    ad.grad(idiom.function)(x)
    for before, after in zip(leaves(idiom.example), leaves(x), strict=True):
        np.testing.assert_array_equal(after, before)
        if isinstance(after, np.ndarray):
            assert after.flags.writeable


@such_as("right", batching="same")
def test_a_right_idiom_is_batched_without_a_loop(idiom):
    """vmap of grad is what a loop of difference quotients gives."""
    points = neighbours(idiom.example)
    expected = [gradient(plainly(idiom), point, idiom.step) for point in points]
    batch = ad.vmap(ad.grad(idiom.function))(stacked(points))
    for want, got in zip(expected, points_of(batch, len(points)), strict=True):
        assert_close(want, got, idiom.rtol)


@such_as("right", batching="looped")
def test_a_branching_idiom_is_batched_by_a_loop_that_says_so(idiom):
    """Python control flow on a batch costs a warning, not the answer."""
    points = neighbours(idiom.example)
    expected = [gradient(plainly(idiom), point, idiom.step) for point in points]
    with pytest.warns(BatchFallbackWarning):
        batch = ad.vmap(ad.grad(idiom.function))(stacked(points))
    for want, got in zip(expected, points_of(batch, len(points)), strict=True):
        assert_close(want, got, idiom.rtol)


# What must be loud

TRANSFORMS = {
    "grad": lambda f, x: ad.grad(f)(x),
    "jvp": lambda f, x: ad.jvp(f, (x,), (directions_like(x),)),
    "vjp": ad.vjp,
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@such_as("loud")
def test_a_loud_idiom_says_what_it_lost_and_what_to_do(idiom, transform):
    """The stated error, with the stated words, whoever wrapped or swallowed it."""
    with pytest.raises(idiom.error) as caught:
        TRANSFORMS[transform](idiom.function, fresh(idiom.example))
    message = str(caught.value)
    assert [] == [word for word in idiom.words if word not in message], message


@pytest.mark.parametrize("transform", TRANSFORMS)
@such_as("refused")
def test_python_refuses_what_it_does_not_ask_us_about(idiom, transform):
    """An error of Python's own, and no number."""
    with pytest.raises(idiom.error):
        TRANSFORMS[transform](idiom.function, fresh(idiom.example))


@such_as("loud")
def test_a_loud_idiom_leaves_nothing_behind(idiom):
    """The caller's arrays are untouched, and the next gradient is right."""
    x = fresh(idiom.example)
    with pytest.raises(AdjointError):
        ad.grad(idiom.function)(x)
    np.testing.assert_array_equal(x, idiom.example)
    if isinstance(x, np.ndarray):
        assert x.flags.writeable
    assert ad.grad(lambda v: v * v)(3.0) == 6.0


# What must never be silent


def loss_slope(idiom, x):
    return gradient(plainly(idiom), x, idiom.step)


def slope_of_slope(idiom, x):
    """Derivative of the gradient along a fixed direction; a coarser double step."""
    direction = directions_like(x)
    step = 5 * idiom.step

    def first(point):
        return np.concatenate(
            [np.ravel(leaf) for leaf in leaves(gradient(plainly(idiom), point, step))]
        )

    flat = slope_along(first, x, direction, step)
    sizes = np.cumsum([np.size(leaf) for leaf in leaves(x)])[:-1]
    pieces = rebuild(x, iter(np.split(flat, sizes)))
    return map_leaves(lambda leaf, piece: piece.reshape(np.shape(leaf)), x, pieces)


def along(slopes, x):
    """The inner product of a gradient with the fixed direction."""
    pairs = zip(leaves(slopes), leaves(directions_like(x)), strict=True)
    return sum(np.sum(slope * weight) for slope, weight in pairs)


# Each mode returns what the transform gives, then what the differences say: in this
# order, so that a loud idiom does not pay for differences that nobody reads.


def reverse(idiom, x):
    return ad.grad(idiom.function)(x), loss_slope(idiom, idiom.example)


def forward(idiom, x):
    direction = directions_like(x)
    _, slope = ad.jvp(idiom.function, (x,), (direction,))
    return slope, slope_along(plainly(idiom), idiom.example, direction, idiom.step)


def batched_values(idiom, x):
    points = neighbours(x)
    values = ad.vmap(idiom.function)(stacked(points))
    return values, np.stack([np.asarray(plainly(idiom)(point)) for point in points])


def batched_gradients(idiom, x):
    points = neighbours(x)
    slopes = ad.vmap(ad.grad(idiom.function))(stacked(points))
    return slopes, stacked([loss_slope(idiom, point) for point in points])


def gradient_of_a_batch(idiom, x):
    points = neighbours(x)
    batch = ad.vmap(idiom.function)
    slopes = ad.grad(lambda xs: np.sum(batch(xs)))(stacked(points))
    return slopes, stacked([loss_slope(idiom, point) for point in points])


def forward_over_reverse(idiom, x):
    product = ad.hvp(idiom.function, (x,), (directions_like(x),))
    return product, slope_of_slope(idiom, idiom.example)


def reverse_over_reverse(idiom, x):
    def slope(point):
        return along(ad.grad(idiom.function)(point), idiom.example)

    return ad.grad(slope)(x), slope_of_slope(idiom, idiom.example)


def reverse_over_forward(idiom, x):
    def slope(point):
        direction = directions_like(idiom.example)
        return ad.jvp(idiom.function, (point,), (direction,))[1]

    return ad.grad(slope)(x), slope_of_slope(idiom, idiom.example)


FIRST_ORDER = (
    reverse,
    forward,
    batched_values,
    batched_gradients,
    gradient_of_a_batch,
)
SECOND_ORDER = (forward_over_reverse, reverse_over_reverse, reverse_over_forward)


def cases():
    """Every mode with every idiom, but batches of what depends on Python's numbers."""
    return [
        (mode, idiom)
        for mode, idiom in itertools.product(FIRST_ORDER + SECOND_ORDER, IDIOMS)
        if not (idiom.batching == "exempt" and "batch" in mode.__name__)
    ]


@pytest.mark.parametrize(
    ("mode", "idiom"),
    cases(),
    ids=lambda case: case.name if isinstance(case, Idiom) else case.__name__,
)
def test_no_idiom_is_silently_wrong(mode, idiom):
    """Whatever its mark and the mode: right, or an error of ours (or Python's own).

    Second-order difference quotients are worth about five digits here, so `rtol` is
    widened a thousandfold for them.
    """
    loud = (AdjointError, idiom.error) if idiom.verdict == "refused" else AdjointError
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BatchFallbackWarning)
        try:
            got, expected = mode(idiom, fresh(idiom.example))
        except loud:
            return
    rtol = min(1e3 * idiom.rtol, 0.05) if mode in SECOND_ORDER else idiom.rtol
    assert_close(expected, got, rtol)


# How much is covered


def test_every_kind_of_idiom_is_registered_once():
    """Sixty were asked for; each kind brings its own, under a name of its own."""
    names = [idiom.name for idiom in IDIOMS]
    assert len(set(names)) == len(names)
    assert len(names) >= 60
    assert {*KINDS} == {name.partition(".")[0] for name in names}
