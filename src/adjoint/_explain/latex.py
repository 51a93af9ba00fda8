r"""The Wengert list of a report as a table in LaTeX.

It needs the package ``amsmath`` alone.  Expressions become formulas: they are Python's,
and are read as such; what cannot be read stands as it is, in typewriter type.
"""

import ast
import re
from collections.abc import Mapping
from typing import Any

from adjoint._explain.cells import Cell
from adjoint._explain.folding import shown_rows
from adjoint._explain.texts import cell_text, factor_text

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "×": r"$\times$",
    "…": r"\dots{}",
    "−": "-",
    "∂": r"$\partial$",
}
_FUNCTIONS = frozenset(
    {"sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "max", "min", "arctan"}
    | {"arcsin", "arccos", "det"}
)
_NUMBERED = re.compile(r"([A-Za-z]+)(\d*)")
_GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"}
    | {"kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon"}
    | {"phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi"}
    | {"Sigma", "Upsilon", "Phi", "Psi", "Omega"}
)
_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: r"\,",
    ast.MatMult: r"\,",
    ast.Lt: "<",
    ast.LtE: r"\le",
    ast.Gt: ">",
    ast.GtE: r"\ge",
    ast.Eq: "=",
    ast.NotEq: r"\ne",
}
_STRENGTH: dict[type[ast.AST], int] = {
    ast.Add: 1,
    ast.Sub: 1,
    ast.Mult: 2,
    ast.MatMult: 2,
}


def as_latex(data: Mapping[str, Any]) -> str:
    """Return the table; of a long list the folded rows."""
    nodes = data["nodes"]
    heads, columns = ["", "", "value"], [nodes["value"]]
    for sweeps, key, mark in (
        (data["forward"], "tangent", r"\dot{v}"),
        (data["reverse"], "adjoint", r"\bar{v}"),
    ):
        if sweeps:
            heads.append(f"{key} ${mark}$")
            columns.append(sweeps[0][key])
    heads.append("partials")
    lines = [
        f"% {_comment(data['title'])}; needs \\usepackage{{amsmath}}",
        f"\\begin{{tabular}}{{rl{'r' * len(columns)}l}}",
        "\\hline",
        " & ".join(heads) + r" \\",
        "\\hline",
    ]
    for row in shown_rows(data):
        if row.name:
            count = row.last - row.first + 1
            text = f"{escaped(row.name)}: {count} operations"
            lines.append(f"\\multicolumn{{{len(heads)}}}{{l}}{{{text}}} \\\\")
            continue
        place = row.first
        is_input = nodes["operation"][place] == "input"
        cells = [
            f"${name_tex(nodes['name'][place])}$",
            "" if is_input else f"$= {formula_tex(nodes['expression'][place])}$",
            *(_number(column[place]) for column in columns),
            _partials(nodes, place),
        ]
        lines.append(" & ".join(cells).rstrip() + r" \\")
    return "\n".join([*lines, "\\hline", "\\end{tabular}", ""])


def escaped(text: str) -> str:
    """Return text that LaTeX sets as it is."""
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def name_tex(name: str) -> str:
    """Return a name as a symbol: ``v_{3}``; other names than these upright."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return _element_tex(name)
    letters, number = found.groups()
    if letters in _GREEK:
        shown = f"\\{letters}"
    else:
        shown = letters if len(letters) == 1 else f"\\mathit{{{letters}}}"
    return f"{shown}_{{{number}}}" if number else shown


def _element_tex(name: str) -> str:
    """Return ``params['w'][0]`` as the element it is; other names upright."""
    try:
        node = ast.parse(name, mode="eval").body
        if isinstance(node, ast.Subscript):
            return _tex(node)[0]
    except (SyntaxError, _UnreadError, RecursionError, ValueError):
        pass
    return f"\\text{{{escaped(name)}}}"


def formula_tex(expression: str) -> str:
    """Return an expression of Python's as a formula."""
    try:
        return _tex(ast.parse(expression, mode="eval").body)[0]
    except (SyntaxError, _UnreadError, RecursionError, ValueError):
        return f"\\text{{\\texttt{{{escaped(expression)}}}}}"


class _UnreadError(Exception):
    """An expression has a part that no formula is known for."""


