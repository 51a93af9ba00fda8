"""A contender that fails in whatever way is a cell of the table, and hides nobody."""

import importlib
import signal
from pathlib import Path

import pytest
from benchmarks.case import Case, Suite
from benchmarks.results import Cell, Report, failures
from benchmarks.settled import Settled
from benchmarks.suites import load_suite

from benchmarks import crew, runner

ABORTED = signal.strsignal(signal.SIGABRT)


@pytest.fixture(scope="module")
def report():
    """Return what a quick run of the fake suite reports."""
    here = str(Path(__file__).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", here, prepend=":")
        patch.syspath_prepend(here)
        patch.setattr(crew, "GRACE", 0.1)
        patch.setattr(crew, "CROWDED", 2)
        suite = importlib.import_module("fake_suite").SUITE
        made = Report(date="", quick=True, conditions={})
        for _ in range(2):
            with crew.Crew(quick=True) as workers:
                given = made, workers, lambda *_: None
                if made.tables:
                    runner.run_again(suite, made.tables[0], *given)
                else:
                    runner.run_suite(suite, "one", suite.contenders, *given)
    return made


@pytest.fixture
def cell(report):
    """Return a function that finds a cell by case and contender."""
    rows = {row.name: row for row in report.tables[0].rows}
    return lambda case, name: rows[case].cells[name]


def test_all_cases_are_there_in_order(report):
    names = [row.name for row in report.tables[0].rows]
    assert ["short", "long", "too large", "deadly", "memory", "first"] == names


@pytest.mark.parametrize("case", ["short", "long"])
@pytest.mark.parametrize("name", ["adjoint", "fake_suite.Right"])
def test_who_is_right_is_measured_beside_the_others(cell, case, name):
    found = cell(case, name)
    assert found.status == "measured"
    assert found.spread.median > 0.0
    assert found.ratio.median > 0.0


@pytest.mark.parametrize("case", ["short", "long"])
@pytest.mark.parametrize(
    ("name", "status", "note"),
    [
        ("fake_suite.Wrong", "wrong", "off by"),
        ("fake_suite.Raises", "failed", "ValueError: no gradient today"),
        ("fake_suite.FailsLater", "failed", "ValueError: enough is enough"),
        ("fake_suite.SaysNothing", "wrong", "NoneType is no number"),
        ("fake_suite.SaysTooMuch", "wrong", "dict is no number"),
        ("fake_suite.AbortsAtImport", "crashed", f"its import: {ABORTED}"),
        ("fake_suite.FailsAtImport", "failed", "its import: AttributeError: changed"),
        ("no_such_module.Absent", "absent", "No module named 'no_such_module'"),
    ],
)
def test_who_is_not_says_why(cell, case, name, status, note):
    found = cell(case, name)
    assert status == found.status
    assert note in found.note


def test_who_hangs_is_stopped_and_not_asked_for_more(cell):
    assert cell("short", "fake_suite.Sleeps").status == "> limit"
    again = cell("long", "fake_suite.Sleeps")
    assert Cell("> limit", "already so at: short") == again


def test_who_dies_is_named_with_the_signal_and_not_asked_for_more(cell):
    assert Cell("crashed", ABORTED) == cell("short", "fake_suite.Aborts")
    again = cell("long", "fake_suite.Aborts")
    assert Cell("crashed", "already so at: short") == again


def test_who_dies_while_all_are_timed_is_blamed_alone(cell):
    assert Cell("crashed", ABORTED) == cell("short", "fake_suite.AbortsLater")


@pytest.mark.parametrize(
    ("case", "note"),
    [("too large", "MemoryError: 800 TiB"), ("deadly", "the process ended twice")],
)
def test_a_case_that_nobody_survives_is_a_row_of_faults(cell, case, note):
    for name in ("adjoint", "fake_suite.Right"):
        assert cell(case, name).status == "failed"
        assert note in cell(case, name).note


def test_memory_is_measured_in_processes_that_may_die(cell):
    assert cell("memory", "fake_suite.Right").status == "measured"
    assert cell("memory", "fake_suite.Raises").status == "does not apply"
    assert Cell("crashed", ABORTED) == cell("memory", "fake_suite.Aborts")


def test_first_times_are_repeated(cell):
    assert cell("first", "fake_suite.Right").rounds > 1
    assert Cell("crashed", ABORTED) == cell("first", "fake_suite.Aborts")


def test_versions_name_the_absent(report):
    assert report.contenders["fake_suite.Right"] == "1.0"
    assert report.contenders["no_such_module.Absent"].startswith("absent")


def test_faults_name_who_was_wrong_raised_or_crashed(report):
    faults = failures(report.tables)
    for name in ("Wrong", "Raises", "Aborts", "AbortsAtImport", "FailsAtImport"):
        assert any(f"short, fake_suite.{name}:" in fault for fault in faults)
    assert not any("short, fake_suite.Sleeps" in fault for fault in faults)
    assert not any("Absent" in fault for fault in faults)


def test_a_worker_that_cannot_start_is_the_fault_of_its_table():
    suite = Suite(name="no_such_suite", title="", text="", cases=())
    made = Report("", True, {})
    with crew.Crew(quick=True) as workers:
        runner.run_suite(suite, "one", [], made, workers, print)
    (table,) = made.tables
    assert "the process ended twice (exit 1)" in table.fault
    assert [f"no_such_suite: {table.fault}"] == failures(made.tables)


def test_a_table_that_breaks_off_leaves_no_words_for_the_next_one():
    """The worker is let go of with what it has still to say."""
    suite = load_suite("small")

    def give_up(table, row):
        raise ZeroDivisionError(row.name)

    with crew.Crew(quick=True) as workers:
        before = workers.worker("one")
        with pytest.raises(ZeroDivisionError):
            runner.run_suite(
                suite, "one", ["adjoint"], Report("", True, {}), workers, give_up
            )
        assert workers.worker("one") is not before


def test_what_failed_is_known_further_along_its_curve_only():
    def case(name, x, **more):
        more = {"task": "gradient", "group": "curve"} | more
        return Case(name=name, problem="", function="", inputs=tuple, x=x, **more)

    first, before, after = case("first", 2), case("before", 1), case("after", 3)
    other = case("other", 3, task="value")
    suite = Suite("", "", "", [first, before, after, other])
    settled = Settled(suite, [("first", "torch", Cell("> limit"))])
    assert settled.find(first, "torch") == Cell("> limit")
    assert settled.find(after, "torch").status == "> limit"
    assert settled.find(before, "torch") is None
    assert settled.find(other, "torch") is None
    assert settled.find(after, "jax") is None
