"""Time several callables fairly: in turn, in one process, the order changing."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.environment import cores
from benchmarks.waiting import waited

Samples = dict[str, list[float]]

MANY = 8
"""Samples from which on quartiles say where the middle half lies."""

TOLERATED = 0.1
"""Part of a sample for which a process may wait for a core without being disturbed."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, with the range that the middle half of the samples lies in."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Spread":
        """Return the quartiles of `samples`, one at least; of few the outermost.

        Where two processes measured and differ, half of the samples are of each, and
        the quartiles lie near the two medians.
        """
        if len(samples) < MANY:
            return cls(min(samples), statistics.median(samples), max(samples))
        return cls(*statistics.quantiles(samples, n=4, method="inclusive"))

    def widened(self, factor: float) -> "Spread":
        """Return the spread with its ends moved away from the median by a factor."""
        return Spread(self.low / factor, self.median, self.high * factor)

    def scaled(self, factor: float) -> "Spread":
        """Return the same spread in another unit."""
        return Spread(self.low * factor, self.median * factor, self.high * factor)


def ratios(samples: Samples, above: str, below: str) -> list[float]:
    """Return `above` over `below`, paired by round, so that drift cancels.

    As many as both have; none where either is missing.
    """
    pairs = zip(samples.get(above, ()), samples.get(below, ()), strict=False)
    return [a / b for a, b in pairs]


def quotient(above: Spread, below: Spread) -> Spread:
    """Return a quotient of two spreads that were not paired: each end at its worst."""
    return Spread(
        above.low / below.high, above.median / below.median, above.high / below.low
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure.

    Parameters
    ----------
    calls : int
        Calls in one sample; a sample is their mean.
    rounds : int
        Samples of each callable, unless `seconds` run out first.
    seconds : float
        Time after which no new round starts.
    least : int
        Rounds taken whatever the time.
    """

    calls: int
    rounds: int
    seconds: float = float("inf")
    least: int = 5


@dataclass(frozen=True, slots=True)
class Share:
    """What one callable gets: calls in a sample, and samples."""

    calls: int
    rounds: int


Announce = Callable[[str], None]
Drop = Callable[[str, Exception], None]


def _raise(name: str, error: Exception) -> None:
    """Let an error through."""
    raise error


def interleave(runs: Mapping[str, Callable[[], object]], plan: Plan) -> Samples:
    """Return the seconds a call of each callable took, one sample a round.

    Each callable is warmed up once; then `take` with the same share for all.

    Parameters
    ----------
    runs : mapping of str to callable
        The contenders, by name; each takes no argument.
    plan : Plan
        Calls, rounds and limits.
    """
    for run in runs.values():
        run()
    share = Share(plan.calls, plan.rounds)
    return take(runs, dict.fromkeys(runs, share), plan.seconds, plan.least)


def take(
    runs: Mapping[str, Callable[[], object]],
    shares: Mapping[str, Share],
    seconds: float = float("inf"),
    least: int = 1,
    announce: Announce = lambda name: None,
    drop: Drop = _raise,
    disturb: Announce = lambda name: None,
) -> Samples:
    """Return the seconds a call of each callable took, one sample a round.

    Parameters
    ----------
    runs : mapping of str to callable
        The contenders, by name, warm.
    shares : mapping of str to Share
        What each of them gets; who has had all rounds drops out.
    seconds : float
        Time after which no new round starts.
    least : int
        Rounds taken whatever the time.
    announce : callable
        Is told who comes next, outside the clock: ``announce(name)``.
    drop : callable
        Is told who raised, ``drop(name, error)``; unless it raises itself, that one
        has no samples and the others go on.
    disturb : callable
        Is told whose sample counts though others had the cores: ``disturb(name)``.

    Notes
    -----
    A round times each callable once; from round to round the order is rotated, and
    every other round reversed, so that nobody always follows the same neighbour. The
    garbage collector stays on, as in real use, but what was alive before is frozen and
    young garbage is collected between samples: everybody pays for their own. Collecting
    the young generations alone keeps CPython's free lists, which a full collection
    would empty.
    """
    names = list(runs)
    samples: Samples = {name: [] for name in names}
    dropped: set[str] = set()
    with frozen():
        start = time.perf_counter()
        for turn in range(max(share.rounds for share in shares.values())):
            for name in in_turn(names, turn):
                if turn >= shares[name].rounds or name in dropped:
                    continue
                announce(name)
                try:
                    one, is_quiet = _sample(runs[name], shares[name].calls)
                except Exception as error:
                    drop(name, error)
                    dropped.add(name)
                else:
                    samples[name].append(one)
                    if not is_quiet:
                        disturb(name)
            late = time.perf_counter() - start > seconds
            if late and turn + 1 >= least:
                break
    return {name: one for name, one in samples.items() if name not in dropped}


def in_turn(names: Sequence[str], turn: int) -> list[str]:
    """Return who comes after whom in a round."""
    shift = turn // 2 % len(names)
    order = [*names[shift:], *names[:shift]]
    return order[::-1] if turn % 2 else order


@contextmanager
def frozen() -> Iterator[None]:
    """Return a context in which the collector leaves alone what was alive before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def clock() -> float:
    """Return the seconds that passed for this process.

    Held on one core, it is the time that it ran there, all its threads together.  That
    is the time that passes if nobody else wants the core, however long a call is: what
    others take from a long call and not from a short one would change their ratio.  On
    several cores, it is the time on the wall.
    """
    return time.process_time() if cores() == 1 else time.perf_counter()


def _sample(run: Callable[[], object], calls: int) -> tuple[float, bool]:
    """Return the seconds of a call, and whether others left the cores to this process.

    On one core it makes no difference; see `clock`.
    """
    alone = cores() == 1
    gc.collect(1)
    before = 0.0 if alone else waited()
    start = clock()
    for _ in range(calls):
        run()
    whole = clock() - start
    late = 0.0 if alone else waited() - before
    return whole / calls, late <= TOLERATED * whole
