"""Linear algebra where a derivative is in doubt: ties, rank, zero, one triangle."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MissingRuleError
from adjoint.testing import difference_quotient

# Here the numbers are at issue; tests/rules/test_conventions_warned.py has the warning.
pytestmark = pytest.mark.filterwarnings("ignore::adjoint.errors.ConventionWarning")

WEIGHTS = np.array([[1.0, 2.0, 3.0], [2.0, 5.0, 6.0], [3.0, 6.0, 9.0]])
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
TURN = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
PAIR = TURN @ np.diag([2.0, 2.0, 5.0]) @ TURN.T
PAIR = (PAIR + PAIR.T) / 2  # eigenvalues 2, 2 and 5
NEAR = PAIR + 1e-6 * np.diag([1.0, -2.0, 0.5])
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def projected(a):
    """A function of the plane of the two equal eigenvalues, not of vectors in it."""
    v = np.linalg.eigh(a).eigenvectors[:, :2]
    return np.sum(WEIGHTS * (v @ v.T))


def rebuilt(a):
    """The matrix itself, by way of its eigenvectors."""
    w, v = np.linalg.eigh(a)
    return np.sum(WEIGHTS * ((v * w) @ v.T))


def rebuilt_by_svd(a):
    """The matrix itself, by way of its singular vectors."""
    u, s, vh = np.linalg.svd(a)
    return np.sum(WEIGHTS * ((u * s) @ vh))


def test_eigenvalues_alone_have_a_derivative_where_they_are_equal():
    """The sum of squared eigenvalues is the sum of squared elements."""
    gradient = ad.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(PAIR)
    np.testing.assert_allclose(gradient, 2 * PAIR, **CLOSE)
    gradient = ad.grad(lambda a: np.sum(np.linalg.eigh(a).eigenvalues ** 2))(PAIR)
    np.testing.assert_allclose(gradient, 2 * PAIR, **CLOSE)


def test_singular_values_alone_have_a_derivative_where_they_are_equal():
    """The sum of squared singular values is the sum of squared elements."""
    gradient = ad.grad(lambda a: np.sum(np.linalg.svdvals(a) ** 2))(PAIR)
    np.testing.assert_allclose(gradient, 2 * PAIR, **CLOSE)


def test_a_function_of_the_plane_is_smooth_where_its_eigenvalues_are_equal():
    """The projector's gradient is that at a matrix a millionth away."""
    expected = ad.grad(projected)(NEAR)
    np.testing.assert_allclose(ad.grad(projected)(PAIR), expected, atol=1e-5)


def test_the_polar_factor_is_smooth_where_singular_values_are_equal():
    """u vᵀ depends on no choice of singular vectors."""

    def polar(a):
        u, _, vh = np.linalg.svd(a)
        return np.sum(WEIGHTS * (TURN @ u @ vh))

    expected = ad.grad(polar)(NEAR)
    np.testing.assert_allclose(ad.grad(polar)(PAIR), expected, atol=1e-5)


@pytest.mark.parametrize(
    "function",
    [
        rebuilt,
        lambda a: np.sum(np.linalg.eigh(a).eigenvectors[:, 0] * WEIGHTS[0]),
        rebuilt_by_svd,
        lambda a: np.linalg.eig(a).eigenvectors[0, 1].real,  # complex in NumPy 2.5
    ],
    ids=["rebuilt", "one vector", "rebuilt by svd", "one vector of eig"],
)
@pytest.mark.parametrize("at", [np.eye(3), PAIR], ids=["identity", "pair"])
def test_vectors_of_equal_values_give_no_finite_number(function, at):
    """A finite gradient would be wrong, and nobody would notice."""
    assert not np.all(np.isfinite(ad.grad(function)(at)))
    assert not np.isfinite(ad.jvp(function, (at,), (WEIGHTS,))[1])


def test_rebuilding_a_zero_matrix_gives_no_finite_number():
    """Two singular values meet at 0; the gradient is WEIGHTS, which nobody can know."""
    assert not np.all(np.isfinite(ad.grad(rebuilt_by_svd)(np.zeros((3, 3)))))


