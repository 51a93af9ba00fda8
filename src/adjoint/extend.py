"""Derivatives for functions of other packages, and operations of one's own.

``ad.custom_jvp`` and ``ad.custom_vjp`` give a derivative to a function of the user's
own, who then calls that one.  ``ad.extend.implements`` goes the other way: the user's
code goes on calling the function of the other package.

>>> import numpy as np
>>> from scipy import special
>>> import adjoint as ad
>>> @ad.extend.implements(special.gammaln)
... @ad.custom_jvp
... def gammaln(x):
...     return special.gammaln(x)
>>> @gammaln.defjvp
... def _(primals, tangents):
...     (x,), (x_dot,) = primals, tangents
...     return gammaln(x), special.digamma(x) * x_dot
>>> def log_likelihood(rate):
...     return np.sum(-special.gammaln(rate * np.array([1.0, 2.0])))
>>> ad.grad(log_likelihood)(1.5)
np.float64(-1.8820586...)
>>> ad.extend.withdraw(special.gammaln)

``ad.extend.elementwise`` and ``ad.extend.primitive`` make a function of the user's one
operation, at the speed of NumPy's own: for small functions that are called often.
"""

import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from adjoint._clone.hooks import forget_callees
from adjoint._clone.records import STAND_INS
from adjoint._clone.twins import HANDLES
from adjoint._core.arrays import Value
from adjoint._core.buffers import Buffer
from adjoint._core.dispatch import Trace, highest_trace
from adjoint._core.errors import InputError
from adjoint._core.handle import Handle
from adjoint._core.outdated import Outdated
from adjoint._core.protocols import missing_rule
from adjoint._core.record import Calculus, Layout, Record
from adjoint._core.registry import IMPLEMENTATIONS
from adjoint._modes.batch import BatchTrace
from adjoint._transforms.primitives import (
    elementwise,
    primitive,
)

__all__ = ["elementwise", "implements", "primitive", "withdraw"]

F = TypeVar("F", bound=Callable[..., Any])


def implements(function: Any) -> Callable[[F], F]:
    """Let the decorated function stand for another where an argument is traced.

    Parameters
    ----------
    function : callable
        A function, ufunc, method (``Class.method``) or class, of any package.

    Returns
    -------
    callable
        A decorator; it returns the decorated function as it is.  That one takes the
        arguments that ``function`` takes, as far as they are used, and is written
        with NumPy functions, or is a custom rule (`adjoint.custom_jvp`,
        `adjoint.custom_vjp`).

    Raises
    ------
    InputError
        If ``function`` is not callable.

    Notes
    -----
    Calls without traced arguments run ``function`` itself.  So do calls inside the
    decorated function, whose arguments are those of the transform below: a custom rule
    may call what it implements.

    Functions and ufuncs of NumPy, and ufuncs of other packages, reach the decorated
    function from wherever they are called.  All others do so from functions that
    transforms follow: those of the user, and what `adjoint.follow` names.

    Of two functions that implement the same one the last holds; it does so for the
    whole process, until it is withdrawn (`withdraw`).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> @ad.extend.implements(np.i0)
    ... @ad.custom_jvp
    ... def bessel_i0(x):
    ...     return np.i0(x)
    >>> @bessel_i0.defjvp
    ... def _(primals, tangents):
    ...     from scipy import special
    ...     (x,), (x_dot,) = primals, tangents
    ...     return np.i0(x), special.i1(x) * x_dot
    >>> ad.grad(lambda x: np.sum(np.i0(x)))(np.array([0.0, 1.0]))
    array([0.        , 0.5651591])
    >>> ad.extend.withdraw(np.i0)
    """
    if not callable(function):
        msg = f"ad.extend.implements({function!r}): that cannot be called."
        raise InputError(msg)

    def enter(replacement: F) -> F:
        extension = _Extension(function, replacement)
        known = (IMPLEMENTATIONS.get(function), STAND_INS.get(function))
        _BEFORE.setdefault(function, known)
        _set(function, extension, extension.in_clone)
        return replacement

    return enter


