"""The page of results says what the report holds, in words and the same each time."""

import doctest

import pytest
from benchmarks.page import text
from benchmarks.page.judgement import (
    behind,
    dearer,
    losses,
    outcome,
    physical_limit,
    ratio,
)
from benchmarks.page.merging import merge
from benchmarks.results import Cell, Limits, Report, Row, Table
from benchmarks.timing import Spread

from benchmarks import page

LIMITS = Limits(bandwidth=1e10, float64=2e10, float32=4e10)


def measured(time, ratio=None, first=None):
    spread = Spread(0.9 * time, time, 1.1 * time)
    return Cell("measured", spread=spread, ratio=ratio, first=first, rounds=5)


def row(name, measure="run", task="value_and_gradient", group="", x=0.0, **cells):
    by_name = {key.replace("_", " "): cell for key, cell in cells.items()}
    return Row(name, task, measure, group, x, 0.0, 0.0, by_name)


def table(suite, rows, threads="one"):
    names = dict.fromkeys(name for one in rows for name in one.cells)
    return Table(suite, f"Suite {suite}", "What it is.", threads, list(names), rows)


def report(*tables, quick=False):
    return Report(
        date="2026-01-02T03:04:05+00:00",
        quick=quick,
        conditions={"cpu": "Abacus 3000", "numpy": "2.4.6 with some BLAS"},
        contenders={"adjoint": "0.1.0", "casadi": "absent (No module named 'casadi')"},
        limits={"one": LIMITS},
        tables=list(tables),
    )


@pytest.fixture(scope="module")
def chains():
    """One won, one lost, one undecided; every word a cell may hold."""
    ours = Spread(1.0, 1.0, 1.0)
    statuses = ("wrong", "failed", "crashed", "> limit", "does not apply", "absent")
    return table(
        "eager",
        [
            row(
                "won * twice",
                by_hand=measured(1e-6, Spread(0.1, 0.1, 0.1)),
                adjoint=measured(1e-5, ours),
                autograd=measured(2.31e-5, Spread(2.249, 2.31, 2.378)),
                jax=measured(5e-6, Spread(0.498, 0.5, 0.502), first=0.125),
            ),
            row(
                "undecided",
                adjoint=measured(1e-5, ours),
                autograd=measured(9.9e-6, Spread(0.95, 0.99, 1.02)),
            ),
            *(
                row(
                    f"case {status}",
                    adjoint=measured(1e-5, ours),
                    autograd=Cell(status, f"why it was {status}"),
                )
                for status in statuses
            ),
            row("not yet", adjoint=Cell("not yet", "soon"), jax=measured(0.25)),
        ],
    )


@pytest.fixture(scope="module")
def everything(chains):
    """A report with each kind of table."""
    grown = [
        row(f"n = {n}", group="curve", x=n, adjoint=measured(n * 1e-8))
        for n in (100, 1000)
    ]
    cost = [
        row("f", task="value", group="f", adjoint=measured(1e-5)),
        row("f and gradient", group="f", adjoint=measured(4e-5)),
        row(
            "a loop",
            "memory",
            group="loop",
            x=10.0,
            adjoint=measured(2.0**20),
            jax=measured(2.0**19),
        ),
    ]
    right, raised, wrong = Cell("right"), Cell("failed", "TypeError: no"), Cell("wrong")
    idioms = [
        row("x[0] += y", "verdict", adjoint=right, autograd=raised),
        row("np.asarray(x)", "verdict", adjoint=right, autograd=wrong),
        row("x.sort()", "verdict", adjoint=raised, autograd=right),
    ]
    return report(
        chains, table("fused", grown), table("cost", cost), table("idioms", idioms)
    )


@pytest.fixture(scope="module")
def written(everything, tmp_path_factory):
    docs = tmp_path_factory.mktemp("docs")
    return page.write(everything, docs).read_text(encoding="utf-8")


def lines_with(text, *words):
    return [line for line in text.splitlines() if all(word in line for word in words)]


def test_ratio_stands_with_its_spread(written):
    assert len(lines_with(written, "won \\* twice", "| 2.31 (2.25–2.38) |")) == 1


def test_lost_case_is_marked_in_its_table_and_listed_as_a_factor(written):
    assert lines_with(written, "won \\* twice", "**▼ 0.50 (0.50–0.50)**")
    assert lines_with(written, "won \\* twice", "▼ JAX (jit)** 2.00 (1.99–2.01)")


def test_first_calls_stand_apart(written):
    assert lines_with(written, "First calls, compilation included")
    assert lines_with(written, "| won \\* twice | 125 ms |")