@pytest.mark.parametrize("seed", range(30))
def test_equal_values_are_recognised_through_rounding(seed):
    """Right for what is smooth, not finite for what is not, at any size and scale."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    count = int(rng.integers(2, n + 1))
    left, right = (np.linalg.qr(rng.normal(size=(n, n)))[0] for _ in range(2))
    values = np.where(np.arange(n) < count, 2.0, 5.0 + np.arange(n))
    values *= 10.0 ** rng.integers(-3, 4)
    weights = rng.normal(size=(n, n))

    def polar(a):
        u, _, vh = np.linalg.svd(a)
        return np.sum(weights * (u @ vh))

    def whole(a):
        w, v = np.linalg.eigh(a)
        return np.sum(weights * ((v * w) @ v.T))

    inner = left.T @ weights @ right.T
    inner = (inner - inner.T) / (values + values[:, None])
    given = ad.grad(polar)((left * values) @ right)
    np.testing.assert_allclose(given, left @ inner @ right, rtol=1e-6, atol=1e-9)
    symmetric = (left * values) @ left.T
    assert not np.all(np.isfinite(ad.grad(whole)((symmetric + symmetric.T) / 2)))


def test_nested_batches_of_equal_eigenvalues():
    """The matrix varies in one batch, what depends on it in the other."""
    weights = np.arange(12.0).reshape(4, 3)

    def f(a, w):
        values, v = np.linalg.eigh(a)
        return np.sum(values * w) + 0.0 * np.sum(v)

    gradient = ad.vmap(lambda a: ad.vmap(lambda w: ad.grad(f)(a, w))(weights))
    assert gradient(np.stack([np.eye(3)] * 2)).shape == (2, 4, 3, 3)


def test_a_vector_of_a_simple_eigenvalue_is_not_touched_by_others_that_are_equal():
    """Nothing depends on the vectors of the pair: a number as at a matrix nearby."""

    def third(a):
        w, v = np.linalg.eigh(a)
        return np.sum(v[:, 2] ** 2 * WEIGHTS[0]) + w[2]

    np.testing.assert_allclose(ad.grad(third)(PAIR), ad.grad(third)(NEAR), atol=1e-5)


def test_second_derivatives_of_eigenvectors_are_loud_at_equal_eigenvalues():
    """Beyond the first derivative nothing is known of the plane."""
    second = ad.jvp(ad.grad(projected), (PAIR,), (WEIGHTS,))[1]
    assert not np.all(np.isfinite(second))


def test_a_defective_matrix_gives_no_finite_eigenvectors():
    """[[1, 1], [0, 1]] has one eigenvector only."""
    f = lambda a: np.sum(np.linalg.eig(a).eigenvectors[0]).real  # noqa: E731
    gradient = ad.grad(f)(np.array([[1.0, 1.0], [0.0, 1.0]]))
    assert not np.all(np.isfinite(gradient))


def up_to_phase(a):
    """Of eig: the eigenvalues, and products that no phase of a vector changes."""
    w, v = np.linalg.eig(a)
    return np.concatenate([w, np.ravel(np.conjugate(v[0]) * v)])


@pytest.mark.parametrize(
    "function",
    [np.linalg.eigvals, lambda a: np.linalg.eig(a).eigenvectors, up_to_phase],
    ids=["values", "vectors", "up to phase"],
)
@pytest.mark.parametrize("seed", range(5))
def test_real_matrices_with_complex_eigenvalues(function, seed):
    """Forward and reverse mode, first and second order; real gradients."""
    rng = np.random.default_rng(seed)
    turn = np.array([[1.0, 2.0, 0.0], [-2.0, 1.0, 0.0], [0.0, 0.0, 4.0]])
    a, v, u = turn + 0.2 * rng.normal(size=(3, 3)), *rng.normal(size=(2, 3, 3))
    assert function(a).dtype.kind == "c"
    pushed = ad.jvp(function, (a,), (v,))[1]
    expected = difference_quotient(function, (a,), (v,))
    np.testing.assert_allclose(pushed, expected, rtol=1e-6, atol=1e-6)
    w = rng.normal(size=pushed.shape) + 1j * rng.normal(size=pushed.shape)
    total = lambda a: np.sum(np.real(w * function(a)))  # noqa: E731
    gradient = ad.grad(total)(a)
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(np.sum(gradient * v), np.sum((w * pushed).real), **CLOSE)
    expected = difference_quotient(ad.grad(total), (a,), (u,))
    given = ad.jvp(ad.grad(total), (a,), (u,))[1]
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [2, 3])
def test_a_singular_complex_determinant_has_its_cofactors(n):
    """Those of a matrix a millionth away."""
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)) for _ in "lr")
    a = left @ np.diag([1.0, 0.0, 2.0][:n]) @ right
    a[-1] = 0.0
    gradient = ad.grad(np.linalg.det, holomorphic=True)
    expected = gradient(a + 1e-7 * left)
    np.testing.assert_allclose(gradient(a), expected, atol=1e-4)


def test_a_complex_determinant_turns_its_sign():
    """The sign times the exponential of the logarithm is the determinant."""
    a = WEIGHTS + 1j * TURN

    def rebuilt_det(a):
        sign, log = np.linalg.slogdet(a)
        return sign * np.exp(log)

    expected = ad.jvp(np.linalg.det, (a,), (TURN + 0.5j,))[1]
    given = ad.jvp(rebuilt_det, (a,), (TURN + 0.5j,))[1]
    np.testing.assert_allclose(given, expected, **CLOSE)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_complex_factors_multiplied_give_the_matrix_again(shape):
    """By svd and qr: the tangent is that of the identity."""
    rng = np.random.default_rng(0)
    a, v = (rng.normal(size=shape) + 1j * rng.normal(size=shape) for _ in "av")

    def by_svd(a):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.matmul(u * s, vh)

    for f in (by_svd, lambda a: np.matmul(*np.linalg.qr(a))):
        np.testing.assert_allclose(ad.jvp(f, (a,), (v,))[1], v, **CLOSE)
        np.testing.assert_allclose(ad.vjp(f, a)[1](v)[0], v, **CLOSE)


def test_equal_eigenvalues_of_hermitian_matrices():
    """Finite for what is smooth, not finite for what is not."""
    unitary = np.linalg.qr(TURN + 1j * WEIGHTS)[0]
    a = unitary @ np.diag([2.0, 2.0, 5.0]) @ np.conjugate(unitary.T)
    a = (a + np.conjugate(a.T)) / 2
    gradient = ad.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(a)
    np.testing.assert_allclose(gradient, 2 * np.conjugate(a), **CLOSE)

    def plane(a):
        v = np.linalg.eigh(a).eigenvectors[:, :2]
        return np.sum(WEIGHTS * np.real(np.matmul(v, np.conjugate(v.T))))

    near = a + 1e-6 * np.diag([1.0, -2.0, 0.5])
    np.testing.assert_allclose(ad.grad(plane)(a), ad.grad(plane)(near), atol=1e-5)

    def whole(a):
        w, v = np.linalg.eigh(a)
        return np.sum(WEIGHTS * np.real(np.matmul(v * w, np.conjugate(v.T))))

    assert not np.all(np.isfinite(ad.grad(whole)(a)))


@pytest.mark.parametrize("of", ["vectors", "matrices"])
def test_the_norm_of_complex_zeros_has_slope_zero(of):
    """Of every order; and NumPy's values of the others, to the bit."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    x, orders = (x[0], (None, 2, 3)) if of == "vectors" else (x, ("fro", "nuc", 2))
    for order in (*orders, 1, np.inf):
        f = lambda x, p=order: np.linalg.norm(x, p)  # noqa: E731
        assert np.count_nonzero(ad.grad(f)(np.zeros_like(x))) == 0
        value, gradient = ad.value_and_grad(f)(x)
        assert f(x) == value
        assert gradient.dtype == np.complex128


