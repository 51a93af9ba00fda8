"""Solvers under a transform: refused where a derivative would be lost, else as ever."""

import re

import numpy as np
import pytest

import adjoint as ad

T = np.arange(6.0)
Y = np.array([5.02, 3.00, 1.85, 1.10, 0.69, 0.39])
ZEROS = np.zeros(2)


def decay(t, a, b):
    return a * np.exp(-b * t)


def bowl(x):
    return np.sum((x - 1.0) ** 2)


# Each takes one number, and hands it to a solver in one way; then what is named.
CASES = {
    "minimize, x0": (lambda a: ad.solve.minimize(bowl, [a, a]).x[0], "x0"),
    "minimize, tree": (lambda a: ad.solve.minimize(bowl, {"u": a}).x["u"], "x0"),
    "minimize, args": (
        lambda a: ad.solve.minimize(lambda x, a: bowl(x * a), ZEROS, args=(a,)).x[0],
        "what <lambda> returned",
    ),
    "minimize, around": (
        lambda a: ad.solve.minimize(lambda x: bowl(x * a), ZEROS).x[0],
        "what <lambda> returned",
    ),
    "minimize, values alone": (
        lambda a: ad.solve.minimize(lambda x: bowl(x * a), ZEROS, method="Powell").x,
        "what <lambda> returned",
    ),
    "minimize, bounds": (
        lambda a: ad.solve.minimize(bowl, ZEROS, bounds=[(0, a), (0, 1)]).x[0],
        "bounds",
    ),
    "minimize, jac": (
        lambda a: ad.solve.minimize(bowl, ZEROS, jac=lambda x: a * x).x[0],
        "what jac returned",
    ),
    "minimize, constraints": (
        lambda a: ad.solve.minimize(
            bowl, ZEROS, constraints={"type": "eq", "fun": lambda x: x[0] - a}
        ).x[0],
        "what <lambda> returned",
    ),
    "least_squares, x0": (
        lambda a: ad.solve.least_squares(lambda x: x - 1.0, a * np.ones(2)).x[0],
        "x0",
    ),
    "least_squares, around": (
        lambda a: ad.solve.least_squares(lambda x: x - a, ZEROS).x[0],
        "what <lambda> returned",
    ),
    "least_squares, bounds": (
        lambda a: ad.solve.least_squares(lambda x: x - 1, ZEROS, bounds=(-a, a)).x[0],
        "bounds",
    ),
    "curve_fit, ydata": (lambda a: ad.solve.curve_fit(decay, T, a * Y)[0][0], "ydata"),
    "curve_fit, xdata": (lambda a: ad.solve.curve_fit(decay, a * T, Y)[0][0], "xdata"),
    "curve_fit, p0": (
        lambda a: ad.solve.curve_fit(decay, T, Y, p0=[a, a])[0][0],
        "p0",
    ),
    "curve_fit, sigma": (
        lambda a: ad.solve.curve_fit(decay, T, Y, sigma=a)[0][0],
        "sigma",
    ),
    "curve_fit, around": (
        lambda a: ad.solve.curve_fit(lambda t, b: decay(t, a, b), T, Y)[0][0],
        "what <lambda> returned",
    ),
    "root, x0": (lambda a: ad.solve.root(lambda x: x - 1.0, [a]).x[0], "x0"),
    "root, args": (
        lambda a: ad.solve.root(lambda x, a: x**2 - a, np.ones(1), args=(a,)).x[0],
        "what <lambda> returned",
    ),
    "root_scalar, x0": (
        lambda a: ad.solve.root_scalar(lambda x: x**2 - 2.0, x0=a).root,
        "x0",
    ),
    "root_scalar, bracket": (
        lambda a: ad.solve.root_scalar(lambda x: x**2 - 2.0, bracket=[0.0, a]).root,
        "bracket",
    ),
    "root_scalar, args": (
        lambda a: ad.solve.root_scalar(lambda x, a: x**2 - a, args=a, x0=1.0).root,
        "what <lambda> returned",
    ),
    "root_scalar, around a bracket": (
        lambda a: ad.solve.root_scalar(lambda x: x**2 - a, bracket=[0.0, 3.0]).root,
        "what <lambda> returned",
    ),
    "root_scalar, fprime": (
        lambda a: (
            ad.solve.root_scalar(
                lambda x: x**2 - 2.0, x0=1.0, fprime=lambda x: a * x
            ).root
        ),
        "what <lambda> returned",
    ),
}

TRANSFORMS = {
    "grad": lambda f: ad.grad(f)(2.0),
    "jvp": lambda f: ad.jvp(f, (2.0,), (1.0,)),
    "vmap": lambda f: ad.vmap(f)(np.array([2.0, 2.5])),
    "trace": lambda f: ad.trace(f)(2.0),
    "variable": lambda f: f(ad.variable(2.0)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_traced_value_is_refused_with_the_way_to_a_derivative(name, transform):
    solution, named = CASES[name]
    who = re.escape(f"ad.solve.{name.partition(',')[0]}: {named} ")
    with pytest.raises(ad.errors.ConversionError) as caught:
        TRANSFORMS[transform](solution)
    said = str(caught.value)
    assert re.match(f"{who}.*traced value.*not differentiated", said)
    assert "ad.custom_vjp" in said
    assert "np.linalg.solve" in said
    assert "ad.extend" not in said
    assert "ad.follow" not in said


def test_what_a_transform_leaves_plain_is_solved():
    def f(a):
        start = np.zeros(2)
        start[0] = 3.0  # an array of which the transform might have to know
        target = ad.stop_gradient(a)
        found = ad.solve.minimize(lambda x: np.sum((x - target) ** 2), start)
        root = ad.solve.root_scalar(lambda x, a: x**2 - target, args=(a,), x0=1.0).root
        return a * (found.x[0] + root)

    assert ad.grad(f)(4.0) == pytest.approx(4.0 + 2.0)


def test_a_rule_of_its_own_gives_a_solution_derivatives_of_all_orders():
    def forces(x, k):
        return np.array([k * x[0] + x[0] ** 3 - x[1], x[1] + k * x[1] ** 3 - 2.0])

    @ad.custom_vjp
    def rest(k):
        return ad.solve.root(forces, np.ones(2), args=(k,), tol=1e-13).x

    def with_memory(k):
        x = rest(k)
        return x, (x, k)

    def pullback(memory, x_bar):
        x, k = memory
        w = np.linalg.solve(ad.jacobian(forces)(x, k).T, x_bar)
        return (-ad.vjp(lambda k: forces(x, k), k)[1](w)[0],)

    rest.defvjp(with_memory, pullback)
    ad.check_grads(rest, (1.5,), order=2)
