"""One call to differentiate numerically: point, components, and the function there."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, describe, dtype_of, shape_of
from adjoint._core.errors import InputError, OutputError
from adjoint._core.handle import Handle
from adjoint._core.tree import Tree, flatten
from adjoint._numeric.schemes import Line
from adjoint._numeric.values import Form, Vector
from adjoint._transforms.arguments import Argnums, Selection
from adjoint._transforms.recording import outputs_of
from adjoint._transforms.running import function_name

Point = tuple[Value, ...]
"""The chosen leaves, each a number or an array; nobody writes into them."""


class Problem:
    """A function at a point, and how it changes along the components of the point.

    Attributes
    ----------
    chosen : Selection
        The arguments to differentiate by.
    base : tuple of values
        Their leaves.
    out : Tree
        The function's result there.
    form : Form
        Its structure, shapes and dtypes.
    components : list of (int, int)
        Leaf and place in that leaf of each number to differentiate by.
    """

    __slots__ = (
        "_args",
        "_asked",
        "_function",
        "_here",
        "_kwargs",
        "base",
        "chosen",
        "components",
        "form",
        "out",
    )

    def __init__(
        self,
        asked: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Argnums,
    ) -> None:
        self._asked = asked
        self._function = function
        self._args = args
        self._kwargs = kwargs
        self.chosen = Selection(asked, function, args, argnums)
        for leaf in self.chosen.leaves:
            _refuse(leaf, asked)
        self.base: Point = tuple(self.chosen.leaves)
        self.components = [
            (k, place)
            for k, leaf in enumerate(self.base)
            for place in range(int(np.prod(shape_of(leaf))))
        ]
        self.out = self.run(self.base)
        outputs_of(self.out, function, asked)
        self.form = Form(self.out)
        self._here = self.form.vector(self.out)

    @property
    def name(self) -> str:
        """The function's name for messages."""
        return function_name(self._function)

    @property
    def eps(self) -> float:
        """Relative rounding error of the coarsest number that takes part."""
        kinds = [dtype_of(leaf) for leaf in self.base] + self.form.dtypes
        return max((float(np.finfo(one).eps) for one in kinds), default=0.0)

    @property
    def result_type(self) -> np.dtype[Any]:
        """The dtype that holds every derivative."""
        return (
            np.result_type(*self.form.dtypes) if self.form.dtypes else np.dtype(float)
        )

    def require_scalar(self) -> None:
        """Raise unless the function has one real number as its result.

        Raises
        ------
        OutputError
            For arrays, containers and complex numbers.
        """
        if self.form.shapes == [()] and self.form.dtypes[0].kind == "f":
            return
        leaves = flatten(self.out)[0]
        given = describe(leaves[0]) if len(leaves) == 1 else f"{len(leaves)} results"
        msg = (
            f"{self._asked} needs a function that returns one real number; {self.name} "
            f"returned {given}. Use ad.numeric.jacobian, or return a sum."
        )
        raise OutputError(msg)

    def run(self, point: Sequence[Value]) -> Tree:
        """Return the function's result at a point, which it may write into."""
        given = [leaf.copy() if _is_array(leaf) else leaf for leaf in point]
        return self._function(*self.chosen.insert(given), **self._kwargs)

    def values(self, point: Point) -> Vector:
        """Return the function's results at a real point as one vector.

        Where they are complex and those at the base are not, they are nan: Python says
        ``(-1e-5) ** 1.5`` is complex, where NumPy says that it is no real number.
        """
        values = self.values_at(point)
        if values.dtype.kind != "c" or self._here.dtype.kind == "c":
            return values
        return np.where(values.imag == 0.0, values.real, np.nan)

    def values_at(self, point: Point) -> Vector:
        """Return the function's results, as they are, at any point."""
        return self._here if point is self.base else self.form.vector(self.run(point))

    def line(
        self,
        component: int,
        point: Point | None = None,
        values: Callable[[Point], Vector] | None = None,
    ) -> Line:
        """Return the line through a point along one component of it."""
        start = self.base if point is None else point
        evaluate = self.values if values is None else values
        leaf, place = self.components[component]

        def at(t: complex) -> tuple[float, Vector]:
            if t == 0.0:
                return 0.0, evaluate(start)
            reached, moved = _moved(start[leaf], place, t)
            return reached, evaluate((*start[:leaf], moved, *start[leaf + 1 :]))

        return at

    def direction(
        self, tangent: Vector, values: Callable[[Point], Vector] | None = None
    ) -> Line:
        """Return the line through the point along a vector, one entry a component."""
        evaluate = self.values if values is None else values
        tangents: list[Any] = [np.zeros(shape_of(leaf)) for leaf in self.base]
        for (k, place), entry in zip(self.components, tangent, strict=True):
            tangents[k].flat[place] = entry

        def at(t: complex) -> tuple[float, Vector]:
            moved = tuple(
                _like(leaf, np.array(leaf + t * dot, _dtype_with(leaf, t)))
                for leaf, dot in zip(self.base, tangents, strict=True)
            )
            return t.imag or t.real, evaluate(moved)

        return at

    def component(self, component: int) -> float:
        """Return one number of the point."""
        leaf, place = self.components[component]
        return float(np.reshape(self.base[leaf], -1)[place])


def _is_array(leaf: Value) -> bool:
    return isinstance(leaf, np.ndarray)


def _refuse(leaf: Value, asked: str) -> None:
    """Raise for a value that another transform differentiates, and a complex one.

    Raises
    ------
    InputError
        The quotient's own derivative would be that of its rounding; complex numbers
        have two directions.
    """
    if dtype_of(leaf).kind == "c":
        msg = (
            f"{asked} was given the complex input {describe(leaf)}. Differentiate by "
            "real and imaginary parts, which are two independent inputs."
        )
        raise InputError(msg)
    if isinstance(leaf, Handle):
        msg = (
            f"{asked} was given a traced value: a difference quotient inside another "
            "transform would be differentiated with all its rounding. Use ad.grad or "
            "ad.jacobian inside, or ad.stop_gradient(x) if its derivative is not "
            "wanted."
        )
        raise InputError(msg)


def _moved(leaf: Value, place: int, t: complex) -> tuple[float, Value]:
    """Return how far a number of a leaf could be moved, and the leaf so moved.

    Raises
    ------
    InputError
        If the step is lost in the number's rounding.
    """
    if t.imag:
        moved = np.array(leaf, _dtype_with(leaf, t))
        moved.reshape(-1)[place] += t
        return t.imag, _like(leaf, moved)
    old = np.array(leaf)
    moved = old.copy()
    flat = moved.reshape(-1)
    flat[place] += t.real
    reached = float(flat[place]) - float(old.reshape(-1)[place])
    if reached == 0.0:
        msg = (
            f"The step {t.real:.3g} is too small for {old.reshape(-1)[place]:.6g} "
            f"in {old.dtype}: adding it changes nothing. Give a larger step."
        )
        raise InputError(msg)
    return reached, _like(leaf, moved)


def _dtype_with(leaf: Value, t: complex) -> np.dtype[Any]:
    """Return the dtype of a leaf that is moved by t: a complex one for imaginary t."""
    dtype = dtype_of(leaf)
    return np.result_type(dtype, np.complex64) if t.imag else dtype


def _like(leaf: Value, moved: Any) -> Value:
    """Return an array for an array, a Python float for one, else a NumPy scalar.

    A complex one is NumPy's: it compares with real numbers, as Python's does not.
    """
    if isinstance(leaf, np.ndarray):
        return moved
    return (
        moved.item() if type(leaf) is float and moved.dtype.kind == "f" else moved[()]
    )
