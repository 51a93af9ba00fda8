"""The suite of idioms: what it asks, and that its verdicts are the tests' own marks."""

import ast
import sys
from collections import Counter
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from benchmarks.case import Case
from benchmarks.contenders.adjoint import Adjoint
from benchmarks.idioms import FOLDER, NO_IDIOMS, difference, read, reference
from benchmarks.measures.verdicts import verdict
from benchmarks.suites import load_suite
from benchmarks.suites.idioms import ABOUT_SWALLOWED_ERRORS, HUNDRED, SMALL, SUITE

STATUS = {"right": "right", "loud": "failed", "refused": "failed"}


def status(case: Case) -> str:
    """The verdict on Adjoint; an error is what the session turns into `failed`."""
    try:
        return verdict(case, Adjoint()).status
    except Exception:  # noqa: BLE001 - as the session catches them
        return "failed"


def test_the_suite_is_found_by_its_name():
    assert SUITE is load_suite("idioms")


def test_cases_have_unique_names_and_the_group_of_their_kind():
    names = [case.name for case in SUITE.cases]
    assert len(names) == len(set(names))
    assert [name.partition(".")[0] for name in names] == [c.group for c in SUITE.cases]


def test_only_what_the_rule_says_is_left_out():
    left_out = set(read(np)) - {case.name for case in SUITE.cases}
    assert ABOUT_SWALLOWED_ERRORS == left_out


def test_idioms_use_nothing_of_adjoint_but_its_errors_for_their_marks():
    """So every one of them can be asked of a peer."""
    used = {
        node.module
        for path in FOLDER.glob("*.py")
        if path.stem not in NO_IDIOMS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module
    }
    assert {"adjoint.errors"} == {name for name in used if name.startswith("adjoint")}


def test_the_hundred_are_asked_and_know_no_library_but_numpy():
    """What Adjoint makes of them, `tests/idioms/test_hundred.py` says."""
    assert 100 == sum(case.group == HUNDRED for case in SUITE.cases)
    assert "hundred.stepping.euler_trajectory" in {case.name for case in SUITE.cases}
    sources = [path.read_text() for path in (FOLDER / HUNDRED).glob("*.py")]
    assert not [text for text in sources if "adjoint" in text.lower()]


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_adjoint_does_what_the_idiom_is_marked_with(case):
    assert STATUS[read(np)[case.name].verdict] == status(case)


def test_there_are_as_many_of_each_mark_as_the_text_says():
    marks = Counter(read(np)[case.name].verdict for case in SMALL)
    assert f"refuses {marks['loud'] + marks['refused']} of the" in SUITE.text


def test_a_function_has_no_reference_at_a_jump(monkeypatch):
    """int(7 * x) jumps at 1."""
    name = "scalars.made_an_int"
    at_a_jump = replace(read(np)[name], example=1.0)
    monkeypatch.setitem(read(np), name, at_a_jump)
    reference.cache_clear()
    assert reference(name) is None
    reference.cache_clear()


def test_answers_are_compared_whatever_their_dtype():
    value, gradient = 0.5, np.array([1.0, 2.0])
    single = (np.float32(value), gradient.astype(np.float32))
    assert "" == difference(single, (value, gradient), 1e-7)
    assert "expected" in difference((value, 1.1 * gradient), (value, gradient), 1e-7)
    assert "expected" in difference((value, gradient[:1]), (value, gradient), 1e-7)


def test_an_answer_that_is_no_number_is_wrong():
    assert "expected" in difference((0.5, object()), (0.5, 1.0), 1e-7)


def test_a_peer_gets_a_copy_with_its_own_namespaces(monkeypatch):
    """NumPy's names stand in for those it lacks; the plain copy stays as it is."""
    numpy, scipy = ModuleType("other.numpy"), ModuleType("other.scipy")
    numpy.sin = abs
    scipy.__path__ = []
    monkeypatch.setitem(sys.modules, "other.scipy", scipy)
    copy, plain = (
        read(namespace)["libraries.special_function"].function.__globals__
        for namespace in (numpy, np)
    )
    assert (abs, np.errstate) == (copy["np"].sin, copy["np"].errstate)
    assert scipy is copy["scipy"]
    assert np is plain["np"]


def test_helpers_of_the_hundred_are_replaced_with_them(monkeypatch):
    numpy = ModuleType("third.numpy")
    numpy.exp = abs
    monkeypatch.setitem(sys.modules, "third.scipy", ModuleType("third.scipy"))
    sys.modules["third.scipy"].__path__ = []
    idiom = read(numpy)["hundred.windows.gaussian_process"].function
    assert abs is idiom.__globals__["gaussian"].__globals__["np"].exp
