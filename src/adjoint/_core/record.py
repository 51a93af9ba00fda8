"""The record: all that Adjoint knows of one primitive function, in one frozen object.

A record belongs to two independent classes.  Its *calculus* says how derivatives are
written down, its *layout* says how result axes follow from argument axes; forward and
reverse mode read the first, batching reads the second.

How rules are called
--------------------
A rule takes its arguments by position, and **a parameter whose name starts with an
underscore is not read**.  From these names the tape knows what to keep: the rule
``lambda _out, x: np.cos(x)`` keeps ``x``, the rule ``lambda out, _x: out`` keeps the
result and lets go of ``x``.

===========  =====================================  =================================
calculus     a rule is called as                    and returns
===========  =====================================  =================================
PARTIALS     ``rule(out, x, y, ...)``               the slope; the engine multiplies
STRUCTURAL   ``rule(out_bar, x_shape, *params)``    the cotangent of the one argument
LINEAR       ``rule(out_bar, out, x, y, *params)``  the cotangent of one argument
MULTILINEAR  ``rule(out_bar, out, x, y, *params)``  the cotangent of one argument
GENERAL      ``rule(out_bar, out, x, y, *params)``  the cotangent of one argument
CONSTANT     no rules: the derivative is zero
===========  =====================================  =================================

The rules of a variadic record are a factory: position to rule.  If the record is LINEAR
(``concatenate``), a rule is called as ``rule(out_bar, *params)``; if it is MULTILINEAR
(``einsum``), as above, and it reads all arguments but its own.  The engine sums a
cotangent over the axes along which its argument was broadcast; rules never do.

A GENERAL record may have several ``outputs`` (``eigh``: eigenvalues and eigenvectors).
Then ``evaluate`` returns a tuple of them, ``out`` is that tuple, and ``out_bar`` a list
of one cotangent per output: ``None`` for outputs that nothing depends on, so that a
rule can leave out their terms.  If the cotangents of several arguments share work
(``solve``), the record has one ``shared`` rule instead, called with the positions that
are wanted: ``shared(positions, out_bar, out, x, y, *params)``.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from adjoint._core.arrays import Value

Rule: TypeAlias = Callable[..., Value]
Interval: TypeAlias = tuple[float, float]


class Calculus(enum.Enum):
    """How a record writes its derivative down (see the table in this module)."""

    PARTIALS = "one slope per argument, elementwise"
    STRUCTURAL = "linear in one argument, with parameters"
    LINEAR = "linear in several arguments together"
    MULTILINEAR = "linear in each argument alone"
    GENERAL = "a pullback per argument"
    CONSTANT = "piecewise constant: the derivative is zero"


class Layout(enum.Enum):
    """How the axes of the result follow from the axes of the arguments."""

    ELEMENTWISE = "arguments broadcast together"
    REDUCTION = "axes are summed away or scanned"
    REINDEXING = "elements are moved, copied or left out"
    CONTRACTION = "products are summed over shared axes"
    OPAQUE = "no rule: batching loops"


@dataclass(frozen=True, slots=True)
class Reads:
    """What one rule keeps alive: the result, and which arguments."""

    out: bool
    args: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Kink:
    """A point where a function has no derivative, and the slopes taken there.

    ``at`` is one number per argument, ``slopes`` the derivative by each argument
    (``None`` where it is not stated), ``why`` the convention in words.
    """

    at: tuple[float, ...]
    slopes: tuple[float | None, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Example:
    """Shapes and parameters with which the laws tests call a record.

    ``given`` makes arguments of the numbers drawn, where those are none yet (symmetric
    matrices, say).  It is differentiated together with the record.
    """

    shapes: tuple[tuple[int, ...], ...]
    params: tuple[Any, ...] = ()
    given: Callable[..., tuple[Value, ...]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """All that is known of one primitive.

    Parameters
    ----------
    name : str
        The function's name; the module-level name of the record too.
    function : callable
        What the user calls: the key under which the record is found.
    evaluate : callable
        ``evaluate(*args, *params)`` on arrays or on handles of a lower level.
    calculus, layout : Calculus, Layout
        The two classes.
    rules : tuple of callable or None, or callable
        One rule per argument, ``None`` where the derivative is zero by nature; a
        factory ``position -> rule`` for variadic records.
    reads : tuple of Reads
        What each rule keeps; derived by the maker from the rule's parameter names.
    outputs : int
        How many arrays ``evaluate`` returns; as a tuple, if more than one.
    shared : callable or None
        One pullback for all arguments (see above), in the place of ``rules``.
    pushforward : callable or None
        ``pushforward(out, args, tangents, params)`` with ``None`` for missing tangents;
        without one it is derived by transposing the pullbacks.
    batch : callable or None
        ``batch(args, batched, size, *params)``: the result with a leading batch axis,
        of arguments that carry one where ``batched`` says so.
    put : callable or None
        ``put(x, view, *params)`` for a structural record whose result shares memory
        with ``x``: what ``x`` becomes where the result is overwritten by ``view``.
    slope_may_be_infinite : bool
        Whether a slope can be infinite or nan where the function is finite; then the
        engine takes ``0 * slope`` as 0.
    domain : tuple of (float, float)
        Per argument, the interval the laws tests draw from.
    examples : tuple of Example
        Shapes and parameters for the laws tests; elementwise records need none.
    kinks : tuple of Kink
        The ugly points, with the convention taken.
    reference : str
        A book section or paper, where the rule is not in every table.
    """

    name: str
    function: Callable[..., Any]
    evaluate: Callable[..., Any]
    calculus: Calculus
    layout: Layout
    rules: tuple[Rule | None, ...] | Callable[[int], Rule]
    reads: tuple[Reads, ...]
    domain: tuple[Interval, ...]
    outputs: int = 1
    shared: Rule | None = None
    pushforward: Callable[..., Value] | None = None
    batch: Callable[..., Value] | None = None
    put: Callable[..., Value] | None = None
    slope_may_be_infinite: bool = False
    examples: tuple[Example, ...] = ()
    kinks: tuple[Kink, ...] = ()
    reference: str = ""

    @property
    def variadic(self) -> bool:
        """Whether the record takes any number of array arguments."""
        return callable(self.rules)

    def rule(self, position: int) -> Rule | None:
        """Return the rule of the argument at ``position``."""
        return self.rules(position) if callable(self.rules) else self.rules[position]

    def __repr__(self) -> str:
        return f"<record {self.name}: {self.calculus.value}>"


def read_names(rule: Rule, leading: int, arity: int) -> Reads:
    """Return what a rule reads, from the names of its parameters.

    ``leading`` parameters (``out_bar``) come first, then ``out``, then ``arity``
    arguments.
    """
    code = rule.__code__
    names: Sequence[str] = code.co_varnames[leading : code.co_argcount]
    reads = [not name.startswith("_") for name in names[: arity + 1]]
    if len(reads) < arity + 1:
        msg = f"rule {rule!r} takes {len(reads)} of (out, {arity} arguments)"
        raise TypeError(msg)
    return Reads(reads[0], tuple(reads[1:]))
