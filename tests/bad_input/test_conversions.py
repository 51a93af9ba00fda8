"""Conversions that would lose the derivative, in a function that is run as it is."""

import math

import numpy as np
import pytest

import adjoint as ad
from adjoint import errors

from .judge import assert_says, sentence

CONVERSIONS = {
    "float(x)": (float, ("float(x)", "float64", "()"), 1.0),
    "int(x)": (lambda x: int(x) * x, ("int(x)", "np.floor"), 1.0),
    "complex(x)": (lambda x: abs(complex(x)), ("complex(x)",), 1.0),
    "math.sin(x)": (math.sin, ("float(x)", "np."), math.cos(1.4)),
    "round(x)": (lambda x: round(x) * x, ("round(x)", "np.round"), 1.0),
    "round(x, 1)": (lambda x: round(x, 1) * x, ("round(x)", "np.round"), 1.4),
    "np.array([x])": (lambda x: np.array([x, 1.0])[0], ("np.array", "np.stack"), 1.0),
    "np.asarray(x)": (np.asarray, ("np.asarray", "np.stack"), 1.0),
    "np.full(3, x)": (lambda x: np.sum(np.full(3, x)), ("plain array",), 3.0),
    "list index": (lambda x: [1.0, 2.0][x] * x, ("index",), None),
}
MODES = {
    "grad": ad.grad,
    "jvp": lambda f, **how: lambda x: ad.jvp(f, (x,), (1.0,), **how)[1],
    "vjp": lambda f, **how: lambda x: ad.vjp(f, x, **how)[1](1.0)[0],
    "linearize": lambda f, **how: lambda x: ad.linearize(f, x, **how)[1](1.0),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_conversions_are_refused_by_protocols_alone(conversion, mode):
    """What was converted, in which line, and what to write instead."""
    function, phrases, _ = CONVERSIONS[conversion]
    call = MODES[mode](function, plain_numpy=False)
    # The line of a bare `float` is that of whoever asks: one of this file.
    message = sentence(errors.ConversionError, lambda: call(1.4))
    assert_says(message, *phrases, "ad.stop_gradient", "test_conversions.py")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_conversions_are_right(conversion, mode):
    """Where Python itself has an answer: a traced value is no position in a list."""
    function, phrases, slope = CONVERSIONS[conversion]
    call = MODES[mode](function)
    if slope is None:
        assert_says(sentence(errors.ConversionError, call, 1.4), *phrases)
    else:
        np.testing.assert_allclose(call(1.4), slope, rtol=1e-14)
