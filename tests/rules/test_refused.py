"""Keywords and calls that are refused: NumPy's error, or a sentence of ours."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MissingRuleError

VECTOR = np.array([2.0, 3.0, 2.0])


@pytest.mark.parametrize("function", [np.sort, np.argsort])
def test_there_are_no_fields_to_sort_by(function):
    """NumPy says the same of a plain array."""
    with pytest.raises(ValueError, match="Cannot specify order"):
        function(VECTOR, order="a")
    with pytest.raises(ValueError, match="Cannot specify order"):
        ad.grad(lambda x: np.sum(function(x, order="a")))(VECTOR)


@pytest.mark.parametrize("function", [np.partition, np.argpartition])
def test_there_are_no_fields_to_partition_by(function):
    """NumPy says the same of a plain array."""
    with pytest.raises(ValueError, match="Cannot specify order"):
        ad.grad(lambda x: np.sum(function(x, 1, order="a")))(VECTOR)


@pytest.mark.parametrize("function", [np.partition, np.argpartition])
def test_there_is_one_kind_of_selection(function):
    """NumPy says so too."""
    with pytest.raises(ValueError, match="kind"):
        function(VECTOR, 1, kind="quick")
    with pytest.raises(ValueError, match="kind"):
        ad.grad(lambda x: np.sum(function(x, 1, kind="quick")))(VECTOR)


@pytest.mark.parametrize("ufunc", [np.arctan2, np.copysign, np.remainder])
def test_a_mask_needs_a_number_that_changes_nothing(ufunc):
    """Where there is none, where= is refused by name, with the cure."""
    mask = np.array([True, False, True])
    with pytest.raises(
        MissingRuleError, match=rf"np.{ufunc.__name__}.reduce\(.*where="
    ):
        ad.grad(lambda x: ufunc.reduce(x, where=mask, initial=1.0))(VECTOR)


@pytest.mark.parametrize("ufunc", [np.subtract, np.divide, np.power])
def test_a_mask_needs_a_beginning(ufunc):
    """NumPy's error: no element is certain to be there."""
    mask = np.array([True, False, True])
    with pytest.raises(ValueError, match="does not have an identity"):
        ufunc.reduce(VECTOR, where=mask)
    with pytest.raises(ValueError, match="does not have an identity"):
        ad.grad(lambda x: ufunc.reduce(x, where=mask))(VECTOR)


@pytest.mark.parametrize("ufunc", [np.subtract, np.divide, np.power])
def test_one_axis_at_a_time(ufunc):
    """NumPy's error: the order of these matters."""
    square = np.ones((2, 2))
    with pytest.raises(ValueError, match="not reorderable"):
        ufunc.reduce(square, axis=(0, 1))
    with pytest.raises(ValueError, match="not reorderable"):
        ad.grad(lambda x: ufunc.reduce(x, axis=(0, 1)))(square)


@pytest.mark.parametrize("ufunc", [np.power, np.arctan2])
def test_a_fold_is_that_of_its_steps_or_an_error(ufunc):
    """NumPy's vectorized loops forget what they have folded; then no value is given."""
    steps = ufunc(ufunc(VECTOR[0], VECTOR[1]), VECTOR[2])
    if np.isclose(ufunc.reduce(VECTOR), steps):
        np.testing.assert_allclose(
            steps, ad.value_and_grad(ufunc.reduce)(VECTOR)[0], rtol=1e-14
        )
        return
    with pytest.raises(
        MissingRuleError, match=rf"{ufunc.__name__}.accumulate\(x\)\[-1"
    ):
        ad.grad(ufunc.reduce)(VECTOR)
    with pytest.raises(MissingRuleError, match=rf"np.{ufunc.__name__}.reduceat gave"):
        ad.grad(lambda x: ufunc.reduceat(x, [0])[0])(VECTOR)


def test_places_of_segments_lie_inside():
    """NumPy's error, with the place."""
    with pytest.raises(IndexError, match="index 3 out-of-bounds"):
        ad.grad(lambda x: np.add.reduceat(x, [0, 3])[0])(VECTOR)


def test_a_copy_may_be_forbidden():
    """``copy=False`` raises where a copy is needed, as NumPy does."""
    with pytest.raises(ValueError, match="Unable to avoid"):
        ad.grad(lambda x: np.sum(np.reshape(x.T, 4, copy=False)))(np.ones((2, 2)))
    with pytest.raises(ValueError, match="Unable to avoid copy"):
        ad.grad(lambda x: np.sum(np.asarray([x[0], 1.0], copy=False)))(VECTOR)


def test_there_is_one_device():
    """NumPy's error names it."""
    with pytest.raises(ValueError, match='Only "cpu" is allowed'):
        ad.grad(lambda x: np.sum(np.linspace(x, 1.0, 3, device="gpu")))(0.0)
