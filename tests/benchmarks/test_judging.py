"""The answer that most libraries give is right; a tie is nobody's."""

import numpy as np
import pytest
from benchmarks.measures.verdicts import judge
from benchmarks.results import Cell, Row


def judged(**answers):
    """Return who is wrong, and why."""
    by_name = {name.replace("_", " "): answer for name, answer in answers.items()}
    row = Row("", "", "", "", 0.0, 0.0, 0.0)
    row.cells = {name: Cell("measured") for name in by_name}
    judge(by_name, 1e-10, row)
    return {name: cell.note for name, cell in row.cells.items() if cell.note}


def test_most_libraries_are_right():
    assert {"torch"} == set(judged(adjoint=1.0, torch=2.0, jax=1.0))


def test_a_library_has_one_vote_however_often_it_takes_part():
    wrong = judged(
        by_hand=2.0,
        adjoint=2.0,
        adjoint_compiled=2.0,
        torch=1.0,
        jax=1.0,
        jax_eager=1.0,
    )
    assert {"by hand", "adjoint", "adjoint compiled"} == set(wrong)


def test_a_tie_leaves_everybody_disputed():
    wrong = judged(adjoint=1.0, jax=2.0, jax_eager=2.0)
    note = "disputed: adjoint against jax, jax eager"
    assert dict.fromkeys(["adjoint", "jax", "jax eager"], note) == wrong


@pytest.mark.parametrize(
    "odd",
    [None, {}, "text", np.array([True]), np.nan, object()],
)
def test_an_odd_answer_is_wrong_and_takes_nobody_along(odd):
    assert {"jax"} == set(judged(adjoint=np.ones(1), jax=odd))


def test_odd_answers_alone_are_all_wrong():
    assert {"adjoint", "jax"} == set(judged(adjoint=None, jax=None))
