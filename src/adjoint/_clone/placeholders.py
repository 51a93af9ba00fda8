"""Placeholders: names in a rewritten tree that stand for the hooks of a clone.

They are string constants, exchanged for the hooks in the compiled code object.
"""

import ast
from typing import Any

CALL = "\0adjoint call"
CALL_ANY = "\0adjoint call any"
METHOD = "\0adjoint method"
SETATTR = "\0adjoint setattr"
JOIN = "\0adjoint join"
LOAD = "\0adjoint load"
ITER = "\0adjoint iter"
UNPACK = "\0adjoint unpack"
EACH = "\0adjoint each"
SETITEM = "\0adjoint setitem"
INPLACE = "\0adjoint inplace"
OUT = "\0adjoint out"
FORMAT = "\0adjoint format"
SLICE = "\0adjoint slice"


def hook(at: Any, name: str, *args: ast.expr) -> ast.Call:
    """Return a call of a hook, in the place of a node of the source."""
    where = place(at)
    return ast.Call(ast.Constant(name, **where), list(args), [], **where)


def place(at: Any) -> dict[str, Any]:
    return {
        "lineno": at.lineno,
        "col_offset": at.col_offset,
        "end_lineno": at.end_lineno,
        "end_col_offset": at.end_col_offset,
    }


def text(at: Any, name: str) -> ast.Constant:
    return ast.Constant(name, **place(at))
