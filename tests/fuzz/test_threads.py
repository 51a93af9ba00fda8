"""Two transforms at once on functions that share a workspace: right or loud."""

import itertools

import numpy as np
import pytest

import adjoint as ad
from differences import gradient, slope_along

from . import workspaces
from .judging import WrongError, near
from .threads import together

ROUNDS = 40
POINTS = (np.linspace(0.2, 1.1, 24), np.linspace(0.9, -0.8, 24))
PAIRS = list(itertools.combinations_with_replacement(workspaces.FUNCTIONS, 2))


def reverse(function, x):
    """A call of the transform with what is right for it, by differences."""
    value, (slopes, _) = function(x), gradient(function, x)

    def call(_number):
        given, given_slopes = ad.value_and_grad(function)(x.copy())
        near(value, given, 1e-12)
        near(slopes, given_slopes, 1e-8)

    return call


def forward(function, x):
    """The same in forward mode."""
    value, (slope, _) = function(x), slope_along(function, x, POINTS[0])

    def call(_number):
        given, given_slope = ad.jvp(function, (x.copy(),), (POINTS[0],))
        near(value, given, 1e-12)
        near(slope, given_slope, 1e-8)

    return call


def names(value):
    return value.__name__


@pytest.mark.parametrize("mode", [reverse, forward], ids=names)
@pytest.mark.parametrize(("one", "two"), PAIRS, ids=names)
def test_two_threads_are_right_or_loud(one, two, mode):
    """Afterwards the workspaces hold plain numbers, and the functions are as before."""
    tasks = [mode(one, POINTS[0]), mode(two, POINTS[1])]
    expected = [one(POINTS[0]), two(POINTS[1])]
    verdict = together(tasks, ROUNDS)
    assert verdict.kind in ("right", "loud"), verdict.wrong
    assert expected == [one(POINTS[0]), two(POINTS[1])]
    kept = (workspaces.SPACE, *workspaces.LISTED, workspaces.SOLVER.u)
    assert {np.ndarray} == {type(space) for space in kept}


def test_what_only_reads_is_right():
    """Nothing is shared but a constant: no reason to be loud."""
    tasks = [reverse(workspaces.only_read, x) for x in POINTS]
    assert "right" == together(tasks, ROUNDS).kind


def test_a_wrong_answer_in_one_of_many_rounds_is_seen():
    turns = itertools.count()

    def now_and_then(_number):
        if next(turns) == 31:
            raise WrongError("1 instead of 2")

    verdict = together([now_and_then, lambda _number: None], ROUNDS)
    assert ("wrong", "threads: 1 instead of 2") == (verdict.kind, verdict.wrong)


def test_an_error_of_ours_is_loud():
    def refuse(_number):
        raise ad.errors.MutationError("The workspace is in use.")

    assert "loud" == together([refuse, lambda _number: None], 2).kind
