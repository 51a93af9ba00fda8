"""Custom rules under nested batches, in closures, with keywords, and when they fail."""

import numpy as np
import pytest
from scipy import special

import adjoint as ad
from adjoint._modes.protect import _frozen
from transforms.compare import assert_close, assert_same


def product_jvp():
    """x * y with a pushforward."""
    f = ad.custom_jvp(lambda x, y: x * y)
    f.defjvp(lambda p, t: (p[0] * p[1], p[0] * t[1] + t[0] * p[1]))
    return f


def product_vjp():
    """x * y with a pullback."""
    f = ad.custom_vjp(lambda x, y: x * y)
    f.defvjp(lambda x, y: (x * y, (x, y)), lambda xy, w: (w * xy[1], w * xy[0]))
    return f


def product_vjp_by_itself():
    """x * y with a pullback whose forward half calls the function again."""
    f = ad.custom_vjp(lambda x, y: x * y)
    f.defvjp(
        lambda x, y: (f(x, y), {"x": x, "y": y}), lambda r, w: (w * r["y"], w * r["x"])
    )
    return f


MAKERS = pytest.mark.parametrize(
    "make", [product_jvp, product_vjp, product_vjp_by_itself]
)
JACOBIANS = pytest.mark.parametrize("jacobian", [ad.jacrev, ad.jacfwd])
SIZES = pytest.mark.parametrize("sizes", [(3, 3), (3, 4), (4, 3), (1, 3), (3, 1)])


def samples(*sizes):
    return [np.arange(1.0, n + 1.0) + 10.0 * k for k, n in enumerate(sizes)]


def outer_of(f):
    return ad.vmap(ad.vmap(f, (None, 0)), (0, None))


@MAKERS
@JACOBIANS
@SIZES
def test_two_nested_batches(make, jacobian, sizes):
    """Rows by columns of one product are the outer product, and so are derivatives."""
    a, b = samples(*sizes)
    outer = outer_of(make())
    assert_same(np.outer(a, b), outer(a, b))
    by_a, by_b = jacobian(outer, (0, 1))(a, b)
    assert_same(np.einsum("ik,j->ijk", np.eye(a.size), b), by_a)
    assert_same(np.einsum("jk,i->ijk", np.eye(b.size), a), by_b)


@MAKERS
@JACOBIANS
@SIZES
def test_the_columns_outside(make, jacobian, sizes):
    """The two batches the other way round, and with the batch last."""
    a, b = samples(*sizes)
    f = make()
    outer = ad.vmap(ad.vmap(f, (0, None)), (None, 0))
    by_a, by_b = jacobian(outer, (0, 1))(a, b)
    assert_same(np.einsum("ik,j->jik", np.eye(a.size), b), by_a)
    assert_same(np.einsum("jk,i->jik", np.eye(b.size), a), by_b)
    last = ad.vmap(ad.vmap(f, (None, 0)), (0, None), out_axes=-1)
    assert_same(np.einsum("ik,j->jik", np.eye(a.size), b), jacobian(last)(a, b))


@MAKERS
@SIZES
def test_derivatives_inside_the_batches(make, sizes):
    """The gradient is taken of one product, the batches lie outside."""
    a, b = samples(*sizes)
    ones = np.ones((a.size, b.size))
    f = make()
    for gradient in (ad.grad(f, (0, 1)), ad.jacfwd(f, (0, 1)), ad.jacrev(f, (0, 1))):
        assert_same((ones * b, ones * a[:, None]), outer_of(gradient)(a, b))
    push = lambda x, y: ad.jvp(f, (x, y), (2.0 * y, 3.0 * x))[1]  # noqa: E731
    assert_same(2.0 * b**2 * ones + 3.0 * a[:, None] ** 2, outer_of(push)(a, b))
    mixed = lambda x, y: ad.hessian(f, (0, 1))(x, y)[0][1]  # noqa: E731
    assert_same(ones, outer_of(mixed)(a, b))


