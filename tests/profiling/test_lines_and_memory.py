"""``ad.profile``: bytes kept and held are exact; times are there, not asserted."""

import importlib

import numpy as np
import pytest

import adjoint as ad
from adjoint._modes.reverse import ReverseTrace
from adjoint._modes.watched import reverse_trace

N = 1000
BYTES = 8 * N
X = np.linspace(0.1, 1.0, N)


def two_lines(x):
    y = np.sin(x)
    return np.sum(y * y)


def step(x):
    y = np.sin(x)
    return y * x


def chain(x):
    for _ in range(16):
        x = step(x)
    return np.sum(x)


def segment(x):
    for _ in range(4):
        x = step(x)
    return x


def checkpointed(x):
    for _ in range(4):
        x = ad.checkpoint(segment)(x)
    return np.sum(x)


def by_text(found):
    return {line.text: line for line in found.lines}


def test_each_line_has_its_runs_and_the_bytes_it_keeps():
    lines = by_text(ad.profile(ad.grad(two_lines))(X))
    first, second = lines["y = np.sin(x)"], lines["return np.sum(y * y)"]
    assert (1, BYTES) == (first.count, first.kept)  # sin keeps x
    assert (2, BYTES) == (second.count, second.kept)  # the product keeps y, once
    assert __file__ == first.file
    start = two_lines.__code__.co_firstlineno
    assert (start + 1, start + 2) == (first.line, second.line)
    assert ("two_lines", f"test_lines_and_memory.py:{start + 1}") == (
        first.function,
        first.name,
    )


def test_every_line_has_times_of_both_passes():
    for line in ad.profile(ad.grad(two_lines))(X).lines:
        assert line.forward > 0.0
        assert line.backward > 0.0


def test_the_value_is_what_the_function_returns():
    found = ad.profile(ad.value_and_grad(two_lines))(X)
    value, gradient = ad.value_and_grad(two_lines)(X)
    assert value == found.value[0]
    np.testing.assert_array_equal(gradient, found.value[1])


