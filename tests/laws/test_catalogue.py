"""No public function of NumPy is left without an answer."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._numpy.catalogue import Kind, classify, public_functions
from adjoint.errors import MissingRuleError

EVERY = list(public_functions())


def _unknown():
    """Names of public functions that nothing is known of."""
    names = []
    for name, function in public_functions():
        try:
            classify(function)
        except LookupError:
            names.append(name)
    return names


def test_every_public_function_is_classified():
    """Each function, class and ufunc method in NumPy's namespaces has an answer."""
    assert [] == _unknown()
    assert {"numpy", "numpy.linalg", "numpy.fft", "numpy.emath"} <= {
        name.rpartition(".")[0] for name, _ in EVERY
    }
    assert len(EVERY) > 700


def test_a_function_that_numpy_gains_is_noticed(monkeypatch):
    """What no table and no rule names fails the test above."""
    monkeypatch.setattr(np.linalg, "of_tomorrow", lambda x: x, raising=False)
    assert ["numpy.linalg.of_tomorrow"] == _unknown()


def test_the_three_kinds_are_told_apart():
    """A rule, a composition, a step, a question, a file: each has its kind."""
    kinds = {
        np.sin: Kind.DIFFERENTIABLE,
        np.median: Kind.DIFFERENTIABLE,
        np.hypot.reduce: Kind.DIFFERENTIABLE,
        np.arange: Kind.DIFFERENTIABLE,
        np.partition: Kind.DIFFERENTIABLE,
        np.sign: Kind.DIFFERENTIABLE,  # of complex numbers
        np.rint: Kind.CONSTANT,
        np.argmax: Kind.CONSTANT,
        np.logical_or.reduce: Kind.CONSTANT,
        np.shape: Kind.CONSTANT,
        np.save: Kind.WITHOUT,
        np.promote_types: Kind.WITHOUT,
    }
    assert kinds == {function: classify(function).kind for function in kinds}
    assert all(classify(function).reason for _, function in EVERY)
    told = str(ad.explain_rule(np.partition))  # not by the order, its constant part
    assert "sorting.py" in told
    assert "constant: the derivative is zero" not in told


def _dispatched():
    """Functions without derivative that NumPy hands over to traced arguments."""
    return sorted(
        name
        for name, function in EVERY
        if classify(function).kind is Kind.WITHOUT
        and classify(function).implementation is None
        and hasattr(function, "_implementation")
    )


CALLS = {
    "numpy.save": lambda x: np.save("nowhere", x),
    "numpy.savetxt": lambda x: np.savetxt("nowhere", x),
    "numpy.savez": lambda x: np.savez("nowhere", x),
    "numpy.savez_compressed": lambda x: np.savez_compressed("nowhere", x),
    "numpy.busday_count": lambda x: np.busday_count(x, x),
    "numpy.busday_offset": lambda x: np.busday_offset(x, x),
    "numpy.datetime_as_string": lambda x: np.datetime_as_string(x),  # noqa: PLW0108
    "numpy.is_busday": lambda x: np.is_busday(x),  # noqa: PLW0108
}


def test_every_refusal_is_called():
    """The calls above are all there are."""
    assert sorted(CALLS) == _dispatched()


@pytest.mark.parametrize("name", CALLS)
def test_functions_without_derivative_say_why(name):
    """The error names the function, the reason and the cure."""
    reason = classify(dict(EVERY)[name]).reason
    with pytest.raises(MissingRuleError) as caught:
        ad.grad(lambda x: CALLS[name](x) or np.sum(x))(np.ones(2))
    assert f"no derivative: {reason}" in str(caught.value)
    assert f"np.{name.removeprefix('numpy.')} (traced argument" in str(caught.value)
    assert "ad.stop_gradient" in str(caught.value)
