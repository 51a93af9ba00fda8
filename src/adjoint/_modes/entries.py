"""The fast entries of reverse mode, written out for each record.

An entry is what runs for ``np.sin(x)`` or ``x * y``: it evaluates, writes a tuple on
the tape and returns a handle.  At one to two microseconds an operation every test of
"does the rule read this?" shows, so the question is answered once, here, when the
source below is filled in and compiled (0.1 ms, on first use).  For ``x * c`` that saves
80 of 950 ns against a closure that asks each time.

The filled-in source of an entry can be read like any other: tracebacks and debuggers
show it under the name ``<adjoint entry multiply>``.
"""

import linecache
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.record import Record
from adjoint._modes.tape import HANDED_ON, NEGATED, TIMES_A, TIMES_B, TIMES_OUT
from adjoint._primitives.arithmetic import (
    left_factor,
    opposite,
    opposite_of_two,
    right_factor,
    same,
)
from adjoint._primitives.contraction import dot_of_matrices
from adjoint._primitives.exponential import exp_slope

UNARY_SOURCE = """
def enter(x):
    a = x.value
    trace = x.trace
    ops = trace.ops
    out = {expression}
    {shape}
    {shed}
    {look}
    entry = ({rule}, {place}, {short}, UNARY, {keeps_out}, {keeps_x}, None, shape)
    {append}
"""

BINARY_SOURCE = """
def enter(x, y):
    if type(x) is Taped:
        trace = x.trace
        ops = trace.ops
        a = x.value
        if type(y) is Taped and y.trace is trace:
            b = y.value
            out = {expression}
            {shape}
            {look_both}
            entry = ({left}, x.payload, {right}, y.payload, {both}, shape)
        elif type(y) in PLAIN:
            b = y
            out = {expression}
            {look_left}
            {with_constant_y}
        else:
            return fallback(x, y)
    elif type(x) in PLAIN and type(y) is Taped:
        trace = y.trace
        ops = trace.ops
        a = x
        b = y.value
        out = {expression}
        {look_right}
        {with_constant_x}
    else:
        return fallback(x, y)
    {append}
"""

_WITH_CONSTANT = """
{shape}
{protect_array}
entry = ({rule}, {traced}.payload, 0, ONE_OF_TWO, {kept}, shape)
"""

# Where the result has the shape of the traced operand, the sweep need not compare the
# two; and that shape stands on the tape, where it costs less than asking an array.
_WITH_CONSTANT_ELEMENTWISE = """
i = {traced}.payload
shape = ops[i][7]
if type({constant}) is ndarray:
    {protect}
    if {constant}.shape == shape:
        entry = ({rule}, i, {short}, ALIKE, {kept}, shape)
    else:
        entry = ({rule}, i, 0, ONE_OF_TWO, {kept}, out.shape)
else:
    {convert}
    entry = ({rule}, i, {short}, ALIKE, {kept}, shape)
"""

_SHAPE = """
if type(out) is ndarray:
    shape = out.shape
elif type(out) is float64:
    shape = ()
elif type(out) is float:
    shape = ()
    {convert}
else:
    {shape_of_other}
"""
_SHAPE_ELEMENTWISE = """
i = x.payload
shape = ops[i][7]
{convert}
"""
_DECLINE = """
if out is NotImplemented:
    return fallback(x, y)
"""

# A ufunc of Python floats gives a NumPy scalar, an operator a Python float.
_CONVERT = "out = float64(out)"

# The index is looked for where other threads have appended to the same tape meanwhile.
# Taking the length first saves a subtraction: 10 ns.
_APPEND = """
k = len(ops)
ops.append(entry)
handle = Taped()
handle.value = out
handle.trace = trace
handle.payload = k if ops[k] is entry else find(ops, entry)
return handle
"""

_PROTECT = '{v} = {v}.copy("K") if {v}.nbytes <= SMALL else trace.vault.keep({v})'

# What only a rewrite reads is kept of small arrays; large ones cost fresh pages.
_SHED = "if type(out) is ndarray and out.size > 1024: a = None"

# Where the derivative may be rewritten, one look at how the operand was made.
_LOOK = """
if {condition}:
    handle = trace.rewrite(record, {values}, {places}, out)
    if handle is not None:
        return handle
"""

_SHORT: dict[Any, int] = {
    same: HANDED_ON,
    opposite: NEGATED,
    opposite_of_two: NEGATED,
    left_factor: TIMES_A,
    right_factor: TIMES_B,
    exp_slope: TIMES_OUT,
}
"""What the sweep does in the place of a rule, which takes less than to call it."""

_EXPRESSIONS: dict[Any, str] = {
    operator.add: "a + b",
    operator.sub: "a - b",
    operator.mul: "a * b",
    operator.truediv: "a / b",
    operator.mod: "a % b",
    operator.pow: "a ** b",
    operator.matmul: "a @ b",
    operator.neg: "-a",
    operator.pos: "+a",
    operator.abs: "abs(a)",
    dot_of_matrices: (
        "a.dot(b) if type(a) is ndarray is type(b) and 0 < a.ndim < 3 "
        "and 0 < b.ndim < 3 else NotImplemented"
    ),
}


