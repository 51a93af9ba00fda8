"""The debugger in the forms that user code takes: each names the line marked."""

import functools
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad

ZEROS = np.zeros(2)


def in_line(name):
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    (number,) = (k for k, line in enumerate(lines, 1) if line.endswith(f"# {name}"))
    return number


def cross_entropy(x):
    p = np.exp(x) / np.sum(np.exp(x))
    return -np.log(p[0])  # cross_entropy


def where_trap(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))  # where_trap


def alternating(x):
    def inner(row):
        def energy(z):
            return np.sum(np.sqrt(z * 2.0))  # alternating

        return np.sum(ad.vmap(ad.grad(energy))(row[None])[0])

    return inner(x)


def divided_in_place(x):
    z = np.zeros(4)
    z[:2] = x
    z[1:3] /= z[0:2]  # divided_in_place
    return np.sum(z)


def logarithm_into(x):
    z = np.ones(3)
    z *= x
    np.log(z, out=z)  # logarithm_into
    return z.sum()


def complex_logarithm(z):
    w = z * (1 + 0j)
    return np.real(np.sum(np.log(w)))  # complex_logarithm


def root_of_magnitude(z):
    return np.sum(np.sqrt(np.abs(z)))  # root_of_magnitude


def endless(x):
    def squares():
        y = x
        while True:
            y = y * y  # endless
            yield y

    return next(y for k, y in enumerate(squares()) if k == 8)


def checkpointed_loop(x):
    @ad.checkpoint
    def body(y):
        for _ in range(3):
            y = np.sqrt(y - 1.0)  # checkpointed_loop
        return np.sum(y)

    return body(x)


def under_errstate(x):
    with np.errstate(all="raise"):
        return np.sqrt(x - 1.0) * 1.0  # under_errstate


def rule_divides(x):
    @ad.custom_vjp
    def twice(y):
        return y * 2.0

    twice.defvjp(lambda y: (y * 2.0, y), lambda y, bar: (bar / y,))
    return np.sum(twice(x))  # rule_divides


def rule_pushes(x):
    @ad.custom_jvp
    def root(y):
        return np.sqrt(y)

    root.defjvp(lambda p, t: (np.sqrt(p[0]), t[0] * 0.5 / np.sqrt(p[0])))
    return np.sum(root(x))  # rule_pushes


def rule_evaluates(x):
    @ad.custom_vjp
    def log(y):
        return np.log(y)

    log.defvjp(lambda y: (np.log(y), y), lambda y, bar: (bar / y,))
    return np.sum(log(x))  # rule_evaluates


class Layer:
    def __call__(self, x):
        return self.activation(x)

    @staticmethod
    def activation(x):
        return np.log1p(-np.exp(x))  # layer


def scaled(a, x):
    return np.sum(a / x)  # scaled


def root_of(x):
    return np.sum(np.sqrt(x))  # root_of


def walrus(x):
    logs = [y for k in range(3) if (y := np.log(x - k)) is not None]  # walrus
    return logs[-1]


def own_inverse(x):
    z = x - x
    return np.sum(z / z)  # own_inverse


def overwritten_after(x):
    y = x * 1.0
    r = np.sqrt(y)  # overwritten_after
    y[0] = 7.0
    return np.sum(r)


def two_roots(x, y):
    harmful = np.sqrt(y)  # two_roots
    harmless = np.sqrt(x * 0.0)
    return np.sum(harmful) + np.sum(harmless)


def two_roots_and_a_write(x, y):
    z = np.zeros((2, 2))
    z[0] = np.sqrt(y)  # two_roots_and_a_write
    z[1] = np.sqrt(x * 0.0)
    return np.sum(z)


def two_roots_forward(x, y):
    harmless = np.sqrt(x) * 0.0
    harmful = np.sqrt(y)  # two_roots_forward
    return np.sum(harmful) * 3.0 + np.sum(harmless)


def linearized(x):
    with ad.debug():
        _, push = ad.linearize(root_of, x)
    return push(x + 1.0)


