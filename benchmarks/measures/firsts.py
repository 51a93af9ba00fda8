"""The time until the first derivative is there, for a library already in use."""

import functools
import gc
import tempfile
import time
from contextlib import ExitStack

import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender
from benchmarks.effort import Effort
from benchmarks.measures.samples import enter
from benchmarks.measures.verdicts import judge
from benchmarks.results import Row
from benchmarks.session import Session, TooLateError
from benchmarks.timing import Samples

WARM_UP = Case(
    name="warm-up",
    task="value_and_gradient",
    problem="unrolled",
    function="total",
    inputs=lambda: (np.ones(2), (1,)),
)
"""What a library differentiates before the clock starts, so that it is loaded."""


def measure(session: Session, case: Case, inputs: Inputs, row: Row) -> None:
    """Ask each contender some times, each time as if the function were new to it."""
    samples: Samples = {}
    answers: dict[str, Value] = {}
    effort = session.effort
    for contender in session.unsettled(case, row):
        answered = session.ask(
            row,
            contender,
            lambda one=contender: first_times(case, one, inputs, effort),
            (2 if case.cached else 1) * effort.limit,
        )
        if answered:
            samples[contender.name], answers[contender.name] = answered
    enter(samples, row)
    judge(answers, case.tolerance, row)


def first_times(
    case: Case, contender: Contender, inputs: Inputs, effort: Effort
) -> tuple[list[float], Value]:
    """Return the seconds from the plain function to its derivative, and the answer.

    Raises
    ------
    TooLateError
        If it took longer than the limit.
    """
    warm_up(contender)
    with ExitStack() as stack:
        if case.cached:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            stack.enter_context(contender.storing(folder))
            first_time(case, contender, inputs, effort)
        seconds, answer = first_time(case, contender, inputs, effort)
        samples = [seconds]
        while len(samples) < effort.firsts and sum(samples) + seconds < effort.limit:
            seconds, answer = first_time(case, contender, inputs, effort)
            samples.append(seconds)
    return samples, contender.plain(answer)


@functools.cache
def warm_up(contender: Contender) -> None:
    """Have a contender differentiate something, so that the library is loaded."""
    contender.prepare(WARM_UP, WARM_UP.inputs())()


def first_time(
    case: Case, contender: Contender, inputs: Inputs, effort: Effort
) -> tuple[float, Value]:
    """Return the seconds of one first time, and the answer."""
    contender.forget()
    gc.collect()
    gc.freeze()
    start = time.perf_counter()
    answer = contender.prepare(case, inputs)()
    seconds = time.perf_counter() - start
    gc.unfreeze()
    if seconds > effort.limit:
        message = f"{seconds:.1f} s"
        raise TooLateError(message)
    return seconds, answer
