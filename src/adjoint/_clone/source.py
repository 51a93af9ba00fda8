"""Where a function's source is: the block of its file that defines it, parsed.

The block is the top-level statement around the function (a function, a class, an
assignment of lambdas), not the whole file: parsing and compiling a block of 80 lines
takes 0.3 ms, a file of 4,000 lines 80 ms.  Of a class only the method that is wanted
is left in, on its lines.
"""

import __future__

import ast
import functools
import inspect
import linecache
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

parsing = threading.Lock()
"""One thread at a time: CPython 3.11 counts the depth of trees for all together."""

_CONTINUES = ("else", "elif", "except", "finally", ")", "]", "}", "case")
_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag


_NO_SOURCE = "has no readable source: put it in a file or a notebook cell"


class NoSourceError(Exception):
    """A function's source cannot be read, or is not what runs; the text says which."""


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level statement of a file, and which code object in it is wanted.

    Attributes
    ----------
    text : str
        Its source, on the lines where it stands in the file.
    file : str
    flags : int
        The ``from __future__`` imports of the file.
    position : int
        The place of the wanted code object among all of the block (see `walk`).
    bound : frozenset of str
        Every name that is bound inside a function of the block.
    """

    text: str
    file: str
    flags: int
    position: int
    bound: frozenset[str]

    def compiled(self, tree: ast.Module) -> list[CodeType]:
        """Return the code objects of a tree of this block."""
        return list(walk(_compile(tree, self.file, self.flags)))


def _compile(tree: ast.Module | str, file: str, flags: int) -> CodeType:
    code: CodeType = compile(tree, file, "exec", flags, dont_inherit=True)
    return code


def walk(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and all defined in it, in the order of the source."""
    stack = [code]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(_inner(one)))


def find_block(code: CodeType, module_globals: Mapping[str, Any]) -> Block:
    """Return the block that defines a code object.

    Raises
    ------
    NoSourceError
        If there is no source (``exec``, ``python -c``), or it has changed since.
    """
    file = code.co_filename
    linecache.checkcache(file)  # it may have been edited and loaded again
    lines = linecache.getlines(file, dict(module_globals))
    if not lines or code.co_firstlineno > len(lines):
        raise NoSourceError(_NO_SOURCE)
    flags = code.co_flags & _FUTURES
    imports = _imports(file, lines)
    modules = _imports_of_modules(module_globals)
    for block in _candidates(lines, code.co_firstlineno - 1):
        for text in (block + imports, block + modules, block):
            try:
                codes = list(walk(_compile(text, file, flags)))
            except (SyntaxError, ValueError):  # cut in the middle of a statement
                continue
            for position, one in enumerate(codes):
                if _is_same(one, code):
                    return Block(text, file, flags, position, _bound_names(codes))
    if file.startswith("<"):
        raise NoSourceError(_NO_SOURCE)
    msg = f"is no longer what stands in {file}: reload that module, or restart"
    raise NoSourceError(msg)


_IMPORTS: dict[str, tuple[Sequence[str], str]] = {}
"""The import statements of files, with the lines they were found in."""


def _imports(file: str, lines: Sequence[str]) -> str:
    """Return the imports of a file that stand outside of all blocks.

    To Python ``np.sin(x)`` compiles otherwise where ``np`` was imported by the module,
    so a block is compiled together with them.
    """
    known = _IMPORTS.get(file)
    if known is not None and known[0] is lines:
        return known[1]
    found, is_open = ["\n"], False
    for line in lines:
        if is_open or line.startswith(("import ", "from ")):
            found.append(line)
            code = line.partition("#")[0]
            is_open = code.rstrip().endswith("\\") or (
                ")" not in code and (is_open or "(" in code)
            )
    text = "".join(found)
    if "__future__" in text:
        text = "".join(line for line in found if "__future__" not in line)
    _IMPORTS[file] = lines, text
    return text


def _imports_of_modules(module_globals: Mapping[str, Any]) -> str:
    """Return imports of the names under which a module holds modules.

    They may have been imported in a ``try`` block.
    """
    names = [
        name
        for name, found in module_globals.items()
        if isinstance(found, ModuleType) and name.isidentifier()
    ]
    return "\n" + "".join(f"import {name}\n" for name in names)


def _bound_names(codes: Sequence[CodeType]) -> frozenset[str]:
    """Return every name that is bound inside a function."""
    names: set[str] = set()
    for code in codes:
        if code.co_flags & inspect.CO_OPTIMIZED:
            names.update(code.co_varnames, code.co_cellvars)
    return frozenset(names)


