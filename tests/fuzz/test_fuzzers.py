"""The fuzzers themselves: programs that run, a judge that sees, small reports."""

import inspect

import numpy as np
import pytest

import adjoint as ad

from . import campaign, judging
from .__main__ import main
from .campaign import FUZZERS
from .judging import Verdict, is_sentence, judge
from .program import INTEGERS, Loaded, Program
from .shrinking import shrink
from .statements import WRITES

TEXT = """\
import numpy as np

def f(x):
    unused = np.ones(3)
    y = np.sin(x)
    z = np.cos(x) * 2.0
    return np.sum(y * z) + 1.0
"""
PROGRAM = Program(TEXT, np.array([0.3, 0.8]))


@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_programs_of_a_fuzzer_run_and_are_the_same_every_time(fuzzer):
    for seed in range(100):
        program = FUZZERS[fuzzer].program(seed)
        assert program.text == FUZZERS[fuzzer].program(seed).text
        with np.errstate(all="ignore"):
            assert np.isfinite(program.function()(program.x.copy()))


@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_every_way_of_writing_comes_up(fuzzer):
    texts = "\n".join(FUZZERS[fuzzer].program(seed).text for seed in range(600))
    for sign in ("np.add.at(", "np.put(", "np.copyto(", "np.place(", "out=", ".fill("):
        assert sign in texts
    for sign in (".sort()", "[::-1]", ".T", ".flat[", "+= ", "else:", ".ravel()"):
        assert sign in texts
    assert len(WRITES) == 12


def test_the_judge_finds_a_right_program_right():
    assert Verdict("right") == judge(PROGRAM)


def test_the_judge_sees_a_wrong_slope(monkeypatch):
    """A gradient of which one entry in a thousand parts is missing."""
    right = ad.value_and_grad

    def wrong(function):
        def value_and_grad(x):
            value, slopes = right(function)(x)
            slopes[1] *= 0.999
            return value, slopes

        return value_and_grad

    monkeypatch.setattr(judging.ad, "value_and_grad", wrong)
    verdict = judge(PROGRAM)
    assert "wrong" == verdict.kind
    assert verdict.wrong.startswith("reverse: WrongError")


def test_the_judge_sees_that_an_argument_was_changed(monkeypatch):
    right = ad.value_and_grad

    def wrong(function):
        def value_and_grad(x):
            answer = right(function)(x)
            x[0] = 0.0
            return answer

        return value_and_grad

    monkeypatch.setattr(judging.ad, "value_and_grad", wrong)
    assert "the caller's array was changed" in judge(PROGRAM).wrong


def test_the_judge_sees_what_is_left_behind(monkeypatch):
    """A global that keeps another value than the plain run leaves."""
    text = TEXT.replace("def f", "N = [0.0]\n\ndef f").replace("+ 1.0", "+ N[0]")
    text = text.replace("    unused", "    N[0] += x[0]\n    unused")
    program = Program(text, PROGRAM.x)
    right = ad.value_and_grad

    def wrong(function):
        def value_and_grad(x):
            answer = right(function)(x)
            function.__globals__["N"][0] = 5.0
            return answer

        return value_and_grad

    monkeypatch.setattr(judging.ad, "value_and_grad", wrong)
    assert "instead of" in judge(program).wrong


def test_what_numpy_would_cut_off_must_be_loud():
    text = TEXT.replace("unused = np.ones(3)", "integers = np.zeros(3, int)")
    text = text.replace("    y =", f"    {INTEGERS}\n    y =")
    assert "loud" == judge(Program(text, PROGRAM.x)).kind


def test_what_numpy_would_cut_off_is_wrong_when_silent():
    """The same program, its store made to look as if nobody had seen it."""
    text = TEXT.replace("unused", f"# {INTEGERS}\n    unused")
    assert "lost silently" in judge(Program(text, PROGRAM.x)).wrong


def test_a_kink_is_undecided():
    text = TEXT.replace("+ 1.0", "+ np.sum(np.where(x > 0.301, x, 0.0))")
    assert "undecided" == judge(Program(text, PROGRAM.x)).kind


def test_a_program_that_numpy_refuses_is_invalid():
    text = TEXT.replace("np.ones(3)", "np.ones(3) + x")
    assert "invalid" == judge(Program(text, PROGRAM.x)).kind


def test_single_precision_is_judged_by_its_double():
    text = TEXT.replace("np.sin(x)", "np.sin(x).astype(np.float32)")
    program = Program(text, PROGRAM.x)
    assert program.is_single
    assert not program.in_double().is_single
    assert "right" == judge(program).kind


def test_errors_must_be_sentences():
    assert is_sentence("A traced value met float(x): use x itself.")
    assert not is_sentence("unsupported")
    assert not is_sentence("cannot do this with that thing")


def test_a_wrong_program_is_made_small():
    small = shrink(PROGRAM, lambda program: "np.sin(x)" in program.text)
    assert "np.cos" not in small.text
    assert "unused" not in small.text


def test_a_buffer_of_anything_becomes_zeros():
    text = TEXT.replace("np.ones", "np.empty")
    small = shrink(Program(text, PROGRAM.x), lambda program: "sin" in program.text)
    assert "np.empty" not in small.text


def test_a_failure_is_reported_with_its_program(monkeypatch):
    wrong = Verdict("wrong", wrong="reverse: by hand")
    broken = campaign.Fuzzer(lambda _seed: PROGRAM, lambda *_args, **_options: wrong)
    monkeypatch.setitem(FUZZERS, "broken", broken)
    tally = campaign.run("broken", [7])
    assert 1 == tally.verdicts["wrong"]
    (text,) = tally.failures
    assert text.startswith("broken, seed 7: reverse: by hand")


def test_the_source_of_a_program_can_be_read():
    function = Loaded(TEXT).fresh()
    assert inspect.getsource(function).startswith("def f(x):\n    unused")


def test_the_command_says_what_it_found(monkeypatch, capsys):
    """No time, no programs, nothing wrong."""
    monkeypatch.setattr("sys.argv", ["fuzz", "--minutes", "0", "--jobs", "1"])
    assert 0 == main()
    lines = capsys.readouterr().out.splitlines()
    assert [f"{name}: 0 programs: " for name in FUZZERS] == [
        line for line in lines if "programs" in line
    ]
    assert "0 wrong" == lines[-1]


def test_counts_of_parts_are_put_together():
    one, two = campaign.Tally(), campaign.Tally()
    campaign.count(one, Verdict("right", last_digits=True))
    campaign.count(two, Verdict("loud", loud={"reverse": "MutationError"}))
    one.add(two)
    assert str(one).startswith("2 programs: ")
    assert {"reverse: MutationError": 1} == dict(one.loud)