@MAKERS
@SIZES
def test_one_batch_inside_and_one_outside_the_gradient(make, sizes):
    """vmap over grad of a sum over vmap."""
    a, b = samples(*sizes)
    f = make()
    total = lambda x: np.sum(ad.vmap(lambda y: f(x, y) * f(x, y))(b))  # noqa: E731
    assert_same(2.0 * a * np.sum(b * b), ad.vmap(ad.grad(total))(a))
    assert_same(2.0 * a * np.sum(b * b), ad.vmap(ad.jacfwd(total))(a))


@MAKERS
@JACOBIANS
def test_both_batches_over_one_argument(make, jacobian):
    """The rows and columns of a matrix, the other argument shared or by rows."""
    f = make()
    m = np.arange(12.0).reshape(3, 4)
    c = np.arange(1.0, 4.0)
    twice = ad.vmap(ad.vmap(f, (0, None)), (0, 0))
    assert_same(m * c[:, None], twice(m, c))
    by_m, by_c = jacobian(twice, (0, 1))(m, c)
    assert_same(np.einsum("ik,jl,i->ijkl", np.eye(3), np.eye(4), c), by_m)
    assert_same(np.einsum("ik,ij->ijk", np.eye(3), m), by_c)
    shared = ad.vmap(ad.vmap(f, (0, None)), (0, None))
    assert_same(m, jacobian(shared, 1)(m, 2.0))


@MAKERS
@JACOBIANS
@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 4)])
def test_three_nested_batches(make, jacobian, sizes):
    """x y z by two calls of the rule."""
    a, b, c = samples(*sizes)
    f = make()
    g = lambda x, y, z: f(f(x, y), z)  # noqa: E731
    cube = ad.vmap(
        ad.vmap(ad.vmap(g, (None, None, 0)), (None, 0, None)), (0, None, None)
    )
    assert_same(np.einsum("i,j,k->ijk", a, b, c), cube(a, b, c))
    by_a, by_b, by_c = jacobian(cube, (0, 1, 2))(a, b, c)
    assert_same(np.einsum("il,j,k->ijkl", np.eye(a.size), b, c), by_a)
    assert_same(np.einsum("i,jl,k->ijkl", a, np.eye(b.size), c), by_b)
    assert_same(np.einsum("i,j,kl->ijkl", a, b, np.eye(c.size)), by_c)


@MAKERS
def test_second_derivatives_over_two_batches(make):
    """All nestings of forward and reverse over the nested batches."""
    a, b = samples(3, 3)
    f = make()
    g = lambda a, b: np.sum(outer_of(lambda x, y: f(x, f(x, y)))(a, b))  # noqa: E731
    expected = np.diag(np.full(3, 2.0 * b.sum()))
    for first in (ad.jacrev, ad.jacfwd):
        for second in (ad.jacrev, ad.jacfwd):
            assert_same(expected, second(first(g))(a, b))


# Rules that read traced values past their arguments


def refers_in_the_function(x):
    @ad.custom_jvp
    def scaled(y):
        return y * x

    scaled.defjvp(lambda p, t: (p[0] * x, t[0] * x))
    return scaled


def refers_in_the_tangent(x):
    @ad.custom_jvp
    def scaled(y):
        return y * 2.0

    scaled.defjvp(lambda p, t: (p[0] * 2.0, t[0] * x))
    return scaled


def refers_in_fwd(x):
    @ad.custom_vjp
    def scaled(y):
        return y * x

    scaled.defvjp(lambda y: (y * x, y), lambda _, w: (w * 2.0,))
    return scaled


def refers_in_residuals(x):
    @ad.custom_vjp
    def scaled(y):
        return y * 2.0

    scaled.defvjp(lambda y: (y * 2.0, x), lambda r, w: (w * r,))
    return scaled


def refers_in_bwd(x):
    @ad.custom_vjp
    def scaled(y):
        return y * 2.0

    scaled.defvjp(lambda y: (y * 2.0, y), lambda _, w: (w * x,))
    return scaled


