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

from adjoint._core.arrays import Value
from adjoint._core.record import Record
from adjoint._primitives.contraction import dot_of_matrices

UNARY_SOURCE = """\
def {name}(x):
    a = x.value
    trace = x.trace
    ops = trace.ops
    out = {expression}
{shape}
    {look}
    entry = ({rule}, x.payload, 0, UNARY, {keeps_out}, {keeps_x}, None, shape)
{append}
"""

BINARY_SOURCE = """\
def {name}(x, y):
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
        {shape}
            {look_left}
            {protect_y}
            entry = ({left}, x.payload, 0, ONE_OF_TWO, {of_left}, shape)
        else:
            return fallback(x, y)
    elif type(x) in PLAIN and type(y) is Taped:
        trace = y.trace
        ops = trace.ops
        a = x
        b = y.value
        out = {expression}
    {shape}
        {look_right}
        {protect_x}
        entry = ({right}, y.payload, 0, ONE_OF_TWO, {of_right}, shape)
    else:
        return fallback(x, y)
{append}
"""

# A ufunc of Python floats gives a NumPy scalar, an operator a Python float.
_SHAPE = """\
    if type(out) is ndarray:
        shape = out.shape
        {shed}
    elif type(out) is float64:
        shape = ()
    elif type(out) is float:
        shape = ()
        {convert}
    else:
        shape = shape_of(out)\
"""
_DECLINE = """\
    elif out is NotImplemented:
        return fallback(x, y)
    else:\
"""

# The index is looked for where other threads have appended to the same tape meanwhile.
# Taking the length first saves a subtraction: 10 ns.
_APPEND = """\
    k = len(ops)
    ops.append(entry)
    handle = new(Taped)
    handle.value = out
    handle.trace = trace
    handle.payload = k if ops[k] is entry else find(ops, entry)
    return handle\
"""

_PROTECT = """\
if type({v}) is ndarray:
{indent}    {v} = {v}.copy("K") if {v}.nbytes <= SMALL else trace.vault.keep({v})\
"""

# What only a rewrite reads is kept of small arrays; large ones cost fresh pages.
_SHED = """if out.size > 1024:
            a = None"""

# Where the derivative may be rewritten, one look at how the operand was made.
_LOOK = """\
if {condition}:
{indent}    handle = trace.rewrite(record, {values}, {places}, out)
{indent}    if handle is not None:
{indent}        return handle\
"""

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
    dot_of_matrices: """(
                a.dot(b)
                if type(a) is ndarray is type(b)
                and 0 < a.ndim < 3
                and 0 < b.ndim < 3
                else NotImplemented
            )""",
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
    return UNARY_SOURCE.format(
        name=record.name,
        expression=_EXPRESSIONS.get(function, "function(a)"),
        shape=_shape("", is_ufunc=is_ufunc, may_decline=False, sheds=sheds),
        look=_look(conditions.get("one"), "(a,)", "(x.payload,)", " " * 4),
        rule=rule,
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
    may_decline = function is dot_of_matrices

    def operands(out: bool, x: bool, y: bool) -> str:
        return f"{_kept('out', out)}, {_kept('a', x)}, {_kept('b', y)}"

    def look(branch: str, places: str, indent: int) -> str:
        return _look(conditions.get(branch), "(a, b)", places, " " * indent)

    return (
        BINARY_SOURCE.format(
            name=record.name,
            expression=_EXPRESSIONS.get(function, "function(a, b)"),
            shape="{shape}",
            left=left,
            right=right,
            both=operands(
                by_left.out or by_right.out,
                by_left.args[0] or by_right.args[0],
                by_left.args[1] or by_right.args[1],
            ),
            of_left=operands(by_left.out, *by_left.args),
            of_right=operands(by_right.out, *by_right.args),
            look_both=look("both", "(x.payload, y.payload)", 12),
            look_left=look("left", "(x.payload, None)", 12),
            look_right=look("right", "(None, y.payload)", 8),
            protect_y=_protected("b", " " * 12) if by_left.args[1] else "",
            protect_x=_protected("a", " " * 8) if by_right.args[0] else "",
            append=_APPEND,
        )
        .replace(
            "        {shape}",
            _shape(" " * 8, is_ufunc=is_ufunc, may_decline=may_decline),
        )
        .replace(
            "    {shape}", _shape(" " * 4, is_ufunc=is_ufunc, may_decline=may_decline)
        )
    )


def _shape(
    indent: str, *, is_ufunc: bool, may_decline: bool, sheds: bool = False
) -> str:
    text = _SHAPE.format(
        convert="out = float64(out)" if is_ufunc else "pass",
        shed=_SHED if sheds else "",
    )
    if may_decline:
        text = text.replace("    else:", _DECLINE)
    return "\n".join(indent + line for line in text.splitlines())


def _kept(name: str, read: bool) -> str:
    return name if read else "None"


def _look(condition: str | None, values: str, places: str, indent: str) -> str:
    if condition is None:
        return ""
    return _LOOK.format(
        condition=condition, values=values, places=places, indent=indent
    )


def _protected(name: str, indent: str) -> str:
    return _PROTECT.format(v=name, indent=indent)


def compile_entry(
    source: str, name: str, names: dict[str, Any]
) -> Callable[..., Value]:
    """Return the function that a source defines; tracebacks show its lines."""
    file = f"<adjoint entry {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)  # noqa: S102 - the templates above
    entry: Callable[..., Value] = names[name]
    return entry
