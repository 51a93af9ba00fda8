"""
The forward trace
=================

A program is a list of elementary operations, and its derivative follows line by line:
beside each value stands its tangent, and both are computed from above.
"""

# %%
# Seven lines
# -----------
#
# The function f(x1, x2) = ln x1 + x1 x2 - sin x2 at (2, 5), of Baydin et al. (2018).
# Recorded, it is a list of equations in which every operand stands before its use: a
# Wengert list.

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


graph = ad.trace(f)(2.0, 5.0)
print(graph)

# %%
# Tangents
# --------
#
# Each line's tangent is the sum of its partials times the tangents of its operands. The
# seed chooses the direction; here it is x1, so the last tangent is ∂f/∂x1.

graph.table("forward")

# %%
# Read it with a pencil: the product x1 x2 has the partials 5 and 2, so its tangent is
# 5 · 1 + 2 · 0 = 5; the logarithm has 1/2; together 5.5.
#
# Another seed
# ------------
#
# The values stay, the tangents are computed again: along x2,

graph.table("forward", seed=(0.0, 1.0))

# %%
# and along both at once. The tangent is linear in the seed: 5.5 + 1.716 = 7.216.

table = graph.table("forward", seed=(1.0, 1.0))
print(table.rows[-1].derivative, f(2.0, 5.0))

# %%
# What the tangent means
# ----------------------
#
# It is the slope of f along the direction of the seed. The lines below have no
# parameter but the last tangent of a trace.

t = np.linspace(-1.0, 1.0, 201)
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for seed, color in (((1.0, 0.0), "#2a6f97"), ((0.0, 1.0), "#d1495b")):
    slope = graph.table("forward", seed=seed).rows[-1].derivative
    curve = f(2.0 + seed[0] * t, 5.0 + seed[1] * t)
    axes.plot(t, curve, color=color)
    axes.plot(t, f(2.0, 5.0) + slope * t, color=color, linestyle=":")
    name = "x1" if seed[0] else "x2"
    axes.text(1.02, curve[-1], f"along {name}: slope {slope:.3f}", color=color)
axes.plot(0.0, f(2.0, 5.0), "o", color="#22313f")
axes.set(xlabel="distance t from (2, 5)", ylabel="f", xlim=(-1, 2.1))
axes.spines[["top", "right"]].set_visible(False)

# %%
# The price
# ---------
#
# One run gives the derivatives of *all* outputs along *one* direction: one column of
# the Jacobian. A curve in space has one input, and one run is enough,


def helix(t):
    return np.stack([np.cos(t), np.sin(t), t / 4])


print(ad.jvp(helix, (np.pi / 2,), (1.0,))[1])

# %%
# while a gradient by a million inputs would take a million runs. That is what the next
# page is for.
