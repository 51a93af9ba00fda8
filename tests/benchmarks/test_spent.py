"""Where the time of a run went, by table and by cell."""

from benchmarks.results import Cell, Report, Row, Table
from benchmarks.spent import main


def test_tables_and_their_dearest_cells_are_printed(tmp_path, capsys):
    row = Row("a case", "gradient", "run", "", 0.0, 0.0, 0.0)
    row.cells = {"adjoint": Cell("measured", spent=1.0), "jax": Cell("failed")}
    row.cells["jax"].spent = 2.5
    table = Table("small", "", "", "one", list(row.cells), [row], seconds=5.0)
    path = tmp_path / "numbers.json"
    Report("", False, {}, tables=[table]).save(path)
    assert main([str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "small, one         5.0 s: jax 2.5, adjoint 1.0, rest 1.5" == lines[0]
    assert "all                5.0 s" == lines[1]
    assert "   2.50 s  small, one, a case, jax" == lines[3]
