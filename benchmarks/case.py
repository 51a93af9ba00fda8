"""What a suite says: cases, each one function and one question asked of everybody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Value: TypeAlias = Any
"""Numbers, arrays, tensors, lists of them."""

Namespace: TypeAlias = Any
"""Where a contender's user finds `sin`, `dot`, `sum`: `numpy` or its stand-in."""

Inputs: TypeAlias = tuple[Value, tuple[Value, ...]]
"""The argument to differentiate by (number, array or list of arrays), and the rest."""

OURS = "adjoint"
BY_HAND = "by hand"
"""The contenders that others are compared with."""

Measure: TypeAlias = Literal["run", "first", "memory", "verdict"]
Threads: TypeAlias = Literal["one", "all"]


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table: a function at a point, and what is asked of it.

    Parameters
    ----------
    name : str
        As printed; unique in its suite.
    task : str
        The method of a contender that answers: ``"value_and_gradient"``,
        ``"jacobian"``, ...; see `contenders.base`.
    problem, function : str
        The file in `benchmarks.problems`, and the function in it that is asked about:
        ``f(argument, *data)``.
    inputs : callable
        Returns ``(argument, data)`` in NumPy; called when the case is run.
    by_hand : str
        The function in the same file that gives the task's answer in plain NumPy as
        one writes it knowing the function; "" where there is none.
    tolerance : float
        Of the comparison between contenders, relative to the largest entry.
    written_for : mapping of str to str
        Functions in the same file that say the same in the idiom of one contender, by
        its name, where ``function`` cannot run under it ("" says that none can).
    not_yet : mapping of str to str
        What a contender still misses for it, by its name.
    group, x : str, float
        The curve this case is a point of, and where, for pictures.
    bytes, flops : float
        What must at least be moved and computed for the answer: the physical limit.
    dtype : {"float64", "float32"}
        In which it is computed, for the limit.
    quick : bool
        Whether it belongs to a quick run.
    measure : {"run", "first", "memory", "verdict"}
        The time of a call, once warm; the time until the first answer; the peak memory
        of a process that does it once; or only whether the answer is right.
    full_call : bool
        Whether the clock covers the way from NumPy and back: the argument goes in as a
        NumPy array (or number), and the answer comes out as one.
    cached : bool
        With "first": whether the contender may use what it stored on disk before.
    shared : bool
        Whether it is measured on all cores too, if the suite is.
    """

    name: str
    task: str
    problem: str
    function: str
    inputs: Callable[[], Inputs]
    by_hand: str = ""
    tolerance: float = 1e-10
    written_for: Mapping[str, str] = field(default_factory=dict)
    not_yet: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    x: float = 0.0
    bytes: float = 0.0
    flops: float = 0.0
    dtype: str = "float64"
    quick: bool = True
    measure: Measure = "run"
    full_call: bool = False
    cached: bool = False
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Suite:
    """A table: cases that are read together.

    Parameters
    ----------
    name : str
        As ``SUITE=`` takes it.
    title, text : str
        One line, and a paragraph of Markdown that says what is measured.
    cases : sequence of Case
        In the order of the table.
    contenders : tuple of str
        Who is asked, in the order of the columns; if nobody is named, all of
        `contenders.PLACES` are.
    without : tuple of str
        Who of all is not asked, since the suite has nothing for them.
    threads : tuple of {"one", "all"}
        Pinned to one core, or free: each gives a table of its own.
    alone : str
        Why one thread is enough, where there is no table of all cores.
    """

    name: str
    title: str
    text: str
    cases: Sequence[Case]
    contenders: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    threads: tuple[Threads, ...] = ("one",)
    alone: str = ""

    @property
    def told(self) -> str:
        """Return the text of a table, with why there is no other one."""
        alone = f"One thread only: {self.alone}" if self.alone else ""
        return "\n\n".join(filter(None, [self.text, alone]))

    def asked(self, threads: Threads, *, quick: bool) -> list[Case]:
        """Return the cases of a run under one setting of threads."""
        return [
            case
            for case in self.cases
            if (case.quick or not quick) and (case.shared or threads == "one")
        ]
