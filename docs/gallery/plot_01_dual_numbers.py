"""
Dual numbers
============

A derivative can be computed by arithmetic alone, on pairs of numbers: the value, and
how fast it changes.
"""

# %%
# Why ε² = 0
# ----------
#
# Move both factors of a product a little, and sort by powers of ε::
#
#     (a + a' ε) (b + b' ε) = a b + (a b' + a' b) ε + a' b' ε²
#
# The last term is smaller than the others by another ε. With the rule ε² = 0, and ε
# itself not 0, it is left out for good: what stands beside ε is the product rule. The
# same rule in a Taylor series leaves f(a + a' ε) = f(a) + f'(a) a' ε, the chain rule.
#
# Nothing is approximated. ε has no size; it is a second coordinate, as i is in a + b i
# with another square.
#
# By hand
# -------
#
# Ten lines of Python are enough for sums, products and the sine.

import math

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad


class Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        slope = self.value * other.slope + self.slope * other.value
        return Dual(self.value * other.value, slope)

    def sin(self):
        return Dual(math.sin(self.value), math.cos(self.value) * self.slope)


# %%
# To differentiate x sin x + x at 2, start with 2 + 1ε: x changes as fast as itself.

x = Dual(2.0, 1.0)
result = x * x.sin() + x
print(f"{result.value} + {result.slope}ε")

# %%
# By hand the derivative is sin x + x cos x + 1.

print(math.sin(2.0) + 2.0 * math.cos(2.0) + 1.0)

# %%
# In Adjoint
# ----------
#
# :func:`adjoint.dual` makes such a number, which all of NumPy understands.

x = ad.dual(2.0, 1.0)
print(x * np.sin(x) + x)

# %%
# :func:`adjoint.jvp` does the same for a function: the first number is the value, the
# second the derivative along the tangent.


def f(x):
    return x * np.sin(x) + x


print(ad.jvp(f, (2.0,), (1.0,)))

# %%
# No step to choose
# -----------------
#
# A difference quotient (f(x + h) - f(x)) / h is wrong by the ε² that was not left out
# when h is large, and by rounding when h is small. The dual number has no h.

exact = math.sin(2.0) + 2.0 * math.cos(2.0) + 1.0
steps = np.logspace(-16, 0, 65)
quotients = (f(2.0 + steps) - f(2.0)) / steps
dual_error = abs(ad.jvp(f, (2.0,), (1.0,))[1] - exact)

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.loglog(steps, np.abs(quotients - exact), color="#d1495b")
axes.axhline(max(dual_error, 1e-17), color="#2a6f97")
axes.text(1e-4, 4e-3, "difference quotient", color="#d1495b", ha="right")
axes.text(1, 2e-17, f"dual number: error {dual_error:.0g}", color="#2a6f97", ha="right")
axes.set(xlabel="step h", ylabel="error of the derivative", ylim=(4e-18, 10))
axes.spines[["top", "right"]].set_visible(False)

# %%
# Several inputs
# --------------
#
# One ε follows one direction. For log x1 + x1 x2 - sin x2 at (2, 5) the tangent (1, 0)
# gives the derivative by x1, and (0, 1) that by x2: one run for each input.


def g(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


print(ad.jvp(g, (2.0, 5.0), (1.0, 0.0))[1], ad.jvp(g, (2.0, 5.0), (0.0, 1.0))[1])
