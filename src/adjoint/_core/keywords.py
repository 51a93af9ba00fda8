"""Keywords of ufunc calls: ``where=``, ``dtype=``, ``order=``, the axes of matrices.

Each is said with a call that has none: operands are cast before it, elements chosen and
axes moved before and after it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import PYTHON_SCALARS, Value, dtype_of, in_dtype
from adjoint._core.options import check_casting, read_order
from adjoint._core.record import Calculus
from adjoint._core.registry import RECORDS

_OF_MATRICES = frozenset({"axes", "axis", "keepdims"})


def call_with_keywords(
    ufunc: np.ufunc, inputs: Sequence[Value], kwargs: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Carry out a ufunc with keywords, but for ``out=``.

    Returns the result, and the keywords that are none of a ufunc's.  ``subok`` says
    nothing of traced values, which have no subclasses.
    """
    rest = dict(kwargs)
    where, order = rest.pop("where", True), read_order(rest.pop("order", "K"))
    rest.pop("subok", None)
    types = {key: rest.pop(key) for key in ("dtype", "signature", "sig") if key in rest}
    casting = rest.pop("casting", "same_kind")
    check_casting(casting)
    of_matrices = {key: rest.pop(key) for key in _OF_MATRICES & {*rest}}
    if rest or (of_matrices and ufunc.signature is None):
        return None, {**rest, **of_matrices}
    if any(one is not None for one in types.values()):
        inputs = _in_types(ufunc, inputs, casting, **types)
    if of_matrices:
        out: Any = _along_axes(ufunc, inputs, **of_matrices)
    elif where is not True:
        out = _chosen(ufunc, inputs, where)
    else:
        out = ufunc(*inputs)
    return _each(lambda one: _ordered(one, order), out), {}


def _each(function: Callable[[Value], Value], out: Any) -> Any:
    return tuple(map(function, out)) if isinstance(out, tuple) else function(out)


def _ordered(out: Value, order: str) -> Value:
    """Return a result as it is to lie in memory."""
    return np.copy(out, order) if order in {"C", "F"} else out  # type: ignore[call-overload]


def _in_types(
    ufunc: np.ufunc,
    inputs: Sequence[Value],
    casting: Any,
    dtype: Any = None,
    signature: Any = None,
    sig: Any = None,
) -> list[Value]:
    """Return operands in the types that the loop chosen by ``dtype`` takes.

    Raises
    ------
    TypeError
        As NumPy does, if there is no such loop, or an operand may not be cast so.
    """
    if dtype is not None:
        signature = (None,) * ufunc.nin + (np.dtype(dtype),) * ufunc.nout
    given = [
        type(one) if type(one) in PYTHON_SCALARS - {bool} else dtype_of(one)
        for one in inputs
    ]
    found = ufunc.resolve_dtypes(
        (*given, *(None,) * ufunc.nout),
        signature=sig if signature is None else signature,
        casting=casting,
    )
    return [_cast(one, target) for one, target in zip(inputs, found, strict=False)]


def _cast(one: Value, target: np.dtype[Any]) -> Value:
    if not hasattr(one, "astype"):
        return np.asarray(one, target)[()]
    return in_dtype(one, target)


def _chosen(ufunc: np.ufunc, inputs: Sequence[Value], where: Value) -> Any:
    """Return results where a mask holds, and zeros, which are constants, elsewhere.

    What NumPy leaves there is not defined.  Operands are exchanged for numbers that do
    no harm, so that nothing that is left out warns.
    """
    record = RECORDS.get(ufunc)
    known = record is not None and record.calculus is not Calculus.CONSTANT
    safe = []
    for k, one in enumerate(inputs):
        if type(one) in PYTHON_SCALARS:
            safe.append(one)
            continue
        number = sum(record.domain[k]) / 2 if known else 1  # type: ignore[union-attr]
        safe.append(np.where(where, one, np.asarray(number).astype(dtype_of(one))))
    return _each(
        lambda out: np.where(where, out, np.zeros((), dtype_of(out))), ufunc(*safe)
    )


def _along_axes(
    ufunc: np.ufunc,
    inputs: Sequence[Value],
    axes: Any = None,
    axis: int | None = None,
    keepdims: bool = False,
) -> Value:
    """Return a generalized ufunc whose vectors or matrices lie along given axes.

    Raises
    ------
    TypeError
        As NumPy does, where ``axis`` and ``axes`` are both given, or ``axis`` or
        ``keepdims`` to a ufunc of matrices.
    """
    cores = [
        len([one for one in core.split(",") if one])
        for core in re.findall(r"\(([^)]*)\)", ufunc.signature or "")
    ]
    of_vectors = all(count == 1 for count in cores[: ufunc.nin]) and cores[-1] == 0
    if (axis is not None or keepdims) and not of_vectors:
        msg = f"{ufunc.__name__} takes no axis= and no keepdims=: use axes="
        raise TypeError(msg)
    if axis is not None:
        if axes is not None:
            msg = "cannot specify both 'axis' and 'axes'"
            raise TypeError(msg)
        axes = [axis] * ufunc.nin
    if axes is None:
        axes = [-1] * ufunc.nin
    given = [one if isinstance(one, tuple) else (one,) for one in axes]
    moved = [
        np.moveaxis(one, own, tuple(range(-len(own), 0)))
        for one, own in zip(inputs, given, strict=False)
    ]
    out = ufunc(*moved)
    if keepdims:
        return np.expand_dims(out, given[0])
    if len(given) > ufunc.nin:
        own = given[-1]
        out = np.moveaxis(out, tuple(range(-len(own), 0)), own)
    return out
