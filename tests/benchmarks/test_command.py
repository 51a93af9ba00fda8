"""The command measures what it can, keeps it, and says what was lost."""

import sys

import pytest
from benchmarks.case import Suite
from benchmarks.results import Table, load_report

from benchmarks import __main__ as command


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs the command; its suite `small` cannot be loaded."""

    def load_suite(name):
        if name == "small":
            raise SyntaxError(name)
        return Suite(name, name, "", (), contenders=("adjoint", "jax", "torch"))

    def run_suite(suite, threads, names, report, crew, progress):
        report.tables.append(Table(suite.name, "", "", threads, list(names)))
        if suite.name == "fused":
            message = "lost"
            raise RuntimeError(message)

    monkeypatch.setattr(command, "load_suite", load_suite)
    monkeypatch.setattr(command, "run_suite", run_suite)
    monkeypatch.setattr(command, "run_again", lambda *_: None)
    monkeypatch.setattr(command.limits, "measure", dict)
    monkeypatch.setattr(command, "_write_page", lambda report: ["page"])

    def run(*arguments):
        path = tmp_path / "numbers.json"
        status = command.main([*arguments, f"--out={path}"])
        return status, load_report(path)

    return run


def test_a_lost_suite_leaves_a_trace_and_the_others_are_measured(run):
    status, report = run("--suite=small,fused,eager")
    faults = {table.suite: table.fault for table in report.tables}
    assert status == 1
    assert {
        "small": "SyntaxError: small",
        "fused": "RuntimeError: lost",
        "eager": "",
    } == faults


def test_peers_left_out_are_not_asked(run):
    status, report = run("--suite=eager", "--peers=jax")
    assert status == 0
    assert report.contenders == {"torch": "not asked"}
    assert report.tables[0].contenders == ["adjoint", "jax"]


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ([], True),
        (["--no-page"], False),
        (["--quick"], True),
        (["--quick", "--no-page"], False),
        (["--peers=jax"], False),
        (["--suite=eager"], False),
        (["--suite=eager", "--page"], True),
    ],
)
def test_page_is_written_by_a_run_of_everything_or_on_demand(
    run, capsys, arguments, written
):
    run(*arguments)
    assert written == ("FAULT: page" in capsys.readouterr().out)


def test_numbers_of_two_runs_have_two_names():
    report = command.Report("2026-01-02T03:04:05+00:00", quick=False, conditions={})
    assert command.file_name(report) == "2026-01-02T0304.json"
    report.quick = True
    assert command.file_name(report) == "2026-01-02T0304-quick.json"


def test_measuring_needs_no_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in [name for name in sys.modules if name.startswith("benchmarks.page")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("benchmarks.page", raising=False)
    report = command.Report("", quick=True, conditions={})
    (fault,) = command._write_page(report)
    assert "the page is not written: " in fault