def _candidates(lines: Sequence[str], at: int) -> Iterator[str]:
    """Yield texts that should hold the block around a line; at last the whole file."""
    start = at
    while start and not _begins(lines[start]):
        start -= 1
    while start and lines[start - 1].startswith("@"):
        start -= 1
    end = at
    while end < len(lines) and lines[end].startswith("@"):
        end += 1
    end += 1
    while end < len(lines) and not _begins(lines[end]):
        end += 1
    block = "\n" * start + "".join(lines[start:end])
    is_class = any(line.startswith("class ") for line in lines[start:end])
    kept = _lines_of_method(block, at + 1) if is_class else None
    if kept:
        yield "".join(lines[k] if k + 1 in kept else "\n" for k in range(max(kept)))
    yield block
    yield "".join(lines)


def _lines_of_method(block: str, line: int) -> frozenset[int]:
    """Return the lines of the method that begins on a line, and its class's heads.

    Nothing, if the block is no class.
    """
    for first, last, heads in _methods(block):
        if first <= line <= last:
            return heads.union(range(first, last + 1))
    return frozenset()


@functools.lru_cache(maxsize=8)
def _methods(block: str) -> list[tuple[int, int, frozenset[int]]]:
    """Return first line, last line and the lines of the heads around each method."""
    try:
        with parsing:
            tree = ast.parse(block)
    except (SyntaxError, ValueError):
        return []
    found: list[tuple[int, int, frozenset[int]]] = []
    stack: list[tuple[ast.stmt, frozenset[int]]] = [
        (one, frozenset()) for one in tree.body if isinstance(one, ast.ClassDef)
    ]
    while stack:
        node, heads = stack.pop()
        if isinstance(node, ast.ClassDef):
            start = _first_line(node.body[0])
            if start > node.lineno:
                inner = heads.union(range(node.lineno, start))
                stack += [(one, inner) for one in node.body]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append((_first_line(node), node.end_lineno or 0, heads))
    return found


def _first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, with its decorators."""
    decorators = getattr(node, "decorator_list", ())
    lines: list[int] = [node.lineno, *(one.lineno for one in decorators)]
    return min(lines)


def definitions(
    code: CodeType, module_globals: Mapping[str, Any]
) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    """Return the definition of a code object; of a lambda all that begin on its line.

    Raises
    ------
    NoSourceError
        If its source cannot be read.
    """
    block = find_block(code, module_globals)
    with parsing:
        tree = ast.parse(block.text)
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        and getattr(node, "name", "<lambda>") == code.co_name
        and _first_line(node) == code.co_firstlineno  # type: ignore[arg-type]
    ]


def _begins(line: str) -> bool:
    """Tell whether a top-level statement begins on a line."""
    return (
        bool(line.strip())
        and not line[0].isspace()
        and line[0] != "#"
        and not (line.startswith(_CONTINUES))
    )


def _is_same(one: CodeType, running: CodeType) -> bool:
    """Tell whether a code object is what a function runs.

    Assertions that a test runner has rewritten are let pass.
    """
    if (
        one.co_name != running.co_name
        or one.co_firstlineno != running.co_firstlineno
        or one.co_qualname != running.co_qualname
    ):
        return False
    if any(name.startswith("@py_assert") for name in running.co_varnames):
        return True
    return (
        one.co_code == running.co_code
        and one.co_names == running.co_names
        and _constants(one) == _constants(running)
        and (one.co_linetable == running.co_linetable or _spot(one) == _spot(running))
        and _all_same(_inner(one), _inner(running))
    )


def _inner(code: CodeType) -> list[CodeType]:
    """Return the code objects of what is defined directly inside a function.

    Without those that Python 3.14 makes of annotations: a rewritten block may have
    fewer of them.
    """
    return [
        const
        for const in code.co_consts
        if isinstance(const, CodeType) and const.co_name != "__annotate__"
    ]


def _all_same(codes: Sequence[CodeType], running: Sequence[CodeType]) -> bool:
    return len(codes) == len(running) and all(map(_is_same, codes, running))


def _constants(code: CodeType) -> list[Any]:
    """Return the constants of a code object, 0.0 and -0.0 told apart."""
    return [
        (type(const), repr(const) if isinstance(const, (float, complex)) else const)
        for const in code.co_consts
        if not isinstance(const, CodeType)
    ]


def _spot(code: CodeType) -> list[Any]:
    return list(code.co_positions())