def test_only_the_span_of_further_singular_vectors_is_determined():
    """full_matrices=True: vectors beyond the singular values have no derivative."""
    a = WEIGHTS[:, :2] + np.eye(3)[:, :2]
    own = ad.grad(lambda a: np.sum(np.linalg.svd(a).U[:, :2] ** 3))(a)
    reduced = lambda a: np.sum(np.linalg.svd(a, full_matrices=False).U ** 3)  # noqa: E731
    np.testing.assert_allclose(own, ad.grad(reduced)(a), **CLOSE)
    beyond = ad.grad(lambda a: np.sum(np.linalg.svd(a).U[:, 2] ** 3))(a)
    assert not np.all(np.isfinite(beyond))


def test_determinants_of_singular_matrices_have_their_cofactors():
    """Exact at any rank; of a 1 by 1 zero matrix the slope is 1."""
    np.testing.assert_allclose(
        ad.grad(np.linalg.det)(SINGULAR), [[4.0, -2.0], [-2.0, 1.0]], **CLOSE
    )
    assert np.count_nonzero(ad.grad(np.linalg.det)(np.zeros((3, 3)))) == 0
    assert ad.grad(np.linalg.det)(np.zeros((1, 1))) == 1.0


@pytest.mark.parametrize("at", [SINGULAR, np.zeros((2, 2))])
def test_the_second_derivative_of_a_singular_determinant_is_exact(at):
    """That of ad - bc is constant, in all four nestings."""
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1.0
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1.0
    for outer in (ad.jacfwd, ad.jacrev):
        for inner in (ad.jacfwd, ad.jacrev):
            np.testing.assert_allclose(
                outer(inner(np.linalg.det))(at), expected, atol=1e-9
            )


