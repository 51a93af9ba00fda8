"""HIPS autograd: the function is written with `autograd.numpy`."""

import importlib.metadata

import autograd
import autograd.numpy
import numpy as np

from benchmarks.case import Value
from benchmarks.contenders.base import Contender, Function, quotient


class Autograd(Contender):
    """HIPS autograd."""

    name = "autograd"
    xp = autograd.numpy

    def __init__(self) -> None:
        self.version = importlib.metadata.version("autograd")

    def value(self, f: Function) -> Function:
        """Return f itself."""
        return f

    def gradient(self, f: Function) -> Function:
        """Return `autograd.grad` of f."""
        return autograd.grad(f)

    def value_and_gradient(self, f: Function) -> Function:
        """Return `autograd.value_and_grad` of f."""
        return autograd.value_and_grad(f)

    def jacobian(self, f: Function) -> Function:
        """Return `autograd.jacobian` of f: row by row."""
        return autograd.jacobian(f)

    def hessian(self, f: Function) -> Function:
        """Return `autograd.hessian` of f."""
        return autograd.hessian(f)

    def jvp(self, f: Function) -> Function:
        """Return forward mode along ones."""

        def value_and_slope(x: Value, *data: Value) -> Value:
            push = autograd.make_jvp(lambda x: f(x, *data))
            return push(x)(np.ones_like(x))

        return value_and_slope

    def hvp_forward_over_reverse(self, f: Function) -> Function:
        """Return the jvp of the gradient."""
        slope = self.jvp(autograd.grad(f))
        return lambda *args: slope(*args)[1]

    def hvp_reverse_over_forward(self, f: Function) -> Function:
        """Return the gradient of the jvp."""
        slope = self.jvp(f)
        return autograd.grad(lambda *args: slope(*args)[1])

    def hvp_reverse_over_reverse(self, f: Function) -> Function:
        """Return the gradient of the gradient's sum."""
        slope = autograd.grad(f)
        return autograd.grad(lambda *args: autograd.numpy.sum(slope(*args)))

    def newton_direction(self, f: Function) -> Function:
        """Return the quotient of the gradient's jvp."""
        return quotient(self.jvp(autograd.grad(f)))

    def checkpoint(self, f: Function) -> Function:
        """Return `autograd.checkpoint` of f."""
        return autograd.checkpoint(f)

    def third_derivative(self, f: Function) -> Function:
        """Return the gradient, three times."""
        return autograd.grad(autograd.grad(autograd.grad(f)))
