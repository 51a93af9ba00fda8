"""Random programs with fixed seeds; `make fuzz MINUTES=60` goes on from there."""

import pytest

from .campaign import FUZZERS, run

PROGRAMS = {"views": 200, "buffers": 150, "threads": 20}
"""In each of the parts that the processors share."""
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_no_program_is_silently_wrong(fuzzer, part):
    """Right or loud; and the difference quotients could nearly always tell."""
    count = PROGRAMS[fuzzer]
    tally = run(fuzzer, range(part * count, (part + 1) * count))
    assert not tally.failures, "\n\n".join(tally.failures)
    decided = tally.verdicts["right"] + tally.verdicts["loud"]
    assert decided >= 0.9 * count, str(tally)
