"""Floating-point warnings of traced operations, given at the user's line.

NumPy warns where its C code was called from: that is a file of ours for an operation on
a traced value, and since Python gives a warning once for each line, all divisions by
zero of a program would be one.  While a transform runs the user's function, the error
state therefore hands warnings to `Warner`, which finds the line NumPy would have named.

Only what is set to "warn" is changed, and only where no error callback of the user's is
set.  The state lives in a context variable; reading and setting it costs 0.1 us, which
``np.errstate`` does not.
"""

import functools
import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from adjoint._core.errors import is_ours

_umath: Any = np._core.umath  # type: ignore[attr-defined]
# None in another NumPy than those we know, which then warns in its own way.
_state: Any = getattr(_umath, "_extobj_contextvar", None)
_make_state: Any = getattr(_umath, "_make_extobj", None)
_SILENT: Any = None if _state is None else _make_state(all="ignore")


F = TypeVar("F", bound=Callable[..., Any])


def silently(function: F) -> F:
    """Return a function that warns of nothing: what rules compute is no user's doing.

    As ``np.errstate(all="ignore")`` does, at a tenth of its cost.
    """
    if _state is None:
        return np.errstate(all="ignore")(function)
    enter, leave = _state.set, _state.reset

    @functools.wraps(function)
    def silent(*args: Any) -> Any:
        token = enter(_SILENT)
        try:
            return function(*args)
        finally:
            leave(token)

    return silent  # type: ignore[return-value]


class Warner:
    """What NumPy writes its floating-point errors to, a line of text for each."""

    def write(self, text: str) -> None:
        """Give a warning of NumPy's at the line that NumPy would name."""
        frame: Any = sys._getframe(1)
        while frame.f_back is not None and is_ours(frame.f_code.co_filename):
            frame = frame.f_back
        module = frame.f_globals
        warnings.warn_explicit(
            text.removeprefix("Warning: ").rstrip("\n"),
            RuntimeWarning,
            frame.f_code.co_filename,
            frame.f_lineno,
            module=module.get("__name__"),
            registry=module.setdefault("__warningregistry__", {}),
        )


WARNER = Warner()


def error_modes() -> dict[str, Any]:
    """Return ``np.geterr()`` as the user has it: "warn" where we redirect."""
    modes: dict[str, Any] = {**np.geterr()}
    if np.geterrcall() is WARNER:
        modes = {key: "warn" if mode == "log" else mode for key, mode in modes.items()}
    return modes


def _redirected() -> Any:
    """Return the present error state with warnings handed to the warner, or None."""
    modes = np.geterr()
    if np.geterrcall() is not None or "warn" not in modes.values():
        return None
    logged = {key: "log" if mode == "warn" else mode for key, mode in modes.items()}
    return _make_state(call=WARNER, **logged)


_last: list[tuple[Any, Any]] = [(None, None)]
"""The last error state met, and what it became; one pair, so that threads agree."""


def warn_at_the_users_line() -> Any:
    """Hand floating-point warnings to the warner from now on; return what ends it."""
    if _state is None:
        return None
    present = _state.get()
    known, redirected = _last[0]
    if present is redirected:
        return None
    if present is not known:
        redirected = _redirected()
        _last[0] = (present, redirected)
    if redirected is None:
        return None
    return _state.set(redirected), redirected


def warn_as_before(begun: Any) -> None:
    """End what `warn_at_the_users_line` began; what ``np.seterr`` has set stays."""
    if begun is None:
        return
    token, redirected = begun
    if _state.get() is redirected:
        _state.reset(token)
        return
    modes = error_modes()
    if np.geterrcall() is WARNER:
        np.seterrcall(None)
    np.seterr(**modes)
