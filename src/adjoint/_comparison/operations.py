"""How many floating-point operations a recorded computation takes.

Counted are arithmetic and functions of numbers, one for each element of the result; a
sum of n numbers is n - 1 additions, a product of matrices m·n·k multiplications and as
many additions (Golub & Van Loan 2013, section 1.1.15).  Moving, comparing and selecting
elements is not counted.  A graph holds what depends on its inputs; to count what is
done with a seed, trace a function of the seed too.
"""

import math
from typing import Any

import numpy as np

from adjoint._core.elements import scatter, with_added
from adjoint._core.errors import MissingRuleError
from adjoint._core.graph import Graph
from adjoint._core.nodes import OUTPUT, Node
from adjoint._core.record import Calculus, Layout

PRODUCTS = frozenset({np.matmul, np.dot, np.vecdot})
SUMS = frozenset({np.sum, np.prod, np.cumsum, np.cumprod})
FREE = frozenset({np.where, np.positive, np.copysign, np.conjugate})
ADDING = frozenset({scatter, with_added})


def operations(graph: Graph) -> int:
    """Return the number of floating-point operations in a graph.

    Raises
    ------
    MissingRuleError
        For a function whose operations are not known, such as a factorization.
    """
    return sum(map(_of_node, graph.equations))


def _of_node(node: Node) -> int:
    record = node.record
    if record is None or record is OUTPUT or record.calculus is Calculus.CONSTANT:
        return 0
    function = record.function
    size = math.prod(node.shape or ())
    if function in PRODUCTS:
        return 2 * size * _shape_of(node.parents[0])[-1]
    if function in SUMS:
        return math.prod(_shape_of(node.parents[0])) - (
            size if function in {np.sum, np.prod} else 0
        )
    if function in ADDING:
        return math.prod(_shape_of(node.parents[-1]))
    if function in FREE or record.layout is Layout.REINDEXING:
        return 0
    if record.layout is Layout.ELEMENTWISE:
        return size
    msg = (
        f"How many operations `{record.name}` takes is not known: its algorithm is "
        "LAPACK's, or a loop."
    )
    raise MissingRuleError(msg)


def _shape_of(operand: Any) -> tuple[int, ...]:
    return (operand.shape or ()) if type(operand) is Node else np.shape(operand)
