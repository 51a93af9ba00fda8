"""Forward against reverse accumulation: what is counted, what the page says."""

import dataclasses

import pytest
from benchmarks.accumulation import page
from benchmarks.accumulation.measure import HIDDEN, SIZES, Cell, Measured, count


@pytest.mark.parametrize(("n", "m"), [(1, 1), (4, 16), (16, 4)])
def test_operations_are_those_of_the_formulas(n, m):
    """f = tanh(B tanh(A x)): two products, and a tanh of each of their results.

    Its slope, 1 - tanh², is two operations, its product with a tangent one more.
    """
    counted = count(n, m)
    product = 2 * HIDDEN * (n + m)
    assert product + HIDDEN + m == counted["function"]
    slopes = 2 * (HIDDEN + m)
    for whole, one in ((n, "column"), (m, "row")):
        passes = product + HIDDEN + m
        assert counted["function"] + slopes + passes == counted[one]
        assert counted["function"] + slopes + whole * passes == counted[f"{one}s"]


def made_up(n, m):
    """A size at which columns take n seconds and rows m seconds."""
    counts = dict.fromkeys(("function", "column", "row", "columns", "rows"), 1)
    return Cell(
        n=n,
        m=m,
        **{f"{name}_operations": value for name, value in counts.items()},
        **{f"{name}_time": 1.0 for name in ("function", "column", "row")},
        columns_time=float(n),
        rows_time=float(m),
        ratio=n / m,
    )


def test_the_crossover_is_found_between_the_sizes():
    cells = [made_up(n, m) for n in SIZES for m in SIZES]
    measured = Measured({}, cells)
    assert page.crossing(measured, 16) == pytest.approx(16.0)
    shifted = [dataclasses.replace(one, ratio=one.ratio / 2) for one in cells]
    assert page.crossing(Measured({}, shifted), 16) == pytest.approx(32.0)
    never = [dataclasses.replace(one, ratio=0.5) for one in cells]
    assert page.crossing(Measured({}, never), 16) is None


def test_figures_are_kept(tmp_path):
    measured = Measured({"cpu": "one"}, [made_up(1, 4)])
    measured.save(tmp_path / "figures.json")
    assert measured == Measured.load(tmp_path / "figures.json")