def test_the_third_derivative_of_a_singular_determinant_is_that_of_its_polynomial():
    """det(a + t b) has the same t³ everywhere; here three directions at once."""

    def third(a):
        f = np.linalg.det
        for direction in (WEIGHTS, TURN, PAIR):
            f = lambda a, f=f, d=direction: ad.jvp(f, (a,), (d,))[1]  # noqa: E731
        return f(a)

    expected = third(np.diag([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(third(np.diag([1.0, 2.0, 0.0])), expected, **CLOSE)


def test_the_logarithm_of_a_zero_determinant_is_infinitely_steep():
    """±inf, and nan where the cofactor is 0."""
    gradient = ad.grad(lambda a: np.linalg.slogdet(a).logabsdet)
    np.testing.assert_array_equal(
        gradient(SINGULAR), [[np.inf, -np.inf], [-np.inf, np.inf]]
    )
    np.testing.assert_array_equal(
        gradient(np.diag([1.0, 0.0])), [[np.nan, np.nan], [np.nan, np.inf]]
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.linalg.solve(a, np.ones(2)),
        np.linalg.inv,
        lambda a: np.linalg.cholesky(-a),
        lambda a: np.linalg.matrix_power(a, -1),
    ],
    ids=["solve", "inv", "cholesky", "matrix_power"],
)
def test_singular_matrices_raise_what_numpy_raises(function):
    """The plain function's own error."""
    with pytest.raises(np.linalg.LinAlgError) as plain:
        function(SINGULAR)
    with pytest.raises(np.linalg.LinAlgError, match=str(plain.value)):
        ad.grad(lambda a: np.sum(function(a)))(SINGULAR)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, np.inf])
def test_the_norm_of_the_zero_vector_has_slope_zero(ord):
    """In both modes."""
    f = lambda x: np.linalg.norm(x, ord)  # noqa: E731
    assert np.count_nonzero(ad.grad(f)(np.zeros(3))) == 0
    assert ad.jvp(f, (np.zeros(3),), (np.ones(3),))[1] == 0


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, 2, -2, np.inf])
def test_the_norm_of_the_zero_matrix_has_slope_zero(ord):
    """In both modes."""
    f = lambda x: np.linalg.norm(x, ord)  # noqa: E731
    assert np.count_nonzero(ad.grad(f)(np.zeros((2, 3)))) == 0
    assert ad.jvp(f, (np.zeros((2, 3)),), (np.ones((2, 3)),))[1] == 0


