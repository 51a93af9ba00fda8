"""Many programs judged one after another, counted, and the wrong ones made small."""

from __future__ import annotations

import collections
import dataclasses
import time
from collections.abc import Callable, Iterable

from . import buffers, threads, views
from .judging import Verdict, judge
from .program import Program
from .shrinking import shrink


@dataclasses.dataclass(frozen=True)
class Fuzzer:
    """Programs by seed, who judges them, and whether the judge says the same twice."""

    program: Callable[[int], Program]
    judge: Callable[..., Verdict] = judge
    repeats: bool = True


FUZZERS = {
    "views": Fuzzer(views.program),
    "buffers": Fuzzer(buffers.program),
    "threads": Fuzzer(threads.program, threads.judge, repeats=False),
}
SHARE_OF_SECOND_ORDER = 5  # one program in so many: it costs more than all the rest


@dataclasses.dataclass
class Tally:
    """How many programs got which verdict, how they were loud, and what was wrong."""

    verdicts: collections.Counter = dataclasses.field(
        default_factory=collections.Counter
    )
    loud: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    failures: list[str] = dataclasses.field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Put the counts of another part of the campaign to these."""
        self.verdicts += other.verdicts
        self.loud += other.loud
        self.failures += other.failures

    def __str__(self) -> str:
        count = sum(self.verdicts.values()) - self.verdicts["last digits"]
        kinds = ", ".join(f"{n} {kind}" for kind, n in self.verdicts.most_common())
        loud = "".join(f"\n    {n:6} {how}" for how, n in self.loud.most_common())
        return f"{count} programs: {kinds}{loud}"


def run(fuzzer: str, seeds: Iterable[int], until: float = float("inf")) -> Tally:
    """Judge the programs of some seeds, as long as there is time."""
    tally = Tally()
    for seed in seeds:
        if time.monotonic() > until:
            break
        asked = FUZZERS[fuzzer]
        program = asked.program(seed)
        verdict = asked.judge(program, second_order=seed % SHARE_OF_SECOND_ORDER == 0)
        count(tally, verdict)
        if verdict.kind == "wrong":
            found = report(asked, program, verdict)
            tally.failures.append(f"{fuzzer}, seed {seed}: {found}")
    return tally


def count(tally: Tally, verdict: Verdict) -> None:
    """Note a verdict, and each mode that was loud by the class of its error."""
    tally.verdicts[verdict.kind] += 1
    tally.verdicts["last digits"] += verdict.last_digits
    for mode, error in verdict.loud.items():
        tally.loud[f"{mode}: {error}"] += 1


def report(fuzzer: Fuzzer, program: Program, verdict: Verdict) -> str:
    """A failure as one reads it: what is wrong, and the smallest program that is."""

    def is_wrong_too(candidate: Program) -> bool:
        if candidate.must_raise != program.must_raise:
            return False
        return fuzzer.judge(candidate).kind == "wrong"

    if fuzzer.repeats:
        program = shrink(program, is_wrong_too)
        verdict = fuzzer.judge(program)
    return f"{verdict.wrong}\nx = {program.x!r}\n{program.text}"
