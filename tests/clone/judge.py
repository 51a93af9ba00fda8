"""A function of one number or array, held to its plain run under every transform."""

import numpy as np

import adjoint as ad

STEP = 1e-4


def quotient(f, x):
    """Return the derivative of a real function by central differences, O(h⁴)."""
    x = np.asarray(x, float)
    out = np.empty_like(x)
    for index in np.ndindex(x.shape):

        def along(h, index=index):
            moved = x.copy()
            moved[index] += h
            return float(f(moved if x.ndim else float(moved)))

        near = (along(STEP) - along(-STEP)) / (2 * STEP)
        far = (along(2 * STEP) - along(-2 * STEP)) / (4 * STEP)
        out[index] = (4 * near - far) / 3
    return out


def check(f, x, *, batched=True):
    """Value exactly the plain run's, derivative near the quotient, in each mode."""
    expected = f(x)
    slope = quotient(f, x)
    value, reverse = ad.value_and_grad(f)(x)
    assert expected == value
    np.testing.assert_allclose(reverse, slope, rtol=1e-7, atol=1e-8)
    direction = np.cos(np.arange(1.0, 1.0 + np.size(x))).reshape(np.shape(x))[()]
    value, pushed = ad.jvp(f, (x,), (direction,))
    assert expected == value
    np.testing.assert_allclose(pushed, np.sum(slope * direction), rtol=1e-7, atol=1e-8)
    if batched:
        rows = np.stack([np.asarray(x, float), np.asarray(x, float) + 0.015625])
        plain = [f(row if row.ndim else float(row)) for row in rows]
        # NumPy's loops round some functions otherwise than Python's, in the last place.
        np.testing.assert_allclose(ad.vmap(f)(rows), plain, rtol=1e-13, atol=1e-15)
