"""
The gradient of a gradient, as a graph
======================================

A gradient is a program of the same operations as its function. So it has a graph, and
a gradient: reverse mode applied to itself.
"""

# %%
# The logistic unit
# -----------------
#
# The output 1 / (1 + exp(-(w0 + w1 x1 + w2 x2))) of one neuron with two inputs.

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


def unit(w0, w1, w2, x1, x2):
    return 1 / (1 + np.exp(-(w0 + w1 * x1 + w2 * x2)))


values = (0.5, 1.0, -2.0, 1.5, 0.25)
print(ad.trace(unit)(*values))

# %%
# Its derivative by w0
# --------------------
#
# The first lines are those of the function; what follows is the reverse sweep, in the
# order in which it went: up from v8.

first = ad.grad(unit)
print(ad.trace(first)(*values))

# %%
# And again
# ---------
#
# The graph of the gradient is swept in its turn. It has two ways up to most lines, and
# the second sweep walks both: its graph is more than twice as large.

second = ad.grad(first)
functions = {"f": unit, "grad f": first, "grad grad f": second}
graphs = {name: ad.trace(one)(*values) for name, one in functions.items()}
for name, graph in graphs.items():
    print(f"{name:12} {len(list(graph.equations)):3} operations")

# %%
# Drawn: every dot is an operation, below those that it reads. Blue are the lines of the
# function, red those that the first sweep added, amber those of the second; those
# that are new are named, where there is room.


def nodes_of(node):
    """Return the operands of an operation that are operations or inputs."""
    return [parent for parent in node.parents if isinstance(parent, type(node))]


def heights(graph):
    """Return how many operations lie between each one and the inputs."""
    height = {}
    for node in graph.equations:
        below = [height.get(one, 0) for one in nodes_of(node)]
        height[node] = 1 + max(below, default=0)
    return height


def draw(axes, graph, name, sizes):
    height = heights(graph)
    width = {}
    place = {}
    colors = ("#2a6f97", "#d1495b", "#d98e04")
    for node in graph.equations:
        level = height[node]
        width[level] = width.get(level, 0) + 1
        side = (width[level] // 2) * (-1) ** width[level]
        place[node] = (side + 0.18 * (-1) ** level, -level)
    for k, node in enumerate(graph.equations):
        x, y = place[node]
        for parent in nodes_of(node):
            if parent in place:
                px, py = place[parent]
                axes.plot([px, x], [py, y], color="#c5ccd3", linewidth=1, zorder=1)
        color = colors[sum(k >= size for size in sizes)]
        axes.plot(x, y, "o", color=color, markersize=9, zorder=2)
        if len(place) < 20 and color == colors[len(place) > sizes[0]]:
            side = 0.35 if x > 0 else -0.35
            align = "left" if x > 0 else "right"
            axes.text(
                x + side, y, node.function.__name__, color=color, ha=align, va="center"
            )
    axes.set_title(f"{name}: {len(place)} operations", fontsize=11)
    axes.set(xlim=(-3, 3))
    axes.axis("off")


sizes = [len(list(graph.equations)) for graph in graphs.values()][:2]
figure, panels = plt.subplots(
    1, 3, figsize=(7, 6.5), layout="constrained", sharex=True, sharey=True
)
for axes, (name, graph) in zip(panels, graphs.items(), strict=True):
    draw(axes, graph, name, sizes)

# %%
# The numbers
# -----------
#
# With s the output, the derivatives by w0 are s (1 - s) and s (1 - s) (1 - 2 s).

s = unit(*values)
print(first(*values), s * (1 - s))
print(second(*values), s * (1 - s) * (1 - 2 * s))

# %%
# How it goes on
# --------------
#
# Each further sweep more than doubles the graph. Where one needs many orders, that is
# the wrong way. For second derivatives the page on Hessian-vector products has a better
# one.

nested = unit
for order in range(6):
    count = len(list(ad.trace(nested)(*values).equations))
    print(f"order {order}: {count:5} operations")
    nested = ad.grad(nested)