def unary_source(
    record: Record,
    function: Any,
    rule: int,
    *,
    is_ufunc: bool,
    conditions: dict[str, str],
    sheds: bool = False,
) -> str:
    """Return the source of the entry of a function of one argument.

    ``conditions`` says when to look for a rewrite, per branch: see `provenance`.
    ``sheds`` says that large arguments are not kept though the rule names them.
    """
    reads = record.reads[0]
    if _is_elementwise(record):
        convert = _convert_number(function, is_ufunc=is_ufunc)
        shape, place = _fill(_SHAPE_ELEMENTWISE, convert=convert), "i"
    else:
        shape, place = _shape_of_any(is_ufunc=is_ufunc), "x.payload"
    return _fill(
        UNARY_SOURCE,
        expression=_EXPRESSIONS.get(function, "function(a)"),
        shape=shape,
        shed=_SHED if sheds else "",
        look=_look(conditions.get("one"), "(a,)", "(x.payload,)"),
        rule=rule,
        place=place,
        short=_SHORT.get(record.rule(0), 0),
        keeps_out=_kept("out", reads.out),
        keeps_x=_kept("a", reads.args[0]),
        append=_APPEND,
    )


def binary_source(
    record: Record,
    function: Any,
    left: int,
    right: int,
    *,
    is_ufunc: bool,
    conditions: dict[str, str],
) -> str:
    """Return the source of the entry of a function of two arguments.

    ``conditions`` as above.
    """
    by_left, by_right = record.reads
    shape = _shape_of_any(is_ufunc=is_ufunc, may_decline=function is dot_of_matrices)
    template = _WITH_CONSTANT_ELEMENTWISE if _is_elementwise(record) else _WITH_CONSTANT
    convert = _convert_number(function, is_ufunc=is_ufunc)

    def operands(out: bool, x: bool, y: bool) -> str:
        return f"{_kept('out', out)}, {_kept('a', x)}, {_kept('b', y)}"

    def with_constant(position: int, constant: str, traced: str) -> str:
        """Return what is written where the other operand is plain."""
        reads = record.reads[position]
        protect = _PROTECT.format(v=constant) if reads.args[1 - position] else ""
        return _fill(
            template,
            constant=constant,
            traced=traced,
            rule=(left, right)[position],
            short=_SHORT.get(record.rule(position), 0),
            kept=operands(reads.out, *reads.args),
            shape=shape,
            convert=convert,
            protect=protect,
            protect_array=f"if type({constant}) is ndarray: {protect}"
            if protect
            else "",
        )

    return _fill(
        BINARY_SOURCE,
        expression=_EXPRESSIONS.get(function, "function(a, b)"),
        shape=shape,
        left=left,
        right=right,
        both=operands(
            by_left.out or by_right.out,
            by_left.args[0] or by_right.args[0],
            by_left.args[1] or by_right.args[1],
        ),
        look_both=_look(conditions.get("both"), "(a, b)", "(x.payload, y.payload)"),
        look_left=_look(conditions.get("left"), "(a, b)", "(x.payload, None)"),
        look_right=_look(conditions.get("right"), "(a, b)", "(None, y.payload)"),
        with_constant_y=with_constant(0, "b", "x"),
        with_constant_x=with_constant(1, "a", "y"),
        append=_APPEND,
    )


def _is_elementwise(record: Record) -> bool:
    """Tell whether a result has the shapes of its operands, broadcast."""
    function = record.function
    return isinstance(function, np.ufunc) and function.signature is None


def _shape_of_any(*, is_ufunc: bool, may_decline: bool = False) -> str:
    """Return what finds the shape of a result that may have any."""
    other = "shape = shape_of(out)"
    return _fill(
        _SHAPE,
        convert=_CONVERT if is_ufunc else "",
        shape_of_other=f"{_DECLINE}\n{other}" if may_decline else other,
    )


def _convert_number(function: Any, *, is_ufunc: bool) -> str:
    """Return what makes a number what the user's ufunc gives, if an operator ran."""
    may_be_python = is_ufunc and not isinstance(function, np.ufunc)
    return f"if type(out) is float: {_CONVERT}" if may_be_python else ""


def _kept(name: str, read: bool) -> str:
    return name if read else "None"


def _look(condition: str | None, values: str, places: str) -> str:
    if condition is None:
        return ""
    return _LOOK.format(condition=condition, values=values, places=places)


def _fill(template: str, **parts: Any) -> str:
    """Return a template with its words filled in, without lines that stay empty.

    A word that has a line to itself is filled in by lines, as far to the right.
    """
    lines: list[str] = []
    for line in template.splitlines():
        word = line.strip()
        part = parts.get(word[1:-1]) if word.startswith("{") else None
        filled = line.format(**parts) if part is None else str(part)
        margin = "" if part is None else line[: line.index("{")]
        lines += [margin + one for one in filled.splitlines() if one.strip()]
    return "\n".join(lines) + "\n"


def compile_entry(
    source: str, name: str, names: dict[str, Any]
) -> Callable[..., Value]:
    """Return the function that a source defines; tracebacks show its lines.

    The source calls it ``enter``: a user's operation may have the name of anything that
    the source refers to, or one that is no word of Python's.
    """
    file = f"<adjoint entry {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)  # noqa: S102 - the templates above
    entry: Callable[..., Value] = names["enter"]
    entry.__name__ = name
    return entry
