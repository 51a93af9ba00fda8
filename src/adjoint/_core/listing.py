"""How graphs are read: names, operations as text, the listing of a graph.

Nodes bear the names of the literature (Griewank & Walther 2008, section 2.2): inputs
are ``v-1, v0``, equations ``v1, v2, ...``.
"""

import html
import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint._core.nodes import OUTPUT, WEAK, Node
from adjoint._core.protocols import function_name

FOLDED_ABOVE = 300
"""Equations: of longer graphs the first and the last are shown."""
_GUARDS_SHOWN = 50
_FINITE_SHOWN = 8

_WIDEST_OPERATION = 60

_INFIX: dict[Callable[..., Any], tuple[str, int]] = {
    np.add: ("+", 1),
    np.subtract: ("-", 1),
    np.multiply: ("*", 2),
    np.true_divide: ("/", 2),
    np.floor_divide: ("//", 2),
    np.remainder: ("%", 2),
    np.matmul: ("@", 2),
    np.power: ("**", 4),
    np.less: ("<", 0),
    np.less_equal: ("<=", 0),
    np.greater: (">", 0),
    np.greater_equal: (">=", 0),
    np.equal: ("==", 0),
    np.not_equal: ("!=", 0),
}
"""Symbols, and how strongly they bind."""
_ATOM, _SIGN = 9, 3
_OFF_BY_DEFAULT = frozenset({"keepdims", "optimize"})
_MEANT = {"root_of_squares": "sqrt"}
"""What records of our own compute, in NumPy's words."""


def names_of(graph: Any) -> dict[Node, str]:
    """Return the names of all nodes of a graph."""
    count = len(graph.inputs)
    names = {node: f"v{k - count + 1}" for k, node in enumerate(graph.inputs)}
    names.update({node: f"v{k}" for k, node in enumerate(graph.equations, 1)})
    return names


def label(node: Node, position: int) -> str:
    """Return the user's name of an input: that of the argument, or x1, x2 ..."""
    return node.name or f"x{position + 1}"


def operation_text(node: Node, names: Mapping[Node, str]) -> str:
    """Return the operation of an equation, with its operands by name."""
    return _text(node, lambda one: (names[one], _ATOM))[0]


def expression_text(node: Node, names: Mapping[Node, str], longest: int) -> str:
    """Return a node as one expression of the nodes that have names.

    Empty if it would be longer than ``longest`` characters.
    """
    texts: dict[Node, tuple[str, int]] = {
        one: (name, _ATOM) for one, name in names.items()
    }
    waiting = [node]
    while waiting:
        one = waiting[-1]
        if one in texts:
            waiting.pop()
            continue
        missing = [
            parent
            for parent in one.parents
            if type(parent) is Node and parent not in texts
        ]
        if missing:
            waiting.extend(missing)
            continue
        texts[one] = _text(one, texts.__getitem__)
        if len(texts[one][0]) > longest:
            return ""
        waiting.pop()
    return texts[node][0]


def _text(node: Node, of_node: Callable[[Node], tuple[str, int]]) -> tuple[str, int]:
    """Return the text of an operation, and how strongly its last symbol binds."""
    record: Any = node.record
    operands = [
        of_node(one) if type(one) is Node else _constant(one) for one in node.parents
    ]
    if record is OUTPUT:
        return f"{operands[0][0]}[{node.params[0]}]", _ATOM
    if record.function in _INFIX:
        symbol, strength = _INFIX[record.function]
        (left, by_left), (right, by_right) = operands
        tight = symbol == "**"
        if by_left < strength or (tight and by_left <= strength):
            left = f"({left})"
        if by_right < strength or (not tight and by_right == strength != 0):
            right = f"({right})"
        return f"{left} {symbol} {right}" if not tight else f"{left}**{right}", strength
    if record.function is np.negative:
        inside, strength = operands[0]
        return (f"-{inside}" if strength > _SIGN else f"-({inside})"), _SIGN
    if record.function is operator.getitem:
        inside, strength = operands[0]
        if isinstance(node.params[0], tuple) and not node.params[0]:
            return inside, strength  # x[()], a number of an array without axes
        inside = inside if strength == _ATOM else f"({inside})"
        return f"{inside}[{_index(node.params[0])}]", _ATOM
    parts = [text for text, _ in operands]
    names = _parameter_names(record, len(operands))
    shown = [
        _as_called(name, value, node)
        for name, value in zip(names, node.params, strict=False)
        if not _is_default(name, value)
    ]
    parts += filter(None, shown)
    return f"{_shown_name(record)}({', '.join(parts)})", _ATOM


