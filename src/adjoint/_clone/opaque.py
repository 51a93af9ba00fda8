"""Calls of functions that are not followed: they get arrays, not buffers.

A buffer stands for a plain array, which such a function may need (to write into, to
hand to C).  If it keeps the array, what is stored in the buffer later would not reach
it: so its reference count is looked at, before and after, and a buffer that is held
outside takes no traced value any more.  Where counts are not exact, what is handed out
is taken for kept.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._clone.leftovers import CONTAINERS
from adjoint._core.buffers import Buffer, plain
from adjoint._core.counts import EXACT_COUNTS
from adjoint._core.errors import is_ours
from adjoint._core.views import link_of
from adjoint._modes.constant import own

_NO_ARRAYS = frozenset(sys.stdlib_module_names) | {"adjoint"}
"""Packages whose functions are handed what they are given."""


def takes_arrays(function: Any) -> bool:
    """Tell whether a function may be one that wants NumPy's arrays."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, (np.ufunc, *CONTAINERS)):  # or of a class derived from one
        return False
    code = getattr(function, "__code__", None)
    if code is not None and is_ours(code.co_filename):
        return False  # one of the user's that `adjoint.extend` carries out
    module = getattr(function, "__module__", None) or type(owner).__module__ or ""
    return module.partition(".")[0] not in _NO_ARRAYS


def handing_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is given the arrays of buffers."""

    def call(*args: Any, **named: Any) -> Any:
        buffers = [one for one in (*args, *named.values()) if type(one) is Buffer]
        if not buffers:
            return function(*args, **named)
        for one in buffers:
            own(one)
        before = [sys.getrefcount(one.value) for one in buffers]
        out = function(
            *map(plain, args),
            **{key: plain(one) for key, one in named.items()},
        )
        for one in buffers:
            if out is one.value:  # what `out=` returns
                out = one
        for one, count in zip(buffers, before, strict=True):
            if not EXACT_COUNTS or sys.getrefcount(one.value) > count:
                link_of(one).escaped = True
        return out

    functools.update_wrapper(call, function, assigned=("__name__",), updated=())
    return call
