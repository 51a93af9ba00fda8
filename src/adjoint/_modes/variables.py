"""Variables: numbers and arrays that remember how they were computed.

They belong to no transform.  Every operation on them makes a node that knows its
parents and keeps its value; ``y.grad(x)`` walks the nodes backwards, with the rules of
the records applied to variables, so the gradient is a variable again.

Variables of one thread have one trace, at level 0: to every transform they are
constants, and what it computes of them is recorded.
"""

import operator
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import numpy as np

from adjoint._core.arrays import (
    Value,
    dtype_of,
    in_domain,
    shape_of,
)
from adjoint._core.errors import (
    ConversionError,
    GraphError,
    InputError,
    MutationError,
    OutputError,
    ShapeError,
    is_library,
    user_line,
)
from adjoint._core.handle import Handle
from adjoint._core.nodes import Node, ancestors, make_node
from adjoint._core.operators import BINARY_OPERATORS
from adjoint._core.record import Record
from adjoint._core.tree import Tree, flatten, unflatten
from adjoint._modes.along import depending_on, pull_along
from adjoint._modes.record import Recorded, RecordTrace, install
from adjoint._primitives.writing import writing

_new = object.__new__
_set_value, _set_trace, _set_payload = (
    vars(Handle)[name].__set__ for name in ("value", "trace", "payload")
)
"""What fills a new variable, past the check of what users assign."""


class Variable(Recorded):
    """A number or array that remembers how it was computed; see `adjoint.variable`.

    Attributes
    ----------
    value : number or ndarray
        The value alone.  Arrays are read-only: write into the variable, or into a copy.
    shape, dtype
        As of the value.
    """

    __slots__ = ()

    def grad(self, *targets: Tree, seed: Value = None) -> Tree:
        r"""Return the gradient of this variable, by one reverse sweep over its graph.

        For a scalar y it is :math:`\partial y / \partial x`; with a seed w it is the
        cotangent :math:`w^T \partial y / \partial x`.  For several targets each is
        differentiated by as if it were asked for alone.

        Parameters
        ----------
        *targets : Variable, or tree of variables
            What to differentiate by: inputs, or results on the way.  Of several the
            gradients are a tuple.
        seed : number or array, optional
            The cotangent of this variable, of its shape; 1 for a scalar.

        Returns
        -------
        Variable, or tree of variables
            Of the shapes and dtypes of the targets, and recorded: they can be
            differentiated again.  Zeros where this variable does not depend on one.

        Raises
        ------
        OutputError
            If this variable is an array, or complex, and there is no seed.
        ShapeError
            If the seed has another shape.
        InputError
            If a target is no variable of this thread, or a complex seed is given for a
            real variable.
        MutationError
            If a target was written into, or changed by ``x += v``, after this variable
            was computed of it.

        References
        ----------
        Griewank & Walther 2008, section 3.2.

        Examples
        --------
        >>> import adjoint as ad
        >>> x = ad.variable(2.0)
        >>> y = x**3
        >>> y.grad(x)
        variable(12.0)
        >>> y.grad(x).grad(x).grad(x)
        variable(6.0)
        """
        trace: VariableTrace = self.trace
        if not targets:
            msg = "y.grad takes the variables to differentiate by: y.grad(x)."
            raise InputError(msg)
        leaves, structure = flatten(targets[0] if len(targets) == 1 else targets)
        for leaf in leaves:
            trace.check_target(leaf)
        y: Node = self.payload
        bar = _seed(self, seed)
        wanted = [leaf.payload for leaf in leaves]
        first = min((one.number for one in wanted), default=y.number)
        nodes = ancestors([y], first)
        active = depending_on(nodes, wanted)
        bars: dict[Node, Value] = {y: bar}
        pull_along(nodes, bars, active, trace.of_node, frozenset(wanted))
        reached = set(nodes)
        for one in wanted:
            if one not in reached:
                _check_unwritten(one, y)
        return unflatten(
            structure,
            [trace.gradient(one, bars.get(one), one in reached) for one in wanted],
        )

    def __setattr__(self, name: str, new: Any) -> None:
        if name == "value" and not is_library(sys._getframe(1).f_code.co_filename):
            msg = (
                f"The value of a variable cannot be assigned{user_line()}: what was "
                "computed of it would still have the old one. Make a new variable, "
                "x = ad.variable(value), and compute again; elements of an array are "
                "written by x[index] = value."
            )
            raise MutationError(msg)
        object.__setattr__(self, name, new)

    def __repr__(self) -> str:
        value = self.value
        if isinstance(value, np.generic):
            value = value.item()
        node = self.payload
        name = node.name if node.record is None else ""
        return f"variable({value!r}{f', name={name!r}' if name else ''})"

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        self._refuse("pickling x", "ad.variable(x.value) where it is read again")

    def _refuse(self, what: str, cure: str) -> NoReturn:
        msg = (
            f"A variable met {what}{user_line()}, where its history would be lost. "
            f"Use {cure}; or x.value where the value alone is wanted. "
            f"x has dtype {self.dtype} and shape {self.shape}."
        )
        raise ConversionError(msg)