def test_the_power_zero_is_constant():
    """The identity, whatever the matrix; its derivative is zero."""
    f = lambda a: np.sum(np.linalg.matrix_power(a, 0))  # noqa: E731
    value, gradient = ad.value_and_grad(f)(PAIR)
    assert value == 3.0
    assert np.count_nonzero(gradient) == 0


def test_a_degenerate_matrix_does_not_disturb_the_others_of_its_stack():
    """Equal eigenvalues in one, a determinant 0 in another."""
    stack = np.stack([PAIR, WEIGHTS + np.diag([1.0, 3.0, 9.0])])
    given = ad.vmap(ad.grad(rebuilt))(stack)
    np.testing.assert_allclose(given[1], WEIGHTS, **CLOSE)
    assert not np.all(np.isfinite(given[0]))
    log = lambda a: np.linalg.slogdet(a).logabsdet  # noqa: E731
    given = ad.grad(lambda s: np.sum(log(s)))(stack - 2.0 * np.eye(3) * [[[1]], [[0]]])
    np.testing.assert_allclose(given[1], np.linalg.inv(stack[1]).T, **CLOSE)


def test_results_of_several_arrays_pass_through_checkpoints_and_custom_rules():
    """Some of them used, some not."""

    def f(a):
        w, v = np.linalg.eigh(a + a.T)
        u, s, vh = np.linalg.svd(a)
        return np.sum(v[:, 0] ** 2 * w[0]) + np.sum(s[:2]) + np.sum((u @ vh) ** 3)

    a = WEIGHTS + TURN + np.diag([1.0, 3.0, 9.0])
    expected = ad.grad(f)(a)
    np.testing.assert_allclose(ad.grad(ad.checkpoint(f))(a), expected, **CLOSE)
    g = ad.custom_jvp(f)
    g.defjvp(lambda primals, tangents: ad.jvp(f, primals, tangents))
    np.testing.assert_allclose(ad.grad(g)(a), expected, **CLOSE)
    out, pushforward = ad.linearize(f, a)
    assert f(a) == out
    np.testing.assert_allclose(pushforward(TURN), np.sum(expected * TURN), **CLOSE)


def test_the_number_of_nonzeros_is_constant():
    """Order 0 is no norm; its slope is 0."""
    f = lambda x: np.linalg.norm(x, 0) + 0.0 * np.sum(x)  # noqa: E731
    x = np.array([1.0, 0.0, 2.0])
    assert ad.value_and_grad(f)(x)[0] == 2.0
    assert np.count_nonzero(ad.grad(f)(x)) == 0


@pytest.mark.parametrize(
    ("function", "triangle"),
    [
        (np.linalg.cholesky, np.tril),
        (lambda a: np.linalg.cholesky(a, upper=True), np.triu),
        (np.linalg.eigvalsh, np.tril),
        (lambda a: np.linalg.eigvalsh(a, "U"), np.triu),
    ],
    ids=["cholesky", "upper", "eigvalsh", "eigvalsh-U"],
)
def test_a_function_of_one_triangle_has_a_symmetric_derivative(function, triangle):
    """The value is NumPy's, which reads one triangle; the derivative is symmetric."""
    whole = PAIR + WEIGHTS
    half = triangle(whole)
    f = lambda a: np.sum(np.sin(function(a)))  # noqa: E731
    value, gradient = ad.value_and_grad(f)(half)
    assert f(half) == value
    np.testing.assert_allclose(gradient, gradient.T, **CLOSE)
    np.testing.assert_allclose(gradient, ad.grad(f)(whole), **CLOSE)


def test_results_of_several_arrays_keep_their_names():
    """Named tuples of NumPy stay what they are, in all modes."""
    for function in (np.linalg.eigh, np.linalg.svd, np.linalg.qr, np.linalg.slogdet):
        plain = type(function(PAIR))
        seen = []

        def f(a, function=function, seen=seen):
            seen.append(type(function(a)))
            return np.sum(a)

        ad.grad(f)(PAIR)
        ad.jvp(f, (PAIR,), (PAIR,))
        ad.vmap(f)(np.stack([PAIR, NEAR]))
        assert {plain} == set(seen)


