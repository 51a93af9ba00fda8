"""Two runs agree where their spreads overlap."""

import pytest
from benchmarks.compare import compare, disturbed, main
from benchmarks.results import ALLOWANCE, Cell, Report, Row, Table
from benchmarks.timing import Spread


def report(*cells):
    row = Row("a case", "gradient", "run", "", 0.0, 0.0, 0.0)
    row.cells = dict(zip(["adjoint", "jax", "torch"], cells, strict=True))
    table = Table("small", "", "", "one", list(row.cells), [row])
    return Report("", False, {}, tables=[table])


def measured(low, high, ratio=None, rounds=5):
    spread = Spread(low, (low + high) / 2, high)
    return Cell("measured", spread=spread, ratio=ratio, rounds=rounds)


@pytest.fixture
def runs():
    """Return two runs: one time and the ratio differ, and one answer."""
    slower, faster = Spread(2.0, 2.1, 2.2), Spread(1.0, 1.1, 1.2)
    one = report(measured(1, 2), measured(3, 4, slower), measured(1, 2))
    return one, report(measured(2, 3), measured(5, 6, faster), Cell("failed", "no"))


def test_cells_agree_if_their_spreads_overlap(runs):
    found = compare(*runs)
    assert found.figures.summary.startswith("1 of 2 agree (50.0%)")
    line = "small, one, a case, jax: 3.5 (3 to 4) and 5.5 (5 to 6)"
    assert [line] == found.figures.apart
    assert found.ratios.summary.startswith("0 of 1 agree (0.0%)")
    assert ["small, one, a case, torch: measured and failed"] == found.unlike


def test_width_and_medians_within_are_stated():
    """As `1` and `1.5` are in `(0.5, 1.5)` and `(1, 2)`, but not `1` and `3`."""
    one = report(measured(0.5, 1.5), measured(0.5, 1.5), Cell("absent"))
    other = report(measured(1, 2), measured(1, 5), Cell("absent"))
    summary = compare(one, other).figures.summary
    expected = "each median in the other's spread: 50.0%; median width: 3.00"
    assert summary == f"2 of 2 agree (100.0%); {expected}"


def test_few_samples_have_no_spread_to_agree_by():
    one = report(measured(1, 1, rounds=2), Cell("absent"), Cell("absent"))
    other = report(measured(9, 9), Cell("absent"), Cell("absent"))
    found = compare(one, other)
    assert (1, 0) == (found.few, found.figures.compared)


def test_disturbed_tables_are_counted_apart(runs):
    """As soon as others had the cores in one of the runs."""
    one, other = runs
    other.tables[0].rows[0].cells["adjoint"].disturbed = 1
    found = compare(one, other)
    assert (0, 0, 1) == tuple(
        kept.compared for kept in (found.ratios, found.figures, found.crowded)
    )
    said = {("small", "one"): "others had the cores for 0% and 20% of the samples"}
    assert said == disturbed(one, other)


def test_cells_of_one_run_only_are_counted(runs):
    one, other = runs
    other.tables[0].threads = "all"
    assert compare(one, other).alone == 6


def test_command_reads_files_and_prints_what_differs(runs, tmp_path, capsys):
    files = [tmp_path / "one.json", tmp_path / "other.json"]
    for file, run in zip(files, runs, strict=True):
        run.save(file)
    assert main(list(map(str, files))) == 1
    assert "UNLIKE: small, one, a case, torch" in capsys.readouterr().out
    assert main([str(files[0]), str(files[0])]) == 0


def test_cells_of_two_processes_are_one():
    """Samples and ratios of both count; a fault in the second stays."""
    first, second = (
        report(*(Cell("measured") for _ in range(3))),
        report(Cell("measured"), Cell("measured"), Cell("failed", "no")),
    )
    for run, base in ((first, 1.0), (second, 2.0)):
        for cell in run.tables[0].rows[0].cells.values():
            cell.take([base, base + 1.0], [base / 2.0])
    first.tables[0].add(second.tables[0])
    cells = first.tables[0].rows[0].cells
    assert [1.0, 2.0, 2.0, 3.0] == cells["jax"].samples
    assert Spread(1.0, 2.0, 3.0).widened(ALLOWANCE) == cells["jax"].spread
    assert Spread(0.5, 0.75, 1.0).widened(ALLOWANCE) == cells["jax"].ratio
    assert cells["jax"].rounds == 4
    assert Cell("failed", "no") == cells["torch"]
