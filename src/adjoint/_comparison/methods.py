"""One derivative by every method: values, errors, times, and sizes of expressions."""

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._comparison.reference import Reference, reference_of
from adjoint._comparison.report import AUTOMATIC, MANUAL, Comparison, Row
from adjoint._comparison.stopwatch import median_times
from adjoint._core.arrays import describe, shape_of
from adjoint._core.errors import AdjointError, InputError, OutputError
from adjoint._core.tree import flatten
from adjoint._numeric.problem import Problem
from adjoint._numeric.transforms import derivative_function, gradient, matrices
from adjoint._symbolic.expanding import expanded
from adjoint._symbolic.formulas import Formula, formula_of
from adjoint._symbolic.loading import sympy
from adjoint._transforms.derivative import grad
from adjoint._transforms.jacobian import jacfwd, jacrev
from adjoint._transforms.running import function_name
from adjoint._transforms.tracing import trace

MOST_SYMBOLS = 64
LONGEST_WHY = 240
"""Characters; a list of functions is not repeated in a report."""

RICHARDSON = "Richardson"
NUMERIC = {
    "forward difference": "forward",
    "central difference": "central",
    "complex step": "complex",
    RICHARDSON: "richardson",
}
SYMBOLIC = "symbolic"


def compare_methods(
    f: Callable[..., Any], x: Any, manual: Callable[..., Any] | None = None
) -> Comparison:
    """Return the derivative of a function at a point by every method there is.

    Forward, central and complex-step difference quotients, Richardson extrapolation,
    SymPy's formula, forward mode, reverse mode, and the formula you give, with errors
    and times.

    Parameters
    ----------
    f : callable
        Takes ``x``; returns one real number or an array of them.
    x : number, array or tree
        The point.  If ``f`` needs as many arguments as a tuple has entries, more than
        one, they are its arguments, and derivatives are tuples.
    manual : callable, optional
        Your derivative: takes what ``f`` takes, returns gradient or Jacobian in the
        form of `adjoint.jacobian`.

    Returns
    -------
    Comparison
        Print it; ``.rows`` has the figures, ``.plot()`` draws them.

    Raises
    ------
    InputError
        If ``x`` cannot be differentiated by, ``manual`` is no function, or returns
        another form.
    OutputError
        If ``f`` returns no real numbers.
    ImportError
        Without SymPy: ``pip install 'adjoint[symbolic]'``.

    Notes
    -----
    Errors are the largest one over the largest entry, against SymPy's derivative
    evaluated to 50 digits at the very floats given; where ``f`` has no formula, against
    Richardson's extrapolation, as the report says (Richardson's own error is then the
    one it estimates).  Times are medians of 7 samples taken
    in turn; SymPy's is that of its finished NumPy function.  With more than 64 symbols
    no formula is made.

    See Also
    --------
    adjoint.numeric, adjoint.symbolic

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> comparison = ad.compare_methods(lambda x: np.exp(np.sin(x)), 1.0)
    >>> [row.method for row in comparison.rows]
    ['forward difference', 'central difference', 'complex step', 'Richardson',
    'symbolic', 'forward mode', 'reverse mode']
    >>> all(row.error < 1e-15 for row in comparison.rows[-2:])
    True
    """
    _require_callable(manual)
    if _takes_several(f, x):
        f, manual = _of_tuple(f), manual and _of_tuple(manual)
    problem = Problem("compare_methods", f, (x,), {}, 0)
    _require_real(problem)
    formula = _formula(f, problem)
    calls = _calls(f, x, problem, formula, manual)
    found: dict[str, Any] = {}
    notes: dict[str, str] = {} if isinstance(formula, Formula) else {SYMBOLIC: formula}
    for name, call in calls.items():
        try:
            found[name] = call()
        except AdjointError as error:
            notes[name] = _in_short(error)
    times = median_times({name: calls[name] for name in found})
    reference = reference_of(formula, problem)
    rows = tuple(
        Row(
            method,
            found.get(method),
            _error(method, found, reference, problem),
            times.get(method),
            notes.get(method, ""),
        )
        for method in (*NUMERIC, SYMBOLIC, *AUTOMATIC, MANUAL)
        if method in found or method in notes
    )
    doubt = reference.estimate or 0.0
    sizes = _sizes(formula)
    return Comparison(problem.name, rows, reference.source, *sizes, doubt)


def _require_callable(manual: Any) -> None:
    """Raise for a manual derivative that is no function.

    Raises
    ------
    InputError
        If so, as where a second argument of ``f`` is given in its place.
    """
    if manual is None or callable(manual):
        return
    msg = (
        "compare_methods takes as manual a function of x that returns the derivative; "
        f"given was {describe(manual)}. For several arguments of f give a tuple: "
        "ad.compare_methods(f, (2.0, 5.0)); of a derivative that is known, "
        "manual=lambda x: derivative."
    )
    raise InputError(msg)


