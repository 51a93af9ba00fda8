"""custom_jvp and custom_vjp: each rule in every mode, order and nesting."""

import inspect

import numpy as np
import pytest

import adjoint as ad
from transforms.compare import assert_close, assert_disjoint, assert_same


def make_jvp(function, slope):
    """An elementwise function with a pushforward."""
    f = ad.custom_jvp(function)

    @f.defjvp
    def rule(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return f(x), slope(x) * x_dot

    return f


def make_vjp(function, slope):
    """The same function with a pullback."""
    f = ad.custom_vjp(function)
    f.defvjp(lambda x: (f(x), x), lambda x, out_bar: (slope(x) * out_bar,))
    return f


BOTH = pytest.mark.parametrize("make", [make_jvp, make_vjp])
X = np.array([0.5, 1.0, 2.0])


# All modes, orders and nestings


@BOTH
def test_first_order(make):
    """The rule serves forward and reverse mode."""
    f = make(np.sin, np.cos)
    assert_same(np.sin(X), f(X))
    assert_close(np.cos(X), ad.elementwise_grad(f)(X))
    out, dot = ad.jvp(f, (X,), (np.full(3, 2.0),))
    assert_close((np.sin(X), 2.0 * np.cos(X)), (out, dot))
    out, pullback = ad.vjp(f, X)
    assert_close(np.cos(X), pullback(np.ones(3))[0])
    assert_close(3.0 * np.cos(X), pullback(np.full(3, 3.0))[0])
    assert_close(np.cos(X), ad.linearize(f, X)[1](np.ones(3)))
    assert_close(np.cos(0.5), ad.grad(f)(0.5))


@BOTH
def test_second_order_in_all_nestings(make):
    """Forward and reverse over forward and reverse."""
    f = make(np.sin, np.cos)
    for outer in (ad.jacfwd, ad.jacrev, ad.grad):
        for inner in (ad.jacfwd, ad.jacrev, ad.grad):
            assert_close(-np.sin(0.5), outer(inner(f))(0.5))
    assert_close(np.diag(-np.sin(X)), ad.hessian(lambda x: np.sum(f(x)))(X))
    assert_close(-np.sin(X) * X, ad.hvp(lambda x: np.sum(f(x)), X, X))


@BOTH
def test_third_order(make):
    """A rule that calls its own function is differentiated by itself."""
    f = make(np.exp, np.exp)
    assert_close(np.exp(0.5), ad.grad(ad.grad(ad.grad(f)))(0.5))
    assert_close(np.exp(0.5), ad.jacfwd(ad.jacfwd(ad.jacfwd(f)))(0.5))


@BOTH
def test_under_vmap(make):
    """The function, its gradient, and the gradient of the batch."""
    f = make(np.sin, np.cos)
    assert_close(np.sin(X), ad.vmap(f)(X))
    assert_close(np.cos(X), ad.vmap(ad.grad(f))(X))
    assert_close(np.cos(X), ad.grad(lambda x: np.sum(ad.vmap(f)(x)))(X))
    assert_close(-np.sin(X), ad.vmap(ad.grad(ad.grad(f)))(X))
    assert_close(-np.sin(X), ad.vmap(ad.hessian(f))(X))
    assert_close((np.sin(X), np.cos(X)), ad.vmap(lambda x: ad.jvp(f, (x,), (1.0,)))(X))
    m = np.outer(X, X)
    assert_close(np.cos(m), ad.vmap(ad.vmap(ad.grad(f)))(m))
    assert_close(np.diag(np.cos(X)), ad.jacrev(ad.vmap(f))(X))
    assert_close(np.diag(np.cos(X)), ad.jacfwd(ad.vmap(f))(X))


def product_jvp():
    f = ad.custom_jvp(lambda x, y: x * y)

    @f.defjvp
    def rule(primals, tangents):
        (x, y), (x_dot, y_dot) = primals, tangents
        return f(x, y), x_dot * y + x * y_dot

    return f


def product_vjp():
    f = ad.custom_vjp(lambda x, y: x * y)
    f.defvjp(lambda x, y: (x * y, (x, y)), lambda r, w: (np.sum(w * r[1]), r[0] * w))
    return f


@pytest.mark.parametrize("make", [product_jvp, product_vjp])
def test_a_shared_argument_under_vmap(make):
    """An argument that all samples share collects the sum over the batch."""
    f = make()
    y = np.arange(6.0).reshape(2, 3)
    mapped = ad.vmap(f, in_axes=(None, 0))
    assert_close(2.0 * y, mapped(2.0, y))
    loss = lambda x, y: np.sum(mapped(x, y) ** 2)  # noqa: E731
    gx, gy = ad.grad(loss, (0, 1))(2.0, y)
    assert_close(2.0 * 2.0 * np.sum(y * y), gx)
    assert_close(2.0 * 4.0 * y, gy)
    dot = ad.jvp(loss, (2.0, y), (1.0, np.zeros((2, 3))))[1]
    assert_close(4.0 * np.sum(y * y), dot)
    per_sample = ad.vmap(ad.grad(lambda x, y: np.sum(f(x, y))), in_axes=(None, 0))
    assert_close(np.sum(y, axis=1), per_sample(2.0, y))
    assert_close(2.0 * np.sum(y * y), ad.grad(ad.grad(loss))(2.0, y))


@pytest.mark.parametrize("make", [product_jvp, product_vjp])
def test_only_some_arguments_are_traced(make):
    """The others are constants, at each level their own."""
    f = make()
    assert_close(5.0, ad.grad(f)(2.0, 5.0))
    assert_close(2.0, ad.grad(f, 1)(2.0, 5.0))
    assert_close(1.0, ad.grad(lambda x: ad.grad(lambda y: f(x, y))(5.0))(2.0))
    assert_close(1.0, ad.jacfwd(lambda x: ad.jacrev(lambda y: f(x, y))(5.0))(2.0))
    assert_close(4.0, ad.grad(lambda x: f(x, x))(2.0))
    assert_close(2.0, ad.grad(ad.grad(lambda x: f(x, x)))(2.0))
    assert_close(5.0, ad.vmap(lambda x: ad.grad(f)(x, 5.0))(np.ones(2))[0])


# Rules that are not the true derivative


@BOTH
def test_the_rule_is_what_counts(make):
    """A slope of 7, stated, is the slope."""
    f = make(lambda x: x * x, lambda x: 7.0)
    assert_same(np.float64(7.0), ad.grad(f)(3.0))
    assert_same(np.float64(7.0), ad.jvp(f, (3.0,), (1.0,))[1])
    assert_same(np.float64(42.0), ad.grad(lambda x: f(x) * 2.0 * 3.0)(3.0))
    assert_same(np.float64(0.0), ad.grad(ad.grad(f))(3.0))
    assert_close(np.full(3, 7.0), ad.vmap(ad.grad(f))(X))


def test_gradient_clipping():
    """The identity with a clipped cotangent, nonlinear though it is."""
    clipped = ad.custom_vjp(lambda x: x)
    clipped.defvjp(lambda x: (x, None), lambda _, w: (np.clip(w, -1.0, 1.0),))
    given = ad.grad(lambda x: np.sum(clipped(x) * np.array([0.5, 3.0, -9.0])))(X)
    assert_same(np.array([0.5, 1.0, -1.0]), given)


def test_straight_through_estimator():
    """Rounding with the slope of the identity, forward and reverse."""
    rounded = ad.custom_jvp(np.round)
    rounded.defjvp(lambda primals, tangents: (np.round(*primals), *tangents))
    assert_same(np.float64(6.0), ad.grad(lambda x: rounded(x) ** 2)(2.7))
    assert_same((np.round(2.7), np.float64(1.0)), ad.jvp(rounded, (2.7,), (1.0,)))


# Trees, fixed arguments, keywords, methods


def test_trees_in_and_out():
    """Containers of arguments and results, for both kinds of rule."""

    def function(p, x):
        return {"y": p["w"] * x + p["b"], "s": (np.sum(x),)}

    f = ad.custom_jvp(function)

    @f.defjvp
    def rule(primals, tangents):
        (p, x), (p_dot, x_dot) = primals, tangents
        y_dot = p_dot["w"] * x + p["w"] * x_dot + p_dot["b"]
        return function(p, x), {"y": y_dot, "s": (np.sum(x_dot),)}

    g = ad.custom_vjp(function)

    def bwd(residuals, w):
        weight, x = residuals
        bar_p = {"w": np.sum(w["y"] * x), "b": np.sum(w["y"])}
        return bar_p, w["y"] * weight + w["s"][0]

    g.defvjp(lambda p, x: (function(p, x), (p["w"], x)), bwd)

    p = {"w": 2.0, "b": 1.0}
    expected = ({"w": np.sum(X * X), "b": np.sum(X)}, 2.0 * X + 3.0)
    for h in (f, g, function):
        loss = lambda p, x: h(p, x)["y"] @ X + 3 * h(p, x)["s"][0]  # noqa: B023, E731
        assert_close(expected, ad.grad(loss, (0, 1))(p, X))
        assert_close(function(p, X), h(p, X))
        ad.check_grads(h, (p, X))


def test_nondiff_argnums():
    """Fixed arguments come first in the rule, whatever they are."""
    f = ad.custom_jvp(lambda kind, x, n: x**n, nondiff_argnums=(0, 2))

    @f.defjvp
    def rule(kind, n, primals, tangents):
        assert ("power", 3) == (kind, n)
        return f(kind, primals[0], n), n * primals[0] ** (n - 1) * tangents[0]

    assert_close(12.0, ad.grad(f, 1)("power", 2.0, 3))

    g = ad.custom_vjp(lambda x, apply: apply(x), nondiff_argnums=(1,))
    g.defvjp(
        lambda x, apply: (apply(x), x), lambda apply, x, w: (w * ad.grad(apply)(x),)
    )
    assert_close(np.cos(2.0), ad.grad(g)(2.0, np.sin))
    assert_close(-np.sin(2.0), ad.grad(ad.grad(g))(2.0, np.sin))
    assert_close(np.cos(2.0), ad.jvp(lambda x: g(x, np.sin), (2.0,), (1.0,))[1])


def test_negative_nondiff_argnums():
    """Counted from the end, or refused; never taken for two arguments."""
    try:
        f = ad.custom_jvp(lambda x, n: x**n, nondiff_argnums=(-1,))
        f.defjvp(
            lambda n, primals, dots: (
                f(*primals, n),
                n * primals[0] ** (n - 1) * dots[0],
            )
        )
        assert_close(12.0, ad.grad(f)(2.0, 3))
    except ad.errors.AdjointError:
        pass


def test_strings_and_none_as_arguments():
    """What is neither number nor array is handed through, its tangent is None."""
    f = ad.custom_jvp(lambda x, mode, nothing: x * 2.0)
    seen = []

    @f.defjvp
    def rule(primals, tangents):
        seen.append(tangents[1:])
        return f(*primals), tangents[0] * 2.0

    assert_same(np.float64(2.0), ad.grad(f)(3.0, "fast", None))
    assert (None, None) == seen[0]


def scaled_jvp():
    @ad.custom_jvp
    def scaled(x, scale=2.0):
        return x * scale

    @scaled.defjvp
    def rule(primals, tangents):
        (x, scale), (x_dot, scale_dot) = primals, tangents
        return scaled(x, scale), x_dot * scale + x * scale_dot

    return scaled


def scaled_vjp():
    @ad.custom_vjp
    def scaled(x, scale=2.0):
        return x * scale

    scaled.defvjp(
        lambda x, scale: (scaled(x, scale), (x, scale)),
        lambda r, w: (w * r[1], w * r[0]),
    )
    return scaled


SCALED = pytest.mark.parametrize("make", [scaled_jvp, scaled_vjp])


@SCALED
def test_keywords(make):
    """A keyword is put in its place, and may be differentiated by."""
    f = make()
    assert_close(5.0, ad.grad(lambda x: f(x, scale=5.0))(3.0))
    assert_close(3.0, ad.grad(lambda s: f(scale=s, x=3.0))(5.0))
    assert_close(15.0, f(3.0, scale=5.0))


@SCALED
def test_defaults(make):
    """An argument left out reaches the rule with its default, as with keywords."""
    f = make()
    assert_close(6.0, f(3.0))
    assert_close(2.0, ad.grad(lambda x: f(x=x))(3.0))
    assert_close(2.0, ad.grad(f)(3.0))
    assert_close(2.0, ad.jvp(f, (3.0,), (1.0,))[1])


def test_keyword_only_arguments_are_not_lost():
    """A keyword-only argument takes part, or is refused; never silently the default."""

    def function(x, *, scale=2.0):
        return x * scale

    f = ad.custom_vjp(function)
    f.defvjp(lambda x, scale=2.0: (x * scale, scale), lambda r, w: (w * r, None)[:1])
    g = ad.custom_jvp(function)
    g.defjvp(lambda primals, dots: (primals[0] * 2.0, dots[0] * 2.0))
    for h in (f, g):
        try:
            value = h(3.0, scale=5.0)
        except (ad.errors.AdjointError, TypeError):
            continue
        assert 15.0 == value
        try:
            slope = ad.grad(lambda x: h(x, scale=5.0))(3.0)  # noqa: B023
        except (ad.errors.AdjointError, TypeError):
            continue
        assert 5.0 == slope


def test_a_decorated_method():
    """``self`` is bound as for any method, and is an argument of the rule."""

    class Spring:
        def __init__(self, stiffness):
            self.stiffness = stiffness

        @ad.custom_jvp
        def energy(self, x):
            """Energy of the spring."""
            return 0.5 * self.stiffness * x * x

        @energy.defjvp
        def _rule(primals, tangents):  # noqa: N805
            self, x = primals
            return self.energy(x), self.stiffness * x * tangents[1]

        @ad.custom_vjp
        def force(self, x):
            return self.stiffness * x

        force.defvjp(
            lambda self, x: (self.stiffness * x, self),
            lambda self, w: (None, 2.0 * self.stiffness * w),
        )

    spring = Spring(3.0)
    assert_close(6.0, spring.energy(2.0))
    assert_close(6.0, ad.grad(spring.energy)(2.0))
    assert_close(6.0, ad.jvp(spring.energy, (2.0,), (1.0,))[1])
    assert_close(3.0, ad.grad(ad.grad(spring.energy))(2.0))
    assert_close(6.0, ad.grad(spring.force)(2.0))
    assert_close(np.full(3, 6.0), ad.vmap(ad.grad(spring.force))(X))
    assert "Energy of the spring." == Spring.energy.__doc__


def test_name_and_signature_stay():
    """The decorated function looks like the function."""
    f = scaled_vjp()
    assert "scaled" == f.__name__
    assert ["x", "scale"] == list(inspect.signature(f).parameters)


# Details of the rules


def test_none_cotangents_are_zeros():
    """For one argument, for a leaf's whole tree, in both modes."""
    f = ad.custom_vjp(lambda x, p: x * p["a"])
    f.defvjp(lambda x, p: (x * p["a"], p["a"]), lambda a, w: (a * w, None))
    zero = {"a": np.float64(0.0)}
    assert_same((np.float64(5.0), zero), ad.grad(f, (0, 1))(2.0, {"a": 5.0}))
    assert_same(np.float64(0.0), ad.grad(f, 1)(2.0, {"a": 5.0})["a"])
    given = ad.jvp(f, (2.0, {"a": 5.0}), (0.0, {"a": 1.0}))[1]
    assert_same(np.float64(0.0), given)
    assert_close(np.zeros(3), ad.vmap(ad.grad(f, 1), (0, None))(X, {"a": 5.0})["a"])


BUFFER = np.zeros(3)
PAIR = (BUFFER, BUFFER)


@pytest.mark.parametrize(
    "given",
    [lambda: (BUFFER, BUFFER), lambda: (BUFFER[:], BUFFER[:]), lambda: PAIR],
    ids=["buffer", "view", "tuple"],
)
def test_a_backward_rule_may_fill_one_buffer_again_and_again(given):
    """For both arguments here, and in both calls."""

    def bwd(_, w):
        np.multiply(w, 2.0, out=BUFFER)
        return given()

    f = ad.custom_vjp(lambda x, y: 2.0 * (x + y))
    f.defvjp(lambda x, y: (2.0 * (x + y), None), bwd)

    def loss(x, y):
        return np.sum(f(x, y)) + np.sum(10.0 * f(x, y))

    by_x, by_y = ad.grad(loss, (0, 1))(X, X)
    assert_same(np.full(3, 22.0), by_x)
    assert_same(np.full(3, 22.0), by_y)
    assert_disjoint(by_x, by_y, BUFFER)


def test_a_forward_rule_may_fill_one_buffer_again_and_again():
    def rule(primals, tangents):
        np.multiply(2.0 * primals[0], tangents[0], out=BUFFER)
        return primals[0] ** 2, BUFFER

    f = ad.custom_jvp(lambda x: x**2)
    f.defjvp(rule)
    x = np.array([1.0, 2.0, 3.0])
    _, dot = ad.jvp(lambda x: f(x) + f(3.0 * x), (x,), (np.ones(3),))
    assert_same(20.0 * x, dot)


def test_several_results_of_which_one_is_used():
    """The cotangents of the others are zeros of their shape."""
    f = ad.custom_vjp(lambda x: (x * x, np.sum(x)))
    seen = []

    def bwd(x, bars):
        seen.append(bars[0].shape)
        return (2.0 * x * bars[0] + bars[1],)

    f.defvjp(lambda x: ((x * x, np.sum(x)), x), bwd)
    assert_same(np.ones(3), ad.grad(lambda x: f(x)[1])(X))
    assert [(3,)] == seen
    assert_same(2.0 * X, ad.grad(lambda x: np.sum(f(x)[0]))(X))


def test_integer_arguments_and_results():
    """Integers go in and out beside the numbers that are differentiated."""
    f = ad.custom_vjp(lambda x, k: (x[k] * 2.0, k + 1))

    def bwd(r, bars):
        shape, k = r
        out = np.zeros(shape)
        out[k] = 2.0
        return out * bars[0], None

    f.defvjp(lambda x, k: ((x[k] * 2.0, k + 1), (x.shape, k)), bwd)
    assert_same(np.array([0.0, 2.0, 0.0]), ad.grad(lambda x: f(x, 1)[0])(X))
    assert_same(np.float64(2.0), ad.jvp(lambda x: f(x, 1)[0], (X,), (np.ones(3),))[1])

    g = ad.custom_jvp(lambda x, k: (x[k] * 2.0, k + 1))
    g.defjvp(lambda p, t: (g(*p), (t[0][p[1]] * 2.0, 0.0)))
    assert_same(np.array([0.0, 2.0, 0.0]), ad.grad(lambda x: g(x, 1)[0])(X))
    assert_same(np.float64(2.0), ad.jvp(lambda x: g(x, 1)[0], (X,), (np.ones(3),))[1])


def test_residuals_of_any_kind():
    """Strings, None, nested containers, large arrays, outer traced values."""
    f = ad.custom_vjp(lambda x: x * x)
    f.defvjp(
        lambda x: (x * x, {"x": [x, None], "name": "square"}),
        lambda r, w: (2.0 * r["x"][0] * w if r["name"] == "square" else None,),
    )
    big = np.full(2000, 3.0)
    assert_same(np.full(2000, 6.0), ad.grad(lambda x: np.sum(f(x)))(big))
    assert big.flags.writeable
    _, pullback = ad.vjp(f, big)
    big[:] = 0.0
    assert_same((np.full(2000, 6.0),), pullback(np.ones(2000)))
    assert_same(np.float64(2.0), ad.grad(ad.grad(f))(3.0))


def test_float32():
    """Results and cotangents of float32 stay float32."""
    f = make_vjp(lambda x: x * np.float32(2.0), lambda x: 2.0)
    x = np.ones(2, np.float32)
    assert_same(np.full(2, 2.0, np.float32), ad.grad(lambda x: np.sum(f(x)))(x))


@BOTH
@pytest.mark.parametrize("mode", ["forward", "reverse", "batch"])
def test_closing_over_a_traced_value(make, mode):
    """A custom function that reads a traced value of its own level: right or loud."""

    def loss(a):
        return make(lambda x: a * x, lambda x: a)(a)

    calls = {
        "reverse": lambda: ad.grad(loss)(3.0),
        "forward": lambda: ad.jvp(loss, (3.0,), (1.0,))[1],
        "batch": lambda: ad.vmap(loss)(np.array([np.sqrt(6.0)])),
    }
    try:
        given = calls[mode]()
    except ad.errors.AdjointError:
        return
    assert_close(np.array([6.0]) if mode == "batch" else np.float64(6.0), given)


def test_closing_over_a_lower_level():
    """An outer level in the rule is a constant for the inner, traced outside."""

    def outer(a):
        f = make_vjp(lambda x: a * x * x, lambda x: 2.0 * a * x)
        g = make_jvp(lambda x: a * x * x, lambda x: 2.0 * a * x)
        return ad.grad(f)(3.0) + ad.grad(g)(3.0) + ad.jvp(f, (3.0,), (1.0,))[1]

    assert_close(18.0, ad.grad(outer)(5.0))
    assert_close(18.0, ad.jvp(outer, (5.0,), (1.0,))[1])


# Mistakes


def mistaken(function, *, fwd=None, bwd=None, jvp=None):
    """A function ``kinetic`` with a rule that is wrong."""
    function.__name__ = "kinetic"
    if jvp is not None:
        f = ad.custom_jvp(function)
        f.defjvp(jvp)
    else:
        f = ad.custom_vjp(function)
        f.defvjp(fwd, bwd)
    return f


def square(x):
    return x * x


MISTAKES = {
    "no tuple": ({"bwd": lambda x, w: 2.0 * x * w}, ad.errors.TreeError),
    "too many": ({"bwd": lambda x, w: (x, x)}, ad.errors.TreeError),
    "wrong shape": ({"bwd": lambda x, w: (np.sum(x),)}, ad.errors.ShapeError),
    "wrong tree": ({"bwd": lambda x, w: ([x],)}, ad.errors.TreeError),
    "no pair": (
        {"fwd": lambda x: x * x, "bwd": lambda x, w: (x,)},
        ad.errors.TreeError,
    ),
    "tangent shape": (
        {"jvp": lambda p, t: (p[0] ** 2, np.sum(t[0]))},
        ad.errors.ShapeError,
    ),
    "tangent tree": ({"jvp": lambda p, t: (p[0] ** 2, [t[0]])}, ad.errors.TreeError),
    "no jvp pair": ({"jvp": lambda p, t: p[0] ** 2}, ad.errors.TreeError),
    "None tangent": ({"jvp": lambda p, t: (p[0] ** 2, None)}, ad.errors.TreeError),
}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_rule_is_named(name, mode):
    """The error is ours and names the function, in both modes."""
    parts, error = MISTAKES[name]
    parts = {"fwd": lambda x: (x * x, x), "bwd": None, **parts}
    if "jvp" in parts:
        parts = {"jvp": parts["jvp"]}
    f = mistaken(lambda x: x * x, **parts)
    call = ad.jacfwd if mode == "forward" else ad.jacrev
    with pytest.raises(error, match="kinetic"):
        call(f)(X)


def test_calling_before_a_rule_was_given():
    """The sentence names the function and the method to call."""
    with pytest.raises(ad.errors.MissingRuleError, match=r"square .*defjvp"):
        ad.custom_jvp(square)(2.0)
    with pytest.raises(ad.errors.MissingRuleError, match=r"square .*defvjp"):
        ad.grad(ad.custom_vjp(square))(2.0)


def test_a_rule_that_raises():
    """The user's exception passes through, in both modes."""

    def fails(*_):
        raise ZeroDivisionError

    f = mistaken(square, jvp=fails)
    g = mistaken(square, fwd=lambda x: (x * x, x), bwd=fails)
    for h in (f, g):
        for transform in (ad.jacfwd, ad.jacrev):
            with pytest.raises(ZeroDivisionError):
                transform(h)(X)
