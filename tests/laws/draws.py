"""Arguments for every record, drawn from what the record itself states.

A *draw* is one call of one record: shapes and parameters from its examples (for
elementwise records: from the shapes below), numbers from its domain, stored in one of
several ways (*variants*) that must make no difference.  A variant names the layout of
each argument; the full product has every combination of them.
"""

import itertools
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad  # noqa: F401 - fills the registry
import laws.functions
import laws.keywords
import laws.linear_algebra
import laws.more_functions
import laws.own_operations
import laws.ufunc_methods
import laws.writes  # noqa: F401 - they enter compositions
from adjoint._core.record import Calculus, Layout, Record
from adjoint._core.registry import RECORDS
from laws.compositions import COMPOSITIONS

LAYOUTS = ("plain", "fortran", "strided", "reversed", "read-only")
"""How an argument may lie in memory."""

SHAPES = ("broadcast", "0-d", "empty", "stretched")
"""What elementwise functions take besides; others state shapes in their examples."""

UNEVEN = (
    "distinct elements|nonzero elements|elements to keep|elements to reduce|"
    "numbers in each row|places of quantiles|initial number|truth value|"
    "bin of each element|outside the real domain"
)
"""Why vmap has to loop over some of these functions: each sample has its own count."""

Variant = tuple[str, ...]

SALT = 10
"""Chosen so that no draw lies within a difference quotient's step of a kink."""

_BROADCAST = {1: ((2, 3),), 2: ((2, 1, 3), (4, 1)), 3: ((2, 3), (3,), (2, 1))}


@dataclass(frozen=True)
class Draw:
    """One call of one record."""

    record: Record
    number: int
    shapes: tuple[tuple[int, ...], ...]
    params: tuple[Any, ...]
    variant: Variant
    given: Any = None

    def __str__(self) -> str:
        return f"{self.record.name}-{self.number}-{'+'.join(self.variant)}"

    @property
    def is_strided(self) -> bool:
        """Whether an argument does not lie in memory one element after the other."""
        return not {"strided", "reversed", "stretched"}.isdisjoint(self.variant)

    @property
    def active(self) -> tuple[int, ...]:
        """Positions of the arguments that have a derivative."""
        if self.record.calculus is Calculus.CONSTANT:
            return tuple(range(len(self.shapes)))
        return tuple(
            k for k in range(len(self.shapes)) if self.record.rule(k) is not None
        )

    def args(self, dtype: Any = np.float64) -> list[np.ndarray]:
        """Return the arguments; whatever their layouts, the numbers are the same."""
        drawn = f"{SALT} {self.record.name} {self.number} {self.shapes}"
        rng = np.random.default_rng(zlib.crc32(drawn.encode()))
        return [
            _stored(self._drawn(rng, k, shape, dtype), layout)
            for (k, shape), layout in zip(
                enumerate(self.shapes), itertools.cycle(self.variant)
            )
        ]

    def _drawn(self, rng, k, shape, dtype):
        low, high = self.record.domain[min(k, len(self.record.domain) - 1)]
        if isinstance(high, int):  # positions
            return np.asarray(rng.integers(low, high, shape, endpoint=True))
        if k not in self.active or not takes_floats(self.record):
            return rng.random(shape) < 0.5
        return np.asarray(rng.uniform(low, high, shape)).astype(dtype)

    def call(self, *args):
        """Evaluate the record on arguments; several outputs joined into one vector."""
        if self.given is not None:
            args = self.given(*args)
        out = self.record.evaluate(*args, *self.params)
        if type(out) in (float, complex):  # of as_float, math.fsum: Python's numbers
            return np.asarray(out)[()]
        if self.record.outputs == 1:
            return out
        return np.concatenate([np.ravel(one) for one in out])

    def of_active(self, args):
        """Return the call as a function of the differentiable arguments alone."""

        def function(*active):
            full = list(args)
            for k, value in zip(self.active, active, strict=True):
                full[k] = value
            return self.call(*full)

        return function, tuple(args[k] for k in self.active)


PYTHONS = ("as_float", "as_complex", "math_", "cmath_", "plain_sum", "statistics_")
"""How the names begin of Python's own functions (math, float, complex).

They are double whatever they are given, and most know no complex numbers.
"""


def takes_floats(record: Record) -> bool:
    """Tell whether a function is defined on real numbers (``bitwise_and`` is not)."""
    types = getattr(record.function, "types", None)
    return types is None or any("d" in signature for signature in types)


def records() -> list[Record]:
    """Return all records, by name, and the compositions held to the same laws."""
    return sorted([*RECORDS.values(), *COMPOSITIONS], key=lambda record: record.name)


def _stored(array, layout):
    """Return an array in a layout; one that is not of layouts leaves it alone."""
    if array.ndim == 0:
        return array
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "strided":
        spread = np.zeros(tuple(2 * n for n in array.shape), array.dtype)
        view = spread[tuple(slice(None, None, 2) for _ in array.shape)]
        view[...] = array
        return view
    if layout == "reversed":
        backwards = (slice(None, None, -1),) * array.ndim
        return array[backwards].copy()[backwards]
    if layout == "read-only":
        array.flags.writeable = False
    if layout == "stretched":  # all rows are one in memory, which is read-only too
        return np.broadcast_to(array[:1], array.shape)
    return array


def _variants(count: int) -> list[Variant]:
    """Return every combination of layouts; of more than two arguments, the first two's.

    The others then take turns.
    """
    pairs = itertools.product(LAYOUTS, repeat=min(count, 2))
    return [tuple(itertools.islice(itertools.cycle(pair), count)) for pair in pairs]


def draws_of(record: Record) -> list[Draw]:
    """Return every draw of a record: each example in each variant."""
    if record.layout is Layout.ELEMENTWISE and not record.examples:
        arity = len(record.reads)
        shapes = {
            "broadcast": _BROADCAST[arity],
            "0-d": ((),) * arity,
            "empty": ((0, 2),) * arity,
        }
        square = ((2, 3),) * arity
        return [
            *(Draw(record, 0, square, (), variant) for variant in _variants(arity)),
            *(Draw(record, 0, shapes.get(one, square), (), (one,)) for one in SHAPES),
        ]
    return [
        Draw(record, number, example.shapes, example.params, variant, example.given)
        for number, example in enumerate(record.examples)
        for variant in _variants(len(example.shapes))
    ]


def one_variant(draws: list[Draw], law: str) -> list[Draw]:
    """Return one variant of each example, drawn by the names of record and law."""
    chosen = []
    for _, group in itertools.groupby(draws, key=lambda draw: draw.number):
        variants = list(group)
        name = f"{SALT} {variants[0].record.name} {variants[0].number} {law}"
        chosen.append(variants[zlib.crc32(name.encode()) % len(variants)])
    return chosen
