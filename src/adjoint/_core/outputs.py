"""``out=``: results written into arrays that exist already.

The function is carried out without ``out``; what it gives is then copied into the
target by NumPy's rules for casts.  A target that is not traced could not hold it.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, shape_of
from adjoint._core.errors import MutationError, user_line
from adjoint._core.registry import IMPLEMENTATIONS

KEPT: ContextVar[Any] = ContextVar("adjoint elements kept", default=None)
"""Which elements of a ufunc that is carried out will be kept; ``None`` for all."""


@contextlib.contextmanager
def _keeping(where: Value) -> Iterator[None]:
    """Say which elements are kept; what the others are made of warns of nothing."""
    token = KEPT.set(where)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        KEPT.reset(token)


def check_targets(handle: Any, name: str, targets: Sequence[Any]) -> None:
    """Raise if a traced result is to be written into an array that is not traced.

    Raises
    ------
    MutationError
        If so.
    """
    if all(one is None or hasattr(type(one), "entries") for one in targets):
        return
    msg = (
        f"{name} was asked to write a traced result into an existing array (out= or "
        f"an in-place operator such as z += x){user_line()}, which would lose its "
        f"derivative. Use what it returns instead: z = {name}(...)."
    )
    raise handle.remember(MutationError(msg))


def ufunc_into(
    handle: Any,
    ufunc: np.ufunc,
    method: str,
    inputs: tuple[Value, ...],
    kwargs: dict[str, Any],
) -> Value:
    """Carry out a ufunc, or a method of it, with ``out=``; return what was filled.

    Elements that ``where=`` leaves out keep their values.
    """
    kwargs = dict(kwargs)
    targets = kwargs.pop("out")
    casting = kwargs.pop("casting", "same_kind")
    call, where = ufunc, True
    check_targets(handle, f"np.{ufunc.__name__}", targets)
    if method in {"__call__", "outer"}:
        where = kwargs.pop("where", True)
    if method != "__call__":
        call = getattr(ufunc, method)
    with contextlib.nullcontext() if where is True else _keeping(where):
        results = call(*inputs, **kwargs)
    results = results if isinstance(results, tuple) else (results,)
    filled = tuple(
        result
        if target is None
        else into(target, result, ufunc.__name__, casting, where)
        for target, result in zip(targets, results, strict=True)
    )
    return filled if len(filled) > 1 else filled[0]


def function_into(
    handle: Any,
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Value:
    """Carry out a function with ``out=``; return what was filled."""
    kwargs = dict(kwargs)
    targets = kwargs.pop("out")
    target = targets[0] if isinstance(targets, tuple) else targets
    check_targets(handle, name, (target,))
    return into(target, function(*args, **kwargs), name)


def into(
    target: Value,
    result: Value,
    name: str,
    casting: str = "same_kind",
    where: Value = True,
) -> Value:
    """Return ``target`` after ``result`` was written over it.

    Raises
    ------
    ValueError
        If it does not broadcast to the shape of ``target``, as NumPy says.
    TypeError
        If its dtype cannot be cast to that of ``target``.
    """
    shape, needed = target.shape, np.broadcast_shapes(shape_of(result), shape_of(where))
    if np.broadcast_shapes(needed, shape) != shape:
        msg = (
            f"non-broadcastable output operand with shape {shape} doesn't match the "
            f"broadcast shape {needed} of {name}{user_line()}"
        )
        raise ValueError(msg)
    IMPLEMENTATIONS[np.copyto](target, result, casting, where)
    return target
