"""What each public function of NumPy is to derivatives: one answer for every one.

A function is *differentiable*, or its derivative is *zero by nature* (it jumps or
stays: ``floor``, ``argmax``, ``isnan``), or it is *without derivative* for a reason
that is said.  What has rules is read from the registry.  What cannot be read there is
stated in `stated.py`; other packages of ours state theirs with `state` and `include`.

>>> import numpy as np
>>> classify(np.sin).kind.value
'differentiable'
>>> classify(np.rint).kind.value
'derivative zero by nature'
>>> classify(np.save).reason
'it reads or writes files'
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from adjoint._core.record import Calculus, Record
from adjoint._core.registry import (
    IMPLEMENTATIONS,
    RECORDS,
    UFUNC_METHODS,
    WITHOUT_DERIVATIVE,
)


class Kind(enum.Enum):
    """What a function is to derivatives."""

    DIFFERENTIABLE = "differentiable"
    CONSTANT = "derivative zero by nature"
    WITHOUT = "without derivative"


@dataclass(frozen=True, slots=True)
class Classification:
    """What one function is to derivatives, and why.

    Parameters
    ----------
    kind : Kind
    reason : str
        In words; what follows "because", or how a derivative comes about.
    record : Record or None
        The function's own record, if it is a primitive.
    implementation : callable or None
        The adapter or composition that carries it out for traced values.
    """

    kind: Kind
    reason: str
    record: Record | None = None
    implementation: Callable[..., Any] | None = None


_STATED: dict[Any, Classification] = {}
_NAMESPACES: dict[str, Any] = {}
_LATER: dict[str, Callable[[], None]] = {}

FOLDS = ("reduce", "accumulate", "reduceat")
"""The methods that take a ufunc of two arguments from element to element."""


def state(kind: Kind, reason: str, *functions: Any) -> None:
    """State what functions are, where the registry cannot tell."""
    for function in functions:
        _STATED[function] = Classification(kind, reason)
        if kind is Kind.WITHOUT:
            WITHOUT_DERIVATIVE[function] = reason


def state_later(package: str, statements: Callable[[], None]) -> None:
    """Let statements about a package be made when it is first asked about.

    For packages that NumPy itself loads when they are used.
    """
    _LATER[package] = statements


def include(name: str, namespace: Any) -> None:
    """Let `public_functions` walk through a namespace: a module, or a class."""
    _NAMESPACES[name] = namespace


def classify(function: Any) -> Classification:
    """Return what a public function, class or ufunc method is to derivatives.

    Parameters
    ----------
    function : callable
        ``np.sin``, ``np.linalg.solve``, ``np.add.reduce`` ...

    Raises
    ------
    LookupError
        If nothing is known of it.
    """
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return _of_method(owner, function.__name__)
    stated = _STATED.get(function)
    record = RECORDS.get(function)
    implementation = IMPLEMENTATIONS.get(function)
    if stated is not None:
        if stated.kind is Kind.DIFFERENTIABLE and record is not None:
            record = None if record.calculus is Calculus.CONSTANT else record
        return Classification(stated.kind, stated.reason, record, implementation)
    if record is not None and record.calculus is Calculus.CONSTANT:
        return Classification(
            Kind.CONSTANT, "it is piecewise constant", record, implementation
        )
    if record is not None:
        return Classification(
            Kind.DIFFERENTIABLE, record.calculus.value, record, implementation
        )
    if implementation is not None:
        return Classification(
            Kind.DIFFERENTIABLE, "composed of primitives", None, implementation
        )
    module = f"{getattr(function, '__module__', '')}."
    for package in [one for one in _LATER if module.startswith(f"{one}.")]:
        _LATER.pop(package)()
        return classify(function)
    msg = (
        f"nothing is known of {function!r}: give it a rule, or state in "
        "adjoint/_numpy/stated.py what it is"
    )
    raise LookupError(msg)


def _of_method(ufunc: np.ufunc, method: str) -> Classification:
    """Return what a method of a ufunc is: what the ufunc is, if it has been written."""
    own = _STATED.get(getattr(ufunc, method)) or classify(ufunc)
    if own.kind is Kind.WITHOUT:
        return own
    implementation = UFUNC_METHODS.get((ufunc, method))
    if implementation is None:
        msg = f"np.{ufunc.__name__}.{method} is not carried out for traced values"
        raise LookupError(msg)
    record = RECORDS.get(getattr(ufunc, method))
    return Classification(own.kind, own.reason, record, implementation)


def methods_of(ufunc: np.ufunc) -> tuple[str, ...]:
    """Return the methods that a ufunc has: not all ufuncs have all.

    Generalized ones have none, those of one argument ``at`` alone, those of two results
    ``outer`` alone.  What gives another type than it takes (``ldexp``) cannot go from
    element to element.
    """
    if ufunc.signature is not None:
        return ()
    if ufunc.nin == 1:
        return ("at",) if ufunc.nout == 1 else ()
    if ufunc.nout > 1:
        return ("outer",)
    folds = any(len({*loop} - {*"->"}) == 1 for loop in ufunc.types)
    return (*FOLDS, "outer", "at") if folds else ("outer", "at")


def public_functions() -> Iterator[tuple[str, Any]]:
    """Yield every public function, class and ufunc method of NumPy with its name.

    A function that has two names (``np.abs`` and ``np.absolute``) comes twice.
    """
    while _LATER:
        _LATER.popitem()[1]()
    for prefix, namespace in _NAMESPACES.items():
        for name in sorted(dir(namespace)):
            found = None if name.startswith("_") else getattr(namespace, name)
            if not callable(found) or isinstance(found, ModuleType):
                continue
            yield f"{prefix}.{name}", found
            if isinstance(found, np.ufunc):
                for method in methods_of(found):
                    yield f"{prefix}.{name}.{method}", getattr(found, method)
