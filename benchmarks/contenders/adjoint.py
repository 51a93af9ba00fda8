"""Adjoint, eager: the function is plain NumPy, and runs as it stands."""

import numpy as np

import adjoint as ad
from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender, Function, NotYetError, quotient


class Adjoint(Contender):
    """Adjoint."""

    name = "adjoint"

    def __init__(self) -> None:
        self.version = ad.__version__

    def value(self, f: Function) -> Function:
        """Return f itself."""
        return f

    def gradient(self, f: Function) -> Function:
        """Return `ad.grad` of f."""
        return ad.grad(f)

    def value_and_gradient(self, f: Function) -> Function:
        """Return `ad.value_and_grad` of f."""
        return ad.value_and_grad(f)

    def jacobian(self, f: Function) -> Function:
        """Return `ad.jacobian` of f, which chooses the mode."""
        return ad.jacobian(f)

    def hessian(self, f: Function) -> Function:
        """Return `ad.hessian` of f."""
        return ad.hessian(f)

    def jvp(self, f: Function) -> Function:
        """Return forward mode along ones."""

        def value_and_slope(x: Value, *data: Value) -> Value:
            return ad.jvp(lambda x: f(x, *data), (x,), (np.ones_like(x),))

        return value_and_slope

    def hvp_forward_over_reverse(self, f: Function) -> Function:
        """Return the jvp of the gradient."""
        slope = self.jvp(ad.grad(f))
        return lambda *args: slope(*args)[1]

    def hvp_reverse_over_forward(self, f: Function) -> Function:
        """Return the gradient of the jvp."""
        slope = self.jvp(f)
        return ad.grad(lambda *args: slope(*args)[1])

    def hvp_reverse_over_reverse(self, f: Function) -> Function:
        """Return the gradient of the gradient's sum."""
        slope = ad.grad(f)
        return ad.grad(lambda *args: np.sum(slope(*args)))

    def newton_direction(self, f: Function) -> Function:
        """Return the quotient of the gradient's jvp."""
        return quotient(self.jvp(ad.grad(f)))

    def third_derivative(self, f: Function) -> Function:
        """Return the gradient, three times."""
        return ad.grad(ad.grad(ad.grad(f)))

    def batched_jacobian(self, f: Function) -> Function:
        """Return the Jacobian, vectorised over rows."""
        return ad.vmap(ad.jacobian(f))

    def value_and_gradient_of_loop(self, f: Function) -> Function:
        """Refuse: there is no loop construct yet."""
        message = "a loop construct"
        raise NotYetError(message)

    def checkpoint(self, f: Function) -> Function:
        """Return `ad.checkpoint` of f."""
        return ad.checkpoint(f)

    def sparse_jacobian(self, f: Function) -> Function:
        """Refuse: there is no colouring yet."""
        message = "sparse derivatives by colouring"
        raise NotYetError(message)

    sparse_hessian = sparse_jacobian


class CompiledAdjoint(Contender):
    """Adjoint's compiled functions, as soon as they are there."""

    name = "adjoint compiled"
    compiles = True

    def __init__(self) -> None:
        self.version = ad.__version__

    def prepare(self, case: Case, inputs: Inputs) -> Function:
        """Refuse: there is no compiler yet."""
        message = "the compiler"
        raise NotYetError(message)
