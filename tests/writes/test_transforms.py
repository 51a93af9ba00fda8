"""Writes inside, outside and around transforms, checkpoints and custom rules."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import MutationError

from .arrays import VECTOR, WEIGHTS, summed
from .judge import assert_right, difference_quotients


def test_writes_inside_an_inner_transform():
    """Inner grad and jvp of a function that writes, around and inside an outer one."""

    def inner(y, scale):
        y[1:] *= y[:-1] * scale
        y[0] = scale**2
        return np.sum(y**3)

    def program(x):
        slopes = ad.grad(inner)(x * x, x[0])
        _, slope = ad.jvp(lambda y: inner(y, x[1]), (x,), (x**2,))
        return np.sum(slopes * WEIGHTS) + slope

    expected = difference_quotients(program, VECTOR)
    np.testing.assert_allclose(ad.grad(program)(VECTOR), expected, rtol=1e-6, atol=1e-6)
    for k in range(4):
        slope = ad.jvp(program, (VECTOR,), (np.eye(4)[k],))[1]
        np.testing.assert_allclose(slope, expected[k], rtol=1e-6, atol=1e-6)


def test_an_array_of_the_outer_transform_written_inside_the_inner_one():
    """The inner function stores its own traced values into an outer traced array."""

    def program(x):
        kept = x * 1.0

        def inner(y):
            z = x * 2.0
            z[0] = y[1] ** 2
            z *= y
            return np.sum(z**2)

        slopes = ad.grad(inner)(x**2)
        kept[1:] = slopes[1:]
        return np.sum(kept**2)

    def written_out(x):
        # d/dy of (y1^2 y0)^2 + sum over k > 0 of (2 x_k y_k)^2, at y = x^2
        y0, y1, *_ = x**2
        slopes = np.array([4 * y1**3 * y0**2, 0, 0]) + 8 * x[1:] ** 2 * x[1:] ** 2
        return x[0] ** 2 + np.sum(slopes**2)

    assert ad.value_and_grad(program)(VECTOR)[0] == pytest.approx(written_out(VECTOR))
    np.testing.assert_allclose(
        ad.grad(program)(VECTOR), difference_quotients(written_out, VECTOR), rtol=1e-6
    )


def test_writing_what_a_running_transform_was_given_is_refused():
    """In NumPy the inner function's argument would change under it."""

    def program(x):
        y = x * 1.0

        def inner(z):
            y[0] = 5.0
            return np.sum(z**2)

        return np.sum(ad.grad(inner)(y))

    with pytest.raises(MutationError, match="still running"):
        ad.grad(program)(VECTOR)

    def through_a_view(x):
        y = x * 1.0

        def inner(z):
            y[0] = 5.0
            return np.sum(z**2)

        return np.sum(ad.jvp(inner, (y[1:],), (y[1:],))[1])

    with pytest.raises(MutationError, match="still running"):
        ad.grad(through_a_view)(VECTOR)


def test_a_pullback_keeps_what_it_was_made_of():
    """A write into a traced array after vjp and linearize does not change them."""

    def program(x):
        y = x * 1.0
        _, pullback = ad.vjp(lambda z: np.sum(z**3), y)
        _, linear_map = ad.linearize(lambda z: z**3 * y, y)
        y[...] = 100.0
        return np.sum(pullback(1.0)[0] * WEIGHTS) + np.sum(linear_map(x))

    def plain(x):
        return np.sum(3 * x**2 * WEIGHTS) + np.sum(3 * x**2 * x * x)

    assert ad.value_and_grad(program)(VECTOR)[0] == pytest.approx(plain(VECTOR))
    np.testing.assert_allclose(
        ad.grad(program)(VECTOR), ad.grad(plain)(VECTOR), rtol=1e-12
    )


def test_a_checkpointed_function_that_writes():
    """Into its own arrays, into its argument, and as a step that is taken in a loop."""

    def step(u, rate):
        v = u * 1.0
        v[1:-1] += rate * (u[:-2] - 2.0 * u[1:-1] + u[2:])
        v[0] = v[-1] ** 2
        return v

    def step_in_place(u, rate):
        u[1:] += rate * u[:-1] ** 2
        u[0] *= rate
        return u

    def only_in_place(u, rate):
        u[1:] += rate * u[:-1] ** 2

    def make(around):
        def program(x):
            u, first = x * 1.0, x[0] * 0.1
            for _ in range(3):
                u = around(step)(u, first)
            for _ in range(3):
                u = around(step_in_place)(u, first)
            around(only_in_place)(u, first)
            v = around(step_in_place)(u, first)
            v[1] = u[0] * 2.0
            return summed(u) + np.sum(v)

        return program

    plain, checkpointed = make(lambda f: f), make(ad.checkpoint)
    assert plain(VECTOR) == ad.value_and_grad(checkpointed)(VECTOR)[0]
    np.testing.assert_allclose(
        ad.grad(checkpointed)(VECTOR), difference_quotients(plain, VECTOR), rtol=1e-7
    )
    assert_right(checkpointed, VECTOR)


def test_a_custom_rule_does_not_write_into_its_argument():
    """The rule speaks of values: a write into the argument would be lost."""

    @ad.custom_vjp
    def doubled(x):
        x *= 2.0
        return np.sum(x)

    doubled.defvjp(lambda x: (doubled(x), None), lambda _, bar: (bar * 2.0,))
    for program in (doubled, lambda x: doubled(x * 1.0)):
        with pytest.raises((MutationError, ValueError), match=r"read-only|writes into"):
            ad.grad(program)(VECTOR)
        with pytest.raises((MutationError, ValueError), match=r"read-only|writes into"):
            ad.grad(lambda x, p=program: np.sum(ad.grad(p)(x)))(VECTOR)


