"""Formulas typed by a user, read by a grammar of arithmetic: nothing of them is run.

Python's parser makes a syntax tree; a tree of any other node than those of `_check` is
refused at its place, and what remains is computed node by node.  No text is ever given
to ``eval``, ``exec`` or ``compile``.
"""

import ast
import inspect
import keyword
import linecache
import operator
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, NoReturn

import numpy as np

from adjoint.errors import InputError

LONGEST = 2_000
"""Characters of a formula."""
DEEPEST = 100
"""Nested operations of a formula: a sum of 100 terms is still read."""
LARGEST = 2**53
"""Whole numbers up to it are exact in float64."""
FILE = "expression"
"""Name of the file of which a formula is the first line."""

CONSTANTS = {"pi": np.pi, "e": np.e}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in [
        "abs",
        "arccos",
        "arccosh",
        "arcsin",
        "arcsinh",
        "arctan",
        "arctan2",
        "arctanh",
        "cbrt",
        "cos",
        "cosh",
        "cumprod",
        "cumsum",
        "diff",
        "dot",
        "exp",
        "exp2",
        "expm1",
        "hypot",
        "log",
        "log10",
        "log1p",
        "log2",
        "logaddexp",
        "max",
        "maximum",
        "mean",
        "min",
        "minimum",
        "power",
        "prod",
        "sin",
        "sinc",
        "sinh",
        "sqrt",
        "square",
        "std",
        "sum",
        "tan",
        "tanh",
        "var",
        "where",
    ]
} | {name: getattr(np.linalg, name) for name in ("det", "inv", "norm", "solve")}

_TAKEN = dict.fromkeys(FUNCTIONS, 1) | dict.fromkeys(
    [
        "arctan2",
        "dot",
        "hypot",
        "logaddexp",
        "maximum",
        "minimum",
        "power",
        "solve",
    ],
    2,
)
_TAKEN["where"] = 3
"""How many arguments functions take; no axes, and no arrays to write into."""

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "There are no attributes here; functions go by their bare name, "
    "as sin(x)",
    ast.Lambda: "There are no functions of one's own here",
    ast.ListComp: "There are no loops here",
    ast.SetComp: "There are no loops here",
    ast.DictComp: "There are no loops here",
    ast.GeneratorExp: "There are no loops here",
    ast.JoinedStr: "There are no texts here",
    ast.BoolOp: "There is no and, or here; use where(condition, x, y)",
    ast.IfExp: "There is no if here; use where(condition, x, y)",
    ast.NamedExpr: "Nothing is assigned here; values follow the formula, as x=2",
    ast.Starred: "There is no * before an argument",
    ast.BitXor: "A power is written **",
}


def parse(text: str) -> ast.expr:
    """Return the checked syntax tree of a formula.

    Parameters
    ----------
    text : str
        Numbers, names, ``+ - * / ** @``, comparisons, brackets, ``x[0]``, lists, and
        calls of `FUNCTIONS`.

    Raises
    ------
    InputError
        At anything else, pointing at the place; and where the text is too long, nested
        too deeply, or has a number or power that is too large.

    Examples
    --------
    >>> sorted(names_in(parse("log(x1) + pi*x2")))
    ['x1', 'x2']
    """
    if len(text) > LONGEST:
        msg = f"A formula has at most {LONGEST:,} characters; this has {len(text):,}."
        raise InputError(msg)
    for place, character in enumerate(text):
        if not character.isprintable():
            msg = f"A formula is one line of text; character {place + 1} is "
            raise InputError(f"{msg}{character!r}.")
    _check_brackets(text)
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        # An error of the tokenizer may lie past the end, or nowhere.
        start = len(text) - len(text.lstrip()) + (error.offset or 1) - 1
        _refuse("This is no formula", text, min(start, max(len(text) - 1, 0)))
    except (ValueError, MemoryError, RecursionError):
        _refuse(f"This is nested more than {DEEPEST} deep", text, 0)
    _check(text, body)
    return body


def names_in(tree: ast.expr) -> list[str]:
    """Return the names of a formula's inputs, in the order of their first use."""
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and id(node) not in called
        and node.id not in CONSTANTS
    ]
    found.sort(key=lambda node: node.col_offset)
    return list(dict.fromkeys(node.id for node in found))