def _tex(node: ast.expr) -> tuple[str, int]:
    """Return a formula, and how strongly its last symbol binds."""
    if isinstance(node, ast.Name):
        return name_tex(node.id), 9
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return _digits(ast.unparse(node)), 9
    if isinstance(node, ast.Subscript):
        inside, strength = _tex(node.value)
        index = ast.unparse(node.slice)
        shown = index if index.isdigit() else f"\\text{{{escaped(index)}}}"
        return f"{_within(inside, strength, 9)}[{shown}]", 9
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inside, strength = _tex(node.operand)
        return f"-{_within(inside, strength, 2)}", 1
    if isinstance(node, ast.BinOp):
        return _operation(node)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = _tex(node.left)[0], _tex(node.comparators[0])[0]
        return f"{left} {_symbol(node.ops[0])} {right}", 0
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        return _call(ast.unparse(node.func), node), 9
    raise _UnreadError


def _operation(node: ast.BinOp) -> tuple[str, int]:
    (left, by_left), (right, by_right) = _tex(node.left), _tex(node.right)
    if isinstance(node.op, ast.Div):
        return f"\\frac{{{left}}}{{{right}}}", 9
    if isinstance(node.op, ast.Pow):
        return f"{_within(left, by_left, 9)}^{{{right}}}", 3
    strength = _STRENGTH.get(type(node.op))
    if strength is None:
        raise _UnreadError
    left = _within(left, by_left, strength)
    right = _within(right, by_right, strength + isinstance(node.op, ast.Sub))
    symbol = _symbol(node.op)
    is_product = strength == 2
    if is_product and right[:1].isdigit():
        symbol = r"\cdot"
    return f"{left} {symbol} {right}", strength


def _call(name: str, node: ast.Call) -> str:
    inside = [_argument(one) for one in node.args]
    if node.keywords:
        named = [
            f"\\text{{{escaped(one.arg or '**')}}}={_argument(one.value)}"
            for one in node.keywords
        ]
        return f"\\operatorname{{{escaped(name)}}}({', '.join([*inside, *named])})"
    if name == "sqrt" and len(inside) == 1:
        return f"\\sqrt{{{inside[0]}}}"
    if name == "square" and len(inside) == 1:
        text, strength = _tex(node.args[0])
        return f"{_within(text, strength, 9)}^{{2}}"
    if name in {"abs", "absolute"} and len(inside) == 1:
        return f"\\left|{inside[0]}\\right|"
    shown = f"\\{name}" if name in _FUNCTIONS else f"\\operatorname{{{escaped(name)}}}"
    return f"{shown}({', '.join(inside)})"


def _argument(node: ast.expr) -> str:
    """Return an argument: a formula, or a shape, an axis, a text as they are."""
    try:
        return _tex(node)[0]
    except _UnreadError:
        return f"\\text{{{escaped(ast.unparse(node))}}}"


def _symbol(operator: ast.AST) -> str:
    if type(operator) not in _SYMBOLS:
        raise _UnreadError
    return _SYMBOLS[type(operator)]


def _within(text: str, strength: int, least: int) -> str:
    return text if strength >= least else f"\\left({text}\\right)"


def _number(one: Cell) -> str:
    text = cell_text(one)
    if not text:
        return ""
    if isinstance(one, dict):
        return escaped(text)
    return f"${_digits(text)}$"


def _digits(text: str) -> str:
    r"""Return a number as LaTeX sets it: ``1.5 \cdot 10^{-7}``."""
    if text in {"nan", "inf", "-inf"}:
        return {"nan": r"\text{NaN}", "inf": r"\infty", "-inf": r"-\infty"}[text]
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return mantissa
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}"


def _partials(nodes: Mapping[str, Any], place: int) -> str:
    texts = []
    for one in nodes["partials"][place]:
        formula = one["formula"]
        if formula or one["value"] is not None:
            of = name_tex(nodes["name"][one["parent"]])
            shown = formula_tex(formula) if formula else _plain(one["value"])
            texts.append(f"$\\partial/\\partial {of} = {shown}$")
    return ", ".join(texts)


def _plain(one: Cell) -> str:
    text = factor_text(one)
    return f"\\text{{{escaped(text)}}}" if " " in text or "[" in text else _digits(text)


def _comment(text: str) -> str:
    return " ".join(text.split())