CLOSURES = [
    refers_in_the_function,
    refers_in_the_tangent,
    refers_in_fwd,
    refers_in_residuals,
    refers_in_bwd,
]
FIRST = {
    "grad": lambda f: ad.grad(f)(2.0),
    "jvp": lambda f: ad.jvp(f, (2.0,), (1.0,)),
    "vjp": lambda f: ad.vjp(f, 2.0)[1](1.0),
    "linearize": lambda f: ad.linearize(f, 2.0)[1](1.0),
    "jacrev": lambda f: ad.jacrev(f)(2.0),
    "jacfwd": lambda f: ad.jacfwd(f)(2.0),
    "grad of an array": lambda f: ad.grad(lambda x: np.sum(f(x)))(np.ones(3)),
}


@pytest.mark.parametrize("how", FIRST)
@pytest.mark.parametrize("make", CLOSURES)
def test_a_rule_that_closes_over_a_traced_value(make, how):
    """An error names the function, and says to pass the value as an argument."""
    with pytest.raises(ad.errors.AdjointError, match=r"(?s)scaled.*argument"):
        FIRST[how](lambda x: make(x)(x * 3.0))


@pytest.mark.parametrize("make", CLOSURES)
def test_a_rule_that_closes_over_a_batched_value(make):
    """The same under vmap, of the function and of its gradient: right or loud."""
    x = np.array([2.0, 3.0])
    f = lambda x: make(x)(x * 3.0)  # noqa: E731
    plain = np.stack([f(one) for one in x])
    try:
        assert_same(plain, ad.vmap(f)(x))
    except ad.errors.AdjointError as error:
        assert "scaled" in str(error)  # noqa: PT017 - both outcomes are tested
        assert "argument" in str(error)  # noqa: PT017
    inner = lambda x: ad.grad(make(x))(x * 3.0)  # noqa: E731
    slopes = np.stack([inner(one) for one in x])
    try:
        assert_same(slopes, ad.vmap(inner)(x))
    except ad.errors.AdjointError as error:
        assert "scaled" in str(error)  # noqa: PT017
        assert "argument" in str(error)  # noqa: PT017


@pytest.mark.parametrize("make", CLOSURES)
def test_a_rule_that_closes_over_an_outer_level(make):
    """A value of an outer transform is no part of the inner rule: right or loud."""
    f = lambda x: ad.grad(make(x))(3.0)  # noqa: E731
    slope = 0.0 if make is refers_in_fwd else 1.0
    for derivative in (ad.grad, ad.jacfwd):
        try:
            given = derivative(f)(2.0)
        except ad.errors.AdjointError as error:
            assert "argument" in str(error)  # noqa: PT017
            continue
        assert_same(np.float64(slope), given)


@pytest.mark.parametrize("make", [refers_in_the_function, refers_in_fwd])
def test_only_the_closure_is_traced(make):
    """A plain argument and a traced closure: right or loud, never a zero."""
    f = lambda x: make(x)(3.0)  # noqa: E731
    for derivative in (ad.grad, ad.jacfwd, ad.jacrev):
        try:
            given = derivative(f)(2.0)
        except ad.errors.AdjointError:
            continue
        assert_same(np.float64(3.0), given)


def fixed_jvp():
    f = ad.custom_jvp(lambda c, x: c * x * x, nondiff_argnums=(0,))
    f.defjvp(lambda c, p, t: (c * p[0] * p[0], 2.0 * c * p[0] * t[0]))
    return f


def fixed_vjp():
    f = ad.custom_vjp(lambda c, x: c * x * x, nondiff_argnums=(0,))
    f.defvjp(lambda c, x: (c * x * x, x), lambda c, x, w: (2.0 * c * x * w,))
    return f


@pytest.mark.parametrize("make", [fixed_jvp, fixed_vjp])
@pytest.mark.parametrize("how", FIRST)
def test_a_traced_value_named_in_nondiff_argnums(make, how):
    """Of the same transform: right or an AdjointError, never a part of the slope."""
    f = make()
    try:
        given = FIRST[how](lambda x: f(x, x))
    except ad.errors.AdjointError:
        return
    assert_close(FIRST[how](lambda x: x * x * x), given)


