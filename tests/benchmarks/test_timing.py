"""Samples are taken in turn; who raises is dropped and holds up nobody."""

import gc

import pytest
from benchmarks.timing import Share, Spread, in_turn, quotient, take


def raises():
    message = "no"
    raise ValueError(message)


def test_who_raises_is_dropped_and_named():
    dropped, announced = [], []
    runs = {"good": lambda: None, "bad": raises}
    samples = take(
        runs,
        dict.fromkeys(runs, Share(1, 3)),
        announce=announced.append,
        drop=lambda name, error: dropped.append((name, str(error))),
    )
    assert ["good"] == list(samples)
    assert len(samples["good"]) == 3
    assert [("bad", "no")] == dropped
    assert announced.count("bad") == 1


def test_an_error_that_nobody_takes_passes_and_leaves_nothing_frozen():
    before = gc.get_freeze_count()
    with pytest.raises(ValueError, match="no"):
        take({"bad": raises}, {"bad": Share(1, 1)})
    assert before >= gc.get_freeze_count()


def test_everybody_comes_first_and_last():
    orders = [in_turn("abc", turn) for turn in range(6)]
    assert set("abc") == {order[0] for order in orders}
    assert set("abc") == {order[-1] for order in orders}


def test_spread_holds_nine_samples_in_ten():
    assert Spread(5.0, 50.0, 95.0) == Spread.of([float(n) for n in range(101)])
    assert Spread(7.0, 7.0, 7.0) == Spread.of([7.0])


def test_spread_over_several_processes_holds_them_all():
    assert Spread(1, 3, 6) == Spread.over([Spread(1, 2, 3), Spread(2, 4, 6)])


def test_unpaired_quotient_has_both_spreads_at_their_worst():
    assert Spread(0.25, 1, 4) == quotient(Spread(1, 2, 4), Spread(1, 2, 4))
