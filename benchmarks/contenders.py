"""Who is measured: how each library says "the gradient of this function".

A contender is one function here that returns a `Contender`, or raises ImportError
where the library is not installed. To add one, write it and name it in `CONTENDERS`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

Value: TypeAlias = Any
"""What a contender computes with: arrays, tensors, floats, lists of them."""

Namespace: TypeAlias = Any
"""Where a contender's user finds `sin`, `dot`, `sum`: `numpy` or its stand-in."""

Function: TypeAlias = Callable[[Value], Value]

OURS = "adjoint"
BY_HAND = "by hand"


def _same(x: Value) -> Value:
    return x


@dataclass(frozen=True, slots=True)
class Contender:
    """A library that differentiates.

    Parameters
    ----------
    name, version : str
        As its distribution says.
    xp : namespace
        What the user's function is written with.
    gradient, value_and_gradient : callable
        From a function of one argument (array, float or list of arrays) to its
        derivative.
    function : callable
        From a function to the cheapest way of evaluating it undifferentiated.
    constant, argument : callable
        From NumPy or Python values to what the library takes.
    plain : callable
        From one of the library's results back to NumPy.
    """

    name: str
    version: str
    xp: Namespace
    gradient: Callable[[Function], Function]
    value_and_gradient: Callable[[Function], Function]
    function: Callable[[Function], Function] = field(default=_same)
    constant: Function = field(default=_same)
    argument: Function = field(default=_same)
    plain: Function = field(default=_same)


def adjoint() -> Contender:
    """Return Adjoint: the function is written in plain NumPy."""
    ad = importlib.import_module("adjoint")
    return Contender(
        name=OURS,
        version=getattr(ad, "__version__", "of this checkout"),
        xp=np,
        gradient=ad.grad,
        value_and_gradient=ad.value_and_grad,
    )


def autograd() -> Contender:
    """Return HIPS autograd: the function is written with `autograd.numpy`."""
    module = importlib.import_module("autograd")
    metadata = importlib.import_module("importlib.metadata")
    return Contender(
        name="autograd",
        version=metadata.version("autograd"),
        xp=importlib.import_module("autograd.numpy"),
        gradient=module.grad,
        value_and_gradient=module.value_and_grad,
    )


def torch() -> Contender:
    """Return PyTorch eager on one thread, under NumPy's names for its functions.

    `torch.dot` takes vectors only and `torch.max` returns positions too, so those
    two names stand for `torch.matmul` and `torch.amax`. Python floats become 0-d
    float64 tensors as arguments and stay Python floats as constants.
    """
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)

    def constant(x: Value) -> Value:
        return torch.from_numpy(x.copy()) if isinstance(x, np.ndarray) else x

    def argument(x: Value) -> Value:
        if isinstance(x, list):
            return [argument(leaf) for leaf in x]
        return torch.tensor(x, dtype=_torch_dtype(x), requires_grad=True)

    def _torch_dtype(x: Value) -> Value:
        return torch.float32 if np.asarray(x).dtype == np.float32 else torch.float64

    def value_and_gradient(f: Function) -> Function:
        def differentiate(x: Value) -> Value:
            value = f(x)
            gradients = torch.autograd.grad(value, x)
            return value, list(gradients) if isinstance(x, list) else gradients[0]

        return differentiate

    def gradient(f: Function) -> Function:
        def differentiate(x: Value) -> Value:
            return torch.autograd.grad(f(x), x)[0]

        return differentiate

    return Contender(
        name="torch",
        version=torch.__version__,
        xp=SimpleNamespace(
            sin=torch.sin,
            exp=torch.exp,
            log=torch.log,
            tanh=torch.tanh,
            multiply=torch.multiply,
            dot=torch.matmul,
            sum=torch.sum,
            max=torch.amax,
        ),
        gradient=gradient,
        value_and_gradient=value_and_gradient,
        function=torch.no_grad(),
        constant=constant,
        argument=argument,
        plain=lambda x: x.detach().numpy(),
    )


CONTENDERS: tuple[Callable[[], Contender], ...] = (adjoint, autograd, torch)


@dataclass(frozen=True, slots=True)
class Field:
    """The contenders of one run: those present, and why the others are absent."""

    present: tuple[Contender, ...]
    absent: dict[str, str]


def assemble() -> Field:
    """Return every contender that can be imported, and the reasons of the rest."""
    present: list[Contender] = []
    absent: dict[str, str] = {}
    for contender in CONTENDERS:
        try:
            present.append(contender())
        except ImportError as error:
            absent[contender.__name__] = f"absent ({error})"
    return Field(tuple(present), absent)


def disagreement(measured: Value, expected: Value, tolerance: float) -> str:
    """Return how a result differs from the expected one, or nothing.

    Form, shape and dtype are compared too; values to `tolerance` times the largest
    entry expected, since a gradient's small entries carry the rounding of its large
    ones.
    """
    if isinstance(expected, list):
        if len(measured) != len(expected):
            return f"{len(measured)} leaves, expected {len(expected)}"
        pairs = zip(measured, expected, strict=True)
        found = (disagreement(m, e, tolerance) for m, e in pairs)
        return next((text for text in found if text), "")
    measured, expected = np.asarray(measured), np.asarray(expected)
    if (measured.shape, measured.dtype) != (expected.shape, expected.dtype):
        return (
            f"{measured.dtype}{measured.shape}, "
            f"expected {expected.dtype}{expected.shape}"
        )
    error = float(np.max(np.abs(measured - expected)))
    scale = float(np.max(np.abs(expected)))
    if not error <= tolerance * scale:
        return f"off by {error:.3g} where the largest entry is {scale:.3g}"
    return ""
