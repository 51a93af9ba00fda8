"""
The reverse trace
=================

The same list read from below: beside each value stands its adjoint, the derivative of
the result by that value. One sweep finds the derivatives by all inputs.
"""

# %%
# Values down, adjoints up
# ------------------------
#
# The function f(x1, x2) = ln x1 + x1 x2 - sin x2 at (2, 5), of Baydin et al. (2018).
# The values are computed first, from above. Then the last line has the adjoint 1, and
# each line, from the last to the first, hands its adjoint times the partial to its
# operands. What arrives there is added: that is the chain rule, a sum over all paths.

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


graph = ad.trace(f)(2.0, 5.0)
reverse = graph.table("reverse")
reverse

# %%
# Read it with a pencil: x1 is used by the logarithm, which hands it 1 · 1/2, and by the
# product, which hands it 1 · 5; together 5.5.

# %%
# They are what :func:`adjoint.grad` gives, to the last bit.

by_inputs = [row.derivative for row in reverse.rows[:2]]
print(by_inputs == list(ad.grad(f, argnums=(0, 1))(2.0, 5.0)))

# %%
# The same as a graph: partials along the arrows in blue, adjoints in red.

from adjoint._demo.traces.picture import draw_graph

draw_graph(plt.figure(figsize=(11, 4.5), layout="constrained"), reverse)

# %%
# Shared operands
# ---------------
#
# In (x + y) (x - y) both inputs are used twice: their adjoints are sums, one term for
# each use.

ad.trace(lambda x, y: (x + y) * (x - y))(3.0, 2.0).table("reverse")

# %%
# Constants have no line of their own: (2 x² + 2 y) / 4.

ad.trace(lambda x, y: (2 * x**2 + 2 * y) / 4)(3.0, 2.0).table("reverse")

# %%
# A neuron
# --------
#
# The loss L = ½ (σ(w x + b) - t)² of one neuron. What is called backpropagation is the
# column of adjoints, read from below.


def neuron_loss(w, b, x, t):
    activation = 1 / (1 + np.exp(-(w * x + b)))
    return 0.5 * (activation - t) ** 2


ad.trace(neuron_loss)(1.0, 0.5, 2.0, 1.0).table("reverse")

# %%
# Lines that are arrays
# ---------------------
#
# A line may be an array, and its adjoint one of the same shape: the regularised loss
# Σ ½ (x ω - t)² + λ ‖ω‖² of three samples and two weights.


def regularised_loss(omega, x, t, strength):
    losses = 0.5 * (x @ omega - t) ** 2
    return np.sum(losses) + strength * np.sum(omega**2)


omega = np.array([0.5, -1.0])
x = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]])
t = np.array([0.0, -1.0, 1.0])
ad.trace(regularised_loss)(omega, x, t, 0.1).table("reverse")
