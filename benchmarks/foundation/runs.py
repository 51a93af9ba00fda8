"""Calls that may be timed: only those that give the gradient written by hand."""

from collections.abc import Callable

from benchmarks.agreement import disagreement
from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders import BY_HAND, Field
from benchmarks.contenders.by_hand import ByHand
from benchmarks.foundation.report import Section

Run = Callable[[], Value]


def agreeing(
    case: Case, inputs: Inputs, field: Field, section: Section
) -> dict[str, Run]:
    """Return the calls that answer a case, by contender, the one by hand first.

    A contender that raises, or whose answer is another in value, shape or dtype, is
    left out and becomes a fault of the section.
    """
    by_hand = ByHand().prepare(case, inputs)
    expected = by_hand()
    runs = {BY_HAND: by_hand}
    for contender in field.present:
        try:
            run = contender.prepare(case, inputs)
            found = disagreement(contender.plain(run()), expected, case.tolerance)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        if found:
            section.faults.append(f"{contender.name}, {case.name}: {found}")
        else:
            runs[contender.name] = run
    return runs
