"""
Expression swell
================

Formulas of derivatives grow faster than the functions they come from. Automatic
differentiation never writes one down: it computes with values, and shares what the
function shares.
"""

# %%
# The logistic map
# ----------------
#
# l1 = x and l(n+1) = 4 l(n) (1 - l(n)): three operations a step. Each derivative is a
# formula that holds the whole formula of the iterate, several times.

import matplotlib.pyplot as plt
import sympy

import adjoint as ad


def logistic(value):
    return 4 * value * (1 - value)


x = sympy.Symbol("x")
iterate = x
for n in range(1, 5):
    print(f"l{n} =", iterate)
    print(f"dl{n}/dx =", sympy.diff(iterate, x))
    iterate = logistic(iterate)

# %%
# Operations
# ----------
#
# How many operations the formulas take as SymPy counts them, and how many forward and
# reverse mode execute for the same derivative. The formula grows with every step by a
# factor, the computation by a constant.

swell = ad.symbolic.swell(logistic, 8)
print(swell)

# %%

figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
n = [row.n for row in swell.rows]
axes.plot(n, [row.derivative_operations for row in swell.rows], "o-", label="formula")
axes.plot(n, [row.forward for row in swell.rows], "^-", label="forward mode")
axes.plot(n, [row.reverse for row in swell.rows], "v-", label="reverse mode")
axes.set_yscale("symlog", linthresh=1)  # the derivative of l1 = x takes none
axes.set_ylim(bottom=0)
axes.set_xlabel("n")
axes.set_ylabel("operations of the derivative")
axes.legend(frameon=False)

# %%
# The same derivative
# -------------------
#
# Formula and computation agree.


def eighth(value):
    for _ in range(7):
        value = logistic(value)
    return value


print("formula     ", float(sympy.diff(eighth(x), x).subs(x, sympy.Rational(3, 10))))
print("reverse mode", ad.grad(eighth)(0.3))