@pytest.mark.parametrize("make", [fixed_jvp, fixed_vjp])
@pytest.mark.parametrize("how", FIRST)
def test_only_the_fixed_argument_is_traced(make, how):
    """The differentiable one is plain: right or an AdjointError."""
    f = make()
    try:
        given = FIRST[how](lambda x: f(x, 3.0))
    except ad.errors.AdjointError:
        return
    assert_close(FIRST[how](lambda x: x * 9.0), given)


@pytest.mark.parametrize("make", [fixed_jvp, fixed_vjp])
def test_fixed_arguments_of_outer_levels(make):
    """A fixed argument traced further out, or batched: right or loud."""
    f = make()
    c = np.array([2.0, 5.0])
    for call, expected in (
        (lambda: ad.vmap(lambda c: f(c, 3.0))(c), 9.0 * c),
        (lambda: ad.vmap(f)(c, c), c**3),
        (lambda: ad.vmap(ad.grad(f, 1))(c, c), 2.0 * c**2),
        (lambda: ad.grad(lambda c: ad.grad(f, 1)(c, 3.0))(2.0), 6.0),
        (lambda: ad.jacfwd(lambda c: ad.grad(f, 1)(c, 3.0))(2.0), 6.0),
    ):
        try:
            given = call()
        except ad.errors.AdjointError:
            continue
        assert_close(expected, given)


# Keywords and defaults


def with_keyword(kind):
    def power(x, n=2, *, scale=1.0):
        return scale * x**n

    f = kind(power, nondiff_argnums=(1,))
    if kind is ad.custom_jvp:
        f.defjvp(lambda n, p, t: (p[0] ** n, n * p[0] ** (n - 1) * t[0]))
    else:
        f.defvjp(lambda x, n: (x**n, x), lambda n, x, w: (n * x ** (n - 1) * w,))
    return f


def with_default(kind):
    def power(x, n=2):
        return x**n

    f = kind(power, nondiff_argnums=(1,))
    if kind is ad.custom_jvp:
        f.defjvp(lambda n, p, t: (p[0] ** n, n * p[0] ** (n - 1) * t[0]))
    else:
        f.defvjp(lambda x, n: (x**n, x), lambda n, x, w: (n * x ** (n - 1) * w,))
    return f


KINDS = pytest.mark.parametrize("kind", [ad.custom_jvp, ad.custom_vjp])


@KINDS
def test_a_keyword_only_argument_is_refused(kind):
    """With a sentence that names function, argument and cure."""
    f = with_keyword(kind)
    for call in (
        lambda: f(3.0, 2, scale=2.0),
        lambda: ad.grad(lambda x: f(x, 2, scale=2.0))(3.0),
        lambda: ad.vmap(lambda x: f(x, scale=2.0))(np.ones(2)),
    ):
        with pytest.raises(
            ad.errors.InputError, match=r"(?s)power.*scale.*keyword.*nondiff_argnums"
        ):
            call()


@KINDS
def test_defaults_are_filled(kind):
    """By position, by keyword or left out: one rule serves all."""
    f = with_default(kind)
    for call in (f, lambda x: f(x, 2), lambda x: f(x, n=2), lambda x: f(n=2, x=x)):
        assert 9.0 == call(3.0)
        assert_same(np.float64(6.0), ad.grad(call)(3.0))
        assert 6.0 == ad.jvp(call, (3.0,), (1.0,))[1]
        assert_same(np.array([2.0, 4.0]), ad.vmap(ad.grad(call))(np.array([1.0, 2.0])))
    assert_same(np.float64(27.0), ad.grad(lambda x: f(x, n=3))(3.0))


@KINDS
def test_a_negative_position(kind):
    """nondiff_argnums counts from the end of all arguments, defaults filled."""

    def power(x, n=2):
        return x**n

    f = kind(power, nondiff_argnums=(-1,))
    if kind is ad.custom_jvp:
        f.defjvp(lambda n, p, t: (p[0] ** n, n * p[0] ** (n - 1) * t[0]))
    else:
        f.defvjp(lambda x, n: (x**n, x), lambda n, x, w: (n * x ** (n - 1) * w,))
    for call in (f, lambda x: f(x, 2), lambda x: f(x, n=2)):
        assert_same(np.float64(6.0), ad.grad(call)(3.0))
        assert 6.0 == ad.jvp(call, (3.0,), (1.0,))[1]