class VariableTrace(RecordTrace):
    """What the variables of one thread belong to; never closed."""

    __slots__ = ()

    records: ClassVar[bool] = False
    kind: ClassVar[type[Handle]] = Variable

    def __init__(self) -> None:
        super().__init__()
        self.level = 0

    def lift(self, value: Value, name: str = "") -> Handle:
        """Return a variable of a plain value."""
        handle = super().lift(value, name)
        handle.payload.value = handle.value
        return handle

    def of_node(self, node: Node) -> Value:
        """Return a variable of a node, for a call of several results one for each."""
        if node.shape is None:
            return self.results(node, node.value)
        return self.handle(node.value, node)

    def node(
        self,
        record: Record,
        operation: Callable[..., Value] | None,
        parents: tuple[Any, ...],
        params: tuple[Any, ...],
        out: Value,
    ) -> Node:
        """Return a node that keeps its value, and no error state: see `decided`."""
        node = make_node(record, operation, parents, params, out)
        node.value = out
        return node

    def decided(self, *_: Any) -> None:
        """Take no note: a graph of variables is not computed again."""

    def append(
        self,
        out: Value,
        record: Record,
        operation: Callable[..., Value] | None,
        parents: tuple[Any, ...],
        params: tuple[Any, ...] = (),
    ) -> Handle:
        """Return the variable of a result."""
        if type(out) is np.ndarray:
            out.flags.writeable = False
        # As `node`, written out: this runs for each operation.
        node = make_node(record, operation, parents, params, out)
        node.value = out
        return self.handle(out, node)

    def handle(self, value: Value, node: Node) -> Handle:
        """Return a variable of a node that is known already."""
        handle = _new(Variable)
        _set_value(handle, value)
        _set_trace(handle, self)
        _set_payload(handle, node)
        return handle

    def store(self, x: Handle, index: Any, item: Value) -> bool:  # noqa: ARG002
        """Decline: nodes keep the values that they had."""
        return False

    def parent(self, arg: Value) -> Any:
        """Return what a node refers to for an argument: a node, or a constant.

        Raises
        ------
        GraphError
            For a variable of another thread.
        """
        if isinstance(arg, Variable) and arg.trace is not self:
            msg = (
                f"Variables of two threads met in one operation{user_line()}. Make "
                "variables in the thread that uses them: ad.variable(x.value)."
            )
            raise GraphError(msg)
        return super().parent(arg)

    def check_target(self, leaf: Any) -> None:
        """Raise unless a derivative by ``leaf`` can be asked for.

        Raises
        ------
        InputError
            If it is no variable of this thread.
        """
        if isinstance(leaf, Variable) and leaf.trace is self:
            return
        what = "one of another thread" if isinstance(leaf, Variable) else repr(leaf)
        msg = (
            f"y.grad takes the variables to differentiate by; given was {what:.80}. "
            "Make it one before it is used: x = ad.variable(x)."
        )
        raise InputError(msg)

    def gradient(self, target: Node, bar: Value, reached: bool) -> Handle:
        """Return a cotangent as a variable in the form of what it belongs to."""
        like = target.value
        if bar is None or not reached:
            bar = np.zeros_like(like)
        dtype = dtype_of(like)
        bar = in_domain(bar, like)
        if dtype_of(bar) != dtype:
            bar = bar.astype(dtype)
        if isinstance(bar, Handle):
            return bar
        array = type(like) is np.ndarray
        return self.lift(np.array(bar) if array else np.asarray(bar)[()])


