"""CasADi: the function is recorded once on symbols, and run by its virtual machine."""

from collections.abc import Sequence

import casadi
import numpy as np

from benchmarks.case import Value
from benchmarks.contenders.base import (
    Contender,
    DoesNotApplyError,
    Function,
    namespace,
)
from benchmarks.environment import cores


def _stack(parts: Sequence[Value]) -> Value:
    return casadi.vertcat(*parts)


def _sum(x: Value, axis: int = 0) -> Value:
    """Return the sum of a column, or of each column."""
    return casadi.sum1(x)


def _zeros_like(x: Value) -> Value:
    return casadi.SX.zeros(*x.shape)


NAMESPACE = namespace(
    casadi,
    "dot",
    where=casadi.if_else,
    sum=_sum,
    transpose=lambda x: x,  # a column stands for an array of one axis
    stack=_stack,
    array=_stack,
    concatenate=_stack,
    zeros_like=_zeros_like,
)
"""NumPy's names for CasADi's functions on column vectors."""


class Casadi(Contender):
    """CasADi on SX symbols: scalar expression graphs.

    Arguments and results are column vectors; the first call records and differentiates.
    Data are constants of the expression, except in a batch.
    """

    name = "casadi"
    compiles = True
    xp = NAMESPACE

    def __init__(self) -> None:
        self.version = casadi.__version__
        self.parallel: tuple[str, ...] | tuple[str, int] = ("serial",)

    def all_threads(self) -> None:
        """Use every core for batches."""
        self.parallel = ("thread", cores())

    def argument(self, x: Value) -> Value:
        """Return a column; of a batch, a column a row."""
        if isinstance(x, list):
            message = "its expressions are functions of one vector"
            raise DoesNotApplyError(message)
        return casadi.DM(np.transpose(x))

    def plain(self, result: Value) -> Value:
        """Return NumPy arrays: vectors of one axis, numbers of none, SciPy's sparse."""
        if isinstance(result, tuple):
            return tuple(self.plain(one) for one in result)
        if not isinstance(result, casadi.DM):
            return result
        if not result.is_dense():
            return result.sparse()
        dense = result.full()
        if dense.shape == (1, 1):
            return dense[0, 0]
        return dense[:, 0] if dense.shape[1] == 1 else dense

    def value(self, f: Function) -> Function:
        """Return f as a CasADi function."""
        return _recorded(lambda x, y: (casadi.densify(y),), f)

    def gradient(self, f: Function) -> Function:
        """Return the gradient as a CasADi function."""
        return _recorded(lambda x, y: (_gradient(x, y),), f)

    def value_and_gradient(self, f: Function) -> Function:
        """Return both as a CasADi function."""
        return _recorded(lambda x, y: (casadi.densify(y), _gradient(x, y)), f)

    def value_and_gradient_of_loop(self, f: Function) -> Function:
        """Return both by `casadi.Function.fold`: a step on SX, the loop on MX."""

        def total(x: Value, turns: int) -> Value:
            y, same = casadi.SX.sym("y", *x.shape), casadi.SX.sym("x", *x.shape)
            step = casadi.Function("step", [y, same], [f(y, same)])
            return casadi.sum1(step.fold(turns)(x, casadi.repmat(x, 1, turns)))

        return _recorded(
            lambda x, y: (y, casadi.gradient(y, x)), total, symbols=casadi.MX
        )

    def jacobian(self, f: Function) -> Function:
        """Return the Jacobian by colouring, its zeros filled in."""
        sparse = self.sparse_jacobian(f)
        return lambda x, *data: sparse(x, *data).full()

    def hessian(self, f: Function) -> Function:
        """Return the Hessian by colouring, its zeros filled in."""
        sparse = self.sparse_hessian(f)
        return lambda x, *data: sparse(x, *data).full()

    def jvp(self, f: Function) -> Function:
        """Return forward mode along ones."""
        return _recorded(
            lambda x, y: (y, casadi.jtimes(y, x, casadi.DM.ones(x.shape))), f
        )

    def batched_jacobian(self, f: Function) -> Function:
        """Return the Jacobian, mapped over the batch by `casadi.Function.map`."""
        made: list[Value] = []

        def call(x: Value, *data: Value) -> Value:
            if not made:
                columns = [x, *(self.argument(one) for one in data)]
                symbols = [casadi.SX.sym("x", one.shape[0]) for one in columns]
                rows = casadi.jacobian(f(*symbols), symbols[0])
                flat = casadi.densify(casadi.vec(rows.T))
                one = casadi.Function("one", symbols, [flat])
                mapped = one.map(x.shape[1], *self.parallel)
                made.extend([mapped, rows.shape, columns[1:]])
            mapped, shape, rest = made
            return np.reshape(mapped(x, *rest).full().T, (-1, *shape))

        return call

    def sparse_jacobian(self, f: Function) -> Function:
        """Return the Jacobian by colouring, in CasADi's compressed columns."""
        return _recorded(lambda x, y: (casadi.jacobian(y, x),), f)

    def sparse_hessian(self, f: Function) -> Function:
        """Return the Hessian by colouring, in CasADi's compressed columns."""
        return _recorded(lambda x, y: (casadi.hessian(y, x)[0],), f)


def _gradient(x: Value, y: Value) -> Value:
    return casadi.densify(casadi.gradient(y, x))


def _recorded(answers: Function, f: Function, symbols: Value = casadi.SX) -> Function:
    """Return a call of the function that maps x to ``answers(x, f(x, *data))``."""
    made: list[Value] = []

    def call(x: Value, *data: Value) -> Value:
        if not made:
            symbol = symbols.sym("x", *x.shape)
            results = answers(symbol, f(symbol, *data))
            made.append(casadi.Function("answer", [symbol], list(results)))
        return made[0](x)

    return call
