"""Einstein summation: one record for any number of operands and any subscripts.

The adapter spells subscripts out once: one letter per axis of each operand (an ellipsis
becomes letters too), and the letters of the result.  In that form the cotangent of an
operand is again an Einstein sum, of the other operands and the cotangent of the result:

    out_ik = x_ij y_jk        x̄_ij = out̄_ik y_jk        ȳ_jk = x_ij out̄_ik

Two cases need more.  A letter that only the operand has was summed over: its cotangent
is the same all along that axis.  A letter that the operand has twice picked a diagonal:
its cotangent goes back to the diagonal, with zeros beside it.
"""

import functools
import itertools
import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape, Value, dtype_of, shape_of
from adjoint._core.dispatch import as_operand, as_part, bind, bind_one, highest_trace
from adjoint._core.options import check_casting, read_order
from adjoint._core.record import Example, Layout, Rule
from adjoint._core.registry import implements
from adjoint._primitives._makers import contraction, structural
from adjoint._primitives.in_order import sum_in_order
from adjoint._primitives.pairwise import can_contract, contract

Sizes = tuple[tuple[str, int], ...]
"""The length of the axes of each letter."""

_WORTH_A_PATH = 20_000
"""Products: above, sums in the order of matrix products (10 us) pay."""


def _evaluate(*operands_and_params: Any) -> Value:
    *operands, inputs, output, _sizes, optimize = operands_and_params
    if optimize is False:
        in_order = sum_in_order(inputs, output, operands)
        if in_order is not None:
            return in_order
    return np.einsum(f"{','.join(inputs)}->{output}", *operands, optimize=optimize)


def einsum_pullback(position: int) -> Rule:
    """Return the rule of one operand: an Einstein sum of all others."""

    def pullback(out_bar: Value, _out: Value, *operands_and_params: Any) -> Value:
        *operands, inputs, output, sizes, _optimize = operands_and_params
        words, reached = _transposed(position, inputs, output)
        parts = [out_bar, *operands[:position], *operands[position + 1 :]]
        partly = _in_any_order(words, reached, sizes, parts)
        return _spread(partly, reached, inputs[position], sizes)

    return pullback


def _pushforward(
    _out: Value,
    args: Sequence[Value],
    tangents: Sequence[Value],
    params: tuple[Any, ...],
) -> Value:
    """Return a sum for each tangent, in the place of its operand."""
    inputs, output, sizes, _optimize = params
    terms = [
        _in_any_order(inputs, output, sizes, [*args[:k], dot, *args[k + 1 :]])
        for k, dot in enumerate(tangents)
        if dot is not None
    ]
    return functools.reduce(np.add, terms)


def _in_any_order(
    words: tuple[str, ...], output: str, sizes: Sizes, parts: Sequence[Value]
) -> Value:
    """Return an Einstein sum that is held to no value of NumPy's."""
    worth = math.prod(length for _, length in sizes) > _WORTH_A_PATH
    if worth and can_contract(words, parts):
        return contract(words, output, parts)
    return np.einsum(f"{','.join(words)}->{output}", *parts, optimize=worth)


@functools.lru_cache(maxsize=512)
def _transposed(
    position: int, inputs: tuple[str, ...], output: str
) -> tuple[tuple[str, ...], str]:
    """Return the letters of the sum that is an operand's cotangent.

    Those of its operands, and those of its result.
    """
    letters = [one for k, one in enumerate(inputs) if k != position]
    known = set(output).union(*letters)
    reached = [one for one in dict.fromkeys(inputs[position]) if one in known]
    return (output, *letters), "".join(reached)


def _spread(
    partly: Value, reached: str, own: str, lengths_of: Sizes, elsewhere: Value = 0.0
) -> Value:
    """Return a cotangent with letters ``reached`` along all axes of the operand.

    A letter that the operand has twice puts it on a diagonal; ``elsewhere`` are zeros.
    """
    sizes = dict(lengths_of)
    shape = tuple(sizes[one] for one in own)
    if np.shape(partly) == shape and len(reached) == len(own):
        return partly
    found = dict(zip(reached, np.shape(partly), strict=True))
    lengths = [
        found.get(one, 1) if own.index(one) == k else 1 for k, one in enumerate(own)
    ]
    partly = np.broadcast_to(np.reshape(partly, tuple(lengths)), shape)
    if len(set(own)) == len(own):
        return partly
    return np.where(_diagonal(own, sizes), partly, elsewhere)


def _diagonal(own: str, sizes: dict[str, int]) -> Value:
    """Return where the axes of each repeated letter have equal indices."""
    grid = np.ogrid[tuple(slice(sizes[one]) for one in own)]
    mask: Value = np.True_
    for (j, one), (k, other) in itertools.combinations(enumerate(own), 2):
        if one == other:
            mask = mask & (grid[j] == grid[k])
    return mask


