"""
Hessian-vector products without the Hessian
===========================================

The Hessian of a function of n numbers has n² entries. Its product with a vector has
n, and costs about as much as two gradients.
"""

# %%
# The derivative of a gradient along a vector
# -------------------------------------------
#
# H v says how the gradient changes when x moves along v. So push the tangent v through
# the gradient: forward mode over reverse mode (Pearlmutter 1994).
# :func:`adjoint.hvp` does that.

import math
import time
import tracemalloc

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


x = np.array([0.5, -1.0, 2.0, 0.1])
v = np.array([1.0, 0.0, 2.0, -1.0])
print(ad.hvp(rosenbrock, x, v))
print(ad.jvp(ad.grad(rosenbrock), (x,), (v,))[1])
print(ad.hessian(rosenbrock)(x) @ v)

# %%
# Time and memory, as n grows
# ---------------------------
#
# The full Hessian is measured as far as it is reasonable, the product far beyond. Times
# are the best of three, in one thread of the machine that built this page; memory is
# the most that was allocated at once.


def measured(function):
    """Return seconds and bytes of a call."""
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    tracemalloc.start()
    function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return best, peak


sizes = [10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000]
product, full = [], []
for n in sizes:
    x, v = np.linspace(-1, 1, n), np.ones(n)
    product.append(measured(lambda x=x, v=v: ad.hvp(rosenbrock, x, v)))
    if n <= 1_000:
        full.append(measured(lambda x=x: ad.hessian(rosenbrock)(x)))

figure, panels = plt.subplots(2, 1, figsize=(6, 7), layout="constrained", sharex=True)
for k, (axes, unit, name) in enumerate(
    zip(panels, (1e-3, 1e6), ("time, ms", "peak memory, MB"), strict=True)
):
    of_product = [one[k] / unit for one in product]
    of_full = [one[k] / unit for one in full]
    axes.loglog(sizes[: len(full)], of_full, "o-", color="#d1495b", markersize=4)
    axes.loglog(sizes, of_product, "o-", color="#2a6f97", markersize=4)
    axes.text(1_300, of_full[-1], "full Hessian", color="#d1495b", va="center")
    axes.text(2e5, of_product[-1], "product", color="#2a6f97", va="center")
    axes.set(ylabel=name, xlim=(8, 2e6))
    axes.spines[["top", "right"]].set_visible(False)
panels[-1].set_xlabel("number of inputs n")

# %%
# The Hessian's memory grows with n², the product's with n. A Hessian for n = 100,000
# would take 80 GB by itself.
#
# What products are good for
# --------------------------
#
# Newton's step solves H p = -g. Conjugate gradients need H only in products, so no
# matrix is ever made.


def energy(x):
    """A chain of springs that stiffen when stretched."""
    stretch = np.diff(x, prepend=0.0, append=0.0)
    return np.sum(stretch**2 / 2 + stretch**4 / 4) - np.sum(x) / 100


def conjugate_gradients(product, b, count=60):
    p, r = np.zeros_like(b), b
    direction = r
    for _ in range(count):
        image = product(direction)
        length = r @ r / (direction @ image)
        p, previous = p + length * direction, r
        r = r - length * image
        if np.linalg.norm(r) < 1e-10 * np.linalg.norm(b):
            break
        direction = r + (r @ r) / (previous @ previous) * direction
    return p


def newton_step(x, g):
    return conjugate_gradients(lambda v: ad.hvp(energy, x, v), g, count=300)


x = np.zeros(100)
for step in range(6):
    g = ad.grad(energy)(x)
    print(f"step {step}: gradient {np.linalg.norm(g):.1e}")
    x = x - newton_step(x, g)
