"""Einstein sums that are matrix products, in the order in which NumPy adds.

``np.einsum`` without ``optimize=`` takes the letters in the order that the operands
have in memory.  With ``ij,jk->ik`` of arrays in C order, k runs innermost: for each
element of the result the products are added for j = 0, 1, ..., which compiled code does
in the same order, sooner (``_native/product.py``).  The same holds with several letters
for each of i, j and k, with letters of a stack in front, for ``ji`` instead of ``ij``,
and with operands exchanged.  All other sums, and those in which k has one value, NumPy
adds in other orders, and itself.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._native.in_order import OFFERS

_WORTH_CALLING = 32_768
"""Products: below, calling compiled code takes longer (7 us) than NumPy's loop."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How letters form a matrix product: which operand is left, letters by role.

    ``turned`` says that the left one is ``ji``.
    """

    left: int
    stack: int
    rows: int
    shared: int
    turned: bool


def sum_in_order(
    inputs: tuple[str, ...], output: str, operands: Sequence[Value]
) -> Value | None:
    """Return the sum as NumPy's own loop has it, bit by bit; or None: ask NumPy.

    Parameters
    ----------
    inputs : tuple of str
        A letter for each axis of each operand.
    output : str
        The letters of the result.
    operands : sequence of ndarray
        Of anything else the sum is left to NumPy.

    Examples
    --------
    >>> x = np.ones((2, 2))
    >>> sum_in_order(("ij", "jk"), "ik", (x, x)) is None  # too small to be worth it
    True
    """
    if len(operands) != 2 or not all(type(one) is np.ndarray for one in operands):
        return None
    # At first sight; of square matrices, (m n) (n p) is m n p times 32 where it pays.
    if operands[0].size * operands[1].size < 32 * _WORTH_CALLING:
        return None
    form = _form(inputs, output)
    offer = OFFERS.get(operands[0].dtype)
    if form is None or offer is None or not _are_alike(*operands):
        return None
    x, y = operands[form.left], operands[1 - form.left]
    stack, inner = x.shape[: form.stack], x.shape[form.stack :]
    if form.turned:
        shared, rows = inner[: form.shared], inner[form.shared :]
    else:
        rows, shared = inner[: form.rows], inner[form.rows :]
    behind = form.stack + form.shared
    if y.shape[:behind] != stack + shared:  # an axis of length 1 is stretched
        return None
    columns = y.shape[behind:]
    sizes = tuple(map(math.prod, (stack, rows, shared, columns)))
    _, m, n, p = sizes
    count = math.prod(sizes)
    if count < _WORTH_CALLING or not offer.suits(m, p):
        return None
    product = offer.product(count)
    if product is None:
        return None
    strides = (1, m) if form.turned else (n, 1)
    return product(x, y, stack + rows + columns, sizes, strides)


def _are_alike(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> bool:
    """Tell whether arrays are of one dtype and lie in C order."""
    return x.dtype == y.dtype and all(
        one.flags.c_contiguous and one.flags.aligned for one in (x, y)
    )


@functools.lru_cache(maxsize=512)
def _form(inputs: tuple[str, str], output: str) -> _Form | None:
    """Return the form of a sum of two operands, or None if it is no matrix product."""
    if any(len(set(letters)) < len(letters) for letters in inputs):  # a diagonal
        return None
    for left in (0, 1):
        x, y = inputs[left], inputs[1 - left]
        stack = "".join(one for one in output if one in x and one in y)
        rows = "".join(one for one in output if one in x and one not in y)
        columns = "".join(one for one in output if one in y and one not in x)
        shared = "".join(one for one in y if one in x and one not in output)
        if (
            min(map(len, (rows, columns, shared))) > 0
            and output == stack + rows + columns
            and y == stack + shared + columns
            and x in {stack + rows + shared, stack + shared + rows}
        ):
            turned = x != stack + rows + shared
            return _Form(left, len(stack), len(rows), len(shared), turned)
    return None
