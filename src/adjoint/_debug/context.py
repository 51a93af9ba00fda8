"""``ad.debug``: transforms that stop where a NaN is made."""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from inspect import iscoroutinefunction, isgeneratorfunction
from typing import Any, Self

from adjoint._core.arrays import describe
from adjoint._core.errors import InputError, NonFiniteError
from adjoint._debug.frames import without_ours
from adjoint._debug.watch import FiniteWatch
from adjoint._modes.watched import install, watching
from adjoint._modes.watching import WATCH

_BEFORE: ContextVar[Any] = ContextVar("adjoint watches before", default=None)
"""The watch before each ``with ad.debug()`` that is open, and the rest of them."""


class debug:  # noqa: N801 - used as a function
    """Stop at the first operation that makes NaN or infinity of finite numbers.

    A context manager, for transforms that start within it, in this thread; as a
    decorator, for those that start while a function runs.  ``grad(f, debug=True)`` is
    the same for one transform.

    Parameters
    ----------
    nan, inf : bool
        What to stop at: NaN, and infinity.
    inputs : bool
        Whether to warn, by `NoInfluenceWarning`, of arguments that do not influence the
        result.

    *misplaced
        Nothing: a function goes to what `debug` returns, ``ad.debug()(f)``.

    Raises
    ------
    InputError
        If something is given by position.
    NonFiniteError
        In the transform.  It names the user's line, the operation, whether its value or
        its derivative is not finite, the operands at the first such index, and what
        usually helps.

    See Also
    --------
    diagnose : which inputs have gradient zero, and why.

    Notes
    -----
    A value stops at once: the traceback ends in the function, at the user's line, and
    so does ``pdb.pm()``; frames of this package are left out of it.
    A derivative that is not finite is raised at the end of the backward pass, and only
    if the gradient is not finite: with infinity times an exact zero it may be right.

    What comes of an operand that is not finite passes: a mask of ``-inf`` in a softmax,
    say.  A NaN made of infinities (``inf - inf``) does not.  A derivative that is nan
    since nan was given, in an argument or in data, is warned of: `NonFiniteWarning`.

    Each operation costs some ten microseconds more, and operands stay in memory until
    the transform ends.  Transforms that start outside pay nothing.  ``vmap`` is watched
    too, unless it runs in a loop (`BatchFallbackWarning`); graphs, variables and plain
    calls are not.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> with ad.debug(nan=True):
    ...     ad.grad(lambda x: np.sqrt(x) * 2.0)(4.0)
    np.float64(0.5)
    >>> try:
    ...     ad.grad(lambda x: np.sqrt(x) * 2.0, debug=True)(0.0)
    ... except ad.errors.NonFiniteError as error:
    ...     print(error.operation, error.phase, error.operands)
    np.sqrt backward (np.float64(0.0),)
    """

    def __init__(
        self,
        *misplaced: Any,
        nan: bool = True,
        inf: bool = True,
        inputs: bool = False,
    ) -> None:
        if misplaced:
            msg = (
                "ad.debug takes nan=, inf= and inputs= alone; given was "
                f"{describe(misplaced[0])}. Write `with ad.debug():` around the call, "
                "or ad.debug()(f) for a function that is watched while it runs."
            )
            raise InputError(msg)
        self._made = functools.partial(FiniteWatch, nan=nan, inf=inf, inputs=inputs)

    def __enter__(self) -> Self:
        # What was before is kept in the context itself, not here: threads and tasks
        # may share this object.
        _BEFORE.set((WATCH.get(), _BEFORE.get()))
        install()
        WATCH.set(self._made())
        return self

    def __exit__(self, *raised: object) -> None:
        for error in raised:
            if isinstance(error, NonFiniteError):
                error.__traceback__ = without_ours(error.__traceback__)
        before, rest = _BEFORE.get() or (None, None)
        _BEFORE.set(rest)
        WATCH.set(before)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function while which runs transforms are watched.

        Raises
        ------
        InputError
            If it is a coroutine or a generator, which run after the call.
        """
        if iscoroutinefunction(function) or isgeneratorfunction(function):
            msg = (
                f"ad.debug was to decorate {function.__name__}, a coroutine or "
                "generator, which runs after its call has returned. Write `with "
                "ad.debug():` within it."
            )
            raise InputError(msg)

        @functools.wraps(function)
        def debugged(*args: Any, **kwargs: Any) -> Any:
            with watching(self._made()):
                try:
                    return function(*args, **kwargs)
                except NonFiniteError as error:
                    error.__traceback__ = without_ours(error.__traceback__)
                    raise

        return debugged


def debugged(function: Callable[..., Any], wanted: bool = True) -> Callable[..., Any]:
    """Return a function whose transforms are watched, if that is wanted.

    It says of itself what the other one does.
    """
    if not wanted:
        return function
    watched: Any = debug()(function)
    watched.__wrapped__ = getattr(function, "__wrapped__", function)
    return watched  # type: ignore[no-any-return]
