"""The forms in which operations of two operands stand on the tape.

Where the plain operand leaves the shape as it is, the sweep compares no shapes; where
it does not, cotangents are summed over what was broadcast.
"""

import operator

import numpy as np
import pytest

import adjoint as ad
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.tape import ALIKE, ONE_OF_TWO, UNARY

OPERATIONS = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv")},
    **{name: getattr(operator, name) for name in ("pow", "mod")},
    **{name: getattr(np, name) for name in ("add", "multiply", "hypot", "logaddexp")},
}
CONSTANTS = {
    "float": 1.5,
    "int": 2,
    "numpy": np.float64(1.5),
    "float32": np.float32(1.5),
    "no axes": np.array(1.5),
    "same": np.array([1.25, 0.75, 1.5]),
    "one": np.array([1.25]),
    "matrix": np.array([[1.25, 0.75, 1.5], [0.5, 2.5, 1.0]]),
    "column": np.array([[1.25], [0.5]]),
}
VALUES = {"array": np.array([0.7, 1.1, 2.3]), "number": 0.7, "scalar": np.array(0.7)}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("constant", CONSTANTS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_cotangents_have_the_shape_of_the_operand(name, constant, value, swapped):
    operation, c, x = OPERATIONS[name], CONSTANTS[constant], VALUES[value]

    def function(y):
        out = operation(c, y) if swapped else operation(y, c)
        return np.sum(out * out)

    gradient = ad.grad(function)(x)
    rtol = 1e-6 if constant == "float32" else 1e-14  # of results in its precision
    assert np.shape(gradient) == np.shape(x)
    for k in range(np.size(x)):
        unit = np.zeros(np.size(x))
        unit[k] = 1.0
        unit = unit.reshape(np.shape(x)) if np.ndim(x) else float(unit[0])
        slope = ad.jvp(function, (x,), (unit,))[1]
        np.testing.assert_allclose(np.ravel(gradient)[k], slope, rtol)


def form_of(function, x):
    """Return the form and the shape of the last entry."""
    trace = ReverseTrace()
    function(trace.lift(x))
    entry = trace.finish()[-1]
    return entry[3], entry[7]


def test_which_form_an_operation_has():
    x = np.ones(3)
    assert form_of(lambda y: y * 2.0, x) == (ALIKE, (3,))
    assert form_of(lambda y: 2.0 / y, x) == (ALIKE, (3,))
    assert form_of(lambda y: y + np.ones(3), x) == (ALIKE, (3,))
    assert form_of(lambda y: np.ones(1) + y, x) == (ONE_OF_TWO, (3,))
    assert form_of(lambda y: y - np.ones((2, 3)), x) == (ONE_OF_TWO, (2, 3))
    assert form_of(lambda y: y * np.ones(2), np.float64(2.0)) == (ONE_OF_TWO, (2,))
    assert form_of(lambda y: y @ np.ones((3, 2)), x) == (ONE_OF_TWO, (2,))
    assert form_of(np.exp, x) == (UNARY, (3,))
    assert form_of(np.exp, 2.0) == (UNARY, ())
