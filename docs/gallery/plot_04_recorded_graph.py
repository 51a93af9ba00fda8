"""
A graph that grows as you compute
=================================

:func:`adjoint.variable` makes a number or an array that remembers what is computed
from it. Gradients are asked for afterwards, and are such values themselves.
"""

# %%
# Gradients of what was computed
# ------------------------------

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad

x = ad.variable(3.0)
y = 2 * x + 10
print("y =", y.value, " dy/dx =", y.grad(x).value)

# %%
# A gradient is computed by further operations of the same graph. So it has a gradient,
# too.

z = x**3
slope = z.grad(x)
print("z', z'', z''':", slope.value, slope.grad(x).value, slope.grad(x).grad(x).value)

# %%
# Several at once
# ---------------
#
# One reverse sweep gives the gradients by several variables. A result that is an array
# needs a seed: the cotangent with which its Jacobian is multiplied.

w = ad.variable(np.array([1.0, -2.0, 0.5]))
energy = np.sum(w**2) * x
by_x, by_w = energy.grad([x, w])
print("by x:", by_x.value, " by w:", by_w.value)
print("row of a Jacobian:", (w**2).grad(w, seed=np.array([0.0, 1.0, 0.0])).value)

# %%
# Newton's method, written down
# -----------------------------
#
# No function is needed, only values: the step divides the first derivative of what was
# just computed by the second.

position = 1.0
for step in range(6):
    u = ad.variable(position)
    height = np.cosh(u - 2.0) + 0.1 * u
    first = height.grad(u)
    position -= (first / first.grad(u)).value
    print(step, f"{position:.12f}", f"slope {first.value: .1e}")
print("exact", f"{2.0 - np.arcsinh(0.1):.12f}")

# %%
# Derivatives of a whole curve
# ----------------------------
#
# Elementwise functions of an array have elementwise derivatives: a seed of ones gives
# all of them, and each derivative the next.

u = ad.variable(np.linspace(-4.0, 4.0, 400))
curve = np.exp(-(u**2) / 2)
ones = np.ones(400)
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
for order in range(4):
    axes.plot(
        u.value, curve.value, label=f"derivative {order}" if order else "function"
    )
    curve = curve.grad(u, seed=ones)
axes.legend(frameon=False)

# %%
# A function as a graph
# ---------------------
#
# :func:`adjoint.trace` records a function once. Transforms inside are recorded as what
# they compute; the graph can be printed, checked, called with other inputs, and
# differentiated like any function.


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


gradient = ad.trace(ad.grad(f))(2.0, 5.0)
print(gradient)
print("at (1, 3):", gradient(1.0, 3.0), "expected", 1.0 / 1.0 + 3.0)
