"""Say what the demonstration does and finds, line by line, in 80 columns."""

import textwrap
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np

from adjoint._demo import textbook
from adjoint._demo.fit import (
    CERTIFIED_DIGITS,
    EXACT,
    REACHED_DIGITS,
    SOURCES,
    THREE_POINT,
    THREE_POINT_STEP,
    TWO_POINT,
    TWO_POINT_STEP,
    Fit,
    fit,
)
from adjoint._demo.models import MODELS
from adjoint._demo.nist import load
from adjoint._demo.picture import draw

STARTS = (1, 2)
LAST_START = STARTS[-1]

WIDTH = 79

HOW_IT_IS_DONE = (
    "Eight data sets of NIST, each from both of its starting points, with exact "
    "Jacobians and with difference quotients. digits: how many of the certified "
    f"{CERTIFIED_DIGITS} the worst parameter has. f, J: calls of the model and of its "
    "exact Jacobian; difference quotients call the model alone."
)
HOW_TO_READ_IT = (
    "J gives all columns at once, for the arithmetic of as many calls or more; on "
    "models as small as these its overhead decides the seconds. Past seven digits or "
    "so the sum of squares is flat, and rounding decides."
)


def demonstrate(folder: Path) -> Iterator[str]:
    """Run the demonstration and give its report, each line as soon as it is known.

    Parameters
    ----------
    folder : Path
        Existing folder for the picture.
    """
    begin = time.perf_counter()
    yield from textbook_lines()
    yield ""
    fits = yield from fit_lines()
    yield ""
    yield from deviation_lines(fits)
    yield ""
    path = draw([one for one in _from(fits, EXACT) if one.start == LAST_START], folder)
    yield f"Picture of data and fits: {path.resolve()}"
    yield f"Done in {time.perf_counter() - begin:.1f} s."


def textbook_lines() -> Iterator[str]:
    """Give the textbook gradient by every method."""
    x1, x2 = textbook.POINT
    along_x1, along_x2 = textbook.dual_numbers(x1, x2)
    yield "1. A textbook gradient"
    yield ""
    yield f"f(x1, x2) = ln x1 + x1 x2 - sin x2 at ({x1:g}, {x2:g}), with dual numbers:"
    yield f"    f({x1} + 1.0ε, {x2}) = {along_x1!s}"
    yield f"    f({x1}, {x2} + 1.0ε) = {along_x2!s}"
    yield ""
    yield f"{'':20}{'f':>17}{'df/dx1':>17}{'df/dx2':>17}{'error':>9}"
    by_hand = textbook.derivative_by_hand(x1, x2)
    for differentiate in (
        textbook.derivative_by_forward_mode,
        textbook.derivative_by_reverse_mode,
        textbook.derivative_by_differences,
        textbook.derivative_by_hand,
    ):
        yield _derivative_line(differentiate(x1, x2), by_hand)


def fit_lines() -> Generator[str, None, list[Fit]]:
    """Give a table of all fits, a row as soon as it is fitted; return the fits."""
    yield "2. Certified data: nonlinear least squares by scipy.optimize.least_squares"
    yield ""
    yield from textwrap.wrap(HOW_IT_IS_DONE, WIDTH)
    yield ""
    yield f"{'':25}{EXACT:>17}{TWO_POINT:>16}{THREE_POINT:>16}"
    columns = f"{'digits':>9}{'f':>7}"
    yield f"data set   level    start   digits     f + J{columns}{columns}"
    fits: list[Fit] = []
    for name in MODELS:
        data_set = load(name)
        for start in STARTS:
            row = [fit(data_set, start, source) for source in SOURCES]
            fits += row
            yield _fit_line(row)
    yield from _total_lines(fits)
    yield ""
    yield from _remark_lines(fits)
    return fits


def deviation_lines(fits: Sequence[Fit]) -> Iterator[str]:
    """Give a table of the digits in the standard deviations of the parameters."""
    yield "Certified digits of the parameters' standard deviations, computed from the"
    yield f"Jacobian at the end of the fits from start {LAST_START}:"
    yield ""
    yield f"{'data set':11}" + "".join(f"{source:>9}" for source in SOURCES)
    last = [one for one in fits if one.start == LAST_START]
    for name in MODELS:
        row = [one.deviation_digits for one in last if one.data_set.name == name]
        yield f"{name:11}" + "".join(f"{digits:9.1f}" for digits in row)


def _derivative_line(found: textbook.Derivative, exact: textbook.Derivative) -> str:
    """Return one method's value and gradient, to 15 digits, and its error."""
    numbers = (found.value, *found.gradient)
    columns = "".join(f"{number:17.15g}" for number in numbers)
    return f"{found.method:20}{columns}{textbook.gradient_error(found, exact):9.0e}"


def _fit_line(row: Sequence[Fit]) -> str:
    """Return digits and calls of one data set from one start."""
    exact, *differences = row
    data_set = exact.data_set
    head = f"{data_set.name:11}{data_set.difficulty:9}{exact.start:<5}"
    calls = f"{exact.model_calls:4} +{exact.jacobian_calls:4}"
    columns = "".join(f"{_digits(one)}{one.model_calls:7}" for one in differences)
    return f"{head}{_digits(exact)}{calls}{columns}"


def _digits(one: Fit) -> str:
    """Return the digits of a fit in nine columns, marked where it failed."""
    return f"{one.digits:8.1f}{' ' if one.reached else '!'}"


def _total_lines(fits: Sequence[Fit]) -> Iterator[str]:
    """Give the sums of calls and of seconds."""
    by_source = [_from(fits, source) for source in SOURCES]
    calls = [sum(one.model_calls for one in some) for some in by_source]
    jacobian_calls = sum(one.jacobian_calls for one in fits)
    yield f"{'all':25}{calls[0]:11} +{jacobian_calls:4}{calls[1]:16}{calls[2]:16}"
    seconds = [sum(one.seconds for one in some) for some in by_source]
    yield f"{'seconds':25}{seconds[0]:17.2f}{seconds[1]:16.2f}{seconds[2]:16.2f}"


def _remark_lines(fits: Sequence[Fit]) -> Iterator[str]:
    """Give the steps of the difference quotients, how to read the table, failures."""
    yield f"{TWO_POINT}: step {TWO_POINT_STEP:.1e} max(1, |b|), SciPy's default."
    yield f"{THREE_POINT}: step {THREE_POINT_STEP:.1e} |b|, tuned to each parameter."
    yield from textwrap.wrap(HOW_TO_READ_IT, WIDTH)
    failed = [one for one in fits if not one.reached]
    if failed:
        yield f"! Fewer than {REACHED_DIGITS} digits: not the certified minimum."
    data_sets = {one.data_set.name: one.data_set for one in _from(failed, TWO_POINT)}
    for name, data_set in data_sets.items():
        percent = 100 * TWO_POINT_STEP / np.min(np.abs(data_set.parameters))
        yield f"  {name}: that step is {percent:.0f} % of the smallest parameter."


def _from(fits: Sequence[Fit], source: str) -> list[Fit]:
    """Return the fits whose Jacobians come from one source."""
    return [one for one in fits if one.source == source]
