"""The six families of ``numpy.polynomial``, and one call for each of their functions.

A call is written once, for the ending of the name that the families share: ``val`` for
``polyval``, ``chebval`` and so on.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.polynomial import (
    chebyshev,
    hermite,
    hermite_e,
    laguerre,
    legendre,
    polynomial,
)

C = np.array([0.5, -1.25, 0.75, 0.3])
D = np.array([1.5, 0.4, -0.6])
X = np.array([-0.7, 0.2, 0.9])
Y = np.array([0.3, -0.4, 0.8])
C2 = np.array([[0.5, -1.0, 0.3], [0.2, 0.7, -0.4]])
C3 = np.cos(np.arange(12.0)).reshape(2, 3, 2)
TIMES = np.array([-0.9, -0.5, -0.1, 0.2, 0.6, 0.95])
DATA = np.array([0.3, 1.1, -0.4, 0.5, 0.9, -1.2])
PAIRS = np.stack([DATA, np.cos(DATA)], axis=1)
WEIGHTS = np.array([1.0, 0.5, 2.0, 1.5, 0.7, 1.2])


@dataclass(frozen=True)
class Family:
    """A module and the beginning of its functions' names."""

    module: ModuleType
    prefix: str

    def __getattr__(self, ending):
        return getattr(self.module, self.prefix + ending)

    def has(self, ending):
        return hasattr(self.module, self.prefix + ending)


FAMILIES = [
    Family(polynomial, "poly"),
    Family(chebyshev, "cheb"),
    Family(legendre, "leg"),
    Family(hermite, "herm"),
    Family(hermite_e, "herme"),
    Family(laguerre, "lag"),
]

EVALUATION = {
    "val": (lambda m: m.val, X, C),
    "val of a number": (lambda m: lambda x, c: m.val(x[0], c), X, C),
    "val of columns": (lambda m: m.val, X, C2),
    "val, tensor=False": (lambda m: lambda x, c: m.val(x, c, tensor=False), X, C2),
    "val of a list": (lambda m: lambda x, c: m.val([x[0], 2.0], [c[0], 1.0]), X, C),
    "val2d": (lambda m: m.val2d, X, Y, C2),
    "val3d": (lambda m: m.val3d, X, Y, X * Y, C3),
    # valnd came with NumPy 2.5
    "valnd": (lambda m: lambda x, y, c: m.valnd((x, y, x * y), c), X, Y, C3),
    "valnd of rows": (lambda m: m.valnd, np.stack([X, Y]), C2),
    "grid2d": (lambda m: m.grid2d, X, Y[:2], C2),
    "grid3d": (lambda m: m.grid3d, X[:2], Y[:2], X[1:], C3),
    "vander": (lambda m: lambda x: m.vander(x, 3), X),
    "vander2d": (lambda m: lambda x, y: m.vander2d(x, y, [1, 2]), X, Y),
    "vander3d": (lambda m: lambda x, y: m.vander3d(x, y, x, [1, 2, 1]), X, Y),
    "weight": (lambda m: m.weight, 0.5 * X),
    "line": (lambda m: lambda c: m.line(c[0], c[1]), C),
}
ARITHMETIC = {
    "add": (lambda m: m.add, C, D),
    "sub": (lambda m: m.sub, D, C),
    "mul": (lambda m: m.mul, C, D),
    "mulx": (lambda m: m.mulx, C),
    "div": (lambda m: lambda c, d: np.concatenate(m.div(c, d)), C, D),
    "div by a number": (lambda m: lambda c, d: m.div(c, d[:1])[0], C, D),
    "pow": (lambda m: lambda c: m.pow(c, 3), D),
    "fromroots": (lambda m: m.fromroots, X),
    "roots": (lambda m: m.roots, None),
    "companion": (lambda m: m.companion, C),
    "trim": (lambda m: m.trim, C),
}
CALCULUS = {
    "der": (lambda m: lambda c: m.der(c, 2, scl=0.5), C),
    "der along an axis": (lambda m: lambda c: m.der(c, axis=1), C2),
    "int": (lambda m: m.int, C),
    "int with constants": (
        lambda m: lambda c, k: m.int(c, 2, k=[k[0], k[1]], lbnd=k[2], scl=2.0),
        C,
        D,
    ),
    "int along an axis": (lambda m: lambda c: m.int(c, axis=1), C2),
}
FITTING = {
    "fit": (lambda m: lambda x, y: m.fit(x, y, 2), TIMES, DATA),
    "fit of some degrees": (lambda m: lambda x, y: m.fit(x, y, [0, 3]), TIMES, DATA),
    "fit with weights": (
        lambda m: lambda x, y, w: m.fit(x, y, 2, w=w),
        TIMES,
        DATA,
        WEIGHTS,
    ),
    "fit of columns": (lambda m: lambda x, y: m.fit(x, y, 1), TIMES, PAIRS),
    "fit, full=True": (
        lambda m: (
            lambda x, y: np.concatenate(
                [m.fit(x, y, 2, full=True)[0], m.fit(x, y, 2, full=True)[1][0]]
            )
        ),
        TIMES,
        DATA,
    ),
    "fit, rcond": (lambda m: lambda x, y: m.fit(x, y, 2, rcond=1e-3), TIMES, DATA),
}
GROUPS = {
    "evaluation": EVALUATION,
    "arithmetic": ARITHMETIC,
    "calculus": CALCULUS,
    "fitting": FITTING,
}


def calls():
    """Yield every call: a name, the function, the arguments."""
    for family in FAMILIES:
        for table in GROUPS.values():
            for name, (make, *args) in table.items():
                ending = name.partition(" ")[0].rstrip(",")
                if not family.has(ending):
                    continue
                real = [family.fromroots(X)]  # roots that are real and well apart
                given = real if ending == "roots" else args
                yield f"{family.prefix}{name}", make(family), tuple(given)