def test_writes_around_a_custom_rule():
    """Its result is an array like any other."""

    @ad.custom_jvp
    def cubed(x):
        y = x * 1.0
        y *= x
        y[...] = y * x
        return y

    cubed.defjvp(
        lambda primals, tangents: (cubed(*primals), 3 * primals[0] ** 2 * tangents[0])
    )

    def program(x):
        y = cubed(x)
        y[0] = x[1] * 2.0
        y[1:] += cubed(y[:-1])
        return summed(y)

    def plain(x):
        y = x**3
        y[0] = x[1] * 2.0
        y[1:] += y[:-1] ** 3
        return summed(y)

    np.testing.assert_allclose(
        ad.grad(program)(VECTOR), difference_quotients(plain, VECTOR), rtol=1e-6
    )
    np.testing.assert_allclose(
        ad.hessian(program)(VECTOR), ad.hessian(plain)(VECTOR), rtol=1e-9, atol=1e-9
    )


def test_jacobians_and_hessians_of_a_loop_that_fills():
    """Forward, reverse and nested, batched inside."""

    def program(x):
        out = x * 0.0
        out[0] = x[0] ** 2
        for i in range(1, 4):
            out[i] = out[i - 1] * x[i] + np.sin(x[i - 1])
        return out

    expected = np.stack(
        [difference_quotients(lambda x, k=k: program(x)[k], VECTOR) for k in range(4)]
    )
    for transform in (ad.jacobian, ad.jacfwd, ad.jacrev):
        np.testing.assert_allclose(transform(program)(VECTOR), expected, atol=1e-8)
    total = lambda x: np.sum(program(x) ** 2)  # noqa: E731
    hessian = ad.hessian(total)(VECTOR)
    rows = [
        difference_quotients(lambda x, k=k: ad.grad(total)(x)[k], VECTOR)
        for k in range(4)
    ]
    np.testing.assert_allclose(hessian, rows, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ad.jacfwd(ad.jacfwd(total))(VECTOR), hessian)
    np.testing.assert_allclose(ad.jacrev(ad.jacrev(total))(VECTOR), hessian)
    np.testing.assert_allclose(ad.jacfwd(ad.jacrev(total))(VECTOR), hessian)


def test_a_batch_is_written_sample_by_sample():
    """Indices, masks and items that differ from sample to sample; or with a loop."""
    batch = np.random.default_rng(5).normal(size=(6, 4))

    def program(x):
        y = x * 1.0
        y[x > 0.0] = 0.5 * np.sum(x)
        y[np.array([0, 0, 2])] = x[1:]
        y[:, None][1:] *= 2.0
        return y

    expected = [program(row.copy()) for row in batch]
    np.testing.assert_allclose(ad.vmap(program)(batch), expected, rtol=1e-14)
    np.testing.assert_allclose(
        ad.vmap(program, in_axes=1, out_axes=1)(batch.T.copy()).T, expected, rtol=1e-14
    )
    np.testing.assert_allclose(
        ad.vmap(ad.vmap(program))(np.stack([batch, batch]))[1], expected, rtol=1e-14
    )

    def by_order(x):
        y = x * 1.0
        y[np.argsort(x)] = np.sort(x)[::-1] * np.arange(4.0)
        y[np.argmax(x)] = 7.0
        return y

    with pytest.warns(ad.errors.BatchFallbackWarning):
        got = ad.vmap(by_order)(batch)
    np.testing.assert_allclose(got, [by_order(row.copy()) for row in batch], rtol=1e-14)


def test_an_item_of_a_batch_into_an_array_that_is_none():
    """One array for all samples becomes one for each at the first write."""
    batch = np.random.default_rng(6).normal(size=(5, 3))

    def program(x, w):
        w = w * 1.0
        w[1:] = x[:2] * w[0]
        return np.sum(w**2)

    def loss(w):
        return np.sum(ad.vmap(program, in_axes=(0, None))(batch, w))

    def plain(w):
        return sum(program(row, w) for row in batch)

    w = np.array([0.4, 1.2, -0.9])
    assert ad.value_and_grad(loss)(w)[0] == pytest.approx(plain(w), rel=1e-14)
    np.testing.assert_allclose(ad.grad(loss)(w), difference_quotients(plain, w))


def test_dual_numbers_are_written():
    """Arrays of dual numbers made by hand."""
    x = ad.dual(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    y = x * x
    y[1] = y[0] * 3.0
    y += x
    np.testing.assert_array_equal(y.primal, [2.0, 5.0])
    np.testing.assert_array_equal(y.tangent, [3.0, 6.0])
    np.testing.assert_array_equal(x.primal, [1.0, 2.0])


def test_a_list_of_arrays_that_share_memory():
    """Rows of one array in a list, written through the list."""

    def program(x):
        y = x.reshape(2, 2) * 1.0
        rows = list(y)
        rows[0][...] = rows[1] * x[0]
        rows[1] += 1.0
        columns = [y[:, j] for j in range(2)]
        columns[0][1] = rows[0][0]
        return summed(y) + summed(rows[0]) + summed(columns[1])

    assert_right(program, VECTOR)


def test_many_views_are_forgotten_with_their_names():
    """A loop that takes a view a turn does not pile them up."""

    def program(x):
        y = x * 1.0
        for _ in range(1000):
            y[1:][0] = y[0] * 0.999
        assert len(y.link.views) < 20 if hasattr(y, "link") else True
        return np.sum(y)

    assert program(VECTOR.copy()) == ad.value_and_grad(program)(VECTOR)[0]
