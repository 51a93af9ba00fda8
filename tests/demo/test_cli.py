"""The command ``adjoint``."""

import io
import re
import sys

import pytest

import adjoint as ad
from adjoint._demo.models import MODELS
from adjoint.cli import main


def test_demo_finishes(demo_run):
    """The demonstration ends with status 0."""
    assert 0 == demo_run.status


@pytest.mark.parametrize("mode", ["forward mode", "reverse mode"])
def test_demo_prints_the_textbook_gradient(demo_run, mode):
    """Value and gradient at (2, 5) stand in the row of each mode."""
    row = next(line for line in demo_run.text.splitlines() if line.startswith(mode))
    numbers = row.removeprefix(mode).split()
    assert ["11.6520714552231", "5.5", "1.71633781453677"] == numbers[:3]


def test_demo_prints_dual_numbers(demo_run):
    """The dual result shows the value and the derivative beside its ε."""
    assert "f(2.0 + 1.0ε, 5.0) = 11.652071455223084 + 5.5ε\n" in demo_run.text


def test_demo_prints_both_starts_of_every_data_set(demo_run):
    """The table of fits has two rows for each data set, in order."""
    rows = re.findall(
        r"^(\w+) +(?:lower|average|higher) +([12]) ", demo_run.text, re.MULTILINE
    )
    assert [(name, start) for name in MODELS for start in "12"] == rows


def test_demo_marks_the_fits_that_failed(demo_run):
    """A fit that ended away from the certified minimum is marked and explained."""
    marked = re.findall(r"^(\w+) .*\d!", demo_run.text, re.MULTILINE)
    assert ["Hahn1", "Hahn1"] == marked
    assert "! Fewer than 4 digits: not the certified minimum." in demo_run.text
    assert "Hahn1: that step is 12 % of the smallest parameter." in demo_run.text


def test_demo_fits_eighty_columns(demo_run):
    """No line but the path of the picture is longer than 80 columns."""
    lines = demo_run.text.splitlines()
    assert max(len(line) for line in lines if "Picture" not in line) <= 80


def test_demo_prints_where_the_picture_is(demo_run):
    """The picture lies where the output says, in a folder made for it."""
    path = demo_run.folder / "adjoint-demo.png"
    assert f"Picture of data and fits: {path.resolve()}\n" in demo_run.text
    assert path.stat().st_size > 50_000


def test_a_folder_that_cannot_be_made_ends_with_a_sentence(tmp_path, capsys):
    """An output folder that is a file stops the run before any work."""
    file = tmp_path / "file"
    file.touch()
    assert 1 == main(["demo", "--output", str(file)])
    captured = capsys.readouterr()
    assert "" == captured.out
    assert captured.err.startswith("adjoint demo: ")
    assert str(file) in captured.err


def test_a_terminal_without_epsilon_shows_its_escape(tmp_path, monkeypatch):
    """Output in ASCII goes on, with an escape in the place of ε."""
    pytest.importorskip("matplotlib")
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert 0 == main(["demo", "--output", str(tmp_path)])
    terminal.flush()
    assert rb"+ 5.5\u03b5" in raw.getvalue()


def test_version_is_printed(capsys):
    """``adjoint --version`` prints the version of the package and ends well."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert 0 == ended.value.code
    assert f"adjoint {ad.__version__}\n" == capsys.readouterr().out


def test_no_command_shows_the_usage(capsys):
    """A bare ``adjoint`` says which commands there are."""
    with pytest.raises(SystemExit) as ended:
        main([])
    assert 2 == ended.value.code
    assert "COMMAND" in capsys.readouterr().err
