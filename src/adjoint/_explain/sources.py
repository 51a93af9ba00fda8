"""The text of a rule as it stands in its file: of a ``def``, or of a lambda in a call.

A code object knows the columns of its instructions; the lambda whose body holds them
all is the one it was compiled from, also where a line holds several.  A lambda that
gives a constant may have no columns (CPython 3.12): it is compiled again.
"""

import ast
import functools
import linecache
import os
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import CodeType
from typing import Any, TypeAlias

Node: TypeAlias = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Source:
    """Where a function is written, and how.

    Attributes
    ----------
    text : str
        The expression of a function that is one, else the whole ``def``; empty where it
        cannot be read.
    file : str
        The file's name, from its package's folder on.
    line : int
    """

    text: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" if self.file else ""


NOWHERE = Source("", "", 0)


def source_of(function: Callable[..., Any]) -> Source:
    """Return the source of a function written in Python; `NOWHERE` of others."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return NOWHERE
    file = code.co_filename
    node = _node_of(code)
    return Source(
        "" if node is None else _text_of(node, file),
        _shortened(file),
        code.co_firstlineno,
    )


def places_of(sources: Iterable[Source]) -> str:
    """Return where functions are written: ``solve.py, lines 22 and 48``."""
    lines: dict[str, list[str]] = {}
    for source in sources:
        if source.file:
            lines.setdefault(source.file, []).append(str(source.line))
    return "; ".join(
        f"{file}, {'lines' if len({*found}) > 1 else 'line'} "
        + " and ".join(dict.fromkeys(found))
        for file, found in lines.items()
    )


def _shortened(file: str) -> str:
    """Return a file's name as Python finds it: from the package's folder on."""
    roots = [f"{path}{os.sep}" for path in sys.path if path]
    root = max((one for one in roots if file.startswith(one)), key=len, default="")
    return file.removeprefix(root).replace(os.sep, "/")


@functools.lru_cache(maxsize=64)
def _nodes_in(file: str) -> tuple[Node, ...]:
    """Return the functions of a file; none where it cannot be read."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return ()
    return tuple(
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda))
    )


def _node_of(code: CodeType) -> Node | None:
    for node in _nodes_in(code.co_filename):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if node.name == code.co_name and first == code.co_firstlineno:
                return node
        elif code.co_name == "<lambda>" and (
            _holds(node.body, code) or _compiles_to(node, code)
        ):
            return node
    return None


def _holds(body: ast.expr, code: CodeType) -> bool:
    """Tell whether an expression is what a code object was compiled from."""
    places = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if None not in (line, column, end_line, end_column) and end_column
    ]
    if not places:
        return False
    start, end = min(first for first, _ in places), max(last for _, last in places)
    return start == (body.lineno, body.col_offset) and end == (
        body.end_lineno,
        body.end_col_offset,
    )


def _compiles_to(node: ast.Lambda, code: CodeType) -> bool:
    """Tell whether a lambda that is compiled by itself becomes a code object.

    One that reads variables of functions around it does not.
    """
    if node.lineno != code.co_firstlineno:
        return False
    whole = compile(ast.Expression(node), code.co_filename, "eval", dont_inherit=True)
    return any(
        isinstance(alone, CodeType) and alone.replace(co_flags=code.co_flags) == code
        for alone in whole.co_consts
    )


def _text_of(node: Node, file: str) -> str:
    """Return what a reader wants to see: the one expression, or the whole def."""
    whole = "".join(linecache.getlines(file))
    body = node.body if isinstance(node, ast.Lambda) else _expression_of(node)
    if body is not None:
        return " ".join((ast.get_source_segment(whole, body) or "").split())
    return textwrap.dedent(ast.get_source_segment(whole, node, padded=True) or "")


def _expression_of(node: ast.FunctionDef) -> ast.expr | None:
    """Return what a function returns that does nothing else."""
    statements = node.body[ast.get_docstring(node) is not None :]
    only = statements[0] if len(statements) == 1 else None
    return only.value if isinstance(only, ast.Return) else None
