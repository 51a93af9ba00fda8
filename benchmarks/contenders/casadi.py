"""CasADi: the function is recorded once on symbols, and run by its virtual machine."""

from types import SimpleNamespace

import casadi
import numpy as np

from benchmarks.case import Value
from benchmarks.contenders.base import Contender, Function


def _stack(parts: Value) -> Value:
    return casadi.vertcat(*parts)


NAMESPACE = SimpleNamespace(
    pi=np.pi,
    sqrt=casadi.sqrt,
    exp=casadi.exp,
    log=casadi.log,
    log1p=casadi.log1p,
    sin=casadi.sin,
    cos=casadi.cos,
    tanh=casadi.tanh,
    where=casadi.if_else,
    sum=casadi.sum1,  # of a column vector
    dot=casadi.dot,
    stack=_stack,
    array=_stack,
    concatenate=_stack,
)
"""NumPy's names for CasADi's functions on column vectors."""


class Casadi(Contender):
    """CasADi on SX symbols: scalar expression graphs.

    Arguments and results are column vectors; `first call` records and differentiates.
    """

    name = "casadi"
    xp = NAMESPACE

    def __init__(self) -> None:
        self.version = casadi.__version__

    def plain(self, result: Value) -> Value:
        """Return NumPy arrays: vectors of one axis, numbers of none."""
        if isinstance(result, tuple):
            return tuple(self.plain(one) for one in result)
        dense = np.asarray(result.full())
        if dense.shape == (1, 1):
            return dense[0, 0]
        return dense[:, 0] if dense.shape[1] == 1 else dense

    def value(self, f: Function) -> Function:
        """Return f as a CasADi function."""
        return _recorded(lambda x, y: (y,), f)

    def gradient(self, f: Function) -> Function:
        """Return the gradient as a CasADi function."""
        return _recorded(lambda x, y: (casadi.gradient(y, x),), f)

    def value_and_gradient(self, f: Function) -> Function:
        """Return both as a CasADi function."""
        return _recorded(lambda x, y: (y, casadi.gradient(y, x)), f)

    def jacobian(self, f: Function) -> Function:
        """Return the Jacobian, by colouring, dense in the end."""
        return _recorded(lambda x, y: (casadi.densify(casadi.jacobian(y, x)),), f)

    def hessian(self, f: Function) -> Function:
        """Return the Hessian, by colouring, dense in the end."""
        return _recorded(lambda x, y: (casadi.densify(casadi.hessian(y, x)[0]),), f)

    def jvp(self, f: Function) -> Function:
        """Return forward mode along ones."""
        return _recorded(
            lambda x, y: (y, casadi.jtimes(y, x, casadi.DM.ones(x.shape))), f
        )

    def sparse_jacobian(self, f: Function) -> Function:
        """Return the Jacobian by colouring, in CasADi's compressed columns."""
        return _recorded(lambda x, y: (casadi.jacobian(y, x),), f)

    def sparse_hessian(self, f: Function) -> Function:
        """Return the Hessian by colouring, in CasADi's compressed columns."""
        return _recorded(lambda x, y: (casadi.hessian(y, x)[0],), f)


def _recorded(answers: Function, f: Function) -> Function:
    """Return a call of the function that maps x to ``answers(x, f(x, *data))``."""
    made: list[Value] = []

    def call(x: Value, *data: Value) -> Value:
        if not made:  # data are constants of the expression
            symbol = casadi.SX.sym("x", np.size(x))
            y = f(symbol if np.ndim(x) else symbol[0], *data)
            made.append(casadi.Function("answer", [symbol], list(answers(symbol, y))))
        return made[0](x)

    return call