def _is_default(name: str, value: Any) -> bool:
    """Tell whether a parameter says nothing: ``keepdims=False``."""
    is_off = name in _OFF_BY_DEFAULT and value is False
    return value is None or name.startswith("_") or is_off


def _as_called(name: str, value: Any, node: Node) -> str:
    """Return a parameter as the user wrote it; nothing for all axes of an operand."""
    if name == "axes" and isinstance(value, tuple):
        if len(value) == len(getattr(node.parents[0], "shape", None) or ()):
            return ""
        name, value = "axis", value[0] if len(value) == 1 else value
    return f"{name}={_parameter(value)}" if name else _parameter(value)


def _shown_name(record: Any) -> str:
    """Return what the user called: ``math.sin``, not the record's ``math_sin``."""
    if record.name in _MEANT:
        return _MEANT[record.name]
    module, _, name = record.name.partition("_")
    if module not in {"math", "cmath", "statistics"}:
        shown: str = record.name
        return shown
    own = getattr(record.function, "__module__", "") == module
    return f"{module}.{name}" if own else name


def _parameter_names(record: Any, arity: int) -> Sequence[str]:
    """Return the names of a record's parameters, from what evaluates it.

    Empty ones for NumPy's own functions, which do not say; a leading underscore marks
    what is there for rules alone.
    """
    evaluate = getattr(record.evaluate, "of_the_user", record.evaluate)
    code = getattr(evaluate, "__code__", None)
    if code is None:
        return [""] * 9
    if code.co_flags & 4:  # any number of operands: parameters are unpacked behind them
        unpacked: Sequence[str] = code.co_varnames[2:]
        return unpacked
    names: Sequence[str] = code.co_varnames[arity : code.co_argcount]
    return names


def _constant(value: Any) -> tuple[str, int]:
    text = value_text(value)
    return text, (_SIGN if text.startswith("-") else _ATOM)


def value_text(value: Any, digits: int = 8) -> str:
    """Return a number or array in few characters."""
    if isinstance(value, (tuple, list)):
        inside = ", ".join(value_text(one, digits) for one in value)
        return f"({inside})"
    if not hasattr(value, "shape"):
        return repr(value) if not isinstance(value, float) else f"{value:.{digits}g}"
    if value.shape == () and hasattr(value, "item"):
        item = value.item()
        if isinstance(item, bool) or not isinstance(item, (int, float, complex)):
            return str(item)
        return f"{item:.{digits}g}" if not isinstance(item, int) else str(item)
    if value.size > 6:
        ends = np.ravel(value)
        first, last = (f"{ends[k].item():.4g}" for k in (0, -1))
        shape = "x".join(map(str, value.shape))
        return f"[{first} ... {last}] {shape}"
    return np.array2string(
        np.asarray(value),
        separator=", ",
        formatter={"float_kind": lambda one: f"{one:.{min(digits, 6)}g}"},
    ).replace("\n", "")


