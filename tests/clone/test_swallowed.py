"""A refusal that the function's own ``try`` block swallows is raised at the end."""

import array
import threading

import numpy as np
import pytest

import adjoint as ad


def tried(do):
    """Call ``do``; go on if it fails."""
    try:
        do()
    except Exception:  # noqa: BLE001, S110 - what careless code does
        pass


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
