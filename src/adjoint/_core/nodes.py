"""Nodes of a graph: one equation each, which knows its parents."""

import functools
import itertools
import linecache
import operator
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from adjoint._core.arrays import FLOAT64, PYTHON_SCALARS, Shape, Value
from adjoint._core.dispatch import bind
from adjoint._core.errors import is_library
from adjoint._core.handle import strip
from adjoint._core.record import Calculus, Layout, Record
from adjoint._core.registry import IMPLEMENTATIONS

_new = object.__new__
_next = itertools.count(1).__next__

WEAK = "weak"
"""The dtype of Python's numbers, which adapt to the array they meet."""


class SourceLine(NamedTuple):
    """Where in the user's code an operation stands."""

    file: str
    line: int
    function: str
    text: str


class Node:
    """One equation of a graph, or an input.

    Attributes
    ----------
    record : Record or None
        The primitive; ``None`` for an input.
    operation : callable or None
        The operator of Python that was called instead of the record's own function
        (``operator.mul``): on Python's numbers their results differ.
    parents : tuple of Node or value
        The arguments; constants are plain values, arrays of which are copies.
    params : tuple
        The record's parameters; of an input, its name and the Python type it has if it
        is weak.
    shape, dtype
        Of the result, ``dtype`` the text ``"weak"`` for Python's numbers.  Both are
        ``None`` for a call with several results.
    number : int
        Grows in the order of recording.
    errors : dict or None
        NumPy's error state, where the function had set another one (``np.errstate``).
    value : value or None
        Of variables; ``None`` in the graphs of functions.
    """

    __slots__ = (
        "at",
        "caller",
        "code",
        "dtype",
        "errors",
        "number",
        "operation",
        "params",
        "parents",
        "record",
        "shape",
        "value",
    )

    record: Record | None
    operation: Callable[..., Value] | None
    parents: tuple[Any, ...]
    params: tuple[Any, ...]
    shape: Shape | None
    dtype: Any
    number: int
    errors: Any
    value: Value
    caller: Callable[..., Any] | None
    code: CodeType | None
    at: int

    @property
    def name(self) -> str:
        """The user's name of an input; empty for equations, and where there is none."""
        return self.params[0] if self.record is None else ""

    @property
    def output(self) -> int | None:
        """Which result of a call this is; ``None`` for calls with one result."""
        return self.params[0] if self.record is OUTPUT else None

    @property
    def function(self) -> Callable[..., Any] | None:
        """The function that the user called: ``np.mean``, not the sum inside it."""
        if self.caller is not None:
            return self.caller
        return None if self.record is None else self.record.function

    @property
    def line(self) -> SourceLine | None:
        """Where the operation stands in the user's code, if that is known."""
        return line_of(self.code, self.at)

    def evaluate(self, args: Sequence[Value]) -> Value:
        """Return the result for other arguments, plain or traced."""
        return carry_out(self.record, self.operation, args, self.params)

    def __repr__(self) -> str:
        what = "input" if self.record is None else self.record.name
        return f"<node {self.number}: {what}, {self.dtype} {self.shape}>"


def carry_out(
    record: Any,
    operation: Callable[..., Value] | None,
    args: Sequence[Value],
    params: tuple[Any, ...],
) -> Value:
    """Return what an operator, else a record, makes of arguments, plain or traced."""
    return bind(record, args, params) if operation is None else operation(*args)


def make_node(
    record: Record | None,
    operation: Callable[..., Value] | None,
    parents: tuple[Any, ...],
    params: tuple[Any, ...],
    out: Value,
) -> Node:
    """Return the node of a result that has just been computed."""
    made = _new(Node)
    made.record = record
    made.operation = operation
    made.parents = parents
    made.params = params
    made.number = _next()
    made.errors = None
    made.value = None
    kind = type(out)
    if kind is np.ndarray:
        made.shape = out.shape
        made.dtype = out.dtype
    elif kind is np.float64:
        made.shape = ()
        made.dtype = FLOAT64
    elif kind in PYTHON_SCALARS:
        made.shape = ()
        made.dtype = WEAK
    elif kind is tuple:  # of a call with several results
        made.shape = made.dtype = None
    else:
        made.shape = out.shape
        made.dtype = WEAK if type(strip(out)) in PYTHON_SCALARS else out.dtype
    frame: Any = sys._getframe(2)
    made.caller = None
    while frame is not None:
        code = frame.f_code
        known = CODE_OF_LIBRARIES.get(id(code))
        if known is None:
            file = code.co_filename
            if file in _USERS or not is_library(file):
                _USERS.add(file)
                made.code, made.at = code, frame.f_lasti
                return made
            CODE_OF_LIBRARIES[id(code)] = (code, None)
        elif known[1] is not None:
            made.caller = known[1]
        frame = frame.f_back
    made.code, made.at = None, 0
    return made


_USERS: set[str] = set()
"""Files of the user's."""

CODE_OF_LIBRARIES: dict[int, tuple[CodeType, Callable[..., Any] | None]] = {}
"""By its identity, code of ours or of installed packages (kept, so that it stays that
one), and what the user calls to have it run: ``np.mean`` for our code of it."""


@functools.cache
def know_implementations(_count: int) -> None:
    """Enter which function each implementation carries out, for display.

    One code that serves several functions says nothing.  Again, if their number is
    another one.
    """
    served: dict[int, list[Any]] = {}
    for function, implementation in IMPLEMENTATIONS.items():
        code = getattr(implementation, "__code__", None)
        if code is not None:
            served.setdefault(id(code), [code]).append((function, implementation))
    for key, (code, *entered) in served.items():
        one = len({id(implementation) for _, implementation in entered}) == 1
        CODE_OF_LIBRARIES[key] = (code, entered[0][0] if one else None)


def line_of(code: CodeType | None, at: int) -> SourceLine | None:
    """Return where an instruction of a code object stands in its file."""
    if code is None:
        return None
    number = next(
        (line for start, end, line in code.co_lines() if start <= at < end and line),
        code.co_firstlineno,
    )
    return SourceLine(
        code.co_filename.rpartition(os.sep)[2],
        number,
        code.co_name,
        linecache.getline(code.co_filename, number).strip(),
    )


def ancestors(roots: Iterable[Node], first: int = 0) -> list[Node]:
    """Return the nodes that others depend on, themselves included, parents first.

    ``first`` is the lowest number of interest: what was recorded before is left out.
    """
    seen = {one for one in roots if one.number >= first}
    waiting = list(seen)
    while waiting:
        for parent in waiting.pop().parents:
            if type(parent) is Node and parent.number >= first and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return sorted(seen, key=operator.attrgetter("number"))


def _pick(results: Value, k: int) -> Value:
    return results[k]


OUTPUT = Record(
    name="output",
    function=_pick,
    evaluate=_pick,
    calculus=Calculus.STRUCTURAL,
    layout=Layout.OPAQUE,
    rules=lambda _position: _pick,
    reads=(),
    domain=(),
)
"""One result of a call that has several; a walk over a graph treats it by itself."""
