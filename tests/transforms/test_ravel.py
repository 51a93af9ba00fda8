"""ad.tree.ravel: one vector of a tree's numbers, and the way back."""

import re

import numpy as np
import pytest

import adjoint as ad


def test_the_way_back_keeps_shapes_forms_and_floating_dtypes():
    tree = {
        "single": np.ones((2, 2), np.float32),
        "number": 2.0,
        "nested": [np.array(3.0), (None, np.zeros((0, 3)))],
    }
    vector, unravel = ad.tree.ravel(tree)
    assert vector.dtype == np.float64
    back = unravel(vector)
    assert ad.tree.structure(tree) == ad.tree.structure(back)
    for old, new in zip(ad.tree.leaves(tree), ad.tree.leaves(back), strict=True):
        np.testing.assert_array_equal(old, new)
        assert np.asarray(old).dtype == np.asarray(new).dtype
        assert isinstance(new, np.ndarray) == isinstance(old, np.ndarray)


def test_integers_come_back_as_floats():
    _, unravel = ad.tree.ravel((1, np.array([2, 3]), 0.5))
    one, two, _ = unravel(np.array([1.25, 2.25, 3.25, 0.5]))
    assert 1.25 == one
    assert [2.25, 3.25] == two.tolist()


def test_an_empty_tree_is_an_empty_vector():
    vector, unravel = ad.tree.ravel({})
    assert (0,) == vector.shape
    assert {} == unravel(vector)


def test_a_vector_of_another_length_is_refused():
    _, unravel = ad.tree.ravel([1.0, 2.0])
    said = "shape (3,) was given back for a tree of 2 numbers; give shape (2,)"
    with pytest.raises(ad.errors.ShapeError, match=re.escape(said)):
        unravel(np.zeros(3))


def test_both_ways_are_differentiated():
    tree = {"w": np.array([[1.0, 2.0]]), "b": 3.0}

    def of_tree(tree):
        return np.sum(ad.tree.ravel(tree)[0] ** 3)

    _, unravel = ad.tree.ravel(tree)

    def of_vector(vector):
        back = unravel(vector)
        return np.sum(back["w"] ** 3) + back["b"] ** 3

    slopes = ad.grad(of_tree)(tree)
    assert [[3.0, 12.0]] == slopes["w"].tolist()
    assert slopes["b"] == 27.0
    assert [27.0, 3.0, 12.0] == ad.grad(of_vector)(np.array([3.0, 1.0, 2.0])).tolist()
    ad.check_grads(of_vector, (np.array([3.0, 1.0, 2.0]),))
