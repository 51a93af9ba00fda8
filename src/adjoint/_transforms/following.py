"""Which functions outside the user's own files are followed into."""

import importlib.util
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from adjoint._clone.hooks import forget_callees
from adjoint._clone.libraries import FOLLOWED
from adjoint._clone.runs import forget_kinds
from adjoint._core.errors import InputError

_OURS = __name__.partition(".")[0]


def follow(*sources: str | ModuleType | type | Callable[..., Any]) -> None:
    """Let transforms follow the source of other packages as they follow the user's.

    A transform runs clones of the user's functions, in which ``float(x)`` or
    ``np.array([x, 1.0])`` work on traced values.  Installed packages and the standard
    library are called as they are, since most of what they do needs no derivative.
    What is named here is cloned too, from the next call of a transform on.

    Parameters
    ----------
    *sources : str, module, class or function
        A module or its name, which stands for all modules below it; or one class or
        function.

    Raises
    ------
    InputError
        If a source is none of these, is not found, or is not written in Python.

    See Also
    --------
    adjoint.extend.implements : For functions whose source is not Python, or whose
        derivative is known better than by following them.

    Notes
    -----
    It holds for the whole process and cannot be undone.

    Examples
    --------
    The normal distribution of the standard library calls ``math.exp``:

    >>> import statistics
    >>> import adjoint as ad
    >>> ad.follow(statistics.NormalDist)
    >>> normal = statistics.NormalDist(mu=0.0, sigma=1.0)
    >>> ad.grad(normal.pdf)(1.0)
    np.float64(-0.2419707...)
    """
    names = [_name_of(source) for source in sources]
    FOLLOWED.update(names)
    forget_callees()
    forget_kinds()


def _name_of(source: Any) -> str:
    """Return the dotted name of what is to be followed.

    Raises
    ------
    InputError
        If its source cannot be.
    """
    if isinstance(source, str):
        if not _is_known(source):
            msg = f"ad.follow({source!r}): there is no module of that name."
            raise InputError(msg)
        name = source
    elif isinstance(source, ModuleType):
        name = source.__name__
        file = getattr(source, "__file__", None) or ""
        if not file.endswith(".py"):
            raise InputError(_not_python(name))
    elif isinstance(source, (FunctionType, type)):
        name = f"{source.__module__}.{source.__qualname__}"
    else:
        inner = getattr(source, "__wrapped__", None) or getattr(
            source, "__func__", None
        )
        if inner is not None:
            return _name_of(inner)
        raise InputError(_not_python(getattr(source, "__qualname__", repr(source))))
    if name.partition(".")[0] == _OURS:
        msg = f"ad.follow: {name} is Adjoint's own, which is not followed."
        raise InputError(msg)
    return name


def _is_known(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _not_python(name: str) -> str:
    return (
        f"ad.follow: {name} is not written in Python, so there is no source to follow. "
        "Give it a derivative with ad.extend.implements."
    )
