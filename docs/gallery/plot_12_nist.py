"""
Certified data: a nonlinear fit
===============================

The National Institute of Standards and Technology publishes data sets with parameters
certified to 11 digits. A least-squares fit needs the Jacobian of the model: Adjoint
gives it exactly, of a model that is one line of NumPy.
"""

# %%
# One fit
# -------
#
# *Hahn1* is the thermal expansion of copper: a rational function with 7 parameters,
# whose sizes differ by seven orders of magnitude.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import least_squares

import adjoint as ad
from adjoint._demo.nist.data import load

data = load("Hahn1")
x, y = data.x, data.y


def model(b):
    numerator = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
    denominator = 1 + b[4] * x + b[5] * x**2 + b[6] * x**3
    return numerator / denominator


def residuals(b):
    return model(b) - y


exact = least_squares(
    residuals,
    data.starts[0],
    jac=ad.jacobian(residuals),
    method="lm",
    x_scale="jac",
    xtol=1e-12,
)
print("parameters   certified")
for fitted, certified in zip(exact.x, data.parameters, strict=True):
    print(f"{fitted: .4e}  {certified: .4e}")

# %%
# The same with SciPy's own difference quotients, all else equal, ends somewhere else.
# Their step, 1.5e-8, is an eighth of the smallest parameter.

differences = least_squares(
    residuals, data.starts[0], jac="2-point", method="lm", x_scale="jac", xtol=1e-12
)
for name, fit in [("exact Jacobian", exact), ("differences", differences)]:
    print(f"{name:15} sum of squares {fit.fun @ fit.fun:.6f}, calls of f {fit.nfev}")
print(f"{'certified':15} sum of squares {data.residual_sum_of_squares:.6f}")

# %%
# Eight data sets
# ---------------
#
# The demonstration that comes with the package fits eight of them, from both starting
# points of each, with three sources of Jacobians; here are the certified digits that
# the worst parameter reaches from the farther start.

from adjoint._demo.nist.fit import SOURCES, fit
from adjoint._demo.nist.models import MODELS

rows = {name: [fit(load(name), 1, source) for source in SOURCES] for name in MODELS}
print(f"{'data set':11}" + "".join(f"{source:>10}" for source in SOURCES))
for name, row in rows.items():
    print(f"{name:11}" + "".join(f"{one.digits:10.1f}" for one in row))

# %%
# Data and fits, all with exact Jacobians:

figure, panels = plt.subplots(2, 4, figsize=(13, 6), layout="constrained")
for axes, (name, row) in zip(panels.flat, rows.items(), strict=True):
    one = row[0].data_set
    line = np.linspace(one.x.min(), one.x.max(), 300)
    axes.plot(one.x, one.y, "o", markersize=4, markerfacecolor="none")
    axes.plot(line, MODELS[name](row[0].parameters, line))
    axes.set_title(f"{name}, {row[0].digits:.1f} digits", fontsize=10)
