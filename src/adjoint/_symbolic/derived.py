"""A symbolic derivative as a function of NumPy arrays, with its expression."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, describe, dtype_of, shape_of
from adjoint._core.errors import InputError, OutputError
from adjoint._core.graph import Graph, signature_of
from adjoint._core.handle import Handle
from adjoint._core.nodes import Node
from adjoint._core.tree import flatten
from adjoint._numeric.arrangement import by_inputs, by_outputs
from adjoint._symbolic.conversion import in_form
from adjoint._symbolic.formulas import Formula, formula_of
from adjoint._symbolic.sameness import is_same
from adjoint._transforms.arguments import Argnums, Selection, as_tuple, positions
from adjoint._transforms.running import function_name
from adjoint._transforms.tracing import trace


class Derived:
    """A derivative by formula: call it with the arguments of the function.

    The function is recorded at every call; its formulas are derived anew only if it was
    another computation than last time (other shapes, another branch, other constants).

    Attributes
    ----------
    expression : SymPy expression, array or tree of them
        The derivative as of the last call, in the form of its value.
    formula : Formula
        Symbols, outputs and derivatives of the last call, flat.
    """

    __slots__ = ("_argnums", "_asked", "_axes", "_formula", "_fun", "_selection")

    def __init__(
        self, asked: str, axes: int, fun: Callable[..., Any], argnums: Argnums
    ) -> None:
        as_tuple(argnums, asked)
        self._asked = asked
        self._axes = axes
        self._fun = fun
        self._argnums = argnums
        self._formula: Formula | None = None
        self._selection: Selection | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the derivative at the arguments."""
        selection = Selection(self._asked, self._fun, args, self._argnums)
        for leaf in selection.leaves:
            _require_plain(leaf, self._asked)
        args = selection.insert(selection.leaves)  # integers as floats
        graph = trace(self._fun)(*args, **kwargs)
        formula = self._formula
        if formula is None or not is_same(formula.graph, graph):
            if self._axes == 0:
                self._require_scalar(graph)
            formula = formula_of(graph, self._chosen(graph, args), max(self._axes, 1))
        self._formula, self._selection = formula, selection
        return self._arranged(formula(graph.arguments), as_numbers=True)

    @property
    def formula(self) -> Formula:
        """Symbols, outputs and derivatives of the last call.

        Raises
        ------
        InputError
            Before the first call: shapes are not known.
        """
        if self._formula is None:
            raise InputError(self._not_called())
        return self._formula

    @property
    def expression(self) -> Any:
        """The derivative as SymPy expressions, in the form of its value."""
        return self._arranged(self.formula.derivatives, as_numbers=False)

    def _not_called(self) -> str:
        return (
            f"The expression of ad.{self._asked}({function_name(self._fun)}) is known "
            "once it has been called: which symbols it has depends on the shapes of "
            "the arguments."
        )

    def _require_scalar(self, graph: Graph) -> None:
        shapes = [shape_of(one) for one in graph.outputs]
        if shapes != [()]:
            msg = (
                f"{self._asked} needs a function that returns one real number; "
                f"{function_name(self._fun)} returned results of shapes {shapes}. Use "
                "ad.symbolic.jacobian, or return a sum."
            )
            raise OutputError(msg)

    def _chosen(self, graph: Graph, args: tuple[Any, ...]) -> list[int]:
        """Return the positions, among the graph's inputs, of the chosen leaves."""
        counts = [len(flatten(arg)[0]) for arg in args]
        starts = np.cumsum([0, *counts])
        place = {node: k for k, node in enumerate(graph.inputs)}
        leaves = signature_of(graph).leaves
        return [
            place[leaves[k]]
            for position in positions(self._argnums, args, self._asked, self._fun)
            for k in range(starts[position], starts[position + 1])
        ]

    def _arranged(self, values: Any, *, as_numbers: bool) -> Any:
        """Return derivatives in the form of their value: numbers, or expressions."""
        graph, chosen = self.formula.graph, self._selection
        if chosen is None:
            raise InputError(self._not_called())
        if self._axes == 0:
            finish = _numbers_like if as_numbers else _expressions
            return by_inputs(values[0], 0, (), chosen, finish)
        outs = graph.outputs
        finish_of = [
            functools.partial(_numbers_of, _dtype_of(out))
            if as_numbers
            else _expressions
            for out in outs
        ]
        rows = by_outputs(values, [shape_of(out) for out in outs], chosen, finish_of)
        return in_form(graph, rows)


def _expressions(block: Any, _leaf: Value) -> Any:
    return block.copy() if block.shape else block[()]


def _numbers_like(block: Any, leaf: Value) -> Any:
    """Return a gradient's block in the form of its input."""
    numbers = block.astype(dtype_of(leaf) if dtype_of(leaf).kind == "f" else float)
    return numbers if isinstance(leaf, np.ndarray) else numbers[()]


def _numbers_of(dtype: Any, block: Any, _leaf: Value) -> Any:
    """Return a block in the dtype of its output."""
    return block.astype(dtype)[()]


def _dtype_of(out: Any) -> Any:
    """Return the dtype of derivatives of an output; float64 of a Python number."""
    dtype = out.dtype if type(out) is Node else dtype_of(out)
    return dtype if getattr(dtype, "kind", "") == "f" else np.dtype(float)


def _require_plain(leaf: Value, asked: str) -> None:
    """Raise for complex numbers, and for values that are being traced.

    Raises
    ------
    InputError
        Symbols are real, and formulas are evaluated by SymPy's NumPy code.
    """
    if isinstance(leaf, Handle):
        msg = (
            f"{asked} was given a traced value; it computes with plain numbers. Take "
            "the formula, ad.symbolic.from_sympy, or ad.grad inside transforms."
        )
        raise InputError(msg)
    if dtype_of(leaf).kind == "c":
        msg = (
            f"{asked} was given {describe(leaf)}; its symbols are real. Write the "
            "function in real and imaginary parts."
        )
        raise InputError(msg)
