"""What would save memory or time, from what was measured."""

import math
from collections.abc import Sequence
from itertools import groupby

from adjoint._core.units import bytes_text, time_text
from adjoint._profile.report import ProfileLine

_WORTH = 1_000_000
"""Bytes below which memory is no concern."""

_LOOP = 4
"""A line that ran as often is taken to stand in a loop."""

_SMALL = 2e-5
"""Seconds an operation: below, Python takes the time, not the arithmetic."""

_MANY = 10_000

_SLOW = 5e-3
"""Seconds from which on it is worth while to write a line in another way."""


def advice_on(
    lines: Sequence[ProfileLine], double: int, kept: int, peak: int
) -> list[str]:
    """Return sentences of advice, the most useful first.

    Parameters
    ----------
    lines : sequence of ProfileLine
    double : int
        Bytes held that are of double precision.
    kept : int
        Bytes kept for the backward pass.
    peak : int
        The most bytes held at once.
    """
    said = []
    if kept > peak >= _WORTH:
        said.append(
            "Several tapes were kept one after the other. For advice on their memory "
            "profile one derivative alone."
        )
    elif kept >= _WORTH:
        said += _on_checkpoints(lines, kept)
        if 2 * double >= kept:
            saved = min(double, kept) // 2
            said.append(
                f"In float32, what is kept takes half: {bytes_text(saved)} less. "
                "Convert the inputs, x.astype(np.float32): gradients have 7 digits."
            )
    count = sum(one.count for one in lines)
    took = sum(one.forward for one in lines)
    if count >= _MANY and took / count < _SMALL:
        busiest = max(lines, key=lambda one: one.count)
        said.append(
            f"{count} operations took {time_text(took / count)} each: most of that is "
            f"Python, not arithmetic. {busiest.name} has {busiest.count} of them: "
            "compute with whole arrays there, if you can."
        )
    return said + _on_sums(lines)


def _on_sums(lines: Sequence[ProfileLine]) -> list[str]:
    """Return what ``optimize=`` would do for Einstein sums written without it."""
    plain = [
        one
        for one in lines
        if "einsum(" in one.text and "optimize" not in one.text and one.forward >= _SLOW
    ]
    if not plain:
        return []
    slowest = max(plain, key=lambda one: one.forward)
    said = (
        f"np.einsum took {time_text(slowest.forward)} at {slowest.name}, where NumPy "
        "adds term by term. With optimize=True it multiplies matrices, which is faster "
        "if they are large, often several times; the last digits of values may differ."
    )
    return [said]


def _on_checkpoints(lines: Sequence[ProfileLine], kept: int) -> list[str]:
    """Return what `adjoint.checkpoint` would save where most is kept.

    Lines of one function that ran several times are the body of a loop.  With n runs
    that keep s bytes each, segments of sqrt(n) runs keep 2 sqrt(n) s (Griewank &
    Walther 2008, section 12.1).
    """
    ordered = sorted(lines, key=_body)
    bodies = [list(many) for _, many in groupby(ordered, _body)]
    body = max(bodies, key=lambda many: sum(one.kept for one in many))
    if any(one.checkpointed for one in body):
        return []
    here = sum(one.kept for one in body)
    again = time_text(sum(one.forward for one in body))
    largest = max(body, key=lambda one: one.kept)
    name, runs = largest.function, largest.runs
    start = (
        f"{name} keeps {bytes_text(here)}, {here / kept:.0%} of all, most "
        f"of it at {largest.name} (`{largest.text}`)"
    )
    if runs < _LOOP:
        cure = (
            f"If it is a part of what you differentiate, ad.checkpoint({name}) keeps "
            f"its arguments instead and runs it once more: up to {bytes_text(here)} "
            f"less until the backward pass, for {again} more."
        )
        return [f"{start}. {cure}"]
    size = round(math.sqrt(runs))
    least = 2 * math.sqrt(runs) * here / runs
    if here - least < _WORTH:
        return []
    cure = (
        f"With ad.checkpoint around every {size} of these steps about "
        f"{bytes_text(least)} are kept, {bytes_text(here - least)} less, for one more "
        f"run of each ({again})."
    )
    return [f"{start}, in {runs} steps of a loop. {cure}"]


def _body(one: ProfileLine) -> tuple[str, str, bool]:
    return one.file, one.function, one.runs >= _LOOP
