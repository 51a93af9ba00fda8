"""Samples are taken in turn; who raises is dropped and holds up nobody."""

import gc
import itertools
import math
import os
import time

import pytest
from benchmarks.timing import Share, Spread, in_turn, quotient, take
from benchmarks.waiting import TASKS, ran, waited

from benchmarks import timing, turns


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


def test_spread_holds_the_middle_half_of_the_samples():
    assert Spread(25.0, 50.0, 75.0) == Spread.of([float(n) for n in range(101)])
    assert Spread(20.0, 40.0, 80.0) == Spread(40.0, 40.0, 40.0).widened(2.0)


def test_spread_of_few_samples_holds_them_all():
    assert Spread(1.0, 3.0, 9.0) == Spread.of([3.0, 9.0, 1.0])
    assert Spread(7.0, 7.0, 7.0) == Spread.of([7.0])


def test_spread_of_two_processes_reaches_from_one_median_to_the_other():
    one, other = [10.0, 11.0, 11.0, 11.0, 12.0], [20.0, 21.0, 21.0, 21.0, 22.0]
    found = Spread.of(one + other)
    assert (11.0, 21.0) == (found.low, found.high)


def test_a_sample_that_waited_for_a_core_is_named(monkeypatch):
    """A reading says how long the process has waited: a minute more, then no more."""
    readings = itertools.chain([0.0, 60.0], itertools.repeat(60.0))
    monkeypatch.setattr(timing, "waited", lambda: next(readings))
    monkeypatch.setattr(timing, "cores", lambda: 2)
    disturbed = []
    samples = take(
        {"one": lambda: None}, {"one": Share(1, 3)}, disturb=disturbed.append
    )
    assert len(samples["one"]) == 3
    assert ["one"] == disturbed


def test_on_one_core_the_time_of_others_does_not_count(monkeypatch):
    """Who sleeps has not had the core; on several cores the wall's clock goes on."""
    found = []
    for count in (1, 2):
        monkeypatch.setattr(timing, "cores", lambda count=count: count)
        samples = take({"one": lambda: time.sleep(0.2)}, {"one": Share(1, 1)})
        found.append(samples["one"][0])
    assert found[0] < 0.1
    assert found[1] >= 0.2


@pytest.mark.skipif(not TASKS.exists(), reason="the system does not say who waited")
def test_waiting_is_counted_and_never_shrinks():
    before = waited()
    assert 0.0 <= before <= waited()


@pytest.mark.skipif(not TASKS.exists(), reason="the system does not say who ran")
def test_the_time_that_a_process_ran_grows_as_it_runs():
    before, start = ran(os.getpid()), time.process_time()
    while time.process_time() < start + 0.1:
        pass
    assert 0.05 < ran(os.getpid()) - before < 1.0


def test_a_process_of_which_nothing_is_known_counts_as_running():
    assert math.isinf(ran(2**30))


def test_a_ledger_charges_each_for_its_time(monkeypatch):
    readings = iter([1.0, 3.0, 7.0, 8.0, 18.0])
    monkeypatch.setattr(turns, "clock", lambda: next(readings))
    ledger = turns.Ledger()
    for name in ("a", "b", "", "a", ""):
        ledger.charge(name)
    assert {"a": 12.0, "b": 4.0} == dict(ledger.spent)


def test_unpaired_quotient_has_both_spreads_at_their_worst():
    assert Spread(0.25, 1, 4) == quotient(Spread(1, 2, 4), Spread(1, 2, 4))