class _Thread(threading.local):
    """The trace of the variables of this thread."""

    def __init__(self) -> None:
        self.trace = VariableTrace()


_THREAD = _Thread()


def lift_variable(value: Value, name: str = "") -> Handle:
    """Return a variable of this thread."""
    return _THREAD.trace.lift(value, name)


def _seed(y: Variable, seed: Value) -> Value:
    """Return the cotangent to begin with.

    Raises
    ------
    OutputError
        If there is none and y is no real number.
    InputError
        If it is none of numbers, or complex and y is real.
    ShapeError
        If it has another shape than y.
    """
    dtype = y.dtype
    if seed is None:
        if y.shape == () and dtype.kind in "fiub":
            return dtype.type(1.0)
        what = "a complex number" if y.shape == () else f"an array of shape {y.shape}"
        msg = (
            f"y.grad(x) needs a seed: y is {what}, which has many derivatives. Give "
            "the cotangent of y, of its shape and dtype: y.grad(x, seed=w); or "
            "differentiate one number, np.sum(y)."
        )
        raise OutputError(msg)
    if not isinstance(seed, Handle):
        seed = np.asarray(seed)[()]
    kind = dtype_of(seed).kind
    if kind not in "fciub" or (kind == "c" and dtype.kind != "c"):
        msg = (
            f"y.grad(x, seed=w): the seed has dtype {dtype_of(seed)}, y has dtype "
            f"{dtype}. Give real numbers for a real y; of a complex seed the imaginary "
            "part pairs with nothing."
        )
        raise InputError(msg)
    if shape_of(seed) != y.shape:
        msg = (
            f"y.grad(x, seed=w): the seed has shape {shape_of(seed)}, y has shape "
            f"{y.shape}. Give one of the same shape."
        )
        raise ShapeError(msg)
    return seed if dtype_of(seed) == dtype else seed.astype(dtype)


def _check_unwritten(target: Node, y: Node) -> None:
    """Raise if a target is what became, by writes or ``x += v``, of what y depends on.

    Raises
    ------
    MutationError
        If so: the variable that the user holds is no longer that one.
    """
    before = target
    if not _is_changed(before):
        return
    above = set(ancestors([y]))
    while _is_changed(before) and type(before.parents[0]) is Node:
        before = before.parents[0]
        if before in above:
            what, cure = (
                ("was written into", "write into a copy")
                if target.record is writing
                else ("was changed in place (x += v, x *= v ...)", "write z = x + v")
            )
            msg = (
                f"y.grad(x): x {what} after y was computed of it, so it is another "
                f"variable now. Take the gradient before, or {cure}."
            )
            raise MutationError(msg)


def _is_changed(node: Node) -> bool:
    """Tell whether a node is what became of its first parent under the same name."""
    return node.record is writing or node.operation in _AUGMENTED


_AUGMENTED = frozenset(getattr(operator, f"i{name}") for name in BINARY_OPERATORS)
"""``operator.iadd`` ...: operations of numbers that came of ``x += v``."""


def _noting(name: str) -> Callable[..., Value]:
    """Return an augmented assignment whose result says that it is one."""
    base = getattr(Handle, f"__i{name}__")
    operation = getattr(operator, f"i{name}")

    def augmented(self: Variable, other: Value) -> Value:
        out = base(self, other)
        if type(out) is Variable and not self._is_array():
            out.payload.operation = operation
        return out

    return augmented


install(Variable)
for _name in BINARY_OPERATORS:
    setattr(Variable, f"__i{_name}__", _noting(_name))