# A rule that fails


@pytest.mark.parametrize("size", [3, 2000])
def test_a_rule_that_raises_while_it_is_transposed(size):
    """No array stays read-only, whatever the rule has read before it failed."""
    kept = np.ones(size)

    @ad.custom_jvp
    def f(x):
        return x * kept

    @f.defjvp
    def rule(primals, tangents):
        x, dot = primals[0], tangents[0]
        _ = dot * kept, dot * x
        raise KeyError("the user's")

    x = np.ones(size)
    for call in (
        lambda: ad.grad(lambda x: np.sum(f(x)))(x),
        lambda: ad.vjp(f, x),
        lambda: ad.linearize(f, x),
        lambda: ad.jvp(f, (x,), (x,)),
        lambda: ad.jacrev(lambda x: f(x)[0])(x),
    ):
        with pytest.raises(KeyError, match="the user's"):
            call()
        assert kept.flags.writeable
        assert x.flags.writeable
        assert {} == _frozen


@pytest.mark.parametrize("size", [3, 2000])
def test_a_backward_rule_that_raises(size):
    """The same for a pullback, in the sweep and transposed for forward mode."""
    kept = np.ones(size)
    f = ad.custom_vjp(lambda x: x * kept)

    def backward(x, w):
        _ = w * kept, w * x
        raise KeyError("the user's")

    f.defvjp(lambda x: (x * kept, x), backward)
    x = np.ones(size)
    for call in (
        lambda: ad.grad(lambda x: np.sum(f(x) * kept))(x),
        lambda: ad.vjp(f, x)[1](x),
        lambda: ad.jvp(f, (x,), (x,)),
    ):
        with pytest.raises(KeyError, match="the user's"):
            call()
        assert kept.flags.writeable
        assert x.flags.writeable
        assert {} == _frozen


def test_a_rule_that_is_not_linear():
    """A pushforward that cannot be transposed is an error, and nothing stays frozen."""
    kept = np.ones(2000)

    @ad.custom_jvp
    def f(x):
        return x * kept

    f.defjvp(lambda p, t: (p[0] * kept, special.mathieu_a(1.0, t[0] * kept)))
    x = np.ones(2000)
    with pytest.raises(ad.errors.MissingRuleError):
        ad.grad(lambda x: np.sum(f(x)))(x)
    assert kept.flags.writeable
    assert x.flags.writeable
    assert {} == _frozen


# Backward rules that write into what they are given


def scaled_in_place(residual, out_bar):
    residual *= 2.0
    return (out_bar * residual,)


def cleared_in_place(_residual, out_bar):
    out_bar[0] = 0.0
    return (out_bar,)


@pytest.mark.parametrize("backward", [scaled_in_place, cleared_in_place])
def test_a_backward_rule_does_not_change_what_others_use(backward):
    """The cotangent is the caller's, or that of a sum; the residual is kept."""
    f = ad.custom_vjp(lambda x: x * x)
    f.defvjp(lambda x: (x * x, x), backward)
    x, given = np.array([0.5, 1.0, 2.0]), np.ones(3)
    pullback = ad.vjp(f, x)[1]
    with pytest.raises(ad.errors.MutationError, match="backward rule of <lambda> wr"):
        pullback(given)
    with pytest.raises(ad.errors.MutationError, match="backward rule of <lambda> wr"):
        ad.grad(lambda x: np.sum(f(x + 1.0) + (x + 2.0)))(x)
    assert_same(np.ones(3), given)


def test_a_cotangent_that_is_handed_on_is_the_callers_own():
    f = ad.custom_vjp(lambda x: x + 1.0)
    f.defvjp(lambda x: (x + 1.0, None), lambda _, out_bar: (out_bar,))
    given = np.ones(3)
    (pulled,) = ad.vjp(f, np.zeros(3))[1](given)
    pulled[0] = 2.0
    assert_same(np.ones(3), given)