def function_of(text: str, names: Sequence[str]) -> Callable[..., Any]:
    """Return the function of the inputs named that computes a formula.

    Its source line, in reports and messages, is the formula.

    Examples
    --------
    >>> function_of("x**2 + y", ["x", "y"])(3.0, 1.0)
    10.0
    """
    tree = parse(text)
    shown = text.strip()
    linecache.cache[FILE] = len(shown), None, [f"{shown}\n"], FILE
    # Its code is ours; only the place that it names is that of the formula.
    run: Any = lambda *values: compute(tree, dict(zip(names, values, strict=True)))  # noqa: E731
    code = run.__code__.replace(
        co_filename=FILE, co_firstlineno=1, co_name=FILE, co_qualname=FILE
    )
    found = FunctionType(code, run.__globals__, FILE, None, run.__closure__)
    found.__signature__ = _signature(names)  # type: ignore[attr-defined]
    return found


def value_of(text: str) -> Any:
    """Return the number or array that a formula without names stands for.

    Examples
    --------
    >>> value_of("pi/2"), value_of("[1, 2, 3]")
    (1.5707963267948966, array([1., 2., 3.]))
    """
    tree = parse(text)
    if names := names_in(tree):
        _refuse(f"{names[0]} has no value here", text, _place_of(tree, names[0]))
    value = np.asarray(compute(tree, {}), float)
    return value if value.ndim else float(value)


