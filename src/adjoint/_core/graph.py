"""The graph: what was computed, as a list of equations (a Wengert list).

Each *node* is one equation ``v = record(parents, params)``, or an input.  A node knows
its parents and nothing of its children, so there are no cycles: a graph is freed by
reference counts, and a part of it that nothing leads to goes by itself.  Nodes carry
numbers that grow in the order of recording; sorted by number, every parent stands
before its children, so no walk over a graph needs recursion.

A node holds function objects, shapes, dtypes and parents.  Values stay on the handles
of the function that runs; only nodes of *variables*, which are there to be looked at,
keep theirs (see ``_modes/variables.py``).

Where the function asked for a plain answer (``if x > 0``, ``int(x)``), the way it took
depends on values.  A graph notes each such answer as a `Guard`, and a replay on inputs
for which it would be another one raises.
"""

import itertools
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, ClassVar, NamedTuple, TypeAlias, cast

import numpy as np

from adjoint._core.arrays import PYTHON_SCALARS, Value, dtype_of, shape_of
from adjoint._core.dispatch import decide
from adjoint._core.errors import (
    BatchedControlError,
    GraphError,
    GuardError,
    InputError,
)
from adjoint._core.handle import Handle
from adjoint._core.legality import check_equations
from adjoint._core.listing import as_html, as_text, heading, names_of, value_text
from adjoint._core.nodes import WEAK, Node, ancestors, line_of
from adjoint._core.tree import Structure, Tree, flatten, same_structure, unflatten

Operand: TypeAlias = Any
"""A `Node`, or the plain value of a constant."""


class Guard(NamedTuple):
    """An answer that Python was given while the graph was recorded.

    Parameters
    ----------
    kind : str
        What was asked: ``"bool"``, ``"int"``, ``"index"``, ``"value"``, ``"finite"``...
    test : callable
        Gives the answer from plain values.
    operands : tuple of Node or value
        What it was asked of.
    expected : object
        The answer; one number, truth value or plain array.
    code, at
        Where, as in `Node`.
    """

    kind: str
    test: Callable[..., Any]
    operands: tuple[Operand, ...]
    expected: Any
    code: CodeType | None = None
    at: int = 0

    def holds(self, answer: Any) -> bool:
        """Tell whether an answer is the one that was recorded."""
        one, other = np.asarray(answer), np.asarray(self.expected)
        return np.array_equal(one, other, equal_nan=other.dtype.kind in "fc")


class Signature(NamedTuple):
    """How a graph is called: the trees of arguments and of the result.

    ``leaves`` are the arguments as they were given: an input `Node` for each number
    and array, anything else as it is.
    """

    leaves: tuple[Any, ...]
    arguments: Structure
    result: Structure


