"""
The methods compared
====================

A derivative can be had by differences, by formula, or by automatic differentiation;
and by hand. :func:`adjoint.compare_methods` computes one derivative by all of them
and says how wrong and how quick each is.
"""

# %%
# One gradient by every method
# ----------------------------
#
# Errors are measured against SymPy's derivative, evaluated to 50 digits.

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


def f(x):
    return np.log(x[0]) + x[0] * x[1] - np.sin(x[1])


def by_hand(x):
    return np.array([1 / x[0] + x[1], x[0] - np.cos(x[1])])


comparison = ad.compare_methods(f, np.array([2.0, 5.0]), manual=by_hand)
print(comparison)

# %%
# Why no step is right
# --------------------
#
# A difference quotient has two errors. Truncation grows with the step: as h for
# forward, as h² for central differences. Rounding grows as the step shrinks, as ε/h.
# The best step balances both, and loses half or a third of the digits. The complex step
# subtracts nothing, so its step may be as small as one likes; automatic differentiation
# has none.


def g(x):
    return np.exp(np.sin(x)) / x


x0 = 1.3
exact = ad.grad(g)(x0)
steps = np.logspace(-16, 0, 161)
errors = {
    "forward": [(g(x0 + h) - g(x0)) / h for h in steps],
    "central": [(g(x0 + h) - g(x0 - h)) / (2 * h) for h in steps],
    "complex step": [g(x0 + 1j * h).imag / h for h in steps],
}
figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
for name, quotients in errors.items():
    relative = np.abs(np.array(quotients) - exact) / abs(exact)
    axes.loglog(steps, np.maximum(relative, 1e-17), label=name)
axes.axhline(np.finfo(float).eps, color="grey", linestyle="--", label="unit roundoff")
axes.set_xlabel("step h")
axes.set_ylabel("relative error")
axes.legend(frameon=False)

# %%
# A function without a formula
# ----------------------------
#
# SymPy has no formula for the highest eigenvalue of a matrix, as ``eigvalsh`` computes
# it, and it is no function of complex steps. Automatic differentiation follows what is
# computed; the reference is now Richardson's extrapolation, with an error that it
# estimates itself. By hand the slope is vᵀ (∂A/∂x) v, with the eigenvector v.


def matrix(x):
    return np.array([[2.0, x[0], 0.0], [x[0], 3.0, x[1]], [0.0, x[1], 4.0]])


def highest(x):
    return np.linalg.eigvalsh(matrix(x))[-1]


def highest_by_hand(x):
    v = np.linalg.eigh(matrix(x))[1][:, -1]
    return np.array([2 * v[0] * v[1], 2 * v[1] * v[2]])


comparison = ad.compare_methods(highest, np.array([0.5, 1.0]), manual=highest_by_hand)
print("reference:", comparison.reference.partition(" (")[0])
for row in comparison.rows:
    outcome = "none" if row.error is None else f"error {row.error:.0e}"
    print(f"{row.method:20}{outcome}")