@pytest.mark.parametrize("mode", ["raw", "complete"])
def test_factors_that_are_not_determined_are_refused(mode):
    """The further columns of q can be turned at will."""
    with pytest.raises(MissingRuleError, match=f"mode='{mode}'"):
        ad.grad(lambda a: np.sum(np.linalg.qr(a, mode)[0]))(WEIGHTS[:, :2])


def test_the_condition_of_a_singular_matrix_is_infinite():
    """The value is NumPy's; the derivative is not finite."""
    for p in (None, 1):
        f = lambda a, p=p: np.linalg.cond(a, p)  # noqa: E731
        value, gradient = ad.value_and_grad(f)(np.diag([1.0, 0.0]))
        assert value == np.inf
        assert not np.all(np.isfinite(gradient))


@pytest.mark.parametrize(
    "subscripts", ["ij,jk", "ijk", "ij->iz", "i1->i", "ij->ii", "ij,jk->ik"]
)
def test_subscripts_that_do_not_fit_raise_what_numpy_raises(subscripts):
    """The same class, the same text."""
    operands = [np.ones((4, 2))] if subscripts == "ij,jk" else []
    with pytest.raises(ValueError) as plain:  # noqa: PT011 - its text is compared
        np.einsum(subscripts, WEIGHTS, *operands)
    with pytest.raises(ValueError) as traced:  # noqa: PT011
        ad.grad(lambda a: np.sum(np.einsum(subscripts, a, *operands)))(WEIGHTS)
    assert str(plain.value).split("[")[0] == str(traced.value).split("[")[0]


def test_a_repeated_operand_of_einsum_counts_twice():
    """The trace of x xᵀ."""
    gradient = ad.grad(lambda x: np.einsum("ij,ij->", x, x))(WEIGHTS)
    np.testing.assert_allclose(gradient, 2 * WEIGHTS, **CLOSE)


def test_cross_products_of_pairs_warn_as_numpy_does():
    """Deprecated by NumPy since 2.0."""
    with pytest.warns(DeprecationWarning, match="2-dimensional vectors"):
        gradient = ad.grad(lambda x: np.cross(x, [3.0, 4.0]) + 0.0)(np.ones(2))
    np.testing.assert_array_equal(gradient, [4.0, -3.0])


def test_rank_deficient_least_squares_keep_the_rank():
    """Constant-rank derivatives: those of the pseudo-inverse along a·t, here."""
    f = lambda t: np.linalg.lstsq(t * SINGULAR, np.array([1.0, 2.0]))[0]  # noqa: E731
    expected = -f(2.0) / 2.0
    np.testing.assert_allclose(ad.jvp(f, (2.0,), (1.0,))[1], expected, **CLOSE)
    f = lambda t: np.linalg.pinv(t * SINGULAR)  # noqa: E731
    np.testing.assert_allclose(ad.jvp(f, (2.0,), (1.0,))[1], -f(2.0) / 2.0, **CLOSE)


@pytest.mark.parametrize(
    "p", [[1.0, -3.0, 1.0], [1.0, 0.0, 1.0], [1.0, -3.0, 1.0, 0.0]]
)
def test_roots_are_real_where_numpy_has_them_real(p):
    """From NumPy 2.5 on its eigenvalues stay complex, but not its roots."""
    p = np.array(p)
    expected = np.roots(p)
    np.testing.assert_array_equal(ad.vjp(np.roots, p)[0], expected, strict=True)
    value, _ = ad.jvp(np.roots, (p,), (p,))
    np.testing.assert_array_equal(value, expected, strict=True)
    slope = ad.grad(lambda p: np.sum(np.real(np.roots(p))))(p)  # they sum to -p1 / p0
    np.testing.assert_allclose(slope[:3], [p[1], -1.0, 0.0], atol=1e-14)