def _parameter(value: Any) -> str:
    if isinstance(value, tuple):
        inside = ", ".join(map(_parameter, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, np.ndarray):
        return value_text(value)
    if isinstance(value, slice):
        return _slice(value)
    return repr(value) if not callable(value) else getattr(value, "__name__", "f")


def _index(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    if not parts:
        return "()"
    return ", ".join("..." if one is Ellipsis else _parameter(one) for one in parts)


def _slice(one: slice) -> str:
    start, stop, step = (
        "" if part is None else str(part) for part in (one.start, one.stop, one.step)
    )
    return f"{start}:{stop}" + (f":{step}" if step else "")


def type_text(node: Node) -> str:
    """Return dtype and shape of a node."""
    if node.shape is None:
        return f"{node.record.outputs} results"  # type: ignore[union-attr]
    dtype = WEAK if node.dtype is WEAK else str(node.dtype)
    inside = ", ".join(map(str, node.shape))
    return f"{dtype} ({inside}{',' * (len(node.shape) == 1)})"


def place_text(node: Node) -> str:
    """Return where a node stands in the user's code, and within which function."""
    line = node.line
    parts = []
    if line is not None:
        parts.append(f"{line.file}:{line.line} {line.function}")
    record = node.record
    if node.caller is not None and record is not None:
        name = function_name(node.caller).rpartition(".")[2]
        if name != record.name and node.caller not in _UNNAMED:
            parts.append(f"in {function_name(node.caller)}")
    return ", ".join(parts)


_UNNAMED = frozenset({operator.getitem, operator.setitem})


def _rows(
    graph: Any, names: Mapping[Node, str]
) -> tuple[list[tuple[str, str, str, str]], int]:
    """Return name, operation, type and place of each line, and how many are left out.

    A row of empty texts stands where lines are left out.
    """
    rows = [
        (names[node], label(node, k), type_text(node), "")
        for k, node in enumerate(graph.inputs)
    ]
    shown, hidden = folded(graph.equations)
    for node in shown:
        if node is None:
            rows.append(("", "", "", ""))
            continue
        text = operation_text(node, names)
        if len(text) > _WIDEST_OPERATION:
            text = text[: _WIDEST_OPERATION - 3] + "..."
        rows.append((names[node], text, type_text(node), place_text(node)))
    return rows, hidden


def folded(
    equations: Sequence[Node], limit: int = FOLDED_ABOVE
) -> tuple[list[Node | None], int]:
    """Return the equations to show, ``None`` for the gap, and how many fell into it."""
    if len(equations) <= limit:
        return list(equations), 0
    last = max(limit // 5, 1)
    head, tail = equations[: max(limit - last, 1)], equations[-last:]
    return [*head, None, *tail], len(equations) - len(head) - len(tail)


def as_text(graph: Any) -> str:
    """Return the listing of a graph."""
    names = names_of(graph)
    rows, hidden = _rows(graph, names)
    widths = [
        min(max((len(row[k]) for row in rows), default=0), limit)
        for k, limit in enumerate((12, _WIDEST_OPERATION, 24))
    ]
    lines = [heading(graph)]
    for name, text, kind, place in rows:
        if not name:
            lines.append(fold_text(hidden))
            continue
        line = f"{name:<{widths[0]}} = {text:<{widths[1]}}  {kind:<{widths[2]}}  "
        lines.append((line + place).rstrip())
    lines.append(f"returns {_operands_text(graph.outputs, names)}")
    lines.extend(guard_lines(graph, names))
    return "\n".join(lines)


def fold_text(hidden: int) -> str:
    """Return the line that stands for equations that are not shown."""
    return f"... {hidden:,} equations not shown"


def heading(graph: Any) -> str:
    """Return the counts of a graph, in words."""
    counts = ", ".join(
        f"{number:,} {word}{'s' * (number != 1)}"
        for number, word in (
            (len(graph.inputs), "input"),
            (len(graph.equations), "equation"),
            (len(graph.outputs), "output"),
        )
    )
    return f"graph{' of ' * bool(graph.name)}{graph.name}: {counts}"


def guard_lines(graph: Any, names: Mapping[Node, str]) -> list[str]:
    """Return what Python was told, a line each, one for all tests of finiteness."""
    lines = []
    finite: dict[str, None] = {}
    for guard in graph.guards:
        if guard.kind == "finite":
            finite.update(
                (names[one], None) for one in guard.operands if type(one) is Node
            )
            continue
        operands = _operands_text(guard.operands, names)
        lines.append(f"holds for {guard.kind}({operands}) == {_answer(guard.expected)}")
    if len(lines) > FOLDED_ABOVE:
        left_out = len(lines) - _GUARDS_SHOWN
        lines = [*lines[:_GUARDS_SHOWN], f"... {left_out:,} more such answers"]
    if finite:
        shown = ", ".join(itertools.islice(finite, _FINITE_SHOWN))
        left_out = len(finite) - _FINITE_SHOWN
        more = f" and {left_out:,} more" if left_out > 0 else ""
        lines.append(f"holds for finite {shown}{more}")
    return lines


def _operands_text(operands: Sequence[Any], names: Mapping[Node, str]) -> str:
    """Return nodes by their names, and constants by their values."""
    return ", ".join(
        names[one] if type(one) is Node else value_text(one) for one in operands
    )


def _answer(answer: Any) -> str:
    return value_text(answer) if isinstance(answer, np.ndarray) else repr(answer)


def html_row(cells: Sequence[str], kind: str) -> str:
    """Return a row of a table of texts; notebooks would align them to the right."""
    inside = "".join(
        f"<{kind} style='text-align: left'>{html.escape(cell)}</{kind}>"
        for cell in cells
    )
    return f"<tr>{inside}</tr>"


def as_html(graph: Any) -> str:
    """Return the listing of a graph as a table for notebooks."""
    names = names_of(graph)
    rows, hidden = _rows(graph, names)
    body = "".join(
        f"<tr><td colspan='4'>{fold_text(hidden)}</td></tr>"
        if not row[0]
        else html_row(row, "td")
        for row in rows
    )
    notes = "".join(
        f"<div>{html.escape(line)}</div>" for line in guard_lines(graph, names)
    )
    outputs = _operands_text(graph.outputs, names)
    return (
        f"<div><b>{html.escape(heading(graph))}</b><table><thead>"
        f"{html_row(('name', 'operation', 'type', 'where'), 'th')}</thead>"
        f"<tbody>{body}</tbody></table><div>returns {html.escape(outputs)}</div>"
        f"{notes}</div>"
    )
