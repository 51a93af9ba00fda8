"""The section of the certified fits: digits reached and calls made."""

import textwrap
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from adjoint._demo.nist.data import load
from adjoint._demo.nist.fit import (
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
from adjoint._demo.nist.models import MODELS
from adjoint._demo.nist.picture import draw
from adjoint._demo.section import WIDTH, Lines, Outcome, Picture, Section

STARTS = (1, 2)
LAST_START = STARTS[-1]

HOW_IT_IS_DONE = (
    "Nonlinear least squares by ad.solve.least_squares, which runs SciPy's MINPACK: "
    "data sets of NIST, each from both of its starting points, with exact Jacobians "
    "and with difference quotients. digits: how many of the certified "
    f"{CERTIFIED_DIGITS} the worst parameter has. f, J: calls of the model and of its "
    "exact Jacobian; difference quotients call the model alone."
)
HOW_TO_READ_IT = (
    "J gives all columns at once, for the arithmetic of as many calls or more; on "
    "models as small as these its overhead decides the seconds. Past seven digits or "
    "so the sum of squares is flat, and rounding decides."
)


def lines(folder: Path, names: Iterable[str] = tuple(MODELS)) -> Lines:
    """Give a table of fits and one of standard deviations, then draw the fits.

    Parameters
    ----------
    folder : Path
        Existing folder for the picture.
    names : iterable of str, optional
        Data sets to fit; all by default.
    """
    fits = yield from _fit_lines(names)
    yield ""
    yield from _deviation_lines(fits)
    exact = _from(fits, EXACT)
    path = draw([one for one in exact if one.start == LAST_START], folder)
    reached = sum(one.reached for one in exact)
    by_differences = sum(one.reached for one in _from(fits, TWO_POINT))
    return Outcome(
        f"{reached} of {len(exact)} fits reach the certified minimum, with {TWO_POINT} "
        f"Jacobians {by_differences}",
        (Picture(path, "Data, fits with exact Jacobians, and their residuals."),),
    )


def _fit_lines(names: Iterable[str]) -> Generator[str, None, list[Fit]]:
    """Give a table of all fits, a row as soon as it is fitted; return the fits."""
    yield from textwrap.wrap(HOW_IT_IS_DONE, WIDTH)
    yield ""
    yield f"{'':25}{EXACT:>17}{TWO_POINT:>16}{THREE_POINT:>16}"
    columns = f"{'digits':>9}{'f':>7}"
    yield f"data set   level    start   digits     f + J{columns}{columns}"
    fits: list[Fit] = []
    for name in names:
        data_set = load(name)
        for start in STARTS:
            row = [fit(data_set, start, source) for source in SOURCES]
            fits += row
            yield _fit_line(row)
    yield from _total_lines(fits)
    yield ""
    yield from _remark_lines(fits)
    return fits


def _deviation_lines(fits: Sequence[Fit]) -> Iterator[str]:
    """Give a table of the digits in the standard deviations of the parameters."""
    yield "Certified digits of the parameters' standard deviations, computed from the"
    yield f"Jacobian at the end of the fits from start {LAST_START}:"
    yield ""
    yield f"{'data set':11}" + "".join(f"{source:>9}" for source in SOURCES)
    last = [one for one in fits if one.start == LAST_START]
    for name in dict.fromkeys(one.data_set.name for one in last):
        row = [one.deviation_digits for one in last if one.data_set.name == name]
        yield f"{name:11}" + "".join(f"{digits:9.1f}" for digits in row)


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


SECTION = Section("nist", "Certified data, fitted with exact Jacobians", lines)
