"""A refusal that the function's own ``try`` block swallows is raised at the end."""

import array
import contextlib
import threading

import numpy as np
import pytest

import adjoint as ad


def tried(do):
    """Call ``do``; go on if it fails."""
    with contextlib.suppress(Exception):
        do()


def test_what_is_done_in_another_way_later_does_not_forgive_it():
    """The sum of a list is refused too, then joined; the first refusal stays."""

    def f(x):
        tried(lambda: array.array("d", [x]))
        return x * np.sum([x, 1.0])

    with pytest.raises(ad.errors.ConversionError):
        ad.grad(f)(3.0)


def test_a_store_into_a_buffer_that_plain_code_holds():
    def f(x):
        z = np.zeros(2)
        held = z.data

        def store():
            z[0] = x

        tried(store)
        return z[0] * x + x + len(held)

    with pytest.raises(ad.errors.MutationError, match="might still hold it"):
        ad.grad(f)(3.0)


def test_a_store_into_an_array_of_another_thread():
    raised = []

    def f(x):
        z = np.zeros(2)
        z[0] = x

        def g(y):
            def store():
                z[1] = y

            tried(store)
            return z[1] * y

        def run():
            with pytest.raises(ad.errors.MutationError, match="another thread"):
                ad.grad(g)(2.0)
            raised.append(True)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return z[0] * x

    assert 6.0 == ad.grad(f)(3.0)
    assert [True] == raised


SPACE = np.zeros(2)


def square_in_space(y):
    SPACE[0] = y
    return SPACE[0] ** 2


@pytest.mark.parametrize("caught", [Exception, ad.errors.ConversionError])
def test_an_inner_transform_is_run_again_with_twins_as_outside(caught):
    """At the first level it would be: so its error must not reach the outer one."""

    def outer(x):
        try:
            return ad.grad(square_in_space)(x) * x
        except caught:
            return x

    assert 18.0 == outer(3.0)
    assert (18.0, 12.0) == ad.value_and_grad(outer)(3.0)


def test_an_inner_error_turned_into_another_one():
    def outer(x):
        try:
            return ad.grad(square_in_space)(x) * x
        except Exception as error:
            msg = "translated"
            raise RuntimeError(msg) from error

    assert 12.0 == ad.grad(outer)(3.0)


def test_an_inner_transform_that_cannot_be_done_may_be_caught():
    """Where twins do not help either, the outer function goes on as it does alone."""

    def inner(y):
        return array.array("d", [y])[0]

    def outer(x):
        try:
            return ad.grad(inner)(x)
        except ad.errors.ConversionError:
            return x * x

    assert 9.0 == outer(3.0)
    assert (9.0, 6.0) == ad.value_and_grad(outer)(3.0)