def test_the_timeline_goes_up_and_down_with_what_is_held():
    found = ad.profile(ad.grad(two_lines))(X)
    # Forward: sin keeps x, the product y, the sum nothing.  Backward: the cotangent of
    # the sum is one number (it is not kept as an array), that of the product is spread
    # by a view of it; then that of y, and that of x.  At the end nothing is held.
    assert (1, 2, 2) == tuple(held // BYTES for held in found.timeline[:3])
    assert [False] * 3 == list(found.backward[:3])
    assert all(found.backward[3:-1])
    assert 0 == found.timeline[-1]
    assert found.peak == max(found.timeline)


def test_a_chain_keeps_two_arrays_a_step():
    found = ad.profile(ad.grad(chain))(X)
    assert 2 * 16 * BYTES == found.kept
    forward = [
        held
        for held, back in zip(found.timeline, found.backward, strict=True)
        if not back
    ]
    assert 2 * 16 * BYTES == max(forward)


def test_a_checkpointed_chain_keeps_the_inputs_of_its_segments():
    found = ad.profile(ad.grad(checkpointed))(X)
    assert 4 * BYTES == found.kept
    lines = by_text(found)
    assert 4 * BYTES == lines["x = ad.checkpoint(segment)(x)"].kept
    assert lines["x = ad.checkpoint(segment)(x)"].checkpointed
    assert (0, 16) == (lines["y = np.sin(x)"].kept, lines["y = np.sin(x)"].count)


def test_checkpoints_within_checkpoints_keep_the_outer_inputs():
    inner = ad.checkpoint(step)
    outer = ad.checkpoint(lambda x: inner(inner(x)))

    def nested(x):
        return np.sum(outer(outer(x)))

    found = ad.profile(ad.grad(nested))(X)
    lines = by_text(found)
    assert 2 * BYTES == found.kept == lines["return np.sum(outer(outer(x)))"].kept
    assert {0, 2 * BYTES} == {line.kept for line in found.lines}


def test_a_rule_of_ones_own_has_its_time(monkeypatch):
    clock = [0]
    measuring = importlib.import_module("adjoint._profile.watching")
    monkeypatch.setattr(measuring, "perf_counter_ns", lambda: clock[0])

    def takes(nanoseconds, value):
        clock[0] += nanoseconds
        return value

    slow = ad.custom_vjp(lambda x: x * 2.0)
    slow.defvjp(
        lambda x: (takes(5_000, x * 2.0), None), lambda _, bar: (takes(2_000, 2 * bar),)
    )

    def with_rule(x):
        y = slow(x)
        return np.sum(y)

    line = by_text(ad.profile(ad.grad(with_rule))(X))["y = slow(x)"]
    assert (1, 5_000 * 1e-9, 2_000 * 1e-9) == (line.count, line.forward, line.backward)


def test_tapes_one_after_the_other_are_no_loop():
    derivative = ad.grad(two_lines)
    found = ad.profile(lambda x: [derivative(x) for _ in range(20)])(np.ones(200_000))
    (one,) = found.advice
    assert one.startswith("Several tapes were kept one after the other.")


def test_a_derivative_that_is_debugged_is_said_not_to_be_measured():
    with pytest.raises(ad.errors.InputError, match=r"debugged .* is not measured"):
        ad.profile(ad.grad(two_lines, debug=True))(X)


def test_a_checkpointed_chain_holds_one_segment_at_a_time():
    plain, less = (ad.profile(ad.grad(f))(X) for f in (chain, checkpointed))
    # Three inputs of segments before it, eight arrays of the last one, its results,
    # and the cotangents that are passed on.
    assert less.peak <= (3 + 2 * 4 + 3) * BYTES
    assert plain.peak >= 2 * 16 * BYTES


def test_nothing_is_held_when_all_is_over():
    for function in (chain, checkpointed, two_lines):
        assert 0 == ad.profile(ad.grad(function))(X).timeline[-1]


def test_views_count_as_the_memory_they_show():
    found = ad.profile(ad.grad(lambda x: np.sum(np.sin(x[:10]))))(X)
    assert BYTES == found.kept


def test_integers_of_an_index_count():
    index = np.arange(100)
    found = ad.profile(ad.grad(lambda x: np.sum(x[index] * 2.0)))(X)
    assert index.nbytes == found.kept


def test_a_pullback_keeps_its_tape():
    found = ad.profile(lambda x: ad.vjp(two_lines, x)[1](1.0))(X)
    assert 2 * BYTES <= found.timeline[-1]


def test_forward_mode_keeps_nothing():
    found = ad.profile(lambda x: ad.jvp(chain, (x,), (x,)))(X)
    assert 0 == found.kept == found.peak
    assert 16 == by_text(found)["y = np.sin(x)"].count


def test_the_second_order_is_measured_by_the_users_lines():
    found = ad.profile(ad.hessian(two_lines))(X[:4])
    lines = by_text(found)
    assert {"y = np.sin(x)", "return np.sum(y * y)"} <= set(lines)
    assert lines["y = np.sin(x)"].backward > 0.0


def test_a_loop_is_advised_to_take_checkpoints():
    big = np.ones(200_000)
    memory, precision = ad.profile(ad.grad(chain))(big).advice
    assert memory.startswith("step keeps 51.2 MB, 100% of all, most of it at test_line")
    assert "in 16 steps of a loop. With ad.checkpoint around every 4 of these" in memory
    assert "steps about 25.6 MB are kept" in memory
    assert "25.6 MB less" in memory
    assert precision.startswith("In float32, what is kept takes half: 25.6 MB less.")


def heat(u):
    for _ in range(36):
        u = u + 0.1 * (np.roll(u, 1) - 2.0 * u * u + np.roll(u, -1))
    return np.std(u)


def test_a_line_of_many_operations_ran_as_often_as_its_loop():
    found = ad.profile(ad.grad(heat))(np.linspace(0.0, 0.5, 50_000))
    lines = by_text(found)
    (stepping,) = [line for text, line in lines.items() if text.startswith("u = u")]
    ending = lines["return np.std(u)"]
    assert 36 == stepping.runs < stepping.count
    assert 1 == ending.runs < ending.count
    assert "in 36 steps of a loop. With ad.checkpoint around every 6 of" in str(found)
    rows = [line.split()[:2] for line in str(found).splitlines()]
    assert [stepping.name, "36"] in rows


def test_many_operations_in_one_line_are_no_loop():
    def long_line(x):
        return np.sum(np.sin(x) * np.cos(x) * np.exp(x) * np.tanh(x) * x)

    memory, _ = ad.profile(ad.grad(long_line))(np.ones(100_000)).advice
    assert "ad.checkpoint(long_line) keeps its arguments instead" in memory


def test_a_part_without_a_loop_is_advised_to_be_checkpointed_whole():
    memory, _ = ad.profile(ad.grad(two_lines))(np.ones(200_000)).advice
    assert "ad.checkpoint(two_lines) keeps its arguments instead" in memory
    assert "up to 3.2 MB less" in memory


def test_single_precision_is_not_advised_again():
    (memory,) = ad.profile(ad.grad(chain))(np.ones(200_000, np.float32)).advice
    assert memory.startswith("step keeps 25.6 MB")


def test_what_has_checkpoints_is_not_advised_to_take_them():
    (precision,) = ad.profile(ad.grad(checkpointed))(np.ones(200_000)).advice
    assert precision.startswith("In float32")


def test_many_small_operations_are_told():
    def scalars(x):
        for _ in range(10_000):
            x = x * 0.999
        return x

    (advice,) = ad.profile(ad.grad(scalars))(1.0).advice
    assert advice.startswith("10000 operations took ")
    assert "compute with whole arrays" in advice


def test_sums_that_could_be_products_are_named():
    matrices = np.ones((2, 500, 500))

    def slow(x):
        return np.sum(np.einsum("ij,kj->ik", x[0], x[1]))

    def fast(x):
        return np.sum(np.einsum("ij,kj->ik", x[0], x[1], optimize=True))

    *_, advice = ad.profile(ad.grad(slow))(matrices).advice
    line = slow.__code__.co_firstlineno + 1
    assert f"at test_lines_and_memory.py:{line}, where NumPy adds term" in advice
    others = ad.profile(ad.grad(fast))(matrices).advice
    assert not any("adds term by term" in one for one in others)


def test_little_is_not_advised_on():
    assert () == ad.profile(ad.grad(two_lines))(X).advice


def test_a_function_without_transform_is_refused():
    with pytest.raises(
        ad.errors.InputError, match=r"ad\.profile\(ad\.grad\(two_lines\)\)"
    ):
        ad.profile(two_lines)(X)


def test_transforms_outside_are_not_measured():
    ad.profile(ad.grad(two_lines))(X)
    assert type(reverse_trace()) is ReverseTrace


# What is shown


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_fits_the_terminal(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    found = ad.profile(
        ad.grad(lambda x: two_lines(x) + np.sum(np.cos(np.exp(np.sin(np.sin(x))))))
    )(X)
    table = str(found).split("\n\n")[1]
    assert max(map(len, table.splitlines())) <= width
    assert ("y = np.sin(x)" in table) == (width >= 80)


def test_the_text_names_the_peak():
    found = ad.profile(ad.grad(chain))(X)
    assert "Kept for the backward pass: 256 kB" in str(found)
    assert f"at {found.peak_line}" in str(found)


def test_notebooks_get_picture_and_table():
    page = ad.profile(ad.grad(two_lines))(X)._repr_html_()
    assert 1 == page.count("<svg")
    assert '<td style="text-align: left">return np.sum(y * y)</td>' in page


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        ("html", b"<!doctype html>"),
        ("txt", b"Operations took "),
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
    ],
)
def test_a_profile_is_saved_as_its_ending_says(ending, start, tmp_path):
    path = tmp_path / f"profile.{ending}"
    ad.profile(ad.grad(two_lines))(X).save(path)
    assert path.read_bytes().startswith(start)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ad.errors.InputError, match=r"ends in '\.doc'"):
        ad.profile(ad.grad(two_lines))(X).save(tmp_path / "profile.doc")


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        ad.profile(ad.grad(two_lines))(X).save(tmp_path / "nowhere" / "profile.txt")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    real = importlib.import_module

    def without(name, *args):
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError(name)
        return real(name, *args)

    found = ad.profile(ad.grad(two_lines))(X)
    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(ImportError, match=r"pip install 'adjoint\[explain\]'"):
        found.plot()
    page = found._repr_html_()
    assert "adjoint[explain]" in page
    assert "return np.sum(y * y)" in page


def test_the_picture_shows_both_passes_and_the_peak():
    found = ad.profile(ad.grad(chain))(X)
    (axes,) = found.plot().axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert ["forward", "backward"] == labels
    (mark,) = axes.texts
    assert f"at {found.peak_line}" in mark.get_text()
    assert "held by tape and sweep (kB)" == axes.get_ylabel()


def test_a_long_timeline_is_thinned_and_keeps_its_peak():
    def scalars(x):
        for _ in range(3000):
            x = np.sin(x)
        return np.sum(x)

    found = ad.profile(ad.grad(scalars))(np.ones(2))
    (axes,) = found.plot().axes
    (line,) = axes.lines
    assert [found.peak / 1000.0] == list(line.get_ydata())


def test_a_value_in_the_place_of_a_function_is_refused():
    with pytest.raises(ad.errors.InputError, match=r"Write ad\.profile\(f\)\(x\)"):
        ad.profile(ad.grad(np.sin)(1.0))


def test_arguments_beside_the_function_are_refused():
    with pytest.raises(ad.errors.InputError, match="takes a function alone; given was"):
        ad.profile(ad.grad(np.sin), 1.0)