def _takes_several(f: Callable[..., Any], x: Any) -> bool:
    """Tell whether a function has to be given the entries of a tuple one by one."""
    if not (type(x) is tuple and len(x) > 1):
        return False
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a function in C that does not say
        return isinstance(f, np.ufunc) and f.nin == len(x)
    needed = [
        one
        for one in parameters
        if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}
        and one.default is one.empty
    ]
    return len(needed) == len(x)


def _of_tuple(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return a function of one tuple of arguments, under its own name."""

    def of_tuple(x: Any) -> Any:
        return function(*x)

    of_tuple.__name__ = of_tuple.__qualname__ = function_name(function)
    return of_tuple


def _error(
    name: str, found: dict[str, Any], reference: Reference, problem: Problem
) -> float | None:
    """Return a method's error; the reference's own is what it estimates."""
    if name not in found:
        return None
    if name == RICHARDSON and reference.estimate is not None:
        return reference.estimate
    return reference.error_of(_matrix(found[name], problem))


def _in_short(error: Exception) -> str:
    """Return what is wrong, and why if that is short: one sentence or two."""
    what, *rest = str(error).split(". ")
    why = f". {rest[0]}" if rest and len(rest[0]) < LONGEST_WHY else ""
    return f"{what}{why}".rstrip(".") + "."


def _require_real(problem: Problem) -> None:
    """Raise for complex results.

    Raises
    ------
    OutputError
        If so: half of the methods have real numbers only.
    """
    if any(dtype.kind == "c" for dtype in problem.form.dtypes):
        msg = (
            f"compare_methods needs real results; {problem.name} returned complex "
            "numbers. Compare its real and its imaginary part."
        )
        raise OutputError(msg)


def _formula(f: Callable[[Any], Any], problem: Problem) -> Formula | str:
    """Return the symbolic Jacobian, or why there is none."""
    count = len(problem.components)
    if count > MOST_SYMBOLS:
        return f"x has {count} numbers; a formula has at most {MOST_SYMBOLS} symbols"
    sympy()  # a missing package is no property of the function
    try:
        graph = trace(f)(*problem.chosen.insert(problem.base))
        return formula_of(graph, range(len(graph.inputs)), 1)
    except AdjointError as error:
        return _in_short(error)


def _calls(
    f: Callable[[Any], Any],
    x: Any,
    problem: Problem,
    formula: Formula | str,
    manual: Callable[[Any], Any] | None,
) -> dict[str, Callable[[], Any]]:
    """Return what computes the derivative, by the name of its method."""
    axes = 0 if problem.form.shapes == [()] else 1
    by_rows = jacrev(f) if axes else grad(f)
    by_columns = jacfwd(f)
    calls: dict[str, Callable[[], Any]] = {}
    for name, method in NUMERIC.items():
        derive = derivative_function("compare_methods", axes, f, 0, method, None, False)
        calls[name] = functools.partial(derive, x)
    if isinstance(formula, Formula):
        arguments = formula.graph.arguments
        calls[SYMBOLIC] = lambda: _in_form(formula(arguments), axes, problem)
    calls[AUTOMATIC[0]] = lambda: by_columns(x)
    calls[AUTOMATIC[1]] = lambda: by_rows(x)
    if manual is not None:
        calls[MANUAL] = lambda: manual(x)
    return calls


def _in_form(values: Any, axes: int, problem: Problem) -> Any:
    return (matrices if axes else gradient)(problem, values)


def _matrix(found: Any, problem: Problem) -> Any:
    """Return a gradient or Jacobian as a matrix, one row for each output.

    Raises
    ------
    InputError
        If it is not of the form of the Jacobian: a manual one may not be.
    """
    outs = [math.prod(shape) for shape in problem.form.shapes]
    ins = [math.prod(shape_of(leaf)) for leaf in problem.base]
    blocks = flatten(found)[0]
    sizes = [m * n for m in outs for n in ins]
    if [int(np.size(block)) for block in blocks] != sizes:
        msg = (
            f"compare_methods: the manual derivative has parts of shapes "
            f"{[np.shape(block) for block in blocks]}; ad.jacobian gives sizes "
            f"{sizes}. Return one number for each output and input: an array for an "
            "array, np.array([...]), where a list would be several parts."
        )
        raise InputError(msg)
    parts = iter(blocks)
    rows = [[np.reshape(next(parts), (m, n)) for n in ins] for m in outs]
    return np.vstack([np.hstack(row) for row in rows])


def _sizes(formula: Formula | str) -> tuple[int | None, int | None]:
    """Return the operations of the symbolic derivative, before and after expansion."""
    if isinstance(formula, str):
        return None, None
    entries = list(formula.derivatives.flat)
    count = sympy().count_ops
    longer = [expanded(entry) for entry in entries]
    size = sum(int(count(entry)) for entry in entries)
    if any(entry is None for entry in longer):
        return size, None
    return size, sum(int(count(entry)) for entry in longer)
