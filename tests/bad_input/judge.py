"""What tests of mistakes share: an error's sentence, and what it has to say."""

import numpy as np
import pytest

from adjoint import errors

SMALL = 4  # elements: copied when the tape keeps them
LARGE = 5_000  # elements, 40 kB: kept by reference, so they need protection


def sentence(error, call, *args):
    """The message of the error that a call must raise."""
    with pytest.raises(error) as caught:
        call(*args)
    assert type(caught.value) is error
    return str(caught.value)


def assert_says(message, *phrases):
    """All the phrases stand in the message."""
    assert [] == [phrase for phrase in phrases if phrase not in message], message


def right_or_loud(call, expected):
    """The call gives the expected result or raises one of our errors."""
    try:
        result = call()
    except errors.AdjointError:
        return "loud"
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    return "right"


def total(x):
    return np.sum(x * 2.0)
