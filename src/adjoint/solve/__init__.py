"""SciPy's solvers with exact derivatives, for trees of unknowns.

Names and arguments are those of `scipy.optimize`, results its own.  What differs: no
derivative has to be written, each method gets the exact ones it wants, and the unknowns
may be a dictionary of parameters as well as a vector.

>>> import numpy as np
>>> import adjoint as ad
>>> def rosenbrock(x):
...     return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2
>>> result = ad.solve.minimize(rosenbrock, [-1.2, 1.0], method="trust-exact")
>>> print(result.x.round(9), result.success)
[1. 1.] True
"""

from adjoint.solve._curve_fit import curve_fit as curve_fit
from adjoint.solve._fit import Fit as Fit
from adjoint.solve._least_squares import least_squares as least_squares
from adjoint.solve._minimize import minimize as minimize
from adjoint.solve._root import root as root, root_scalar as root_scalar

__all__ = ["Fit", "curve_fit", "least_squares", "minimize", "root", "root_scalar"]