def withdraw(function: Callable[..., Any]) -> None:
    """Take back what `implements` has declared for a function.

    Parameters
    ----------
    function : callable

    Raises
    ------
    InputError
        If nothing was declared for it.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> _ = ad.extend.implements(np.sin)(lambda x: 2.0 * x)
    >>> ad.grad(np.sin)(0.0)
    np.float64(2.0)
    >>> ad.extend.withdraw(np.sin)
    >>> ad.grad(np.sin)(0.0)
    np.float64(1.0)
    """
    if function not in _BEFORE:
        msg = f"ad.extend.withdraw({function!r}): nothing implements it."
        raise InputError(msg)
    _set(function, *_BEFORE.pop(function))


_BEFORE: dict[Any, tuple[Any, Any]] = {}
"""What stood for a function before it was extended: by protocols, and in clones."""


_KINDS = HANDLES - {Buffer, Outdated}
"""Handles whose entries know what runs for a function."""


def _set(function: Any, implementation: Any, maker: Any) -> None:
    """Enter what runs for a function, by protocols and in clones; ``None``: nothing."""
    for table, entry in ((IMPLEMENTATIONS, implementation), (STAND_INS, maker)):
        if entry is None:
            table.pop(function, None)
        else:
            table[function] = entry
    for kind in _KINDS:
        kind.entries.pop(function, None)
    forget_callees()


class _Running(threading.local):
    """The levels on which replacements run in this thread, by function."""

    def __init__(self) -> None:
        self.levels: dict[Any, float] = {}


_RUNNING = _Running()


class _Extension:
    """What runs for a function that was extended.

    Parameters
    ----------
    function, replacement : callable
    """

    def __init__(
        self, function: Callable[..., Any], replacement: Callable[..., Any]
    ) -> None:
        self._function = function
        self._replacement = replacement
        inner = inspect.unwrap(replacement)
        self.__code__ = getattr(inner, "__code__", None)  # which keywords it takes
        self.__name__ = getattr(function, "__name__", repr(function))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the replacement, by NumPy's protocols."""
        return self._carry_out(self._replacement, args, kwargs)

    def in_clone(self, calls: Any) -> Callable[..., Any]:
        """Return what a clone calls: the function itself, if nothing is traced."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if not _holds_traced((args, kwargs)):
                return self._function(*args, **kwargs)
            return self._carry_out(calls.of(self._replacement), args, kwargs)

        return call

    def _carry_out(
        self,
        replacement: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Run a replacement; a call that comes back from it is not sent there again.

        A custom rule sees the values of the transform below, whose level is lower; but
        a batch, which has no rule of its own, sees the batch.
        """
        trace = highest_trace(_handles((args, kwargs)))
        level: float = trace.level if trace is not None else 0
        levels = _RUNNING.levels
        limit = levels.get(self._function)
        if limit is not None and level >= limit:
            return self._without_replacement(trace, args, kwargs)
        levels[self._function] = level
        try:
            return replacement(*args, **kwargs)
        finally:
            if limit is None:
                del levels[self._function]
            else:
                levels[self._function] = limit

    def _without_replacement(
        self, trace: Trace | None, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Value:
        """Carry a ufunc out on a batch; refuse everything else.

        Raises
        ------
        MissingRuleError
            For functions that are no ufuncs: each sample is then computed alone.
        """
        function = self._function
        if (
            isinstance(trace, BatchTrace)
            and isinstance(function, np.ufunc)
            and not kwargs
        ):
            return trace.process(_elementwise(function), args, ())
        raise missing_rule(self.__name__, args)


def _elementwise(ufunc: np.ufunc) -> Record:
    """Return a record that says no more than that a function is elementwise."""
    return Record(
        name=ufunc.__name__,
        function=ufunc,
        evaluate=ufunc,
        calculus=Calculus.CONSTANT,
        layout=Layout.ELEMENTWISE,
        rules=(None,) * ufunc.nin,
        reads=(),
        domain=(),
        outputs=ufunc.nout,
    )


def _handles(tree: Any) -> Sequence[Handle]:
    """Return the traced values in nested containers."""
    if isinstance(tree, Handle):
        return [] if type(tree) is Buffer else [tree]
    parts = tree.values() if type(tree) is dict else tree
    if type(tree) in (list, tuple, dict):
        return [one for part in parts for one in _handles(part)]
    return []


def _holds_traced(tree: Any) -> bool:
    return bool(_handles(tree))