def _batch(
    operands: Sequence[Value],
    batched: Sequence[bool],
    size: int,
    inputs: tuple[str, ...],
    output: str,
    sizes: Sizes,
    optimize: Any,
) -> Value:
    """Return a batch of sums: one more letter, in front.

    A large one by matrix products, which sum many rows in another order than one alone.
    """
    extra = _unused("".join(inputs))
    inputs = tuple(
        extra + one if own else one for one, own in zip(inputs, batched, strict=True)
    )
    output, sizes = extra + output, (*sizes, (extra, size))
    if highest_trace(operands) is not None:
        return bind(einsum, operands, (inputs, output, sizes, optimize))
    out = _in_any_order(inputs, output, sizes, operands)
    shared = any(np.may_share_memory(out, one) for one in operands)
    return out.copy() if shared or not out.flags.writeable else out


def _unused(letters: str, count: int = 1) -> str:
    """Return letters that are not among those given."""
    free = [one for one in string.ascii_letters if one not in letters]
    return "".join(free[:count])


def _example(subscripts: str, *shapes: tuple[int, ...]) -> Example:
    left, output = subscripts.split("->")
    inputs = tuple(left.split(","))
    return Example(shapes, (inputs, output, _sizes(inputs, shapes), False))


def _sizes(inputs: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> Sizes:
    """Return the length of each letter's axes; 1 stretches, as in broadcasting."""
    sizes: dict[str, int] = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        for one, length in zip(letters, shape, strict=True):
            if sizes.get(one, 1) == 1:
                sizes[one] = length
    return tuple(sizes.items())


einsum = contraction(
    np.einsum,
    _evaluate,
    einsum_pullback,
    pushforward=_pushforward,
    batch=_batch,
    examples=(
        _example("ij,jk->ik", (3, 4), (4, 2)),
        _example("bij,bjk->bki", (2, 3, 4), (2, 4, 2)),
        _example("i,ij,j->", (3,), (3, 4), (4,)),
        _example("iij->ij", (3, 3, 2)),
        _example("ij->", (3, 2)),
        _example("ii,i->i", (3, 3), (3,)),
        _example("ij,jk->k", (3, 1), (4, 2)),
        _example("ij,->ji", (3, 2), ()),
        _example("iijj,k->jk", (2, 2, 3, 3), (2,)),
        _example("ij,jk->ik", (3, 0), (0, 2)),
    ),
)


_OPTIMIZE = (False, True, "greedy", "optimal")


@implements(np.einsum)
def sum_of_products(
    *operands: Any,
    optimize: Any = False,
    dtype: Any = None,
    order: str = "K",
    casting: Any = "safe",
) -> Value:
    """Return the Einstein sum of operands, given subscripts as text or as lists.

    Raises
    ------
    TypeError, ValueError
        As NumPy does, for operands that do not fit.
    """
    subscripts, arrays = _as_text(operands)
    arrays = [as_operand(one) for one in arrays]
    order = read_order(order)
    check_casting(casting)
    if dtype is not None:
        arrays = _cast(subscripts, arrays, np.dtype(dtype), casting)
    if order in {"C", "F"}:
        out = sum_of_products(subscripts, *arrays, optimize=optimize)
        return np.copy(out, order)  # type: ignore[call-overload]
    shapes = tuple(shape_of(one) for one in arrays)
    if isinstance(optimize, (str, int)) and optimize not in _OPTIMIZE:
        path: Any = np.einsum_path
        path(subscripts, *map(np.zeros, shapes), optimize=optimize)  # NumPy's own error
    try:
        spelt = _spelt_out(subscripts, shapes)
    except ValueError:
        # NumPy's own error, on arrays of these shapes that take no memory.
        np.einsum(subscripts, *(np.broadcast_to(0.0, shape) for shape in shapes))
        raise
    inputs, output, _ = spelt
    if len(arrays) == 1 and _moves_only(inputs[0], output, shapes[0]):
        return _view(arrays[0], inputs[0], output)
    return bind(einsum, arrays, (*spelt, optimize))


def _cast(
    subscripts: str, arrays: Sequence[Value], target: np.dtype[Any], casting: Any
) -> list[Value]:
    """Return operands in the type of the result."""
    for one in arrays:
        if not np.can_cast(dtype_of(one), target, casting):
            # NumPy's own error, on arrays of these types that take no memory.
            stand_ins = [
                np.broadcast_to(np.zeros((), dtype_of(each)), shape_of(each))
                for each in arrays
            ]
            np.einsum(subscripts, *stand_ins, dtype=target, casting=casting)
    return [one.astype(target) for one in map(as_part, arrays)]


def _moves_only(letters: str, output: str, shape: Shape) -> bool:
    """Tell whether nothing is summed or stretched: NumPy returns a view then."""
    lengths = dict(zip(letters, shape, strict=True))
    same = all(lengths[one] == n for one, n in zip(letters, shape, strict=True))
    return same and set(letters) == set(output)


def _view(x: Value, letters: str, output: str) -> Value:
    """Return ``x`` with its axes in another order, repeated ones as diagonals."""
    if len(letters) > len(output):
        return bind_one(diagonals, x, (letters, output))
    return np.transpose(x, [letters.index(one) for one in output])


def diagonals_of(x: Value, letters: str, output: str) -> Value:
    """Return a view of the diagonals of ``x``: that of ``ii->i`` and its like."""
    return np.einsum(f"{letters}->{output}", x)


def _on_diagonals(
    elements: Value, shape: Shape, letters: str, output: str, elsewhere: Value
) -> Value:
    """Return an array with elements on its diagonals, and others elsewhere."""
    reached = "".join(dict.fromkeys(letters))
    ordered = np.transpose(elements, [output.index(one) for one in reached])
    sizes = tuple(zip(letters, shape, strict=True))
    return _spread(ordered, reached, letters, sizes, elsewhere)


def _batch_of_diagonals(x: Value, letters: str, output: str) -> Value:
    extra = _unused(letters)
    return diagonals_of(x, extra + letters, extra + output)


diagonals = structural(
    diagonals_of,
    diagonals_of,
    lambda out_bar, x_shape, letters, output: _on_diagonals(
        out_bar, x_shape, letters, output, 0.0
    ),
    layout=Layout.REINDEXING,
    batch=_batch_of_diagonals,
    put=lambda x, view, letters, output: _on_diagonals(
        view, shape_of(x), letters, output, x
    ),
    examples=(
        Example(((3, 3),), ("ii", "i")),
        Example(((2, 3, 2),), ("iji", "ji")),
        Example(((2, 2, 3, 3),), ("iijj", "ji")),
    ),
)


def _as_text(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return subscripts as text and the arrays, of either form that NumPy takes.

    The other form is ``einsum(x, [0, 1], y, [1, 2], [0, 2])``.
    """
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), list(operands[1:])
    arrays, lists = list(operands[0::2]), list(operands[1::2])
    output = [arrays.pop()] if len(operands) % 2 else []
    # NumPy sorts the letters of an implicit output by number.
    numbers = sorted(
        {one for each in [*lists, *output] for one in each if one is not Ellipsis}
    )
    letter = dict(zip(numbers, string.ascii_letters, strict=False))
    words = [
        "".join("..." if one is Ellipsis else letter[one] for one in each)
        for each in [*lists, *output]
    ]
    left = ",".join(words[: len(lists)])
    return (f"{left}->{words[-1]}" if output else left), arrays


@functools.lru_cache(maxsize=512)
def _spelt_out(
    subscripts: str, shapes: tuple[Shape, ...]
) -> tuple[tuple[str, ...], str, Sizes]:
    """Return one letter for each axis of each operand, those of the result, lengths.

    Raises
    ------
    ValueError
        If the subscripts do not fit the numbers of axes.
    """
    ranks = [len(shape) for shape in shapes]
    left, arrow, output = subscripts.partition("->")
    words = left.split(",")
    widths = [
        rank - len(word.replace("...", "")) if "..." in word else 0
        for word, rank in zip(words, ranks, strict=True)
    ]
    dots = _unused(subscripts, max(widths, default=0))
    inputs = tuple(
        word.replace("...", dots[len(dots) - width :])
        for word, width in zip(words, widths, strict=True)
    )
    if not arrow:
        named = [one for one in left if one.isalpha()]
        output = "..." + "".join(sorted(one for one in named if named.count(one) == 1))
    elif dots and "..." not in output:
        msg = (
            "output has more dimensions than subscripts given in einstein sum, but no "
            "'...' ellipsis provided to broadcast the extra dimensions."
        )
        raise ValueError(msg)
    output = output.replace("...", dots)
    fits = all(map(_fits, inputs, ranks)) and min(widths, default=0) >= 0
    fits = fits and len(set(output)) == len(output) and set(output) <= set(left + dots)
    if not fits:
        msg = f"einsum: subscripts {subscripts!r} do not fit operands of rank {ranks}"
        raise ValueError(msg)
    return inputs, output, _sizes(inputs, shapes)


def _fits(letters: str, rank: int) -> bool:
    return len(letters) == rank and (letters.isalpha() or not letters)
