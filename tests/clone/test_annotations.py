"""Annotations are neither read nor counted when a clone is made."""

import sys
from typing import Any

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.5, 1.5])


class Model:
    """Python 3.14 makes a function of these annotations."""

    scale: Any = 2.0
    offset: "np.ndarray"

    def __init__(self):
        self.kept: NotDefinedAnywhere = None  # noqa: F821 - that is tested
        self.sums: Any = [0.0]

    def loss(self, x: "NotDefinedAnywhere") -> "NorThis":  # noqa: F821
        self.kept: Any = x * self.scale
        self.sums[0]: Any = np.sum(self.kept)

        def inner(y: "NorThat"):  # noqa: F821
            return y**2

        return inner(self.sums[0])


def test_of_a_class_and_what_it_stores():
    model = Model()
    for _ in range(3):  # deep, then shallow
        assert np.array_equal([16.0, 16.0], ad.grad(model.loss)(X))
    assert np.array_equal([1.0, 3.0], model.kept)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="read when defined before 3.14")
def test_a_name_that_is_not_defined():
    def f(x) -> Undefined:  # noqa: F821 - that is tested
        return np.sum(np.array([x[0], 1.0]) * x[1])

    assert np.array_equal([1.5, 1.5], ad.grad(f)(X))
