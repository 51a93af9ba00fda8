"""PyTorch, eager."""

import functools

import numpy as np
import torch
import torch.func
import torch.utils.checkpoint

from benchmarks.case import Value
from benchmarks.contenders.base import Contender, Function, namespace, quotient
from benchmarks.environment import cores


def _stack(arrays: Value, axis: int = 0) -> Value:
    """Return `torch.stack`, numbers among the parts made tensors."""
    like = next(part for part in arrays if isinstance(part, torch.Tensor))
    return torch.stack([torch.as_tensor(part).to(like) for part in arrays], axis)


NAMESPACE = namespace(
    torch,
    "subtract multiply abs sign where matmul sum mean reshape swapaxes zeros_like "
    "ones_like",
    dot=torch.matmul,  # torch.dot takes vectors only
    max=torch.amax,  # torch.max returns positions too
    min=torch.amin,
    transpose=lambda x: x.t(),  # unlike x.T, of one axis too
    concatenate=torch.cat,
    stack=_stack,
)
"""NumPy's names for PyTorch's functions; axis= and keepdims= PyTorch takes itself."""


class Torch(Contender):
    """PyTorch eager: the tape of `torch.autograd`, `torch.func` where it batches.

    Python floats become 0-d float64 tensors as arguments and stay floats as constants.
    """

    name = "torch"
    xp = NAMESPACE

    def __init__(self) -> None:
        self.version = torch.__version__
        torch.set_num_threads(1)
        torch.func.jacrev(torch.sin)(torch.ones(1))  # it imports a lot at its first use

    def all_threads(self) -> None:
        """Use every core that this process may use."""
        torch.set_num_threads(cores())

    def argument(self, x: Value) -> Value:
        """Return tensors that ask for a gradient."""
        if isinstance(x, list):
            return [self.argument(leaf) for leaf in x]
        single = getattr(x, "dtype", None) == np.float32
        dtype = torch.float32 if single else torch.float64
        return torch.tensor(x, dtype=dtype, requires_grad=True)

    def constant(self, x: Value) -> Value:
        """Return tensors for arrays, numbers as they are."""
        return torch.from_numpy(x.copy()) if isinstance(x, np.ndarray) else x

    def plain(self, result: Value) -> Value:
        """Return NumPy arrays in the same containers."""
        if isinstance(result, list | tuple):
            return type(result)(self.plain(one) for one in result)
        return result.detach().numpy() if isinstance(result, torch.Tensor) else result

    def value(self, f: Function) -> Function:
        """Return f without a tape."""
        return torch.no_grad()(f)

    def gradient(self, f: Function) -> Function:
        """Return the gradient by `torch.autograd`."""
        both = self.value_and_gradient(f)
        return lambda *args: both(*args)[1]

    def value_and_gradient(self, f: Function) -> Function:
        """Return value and gradient by `torch.autograd`."""

        def differentiate(x: Value, *data: Value) -> Value:
            value = f(x, *data)
            gradients = torch.autograd.grad(value, x)
            return value, list(gradients) if isinstance(x, list) else gradients[0]

        return differentiate

    def jacobian(self, f: Function) -> Function:
        """Return the Jacobian by rows, in the way that is fastest for so many."""
        ways: list[Function] = []

        def differentiate(x: Value, *data: Value) -> Value:
            def of_x(x: Value) -> Value:
                return f(x, *data)

            if not ways:
                ways.append(_by_rows(of_x(x).numel()))
            return ways[0](of_x, x)

        return differentiate

    def hessian(self, f: Function) -> Function:
        """Return the Hessian, all rows in one sweep."""
        rows = functools.partial(torch.autograd.functional.hessian, vectorize=True)
        return lambda x, *data: rows(lambda x: f(x, *data), x)

    def jvp(self, f: Function) -> Function:
        """Return forward mode along ones, by `torch.func`."""
        return _detached(_along_ones(f))

    def hvp_forward_over_reverse(self, f: Function) -> Function:
        """Return the jvp of the gradient, by `torch.func`."""
        slope = _along_ones(torch.func.grad(f))
        return _detached(lambda *args: slope(*args)[1])

    def hvp_reverse_over_forward(self, f: Function) -> Function:
        """Return the gradient of the jvp, by `torch.func`."""
        slope = _along_ones(f)
        return _detached(torch.func.grad(lambda *args: slope(*args)[1]))

    def hvp_reverse_over_reverse(self, f: Function) -> Function:
        """Return the gradient of the gradient's sum, by `torch.autograd`."""

        def differentiate(x: Value, *data: Value) -> Value:
            slope = torch.autograd.grad(f(x, *data), x, create_graph=True)[0]
            return torch.autograd.grad(slope.sum(), x)[0]

        return differentiate

    def newton_direction(self, f: Function) -> Function:
        """Return the quotient of the gradient's jvp, by `torch.func`."""
        return _detached(quotient(_along_ones(torch.func.grad(f))))

    def checkpoint(self, f: Function) -> Function:
        """Return f under `torch.utils.checkpoint`, in the form that is recommended."""
        again = torch.utils.checkpoint.checkpoint
        return lambda *args: again(f, *args, use_reentrant=False)

    def third_derivative(self, f: Function) -> Function:
        """Return the gradient, three times, by `torch.autograd`."""

        def differentiate(x: Value, *data: Value) -> Value:
            y = f(x, *data)
            for last in (False, False, True):
                y = torch.autograd.grad(y, x, create_graph=not last)[0]
            return y

        return differentiate

    def batched_jacobian(self, f: Function) -> Function:
        """Return the Jacobian by rows, vectorised over the batch, by `torch.func`."""
        return torch.func.vmap(torch.func.jacrev(f))


FEW_ROWS, SOME_ROWS = 2, 100
"""Up to how many rows vectorising costs more than it saves, and up to how many
`torch.autograd.functional` starts faster than `torch.func`; measured."""


def _by_rows(count: int) -> Function:
    """Return what gives a Jacobian of so many rows, of a function and a point."""
    if count > SOME_ROWS:
        return lambda f, x: torch.func.jacrev(f)(x.detach())
    rows = torch.autograd.functional.jacobian
    return functools.partial(rows, vectorize=count > FEW_ROWS)


def _along_ones(f: Function) -> Function:
    def value_and_slope(x: Value, *data: Value) -> Value:
        return torch.func.jvp(lambda x: f(x, *data), (x,), (torch.ones_like(x),))

    return value_and_slope


def _detached(f: Function) -> Function:
    """Return f of an argument that asks for no gradient: `torch.func` has its own."""
    return lambda x, *data: f(x.detach(), *data)