FORMS = [
    ("cross_entropy", ad.grad, cross_entropy, np.array([-1000.0, 0.0]), "forward"),
    ("where_trap", ad.grad, where_trap, np.array([-1.0, 4.0]), "forward"),
    ("divided_in_place", ad.grad, divided_in_place, np.array([0.0, 1.0]), "forward"),
    ("logarithm_into", ad.grad, logarithm_into, np.array([1.0, 0.0, 2.0]), "forward"),
    ("complex_logarithm", ad.grad, complex_logarithm, ZEROS * 1j, "forward"),
    ("root_of_magnitude", ad.grad, root_of_magnitude, ZEROS * 1j, "backward"),
    ("endless", ad.grad, endless, 1e10, "forward"),
    ("checkpointed_loop", ad.grad, checkpointed_loop, ZEROS + 1.5, "forward"),
    ("under_errstate", ad.grad, under_errstate, 1.0, "backward"),
    ("rule_divides", ad.grad, rule_divides, ZEROS, "backward"),
    ("rule_pushes", ad.grad, rule_pushes, ZEROS, "backward"),
    ("rule_pushes", ad.jacfwd, rule_pushes, ZEROS, "tangent"),
    ("rule_evaluates", ad.grad, rule_evaluates, ZEROS, "forward"),
    ("rule_evaluates", ad.jacfwd, rule_evaluates, ZEROS, "forward"),
    ("layer", ad.grad, Layer(), 0.0, "forward"),
    ("scaled", ad.grad, functools.partial(scaled, 1.0), ZEROS, "forward"),
    ("root_of", ad.jacobian, root_of, ZEROS, "backward"),
    ("root_of", ad.jacfwd, root_of, ZEROS, "tangent"),
    ("root_of", ad.jacrev, root_of, ZEROS, "backward"),
    ("walrus", ad.grad, walrus, 2.0, "forward"),
    ("own_inverse", ad.grad, own_inverse, ZEROS, "forward"),
    ("overwritten_after", ad.grad, overwritten_after, ZEROS, "backward"),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "transform", "function", "x", "phase"),
    FORMS,
    ids=[f"{one[0]}-{one[1].__name__}" for one in FORMS],
)
def test_the_line_is_named(name, transform, function, x, phase):
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        transform(function, debug=True)(x)
    assert (in_line(name), phase) == (caught.value.line, caught.value.phase)
    assert __file__ == caught.value.file


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_line_is_named_in_vmap_of_grad_of_vmap_of_grad():
    x = np.array([[1.0, 0.0], [2.0, 3.0]])
    with ad.debug(), pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.vmap(ad.grad(alternating))(x)
    assert in_line("alternating") == caught.value.line


def test_a_pullback_called_later_names_the_line():
    _, pull = ad.vjp(root_of, ZEROS, debug=True)
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        pull(1.0)
    assert in_line("root_of") == caught.value.line


def test_a_pushforward_called_after_the_debugger_names_the_line():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        linearized(ZEROS)
    assert in_line("root_of") == caught.value.line


@pytest.mark.parametrize("function", [two_roots, two_roots_and_a_write])
def test_an_infinity_that_meets_a_zero_is_not_blamed(function):
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(function, (0, 1), debug=True)(ZEROS, ZEROS)
    assert in_line(function.__name__) == caught.value.line
    np.testing.assert_array_equal(
        ZEROS, ad.grad(function, debug=True)(ZEROS, ZEROS + 1.0)
    )


def test_a_tangent_that_meets_a_zero_is_not_blamed():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.jvp(
            two_roots_forward, (ZEROS, ZEROS), (ZEROS + 1.0, ZEROS + 1.0), debug=True
        )
    assert in_line("two_roots_forward") == caught.value.line


def test_operands_are_those_of_before_a_write():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(overwritten_after, debug=True)(ZEROS)
    assert (np.float64(0.0),) == caught.value.operands


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_infinities_that_cancel_are_not_called_finite():
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(lambda x: np.sum(x - np.max(x)), debug=True)(ZEROS - np.inf)
    assert "np.subtract made nan at index [0] of shape [2]." in str(caught.value)
    assert "finite" not in str(caught.value).partition("There,")[0]


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        (rule_divides, "Look into the function and its rule for a division by 0"),
        (lambda x: np.sum(np.cbrt(x) ** 2), "The base is itself a root"),
    ],
    ids=["a rule of one's own", "a power of a root"],
)
def test_the_cause_is_told(function, cause):
    with pytest.raises(ad.errors.NonFiniteError) as caught:
        ad.grad(function, debug=True)(ZEROS)
    assert cause in str(caught.value)
