"""
What a gradient costs
=====================

A gradient by n inputs costs a small multiple of the function, whatever n is. Counted
in operations the multiple is the same everywhere; in time it depends.
"""

# %%
# Counted
# -------
#
# Griewank & Walther (2008, chapter 4) show that function and gradient together take at
# most about four times the operations of the function. Here are four kinds of
# functions, and what their recorded gradients compute: one operation for each element.

import math
import time

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


def squares(x):
    return np.sum(x * x)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def waves(x):
    return np.sum(np.sin(x) * np.exp(-x) + np.cos(x) * np.tanh(x))


def logsumexp(x):
    return np.log(np.sum(np.exp(x)))


FUNCTIONS = (squares, rosenbrock, waves, logsumexp)


def operations(function, n):
    """Return how many elements a function of n numbers computes."""
    graph = ad.trace(function)(np.linspace(0.1, 1.0, n))
    return sum(math.prod(node.shape) for node in graph.equations)


for function in FUNCTIONS:
    ratios = [
        operations(ad.grad(function), n) / operations(function, n)
        for n in (10, 1_000, 100_000)
    ]
    print(f"{function.__name__:12}", *(f"{ratio:6.2f}" for ratio in ratios))

# %%
# The columns are n = 10, 1,000 and 100,000: the ratio does not grow with n. Differences
# would take n + 1 runs.
#
# Measured
# --------
#
# The time is another matter. For a few numbers nearly all of it is the handling of
# calls: NumPy needs about a microsecond for an operation, and the tape several. Where
# arrays are large, it is the work on them.


def seconds(function, x):
    """Return the best of all times within 0.06 s, of five at least."""
    times = []
    while len(times) < 5 or sum(times) < 0.06:
        start = time.perf_counter()
        function(x)
        times.append(time.perf_counter() - start)
    return min(times)


sizes = np.array([1e1, 1e2, 1e3, 1e4, 1e5, 1e6], int)
colors = ("#2a6f97", "#d1495b", "#3a7d44", "#d98e04")
figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
ends = []
for function, color in zip(FUNCTIONS, colors, strict=True):
    gradient = ad.grad(function)
    gradient(np.linspace(0.1, 1.0, 10))
    ratios = [
        seconds(gradient, x) / seconds(function, x)
        for x in (np.linspace(0.1, 1.0, n) for n in sizes)
    ]
    axes.loglog(sizes, ratios, "o-", color=color, markersize=4)
    ends.append((ratios[-1], function.__name__, color))
    print(f"{function.__name__:12}", *(f"{ratio:6.1f}" for ratio in ratios))
# Labels at the ends of the lines, moved apart where those lie together.
height = 0.0
for ratio, name, color in sorted(ends):
    height = max(ratio, 1.25 * height)
    axes.text(1.3e6, height, name, color=color, va="center")
axes.axhline(4, color="#8a97a3", linestyle=":")
axes.text(10, 3.4, "4, the bound in operations", color="#8a97a3", fontsize=9)
axes.set(
    xlabel="number of inputs n",
    ylabel="time of gradient / time of function",
    xlim=(8, 1.5e7),
    ylim=(1, None),
)
ticks = [1, 2, 4, 8, 16]
axes.set_yticks(ticks, [str(tick) for tick in ticks])
axes.minorticks_off()
axes.spines[["top", "right"]].set_visible(False)

# %%
# These times are those of one thread of the machine that built the page, each the best
# of many. Where the function works hard on every number (waves: four transcendental
# functions), large arrays bring the ratio to the count. Where it does little, as a
# product and a sum, the new arrays are what costs: the backward sweep fills several,
# each as long as x, and memory that was not used before is handed out slowly. There the
# ratio stays above the count.