class Graph:
    """A recorded computation: inputs, equations in order, outputs.

    `adjoint.trace` makes one of a function, `Graph.of` one of variables.

    Attributes
    ----------
    name : str
        That of the function.
    inputs : tuple of Node
    equations : tuple of Node
        In the order of computation: every parent stands before its children.  An
        operation with several results (``np.linalg.eigh``) is one equation, followed by
        one for each result that is used.
    outputs : tuple of Node or value
        The leaves of the result; what depends on no input is a plain value.
    guards : tuple of Guard
        What Python was told on the way, see `Guard`.

    See Also
    --------
    adjoint.trace : the graph of a function.
    adjoint.variable : numbers and arrays that remember how they were computed.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> graph = ad.trace(lambda x, y: np.sin(x) * y)(0.5, 2.0)
    >>> len(graph)
    2
    >>> [node.record.name for node in graph.equations]
    ['sin', 'multiply']
    >>> graph(0.0, 2.0)
    np.float64(0.0)
    """

    __slots__ = (
        "_signature",
        "arguments",
        "equations",
        "guards",
        "inputs",
        "name",
        "outputs",
    )

    table: ClassVar[Callable[..., Any]]
    """Installed by ``_transforms``, which knows the modes."""

    def __init__(
        self,
        name: str,
        inputs: Sequence[Node],
        outputs: Sequence[Operand],
        guards: Sequence[Guard] = (),
        signature: Signature | None = None,
        arguments: Sequence[Value] = (),
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.guards = tuple(guards)
        self.arguments = tuple(arguments)
        self._signature = signature
        asked = itertools.chain.from_iterable(guard.operands for guard in guards)
        roots = [one for one in (*outputs, *asked) if type(one) is Node]
        self.equations = tuple(
            node for node in ancestors(roots) if node.record is not None
        )

    @classmethod
    def of(cls, *variables: Tree) -> "Graph":
        """Return the graph that variables were computed by.

        Its inputs are all variables made by `adjoint.variable` that they depend on.
        Nobody knows which way Python would have gone for other values, so it cannot be
        called; it can be printed, differentiated, tabulated and exported.

        Parameters
        ----------
        *variables : Variable, or trees of variables
            The outputs.

        Raises
        ------
        InputError
            If one is not a variable.

        Examples
        --------
        >>> import adjoint as ad
        >>> x = ad.variable(3.0, name="x")
        >>> print(ad.Graph.of(x * x + 1.0))
        graph: 1 input, 2 equations, 1 output
        v0 = x            weak ()
        v1 = v0 * v0      weak ()  ...
        v2 = v1 + 1.0     weak ()  ...
        returns v2
        """
        tree = variables[0] if len(variables) == 1 else variables
        leaves = flatten(tree)[0]
        for leaf in leaves:
            if not (isinstance(leaf, Handle) and _keeps_value(leaf.payload)):
                msg = (
                    f"ad.Graph.of takes variables, made by ad.variable; given was "
                    f"{type(leaf).__name__} {leaf!r:.60}. For a function, use "
                    "ad.trace(f)(*args)."
                )
                raise InputError(msg)
        outputs = [leaf.payload for leaf in leaves]
        inputs = [node for node in ancestors(outputs) if node.record is None]
        return cls("", inputs, outputs, arguments=[node.value for node in inputs])

    def __len__(self) -> int:
        return len(self.equations)

    @property
    def is_callable(self) -> bool:
        """Whether the graph is that of a function, and can be computed again."""
        return self._signature is not None

    def __call__(self, *args: Tree, **named: Tree) -> Tree:
        """Compute the outputs for other inputs: the equations one after another.

        Parameters
        ----------
        *args : tree
            In the containers, shapes and dtypes with which the graph was recorded;
            traced values, too, so that a graph can be differentiated like a function.

        Returns
        -------
        tree
            What the function returns for them.

        Raises
        ------
        GuardError
            If the function would go another way for these inputs.
        BatchedControlError
            If that is to be known of a whole batch, within `vmap`.
        GraphError
            If the graph is one of variables, whose ways are not known.
        InputError
            If an argument has another structure, shape or dtype, or is given by name.
        """
        if self._signature is None:
            msg = (
                "A graph of variables cannot be computed for other values: which way "
                "Python's control flow would go is not known. Write a function, and "
                "call its graph: ad.trace(f)(*args)."
            )
            raise GraphError(msg)
        if named:
            order = ", ".join(node.name for node in self.inputs)
            msg = (
                f"This graph of {self.name} takes its arguments by position, in the "
                f"order ({order}); given by name were {', '.join(named)}."
            )
            raise InputError(msg)
        inputs = self._matched(self._signature, args)
        values = self.compute(inputs, keep_all=False)
        leaves = [
            values[one] if type(one) is Node else _fresh(one) for one in self.outputs
        ]
        return unflatten(self._signature.result, leaves)

    def _matched(self, signature: Signature, args: tuple[Any, ...]) -> list[Value]:
        """Return the values of the inputs among the leaves of arguments."""
        leaves, structure = flatten(args)
        if not same_structure(structure, signature.arguments):
            msg = (
                f"This graph of {self.name} was recorded for other containers of "
                f"arguments: {len(signature.leaves)} leaves, given were {len(leaves)}. "
                "Record it again: ad.trace(f)(*args)."
            )
            raise InputError(msg)
        found = []
        for leaf, known in zip(leaves, signature.leaves, strict=True):
            if type(known) is Node:
                found.append(self._fitting(leaf, known))
            elif leaf is not known and not _equal(leaf, known):
                msg = (
                    f"This graph of {self.name} was recorded with the argument "
                    f"{known!r:.60}, which is no number and no array; given was "
                    f"{leaf!r:.60}. Record it again: ad.trace(f)(*args)."
                )
                raise InputError(msg)
        return found

    def _fitting(self, leaf: Value, node: Node) -> Value:
        """Return an argument as the input it stands for.

        Raises
        ------
        InputError
            If its shape is another one, or its dtype would have to be cut.
        """
        if isinstance(leaf, Handle) or hasattr(leaf, "dtype"):
            same = node.dtype is WEAK or leaf.dtype == node.dtype
        else:
            same = node.dtype is WEAK and type(leaf) in PYTHON_SCALARS
        if same and shape_of(leaf) == node.shape:
            return _weak(leaf, node) if node.dtype is WEAK else leaf
        plain = not isinstance(leaf, Handle) and node.dtype is not WEAK
        if plain and np.shape(leaf) == node.shape:
            array = np.asarray(leaf)
            if np.can_cast(array.dtype, node.dtype, "safe"):
                cast = array.astype(node.dtype)
                return cast if isinstance(leaf, np.ndarray) else cast[()]
        wanted = (
            "a Python number"
            if node.dtype is WEAK
            else f"of shape {node.shape} and dtype {node.dtype}"
        )
        msg = (
            f"This graph of {self.name} was recorded for {node.name}, {wanted}; given "
            f"was {_described(leaf)}. Record it again: ad.trace(f)(*args)."
        )
        raise InputError(msg)

    def compute(
        self, inputs: Sequence[Value], *, keep_all: bool = True
    ) -> dict[Node, Value]:
        """Return the value of every node, for values of the inputs.

        With ``keep_all=False`` those of the outputs, the others freed on the way.

        Raises
        ------
        GuardError
            If a guard gives another answer.
        """
        values: dict[Node, Value] = dict(zip(self.inputs, inputs, strict=True))
        due = self._guards_by_node()
        ends = {} if keep_all else self._ends(due)
        given = state = np.geterr()
        with np.errstate():  # puts back what is set here
            for node in (*self.inputs, *self.equations):
                if node.record is not None:
                    errors = node.errors or given
                    if errors is not state:
                        state = errors
                        np.seterr(**state)
                    parents = node.parents
                    args = [values[p] if type(p) is Node else p for p in parents]
                    values[node] = node.evaluate(args)
                for guard in due.get(node, ()):
                    self._check(guard, values)
                for one in ends.get(node, ()):
                    del values[one]
        return values

    def _ends(self, due: dict[Node, list[Guard]]) -> dict[Node, list[Node]]:
        """Return whose values nobody needs any more once a node has been computed."""
        last: dict[Node, Node] = {}
        for node in (*self.inputs, *self.equations):
            asked = [one for guard in due.get(node, ()) for one in guard.operands]
            used = (node, *node.parents, *asked)
            last.update((one, node) for one in used if type(one) is Node)
        kept = {one for one in self.outputs if type(one) is Node}
        ends: dict[Node, list[Node]] = {}
        for one, node in last.items():
            if one not in kept:
                ends.setdefault(node, []).append(one)
        return ends

    def _guards_by_node(self) -> dict[Node, list[Guard]]:
        """Return the guards that can be checked as soon as a node has its value."""
        due: dict[Node, list[Guard]] = {}
        for guard in self.guards:
            nodes = [one for one in guard.operands if type(one) is Node]
            last = max(nodes, key=lambda node: node.number)
            due.setdefault(last, []).append(guard)
        return due

    def _check(self, guard: Guard, values: dict[Node, Value]) -> None:
        given = [values[one] if type(one) is Node else one for one in guard.operands]
        try:
            answer = decide(guard.kind, guard.test, *given)
        except (TypeError, ValueError) as cause:
            if not any(isinstance(one, Handle) for one in given):
                raise
            # Below a batch the plain value is that of all samples.
            raise BatchedControlError(self._many_ways(guard)) from cause
        if not guard.holds(answer):
            raise GuardError(self._other_way(guard, answer))

    def _many_ways(self, guard: Guard) -> str:
        return (
            f"This graph of {self.name} asks for the {guard.kind} of a value, to know "
            "whether the function would go the same way; a batch has many answers. "
            "Replay it sample by sample, or use np.where and ad.vmap the function."
        )

    def _other_way(self, guard: Guard, answer: Any) -> str:
        node = next(one for one in guard.operands if type(one) is Node)
        place = line_of(guard.code, guard.at)
        where = f" ({place.file}, line {place.line})" if place else ""
        was, now = value_text(guard.expected), value_text(answer)
        return (
            f"This graph of {self.name} holds for the way that the function took: "
            f"{guard.kind} of {names_of(self)[node]}{where} was {was}, and is {now} "
            "for these inputs. Record it again for them: ad.trace(f)(*args)."
        )

    def check(self) -> None:
        """Raise unless the graph is a legal one.

        Every parent is an input or stands before its child; numbers grow; every
        equation has as many parents as its record takes; shapes and dtypes are those
        that the record gives for those of the parents.

        Raises
        ------
        GraphError
            With the equation, and what is wrong with it.
        """
        check_equations(self)

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        text = heading(self)
        return f"<{text[0].upper()}{text[1:]}>"

    def _repr_html_(self) -> str:
        return as_html(self)


def _keeps_value(node: Any) -> bool:
    return type(node) is Node and node.value is not None


def _fresh(value: Value) -> Value:
    return value.copy() if isinstance(value, np.ndarray) else value


def _weak(leaf: Value, node: Node) -> Value:
    """Return a number as Python's, where that is what was recorded."""
    kind = node.params[1]
    if isinstance(leaf, Handle) or type(leaf) is kind:
        return leaf
    return kind(leaf) if kind is not int or int(leaf) == leaf else leaf


def _equal(one: Any, other: Any) -> bool:
    try:
        return type(one) is type(other) and bool(one == other)
    except (TypeError, ValueError):
        return False


def _described(leaf: Any) -> str:
    if isinstance(leaf, Handle) or hasattr(leaf, "dtype"):
        return f"one of shape {shape_of(leaf)} and dtype {dtype_of(leaf)}"
    return f"{type(leaf).__name__} {leaf!r:.40}"


def signature_of(graph: Graph) -> Signature:
    """Return how the graph of a function is called; that of variables has none."""
    return cast("Signature", graph._signature)
