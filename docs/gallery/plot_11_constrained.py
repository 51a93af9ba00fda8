"""
Constrained optimization
========================

A solver that gets exact derivatives needs no step sizes, and far fewer calls. Here the
objective *and* its constraints are plain NumPy, and SciPy gets gradient, Jacobian and
Hessians of them from Adjoint.
"""

# %%
# The problem
# -----------
#
# Minimize a function of two variables under two inequalities, from (-1, 1)::
#
#    minimize    exp(x1) (4 x1² + 2 x2² + 4 x1 x2 + 2 x2 + 1)
#    subject to  1.5 + x1 x2 - x1 - x2 <= 0
#                -x1 x2 - 10 <= 0

import numpy as np
from scipy.optimize import NonlinearConstraint, minimize

import adjoint as ad


def objective(x):
    x1, x2 = x
    return np.exp(x1) * (4 * x1**2 + 2 * x2**2 + 4 * x1 * x2 + 2 * x2 + 1)


def constraints(x):
    """What must not be positive."""
    x1, x2 = x
    return np.array([1.5 + x1 * x2 - x1 - x2, -x1 * x2 - 10.0])


start = np.array([-1.0, 1.0])

# %%
# Sequential quadratic programming
# --------------------------------
#
# ``SLSQP`` keeps ``fun(x) >= 0``, the opposite sign of the problem as it is written, so
# both the constraints and their Jacobian change theirs.

path = [start]
found = minimize(
    objective,
    start,
    method="SLSQP",
    jac=ad.grad(objective),
    constraints={
        "type": "ineq",
        "fun": lambda x: -constraints(x),
        "jac": lambda x: -ad.jacobian(constraints)(x),
    },
    callback=lambda x: path.append(np.array(x)),
    options={"ftol": 1e-12},
)
print(f"f = {found.fun:.7f} at ({found.x[0]:.5f}, {found.x[1]:.5f})")
print(f"{found.nit} iterations, {found.nfev} calls of the objective")

# %%
# Interior point with second derivatives
# --------------------------------------
#
# ``trust-constr`` takes constraints with bounds from either side, and Hessians: of the
# objective, and of the constraints weighted by their multipliers. Two multipliers
# balance any gradient of two coordinates, so the test on it, ``gtol``, would end the
# method before its barrier has gone.

second_order = minimize(
    objective,
    start,
    method="trust-constr",
    jac=ad.grad(objective),
    hess=ad.hessian(objective),
    constraints=NonlinearConstraint(
        constraints,
        -np.inf,
        0.0,
        jac=ad.jacobian(constraints),
        hess=lambda x, v: ad.hessian(lambda y: v @ constraints(y))(x),
    ),
    options={"gtol": 0.0, "xtol": 1e-8, "barrier_tol": 1e-12},
)
print(f"f = {second_order.fun:.7f} after {second_order.nit} iterations")

# %%
# Is it the minimum?
# ------------------
#
# Both constraints are active at the end, so x1 x2 = -10 and x1 + x2 = -8.5: the
# coordinates are the roots of t² + 8.5 t - 10. The multipliers v that balance the
# gradients, ∇f + Jᵀ v = 0, are both positive, so no feasible direction descends.

exact = np.sort(np.roots([1.0, 8.5, -10.0]))
print("distance from the closed form:", np.abs(found.x - exact).max())
multipliers = np.linalg.solve(
    ad.jacobian(constraints)(exact).T, -ad.grad(objective)(exact)
)
print("multipliers:", multipliers)

# %%
# Exact derivatives against differences
# -------------------------------------
#
# The demonstration that comes with the package counts the calls around these same
# functions, those for difference quotients included.

from adjoint._demo.constrained.solve import METHODS, SOURCES, solve

solutions = [solve(method, source) for method in METHODS for source in SOURCES]
print("method        derivatives  iterations   f   c   exact    error")
for one in solutions:
    print(
        f"{one.method:14}{one.source:>11}{one.iterations:12}{one.objective_calls:4}"
        f"{one.constraint_calls:4}{one.derivative_calls:8}{one.error:9.0e}"
    )

# %%
# The way down
# ------------
#
# Contours of the objective are a power of ten apart; what the constraints forbid is
# grey.

import matplotlib.pyplot as plt

from adjoint._demo.constrained.picture import draw_paths

figure = plt.figure(figsize=(9, 6), layout="constrained")
draw_paths(figure, [one for one in solutions if one.source == "exact"])