def compute(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Return the value of a checked tree; whole numbers meet as floating ones."""
    match node:
        case ast.Constant(value=number):
            return number
        case ast.Name(id=name):
            return values[name] if name in values else CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](compute(operand, values))
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, compute(left, values), compute(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _combine(op, compute(left, values), compute(right, values))
        case ast.Subscript(value=array, slice=index):
            return compute(array, values)[_index(index)]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(_real(compute(one, values)) for one in arguments))
        case ast.List(elts=elements):
            return _array([compute(one, values) for one in elements])
    raise AssertionError(ast.dump(node))  # pragma: no cover  (_check let it pass)


def _combine(op: ast.AST, left: Any, right: Any) -> Any:
    # Not isinstance: a traced number calls itself a float too.
    plain = type(left) in {int, float} and type(right) in {int, float}
    try:
        if plain:
            left, right = float(left), float(right)
        result = _OPERATORS[type(op)](left, right)
    except (OverflowError, ZeroDivisionError):
        msg = f"A number of the formula is not finite: of {left} and {right}."
        raise InputError(msg) from None
    if isinstance(result, complex):
        msg = f"A number of the formula is not real: {left} to the power {right}."
        raise InputError(msg)
    return result


def _real(value: Any) -> Any:
    """Return whole numbers as floating ones, of which no result is unbounded."""
    return float(value) if type(value) is int else value


def _array(elements: list[Any]) -> Any:
    shapes = {np.shape(one) for one in elements}
    if len(shapes) > 1:
        msg = "The elements of a list differ in shape; rows have equally many numbers."
        raise InputError(msg)
    return np.stack([_real(one) for one in elements])


def _index(node: ast.expr) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_index(one) for one in node.elts)
    return ast.literal_eval(node)


def _signature(names: Sequence[str]) -> Any:
    return inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    )


# What is refused


def _check(text: str, body: ast.expr) -> None:
    """Refuse the first node that the grammar does not have."""
    source = text.strip()
    shift = len(text) - len(text.lstrip())
    pending: list[tuple[ast.AST, int, int]] = [(body, 1, 0)]
    while pending:
        node, depth, lists = pending.pop()
        # Positions of the parser count bytes.
        offset = source.encode()[: getattr(node, "col_offset", 0)]
        place = shift + len(offset.decode(errors="ignore"))
        reason = (
            f"This is nested more than {DEEPEST} deep"
            if depth > DEEPEST
            else _reason(node, lists)
        )
        if reason:
            _refuse(reason, text, place)
        lists += isinstance(node, ast.List)
        pending += [(child, depth + 1, lists) for child in _operands(node)]


def _operands(node: ast.AST) -> list[ast.expr]:
    """Return the parts of a node that are formulas themselves, last first."""
    match node:
        case ast.Call(args=arguments):
            return arguments[::-1]
        case ast.Subscript(value=array):
            return [array]
        case _:
            found = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
            return found[::-1]


def _reason(node: ast.AST, lists: int) -> str:
    """Return why the grammar does not have a node; nothing if it has."""
    match node:
        case ast.Constant(value=value):
            return _number_reason(value)
        case ast.Name(id=name):
            if name in FUNCTIONS:
                return f"{name} is a function: write {name}(...)"
            return "Names do not begin with _" if name.startswith("_") else ""
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            if name not in FUNCTIONS:
                return f"There is no function {name}; there are {', '.join(FUNCTIONS)}"
            if keywords:
                return "Functions take no keywords here"
            return _count_reason(name, len(arguments))
        case (
            ast.Call(func=ast.Attribute() as inner)
            | ast.Call(func=ast.Lambda() as inner)
        ):
            return _REFUSED[type(inner)]
        case ast.Call():
            return "Only functions are called, by their name"
        case ast.BinOp(op=ast.Pow(), right=right) if any(
            isinstance(part, ast.Pow) for part in ast.walk(right)
        ):
            return "An exponent has no power in it"
        case ast.BinOp(op=op) | ast.UnaryOp(op=op):
            return "" if type(op) in _OPERATORS else _operator_reason(op)
        case ast.Compare(ops=ops):
            if len(ops) == 1 and type(ops[0]) in _OPERATORS:
                return ""
            return "Conditions are one of < <= > >= between two values"
        case ast.Subscript(slice=index):
            return "" if _is_index(index) else "An index is a whole number, as in x[0]"
        case ast.List(elts=elements):
            if lists >= 2:
                return "Lists are nested twice at most: rows of a matrix"
            return "" if elements else "This list is empty"
    return _REFUSED.get(type(node), f"There is no {type(node).__name__} in a formula")


def _count_reason(name: str, given: int) -> str:
    """Return why a function does not take so many arguments; nothing if it does."""
    if given == _TAKEN[name]:
        return ""
    if not given:
        return f"{name} was given no argument"
    plural = "s" if _TAKEN[name] > 1 else ""
    hint = f"; of two, write {name}imum(x, y)" if name in {"max", "min"} else ""
    return f"{name} takes {_TAKEN[name]} argument{plural} here, not {given}{hint}"


def _number_reason(value: object) -> str:
    match value:
        case bool() | None:
            return "There is no True, False or None here"
        case int() if value > LARGEST:
            return f"Whole numbers go to 2**53 = {LARGEST:,}; write 1e20"
        case int():
            return ""
        case float():
            return "" if np.isfinite(value) else "This number is not finite in float64"
        case complex():
            return "There are no imaginary numbers here"
        case str() | bytes():
            return "There are no texts here"
    return "This is no number"


def _operator_reason(op: ast.AST) -> str:
    return _REFUSED.get(type(op), "The operators are + - * / ** and @")


def _is_index(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=number)):
            return type(number) is int and number <= LARGEST
        case ast.Constant(value=number):
            return type(number) is int and number <= LARGEST
        case ast.Tuple(elts=parts):
            return bool(parts) and all(
                not isinstance(one, ast.Tuple) and _is_index(one) for one in parts
            )
    return False


def _check_brackets(text: str) -> None:
    """Refuse deep brackets before the parser, which would descend into them."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > DEEPEST // 2:
            _refuse(f"Brackets are nested more than {DEEPEST // 2} deep", text, place)


def _place_of(tree: ast.expr, name: str) -> int:
    return min(
        node.col_offset
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name
    )


def check_name(name: str) -> None:
    """Refuse what cannot be the name of an input.

    Raises
    ------
    InputError
        With the reason.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        msg = f"{name!r} cannot be a name: letters, digits and _, a letter first."
        raise InputError(msg)
    if name in FUNCTIONS or name in CONSTANTS:
        kind = "function" if name in FUNCTIONS else "constant"
        raise InputError(
            f"{name} is a {kind} of formulas; give the input another name."
        )


def _refuse(reason: str, text: str, place: int) -> NoReturn:
    """Raise with the part of the text around a place, and a mark below it."""
    first = max(place - 30, 0)
    part = text[first : first + 70]
    before, after = ("..." if first else ""), ("..." if first + 70 < len(text) else "")
    mark = " " * (len(before) + place - first) + "^"
    raise InputError(f"{reason}.\n  {before}{part}{after}\n  {mark}")