def test_undecided_case_is_marked_and_listed_apart(written, everything):
    assert lines_with(written, "| undecided |", "≈ 0.99 (0.95–1.02)")
    assert "undecided" not in [loss.row.name for loss in losses(everything.tables)]
    assert ["undecided"] == [loss.row.name for loss in behind(everything.tables)]
    after = written.partition("Behind in the median")[2]
    assert lines_with(after, "| undecided |", "▼ autograd** 1.01 (0.98–1.05)")


def test_by_hand_is_no_peer(written, everything):
    assert lines_with(written, "won \\* twice", "| 0.10 (0.10–0.10) |")
    assert all("by hand" not in loss.ratios for loss in losses(everything.tables))


def test_less_memory_is_a_loss_too(written):
    assert lines_with(written, "a loop", "1.00 MiB", "**▼ 0.50 MiB**")
    lost = lines_with(written, "a loop (peak memory)")[0]
    assert "▼ JAX (jit)** 2.00 (1.64–2.44)" in lost


@pytest.mark.parametrize(
    "status",
    ["**wrong**", "**failed**", "**crashed**", "\\> limit", "does not apply", "absent"],
)
def test_cell_without_a_number_says_why(written, status):
    assert lines_with(written, f"| {status} |")
    assert lines_with(written, f"why it was {status.strip('*')}")


def test_case_that_only_peers_answer_is_listed(written):
    assert lines_with(written, "| not yet | eager | one | not yet | JAX (jit) |")
    assert lines_with(written, "x.sort()", "| failed | autograd |")
    assert lines_with(written, "| not yet | not yet |", "| 250 ms |")


def test_versions_conditions_and_limits_are_there(written):
    for words in ("Abacus 3000", "| Adjoint | 0.1.0 |", "absent (No module named"):
        assert lines_with(written, words)
    assert lines_with(written, "10.0 GB/s | 20.0 Gflop/s | 40.0 Gflop/s")


def test_quick_run_says_so(chains, tmp_path, written):
    quick = page.write(report(chains, quick=True), tmp_path).read_text(encoding="utf-8")
    assert "quick run" not in written
    assert "quick run" in quick


def test_extra_cost_of_a_gradient_is_over_the_function_itself(written):
    assert lines_with(written, "| f | 3.00 (2.27–3.89) |")


def test_extra_cost_that_is_less_for_a_peer_is_a_loss_too(tmp_path):
    rows = [
        row("f", task="value", group="f", adjoint=measured(1.0), jax=measured(1.0)),
        row("f'", group="f", adjoint=measured(4.0), jax=measured(2.0)),
    ]
    (found,) = dearer([table("cost", rows)])
    assert ["jax"] == list(found.theirs)
    written = page.write(report(table("cost", rows)), tmp_path).read_text("utf-8")
    line = "| f | cost | one | 3.00 (2.27–3.89) | **▼ JAX (jit)** 1.00 (0.64–1.44) |"
    assert lines_with(written, line)


def test_who_is_ahead_and_how_often_stands_at_the_top(written):
    """Won: a time by 2 and a memory by 2; autograd never."""
    (line,) = lines_with(written, "Ahead of Adjoint by more than the spread")
    assert "**JAX (jit)** in 2 of 2 comparisons, by 2.00" in line
    assert "autograd" not in line
    assert written.index(line) < written.index("## Where we lose")


@pytest.mark.parametrize(
    ("at_start", "at_end", "crowded"),
    [
        ("0.1 5 9", "2.9 9 9", False),
        ("3.1 0 0", "1 1 1", True),
        ("0 0 0", "9 9 9", True),
    ],
)
def test_a_crowded_machine_is_warned_of(chains, tmp_path, at_start, at_end, crowded):
    """By the load of the last minute, which this run is a part of."""
    found = report(chains)
    loads = {"cores": "2", "load": at_start, "load, at the end": at_end}
    found.conditions |= loads
    written = page.write(found, tmp_path).read_text("utf-8")
    assert crowded == ("Other work ran on this machine" in written)


def test_a_table_that_others_disturbed_says_so(chains, tmp_path):
    slow = measured(1.0)
    slow.disturbed = 1
    found = table("small", [row("a", adjoint=slow), row("b", adjoint=measured(1.0))])
    assert found.disturbed == 0.1
    slow.disturbed = 5
    written = page.write(report(chains, found), tmp_path).read_text("utf-8")
    (line,) = lines_with(written, "Others had the cores")
    assert "measured: small (threads: one);" in line
    assert lines_with(written, "**Disturbed:** in 50% of Adjoint's samples")


