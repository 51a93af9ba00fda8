"""The command ``adjoint``."""

import html
import io
import itertools
import re
import sys

import numpy as np
import pytest

import adjoint as ad
from adjoint._demo.nist.models import MODELS
from adjoint._demo.sections import SECTIONS
from adjoint.cli import main


def test_demo_finishes(demo_run):
    """The demonstration ends with status 0."""
    assert 0 == demo_run.status


def test_demo_runs_every_section_in_order(demo_run):
    """Each section has its heading, numbered from 1."""
    headings = re.findall(r"^\d+\. (.+)\n=+$", demo_run.text, re.MULTILINE)
    assert [section.title for section in SECTIONS] == headings


def test_names_of_sections_differ():
    """No two sections answer to one name."""
    names = [section.name for section in SECTIONS]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("method", ["forward mode", "reverse mode", "manual"])
def test_demo_prints_the_textbook_gradient(demo_run, method):
    """The gradient at (2, 5) stands in the row of each exact method."""
    row = next(line for line in demo_run.text.splitlines() if line.startswith(method))
    assert row.removeprefix(method).lstrip().startswith("5.5, 1.71633781453677")


def test_demo_prints_both_traces(demo_run):
    """The last line of the forward trace, the first two of the reverse one."""
    assert re.search(r"^v5 +v3 - v4 +11\.65207 .* 5\.5$", demo_run.text, re.MULTILINE)
    assert re.search(
        r"^v-1 +x1 +2 +5\.5\nv0 +x2 +5 +1\.716338$", demo_run.text, re.MULTILINE
    )


def test_demo_prints_the_sizes_of_formulas(demo_run):
    """The table of expression swell has a row for each of the eight iterates."""
    rows = re.findall(r"^(\d)  +\d+ +\d+ .* (\d+)$", demo_run.text, re.MULTILINE)
    assert list("12345678") == [n for n, _ in rows]
    operations = [int(found) for _, found in rows]
    # A step of the map costs reverse mode the same at every n.
    assert {8} == {b - a for a, b in itertools.pairwise(operations[1:])}


def test_demo_prints_dual_numbers(demo_run):
    """The dual result shows the value and the derivative beside its ε."""
    assert "f(2.0 + 1.0ε, 5.0) = 11.652071455223084 + 5.5ε\n" in demo_run.text


def test_demo_prints_the_constrained_minimum(demo_run):
    """The key figure is the minimum to its digits."""
    assert ">> f = 0.0235504 at (-9.54741, 1.04741) after" in demo_run.text


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


def test_demo_prints_a_row_for_each_initialisation(demo_run):
    """The digits' table has one row a seed, and its mean is the mean of the rows."""
    rows = re.findall(r"^seed (\d) .* ([\d.]+) % ", demo_run.text, re.MULTILINE)
    assert ["0", "1"] == [seed for seed, _ in rows]
    (mean,) = re.findall(r"^mean +([\d.]+) % ", demo_run.text, re.MULTILINE)
    # Each figure is rounded to two places.
    np.testing.assert_allclose(
        np.mean([float(percent) for _, percent in rows]), float(mean), atol=0.011
    )


def test_demo_fits_eighty_columns(demo_run):
    """No line but those that name a file is longer than 80 columns."""
    lines = demo_run.text.splitlines()
    assert max(len(line) for line in lines if str(demo_run.folder) not in line) <= 80


def test_demo_names_every_picture_it_draws(demo_run):
    """The pictures that are named are those in the folder, and none is blank."""
    from matplotlib import image

    named = re.findall(r"^Picture: (.+)$", demo_run.text, re.MULTILINE)
    drawn = sorted(str(path.resolve()) for path in demo_run.folder.glob("*.png"))
    assert drawn
    assert drawn == sorted(named)
    for path in drawn:
        pixels = image.imread(path)[..., :3]
        assert (pixels.min(axis=2) < 0.9).mean() > 0.01, path


def test_demo_writes_one_page_of_all(demo_run):
    """The page holds each text and each picture, and refers to no other file."""
    path = demo_run.folder / "index.html"
    assert f"All of it on one page: {path.resolve()}\n" in demo_run.text
    page = path.read_text(encoding="utf-8")
    for section in SECTIONS:
        assert f'<h2 id="{section.name}">{html.escape(section.title)}</h2>' in page
    pictures = len(list(demo_run.folder.glob("*.png")))
    assert pictures == page.count('src="data:image/png;base64,')
    assert pictures == page.count("src=")
    assert "11.652071455223084 + 5.5ε" in page


def test_a_section_runs_alone(tmp_path, capsys):
    """Sections named on the command line are the only ones that run."""
    assert 0 == main(["demo", "traces", "--output", str(tmp_path)])
    text = capsys.readouterr().out
    assert text.startswith("1. Evaluation traces, line by line\n")
    assert "\n2. " not in text


def test_the_page_of_one_section_leaves_that_of_all_alone(tmp_path, capsys):
    """It has a file of its own, and does not call itself all of it."""
    whole = tmp_path / "index.html"
    whole.write_text("as it was")
    assert 0 == main(["demo", "traces", "--output", str(tmp_path)])
    text = capsys.readouterr().out
    assert f"\nThis on one page: {(tmp_path / 'traces.html').resolve()}\n" in text
    assert "as it was" == whole.read_text()
    assert "All of it" not in text


def test_the_help_lists_the_sections(capsys):
    """Each name stands beside its title."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--help"])
    assert 0 == ended.value.code
    text = capsys.readouterr().out
    for section in SECTIONS:
        assert re.search(rf"^  {section.name} +{section.title}$", text, re.MULTILINE)


def test_an_unknown_section_is_refused(capsys):
    """The error names the section that was asked for and those that exist."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", "sudoku"])
    assert 2 == ended.value.code
    assert "no section is named 'sudoku'; choose from" in capsys.readouterr().err


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
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert 0 == main(["demo", "traces", "--output", str(tmp_path)])
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
