"""Which record and which implementation belong to the function a user calls.

Tables that the floors above fill: records by function (what the laws tests walk
through), implementations by function or method of a ufunc (what ``np.sum(x)`` of a
handle runs), and reasons for there being none.  Many functions may share one record:
``np.concatenate`` and ``np.stack``, ``np.sum`` and ``np.add.reduce``.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from adjoint._core.record import Record

F = TypeVar("F", bound=Callable[..., Any])

RECORDS: dict[Callable[..., Any], Record] = {}
"""Record by the function it belongs to."""

IMPLEMENTATIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What runs when a NumPy function meets a handle: adapters, composites, metadata."""

UFUNC_METHODS: dict[tuple[Any, str], Callable[..., Any]] = {}
"""The same for ufunc methods: ``(np.add, "reduce")`` runs ``np.sum``."""

WITHOUT_DERIVATIVE: dict[Any, str] = {}
"""Why a function has none, as a clause: ``np.save``: "it reads or writes files"."""


def register(record: Record) -> Record:
    """Enter a record; return it, so that definitions read ``sin = register(...)``.

    Raises
    ------
    ValueError
        If the function has a record already.
    """
    if record.function in RECORDS:
        msg = f"{record.name}: {record.function!r} has a record already"
        raise ValueError(msg)
    RECORDS[record.function] = record
    return record


def implements(*functions: Callable[..., Any]) -> Callable[[F], F]:
    """Declare that the decorated function carries ``functions`` out for handles.

    It takes the keywords it can honour; any other keyword a user gives is a
    ``MissingRuleError`` that names it.
    """

    def enter(implementation: F) -> F:
        for function in functions:
            IMPLEMENTATIONS[function] = implementation
        return implementation

    return enter