def test_mean_stands_with_the_number_of_cases_behind_it(written):
    assert lines_with(written, "| eager | one |", "| 1.51 (2) | **▼ 0.50** (1) |")


def test_suites_that_were_not_run_or_broke_off_are_named(chains, tmp_path):
    broken = table("fused", [])
    broken.fault = "the process ended (Killed)"
    written = page.write(report(chains, broken), tmp_path).read_text("utf-8")
    assert lines_with(written, "Suites that were not run: small, batched")
    assert lines_with(written, "**Suites that broke off: fused (threads: one).**")
    assert lines_with(written, "**Rows are missing: the process ended (Killed).**")


def test_idioms_are_counted_and_silent_errors_told_from_raised_ones(written):
    assert lines_with(written, "| **right, of 3** | **2** | **1** |")
    assert lines_with(written, "x\\[0\\] += y", "✓ right", "– raises")
    assert lines_with(written, "np.asarray(x)", "✓ right", "**✗ wrong**")


def test_same_report_gives_the_same_bytes(everything, tmp_path):
    def contents():
        page.write(everything, tmp_path)
        return {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")}

    first = contents()
    assert contents() == first
    assert set(first) == {
        "benchmarks.md",
        "summary.svg",
        "eager-one-ratio.svg",
        "fused-one-time.svg",
        "cost-one-extra.svg",
        "cost-one-peak.svg",
        "idioms-one-answers.svg",
    }


def test_pictures_of_an_earlier_report_are_removed(everything, chains, tmp_path):
    page.write(everything, tmp_path)
    page.write(report(chains), tmp_path)
    names = {path.name for path in tmp_path.rglob("*.svg")}
    assert names == {"summary.svg", "eager-one-ratio.svg"}


def test_report_without_a_number_is_a_page(tmp_path):
    nobody = table("sparse", [row("a case", adjoint=Cell("not yet", "soon"))])
    written = page.write(report(nobody), tmp_path).read_text(encoding="utf-8")
    assert "soon (all cases)" in written
    assert "{image}" not in written
    assert page.write(report(), tmp_path).exists()


def test_later_report_replaces_its_tables_and_keeps_the_others(chains):
    old = report(chains, table("fused", []))
    new = report(table("fused", [row("n", adjoint=measured(1.0))]), quick=True)
    new.conditions = {"cpu": "Abacus 4000"}
    both = merge([old, new])
    assert [("eager", 9), ("fused", 1)] == [(t.suite, len(t.rows)) for t in both.tables]
    assert both.conditions["cpu"] == "Abacus 3000; Abacus 4000"
    assert both.conditions["numpy"] == old.conditions["numpy"]
    assert both.quick


def test_ratio_of_unpaired_times_takes_both_spreads_at_their_worst():
    theirs, ours = Cell("measured"), Cell("measured")
    theirs.spread, ours.spread = Spread(1.0, 2.0, 3.0), Spread(2.0, 4.0, 8.0)
    found = ratio(row("a", adjoint=ours, jax=theirs), "jax")
    assert Spread(1 / 8, 2 / 4, 3 / 2) == found


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1.01, 1.2, "won"), (0.9, 0.99, "lost"), (0.9, 1.0, "even"), (1.0, 1.1, "even")],
)
def test_outcome_needs_the_whole_spread_on_one_side(low, high, expected):
    assert expected == outcome(Spread(low, (low + high) / 2, high))


@pytest.mark.parametrize(
    ("dtype", "bytes_", "flops", "expected"),
    [
        ("float64", 1e10, 2e10, 1.0),
        ("float64", 1e10, 4e10, 2.0),
        ("float32", 1e9, 4e10, 1.0),
        ("float64", 0.0, 0.0, None),
    ],
)
def test_physical_limit_is_the_slower_of_moving_and_computing(
    dtype, bytes_, flops, expected
):
    one = Row("case", "value", "run", "", 0.0, bytes_, flops, dtype=dtype)
    assert expected == physical_limit(one, LIMITS)
    assert physical_limit(one, None) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (2.5e-8, "25.0 ns"),
        (9.9999e-7, "1.00 µs"),
        (0.0123, "12.3 ms"),
        (61.0, "61.0 s"),
    ],
)
def test_times_have_a_readable_unit(seconds, expected):
    assert expected == text.seconds(seconds)


def test_the_examples_of_how_things_are_written_hold():
    """Pytest collects the examples of the library, not those of the benchmarks."""
    found = doctest.testmod(text)
    assert (0, 3) == (found.failed, min(found.attempted, 3))


def test_names_are_no_markdown():
    assert "x\\[1\\] \\| \\*a\\_b\\*, \\$n\\$" == text.plain("x[1] |  *a_b*, $n$")
