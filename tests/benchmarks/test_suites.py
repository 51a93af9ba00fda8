"""What holds for all suites, and who may be absent from them."""

import sys

import pytest
from benchmarks.contenders import PLACES, Field, assemble
from benchmarks.results import Cell
from benchmarks.suites import NAMES, load_suite

SUITES = [load_suite(name) for name in NAMES]


@pytest.mark.parametrize("suite", SUITES, ids=NAMES)
def test_a_suite_is_measured_on_all_cores_or_says_why_not(suite):
    timed = any(case.measure in {"run", "first"} for case in suite.cases)
    assert ("all" in suite.threads) != bool(suite.alone and timed) or not timed
    assert suite.told.startswith(suite.text)
    assert suite.alone in suite.told


@pytest.mark.parametrize("suite", SUITES, ids=NAMES)
def test_cases_have_names_of_their_own_and_some_are_quick(suite):
    names = [case.name for case in suite.cases]
    assert len(set(names)) == len(names)
    for threads in suite.threads:
        quick = suite.asked(threads, quick=True)
        assert quick
        assert {case.name for case in quick} <= set(names)
    assert set(suite.contenders) <= set(PLACES)


def test_a_library_that_is_not_installed_is_absent(monkeypatch, tmp_path):
    """One that lacks a part of its own is there, and has changed."""
    (tmp_path / "needs_nobody.py").write_text("import nobody_has_this.part\n")
    (tmp_path / "needs_a_part.py").write_text("import json.no_such_part\n")
    monkeypatch.syspath_prepend(tmp_path)
    field = assemble(["needs_nobody.One", "needs_a_part.One"])
    absent, changed = field.lost["needs_nobody.One"], field.lost["needs_a_part.One"]
    assert Cell("absent", "No module named 'nobody_has_this'") == absent
    assert changed.status == "failed"
    assert "No module named 'json.no_such_part'" in changed.note
    assert field.versions()["needs_nobody.One"].startswith("absent (No module")
    for name in ("needs_nobody", "needs_a_part"):
        sys.modules.pop(name, None)


def test_part_of_a_field_has_the_asked_in_their_order():
    lost = Cell("absent")
    whole = assemble(["by hand", "adjoint"])
    whole.lost["jax"] = lost
    part = whole.only(["jax", "adjoint", "torch"])
    assert ["adjoint"] == [one.name for one in part.present]
    assert Field(part.present, {"jax": lost}) == part
