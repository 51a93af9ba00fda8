"""The peak memory of an answer, in a process that does nothing else."""

import os
import signal
import subprocess
from functools import partial

import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender
from benchmarks.measures.samples import enter
from benchmarks.measures.verdicts import judge
from benchmarks.probes import ProbeError, probe
from benchmarks.results import STEADY, Row
from benchmarks.session import CrashedError, Session, TooLateError
from benchmarks.timing import Samples

START = 30.0
"""Seconds in which a process must have imported its contender."""

GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
"""Has glibc give arrays back to the system when they are freed.  Otherwise it keeps
some for later, by chance, and the peak says how it fared and not what was needed."""


def measure(session: Session, case: Case, inputs: Inputs, row: Row) -> None:
    """Start a process for each contender, and read what it prints."""
    peaks: Samples = {}
    answers: dict[str, Value] = {}
    limit = START + 2 * session.effort.limit
    question = partial(peaks_of, session, case, inputs)
    for name, answered in session.ask_each(case, row, question, limit):
        peaks[name], answers[name] = answered
    enter(peaks, row, paired=False, allowance=STEADY)
    judge(answers, case.tolerance, row)


def peaks_of(
    session: Session, case: Case, inputs: Inputs, contender: Contender
) -> tuple[list[float], Value]:
    """Return some peaks in bytes, and the sums of the answer.

    Raises
    ------
    TooLateError, CrashedError
        If the process took too long, or died.
    """
    contender.prepare(case, inputs)  # says so if there is nothing to measure
    limit = session.effort.limit
    arguments = [session.suite, case.name, contender.name, str(session.effort.peaks)]
    try:
        printed = probe(
            "peak",
            *arguments,
            environment=os.environ | GIVEN_BACK,
            timeout=START + limit,
        )
    except subprocess.TimeoutExpired:
        raise TooLateError from None
    except ProbeError as error:
        if error.code < 0:
            raise CrashedError(signal.strsignal(-error.code)) from None
        raise
    if printed["seconds"] > limit:
        message = f"{printed['seconds']:.1f} s"
        raise TooLateError(message)
    return [float(peak) for peak in printed["peaks"]], np.array(printed["sums"])
