"""The sentences of `NonFiniteError`: which line, which operation, of what, why."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.errors import NonFiniteError
from adjoint._core.handle import strip
from adjoint._core.protocols import function_name
from adjoint._core.record import Record
from adjoint._debug.causes import cause_of
from adjoint._debug.finite import (
    Index,
    first_place,
    has_nan,
    is_batched,
    number_at,
    plain,
)
from adjoint._modes.sites import Here


class Happened(NamedTuple):
    """What went wrong: where, in which operation, of which operands.

    ``phase`` is ``"forward"`` for a value, ``"backward"`` for a cotangent, and
    ``"tangent"`` for the derivative of forward mode.
    """

    here: Here
    record: Record | None
    at: Index
    operands: Sequence[Value]
    out: Value
    phase: str


def error_of(event: Happened) -> NonFiniteError:
    """Return the error to raise."""
    out = plain(event.out)
    bad = out[event.at]
    operands = [number_at(one, event.at, out.shape) for one in event.operands]
    operation = operation_name(event.record)
    backward = event.phase != "forward" or bool(event.here.derived)
    site = event.here.site
    called = caller_name(site, event.record)
    cause = cause_of(_plain_name(event), operands, backward=backward)
    error = NonFiniteError(
        f"{_where(site)}{_what(event, operation, called)} {_number(bad)}"
        f"{_of(operands)}{_place(event, out.shape)}.{_operands(event, operands)} "
        f"{cause}{_permitted(event, bad)}"
    )
    error.file = site.file if site else ""
    error.line = site.line if site else 0
    error.text = site.text if site else ""
    error.operation = called or operation
    error.phase = "backward" if backward and event.phase != "tangent" else event.phase
    error.at = event.at
    error.operands = tuple(operands)
    return error


def given_text(here: Here, record: Record | None, args: Sequence[Value]) -> str:
    """Return the sentences of an operand that is nan; none if none is."""
    for value in args:
        if has_nan(value):
            bad = np.isnan(plain(value))
            return (
                f"{_where(here.site)}The derivative is nan since nan came in from "
                f"outside: {operation_name(record)} was given it"
                f"{_at(first_place(bad), bad.shape)}, and no "
                "operation before has made it. Look into the arguments and the data; "
                "where nan stands for what is missing, put a number there first, "
                "np.where(np.isnan(x), 0.0, x)."
            )
    return ""


_WRITTEN = {"getitem": "x[i]", "gather": "x[i]", "setitem": "x[i] = v"}
"""Operations that are written without a name."""


def operation_name(record: Record | None) -> str:
    """Return how a user knows an operation: ``np.sqrt``."""
    if record is None:
        return "a function with its own rule"
    function: Any = record.function
    if isinstance(function, np.ufunc):
        return (
            f"np.{function.__name__}" if hasattr(np, function.__name__) else record.name
        )
    name = function_name(function)
    if name.startswith(("np.", "math.", "cmath.", "scipy.")):
        return name.replace("np._core.fromnumeric", "np")
    return _WRITTEN.get(record.name, record.name)


def caller_name(site: Any, record: Record | None) -> str:
    """Return the function that the user called, if that is not the operation itself."""
    caller = getattr(site, "caller", None)
    if caller is None or (record is not None and caller is record.function):
        return ""
    if isinstance(caller, np.ufunc):
        return f"np.{caller.__name__}"
    name = function_name(caller)
    name = name.replace("np.lib.scimath", "np.emath")
    return name if name.startswith(("np.", "scipy.")) else ""


def _plain_name(event: Happened) -> str:
    """Return the name under which the table of causes has an operation."""
    name = event.here.derived or (event.record.name if event.record else "a rule")
    for prefix in ("math_", "cmath_"):
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            arc = name in {"asin", "acos", "acosh", "atanh"}
            name = "arc" + name[1:] if arc else {"pow": "power"}.get(name, name)
    return name


def _where(site: Any) -> str:
    if site is None:
        return ""
    text = f": `{site.text}`" if site.text else ""
    return f"{site.file}, line {site.line}, in {site.function}{text}\n"


def _what(event: Happened, operation: str, called: str) -> str:
    within = f", within {called}," if called else ""
    if event.here.derived:
        return (
            f"In the derivative of {event.here.derived}{within} which is itself "
            f"differentiated, {operation} made"
        )
    match event.phase:
        case "backward":
            return f"In the backward pass, the derivative of {operation}{within} made"
        case "tangent":
            return f"In forward mode, the derivative of {operation}{within} made"
        case _:
            return f"{operation}{within} made"


def _number(bad: Any) -> str:
    return "nan" if np.isnan(bad) else str(bad)


def _of(operands: Sequence[Any]) -> str:
    """Say what it was made of, unless infinity is among that."""
    known = [one for one in operands if one is not None]
    return " of finite numbers" if all(map(np.isfinite, known)) else ""


def _place(event: Happened, shape: tuple[int, ...]) -> str:
    where = _at(event.at, shape)
    if where and is_batched(event.out):
        where += ", where the first index counts the batch"
    return where


def _at(index: Index, shape: tuple[int, ...]) -> str:
    return f" at index {list(index)} of shape {list(shape)}" if index else ""


def _permitted(event: Happened, bad: Any) -> str:
    """Return how to let an infinite value pass, which may do no harm."""
    if event.phase != "forward" or event.here.derived or np.isnan(bad):
        return ""
    return (
        " Where infinity does no harm, as in 1/(1 + inf), ad.debug(inf=False) lets it "
        "pass and stops at nan alone."
    )


def _operands(event: Happened, operands: Sequence[Any]) -> str:
    """Return the operands there, and what is to say of those not elementwise."""
    said = []
    for k, (value, number) in enumerate(zip(event.operands, operands, strict=True)):
        name = f"operand {k}" if len(operands) > 1 else "the operand"
        if number is not None:
            said.append(f"{name} is {_shown(number)}")
        elif value is not None and np.shape(strip(value)):
            array = plain(value)
            if array.dtype.kind in "fiu" and array.size:
                said.append(
                    f"{name} has shape {list(array.shape)} and values from "
                    f"{_shown(array.min())} to {_shown(array.max())}"
                )
    if not said:
        return ""
    sentence = ", ".join(said)
    return (
        f" There, {sentence}." if event.at else f" {sentence[0].upper()}{sentence[1:]}."
    )


def _shown(number: Any) -> str:
    return repr(number.item() if isinstance(number, np.generic) else number)
