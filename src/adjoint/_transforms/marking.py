"""What a transformed function says of itself: of which function, by which transform.

``ad.grad(f)`` is a plain function with two attributes, ``function`` (the user's ``f``)
and ``transform`` (a `Transform`), so that tools see inside without running it.
"""

import functools
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from adjoint._debug.context import debugged
from adjoint._transforms.arguments import as_tuple
from adjoint._transforms.running import written_function

Mode = Literal["forward", "reverse", "auto"]


class Transform(NamedTuple):
    """How a transform treats its function.

    Parameters
    ----------
    name : str
        ``"grad"``, ``"hessian"`` ...
    mode : {"forward", "reverse", "auto"} or None
        The mode in which ``inner`` is differentiated: ``"auto"`` where the sizes
        decide, ``None`` where it is not differentiated (``vmap``).
    inner : callable
        The function that is evaluated with that mode: the user's, for a Hessian its
        gradient.
    argnums : int or sequence of int
        Positions of the arguments to differentiate by.
    has_aux : bool
        Whether ``inner`` returns a pair ``(value, aux)``.
    total : bool
        Whether the sum of all results is differentiated.
    holomorphic : bool
        Whether ``inner`` is a complex function with a complex derivative.
    """

    name: str
    mode: Mode | None
    inner: Callable[..., Any]
    argnums: Any = 0
    has_aux: bool = False
    total: bool = False
    holomorphic: bool = False

    def __str__(self) -> str:
        return self.name


def mark(
    transformed: Callable[..., Any],
    transform: Transform,
    function: Callable[..., Any] | None = None,
    debug: bool = False,
) -> Callable[..., Any]:
    """Return a transformed function that says what it is; watched, with ``debug``.

    It bears the names of what it evaluates, and ``.function`` and ``.transform``.

    Parameters
    ----------
    transformed : callable
    transform : Transform
    function : callable, optional
        The user's, where ``transform.inner`` is another one.
    debug : bool
        As of the transforms.

    Raises
    ------
    InputError
        If ``argnums`` of the transform are no positions.
    """
    as_tuple(transform.argnums, transform.name)
    functools.update_wrapper(transformed, transform.inner, updated=())
    user_function = transform.inner if function is None else function
    transformed.__dict__["function"] = written_function(user_function)
    transformed.__dict__["transform"] = transform
    return debugged(transformed, debug)


def transform_of(function: Any) -> Transform | None:
    """Return how a function was made by a transform; ``None`` for others.

    A user's wrapper of ``ad.grad(f)``, made with `functools.wraps`, bears its
    attributes too; it may do something else, and is a function like any other.
    """
    transform = getattr(function, "transform", None)
    if not isinstance(transform, Transform):
        return None
    wrapped = getattr(function, "__wrapped__", None)
    return transform if wrapped is transform.inner else None
