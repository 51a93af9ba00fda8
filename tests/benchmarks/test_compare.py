"""Two runs agree where their spreads overlap."""

import pytest
from benchmarks.compare import compare, main
from benchmarks.results import Cell, Report, Row, Table
from benchmarks.timing import Spread


def report(*cells):
    row = Row("a case", "gradient", "run", "", 0.0, 0.0, 0.0)
    row.cells = dict(zip(["adjoint", "jax", "torch"], cells, strict=True))
    table = Table("small", "", "", "one", list(row.cells), [row])
    return Report("", False, {}, tables=[table])


def measured(low, high, ratio=None):
    return Cell("measured", spread=Spread(low, (low + high) / 2, high), ratio=ratio)


@pytest.fixture
def runs():
    """Return two runs: one time and the ratio differ, and one answer."""
    slower, faster = Spread(2.0, 2.1, 2.2), Spread(1.0, 1.1, 1.2)
    one = report(measured(1, 2), measured(3, 4, slower), measured(1, 2))
    return one, report(measured(2, 3), measured(5, 6, faster), Cell("failed", "no"))


def test_cells_agree_if_their_spreads_overlap(runs):
    figures, ratios, unlike = compare(*runs)
    assert "1 of 2 agree (50.0%)" == figures.summary
    assert figures.apart == ["small, one, a case, jax: 3.5 (3 to 4) and 5.5 (5 to 6)"]
    assert "0 of 1 agree (0.0%)" == ratios.summary
    assert ["small, one, a case, torch: measured and failed"] == unlike


def test_command_reads_files_and_prints_what_differs(runs, tmp_path, capsys):
    files = [tmp_path / "one.json", tmp_path / "other.json"]
    for file, run in zip(files, runs, strict=True):
        run.save(file)
    assert main(list(map(str, files))) == 1
    assert "UNLIKE: small, one, a case, torch" in capsys.readouterr().out
    assert main([str(files[0]), str(files[0])]) == 0


def test_cells_of_two_processes_are_one():
    table, again = (
        report(measured(1, 2), measured(low, low + 1), other).tables[0]
        for low, other in ((3, measured(1, 2)), (5, Cell("failed", "no")))
    )
    table.add(again)
    cells = table.rows[0].cells
    assert Spread(3, 4.5, 6) == cells["jax"].spread
    assert Cell("failed", "no") == cells["torch"]
