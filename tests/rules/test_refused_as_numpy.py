"""What NumPy refuses is refused under every transform, with NumPy's own error."""

import gc
import sys
import weakref

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.refusals import as_numpys
from adjoint.errors import ConversionError

A = np.arange(1.0, 7.0) / 3
V = np.array([0.5, 1.0, 2.0])
M = np.arange(12.0).reshape(3, 4) / 7 + np.eye(3, 4)
S = M @ M.T

WORDS = {
    "convolve": (
        A,
        lambda x, o: np.convolve(x, V, o),
        ["foo", "sam", "f", "", 3, None],
    ),
    "correlate": (
        A,
        lambda x, o: np.correlate(V, x, o),
        ["foo", "s", "SAME", 3, b"full"],
    ),
    "pad": (A, lambda x, o: np.pad(x, 1, o), ["foo", "const", "Edge", "", None]),
    "quantile": (A, lambda x, o: np.quantile(x, 0.3, method=o), ["foo", "lin", None]),
    "percentile": (A, lambda x, o: np.percentile(x, 30, method=o), ["foo", "lin"]),
    "qr": (M, np.linalg.qr, ["foo", "red", "", None]),
    "eigh": (S, np.linalg.eigh, ["foo", "X", "", 3]),
    "norm": (M, np.linalg.norm, ["foo", "fr", "NUC", "", 3]),
    "norm of vectors": (A, np.linalg.norm, ["foo", "fro", "x"]),
    "cond": (S, np.linalg.cond, ["foo", "fr", 3]),
    "fft": (A, lambda x, o: np.fft.fft(x, norm=o), ["foo", "ort", "Ortho", "", 3]),
    "irfftn": (M, lambda x, o: np.fft.irfftn(x, norm=o), ["foo", "ort", "", 3]),
    "searchsorted": (
        A,
        lambda x, o: x + np.searchsorted(A, x, o),
        ["foo", "ri", "", 3],
    ),
    "sort": (A, lambda x, o: np.sort(x, kind=o), ["foo", "", 3]),
    "sort, stable": (
        A,
        lambda x, o: np.sort(x, kind=o, stable=True),
        ["foo", "stable"],
    ),
    "argsort": (A, lambda x, o: x + np.argsort(x, kind=o), ["foo", "", 3]),
    "partition": (A, lambda x, o: np.partition(x, 2, kind=o), ["foo", "", "intro", 3]),
    "einsum, order": (
        M,
        lambda x, o: np.einsum("ij->ji", x, order=o),
        ["foo", "", "C ", 3],
    ),
    "einsum, casting": (
        M,
        lambda x, o: np.einsum("ij->i", x, casting=o),
        ["foo", "", 3],
    ),
    "einsum, path": (
        M,
        lambda x, o: np.einsum("ij,kj,kl->il", x, x, x, optimize=o),
        ["foo", "gree", "", 3],
    ),
    "einsum": (M, lambda x, o: np.einsum(o, x), ["ijk", "ij->k", "ij->ii", "...->"]),
    "take": (A, lambda x, o: np.take(x, [0, 1], mode=o), ["foo", "wra", "", 3]),
    "choose": (
        A,
        lambda x, o: np.choose([0, 1, 0, 1, 0, 1], [x, x], mode=o),
        ["foo", "w"],
    ),
    "ravel": (M, np.ravel, ["foo", "", "Q", 3, ("C",)]),
    "flatten": (M, lambda x, o: x.flatten(o), ["foo", "", "Q", 3]),
    "reshape": (M, lambda x, o: np.reshape(x, (4, 3), o), ["foo", "", "K", "k", 3]),
    "copy": (M, np.copy, ["foo", "", "Q", 3]),
    "copy, method": (M, lambda x, o: x.copy(o), ["foo", "", "Q", 3]),
    "astype": (M, lambda x, o: x.astype("f4", order=o), ["foo", "", "Q", 3]),
    "astype, casting": (M, lambda x, o: x.astype("f4", casting=o), ["safe", "no", 3]),
    "array": (M, lambda x, o: np.array(x, order=o), ["foo", "", "Q", 3]),
    "asarray": (M, lambda x, o: np.asarray(x, order=o), ["foo", "", "Q", 3]),
    "require": (M, lambda x, o: np.require(x, requirements=o), [["X"]]),
    "meshgrid": (
        A,
        lambda x, o: np.meshgrid(x, x, indexing=o),
        ["foo", "XY", "", None],
    ),
    "add, casting": (A, lambda x, o: np.add(x, 1.0, casting=o), ["foo", "saf", None]),
    "add, order": (A, lambda x, o: np.add(x, 1.0, order=o), ["foo", "", "Q", 3]),
    "concatenate": (A, lambda x, o: np.concatenate([x], casting=o), ["foo", "", None]),
    "stack": (A, lambda x, o: np.stack([x], casting=o), ["foo"]),
}
CALLS = {
    "kron with text": (A, lambda x: np.kron(x, "s")),
    "kron with None": (A, lambda x: np.kron(None, x)),
    "outer with text": (A, lambda x: np.outer(x, "s")),
    "concatenate, ranks": (A, lambda x: np.concatenate([x, x[None]])),
    "concatenate, shapes": (A, lambda x: np.concatenate([x[None], x[None, :2]])),
    "concatenate, none": (A, lambda x: np.concatenate([x[:0][:, None], x])),
    "vstack": (A, lambda x: np.vstack([x, x[:2]])),
    "hstack": (A, lambda x: np.hstack([x, x[None]])),
    "column_stack": (A, lambda x: np.column_stack([x, x[:2]])),
    "block": (A, lambda x: np.block([[x], [x[:2]]])),
    "block, a tuple": (A, lambda x: np.block((x,))),
    "block, depths": (A, lambda x: np.block([x, [x]])),
    "tensordot, numbers": (M, lambda x: np.tensordot(x, x, axes=([0], [0, 1]))),
    "tensordot, lengths": (M, lambda x: np.tensordot(x, x, axes=(0, 1))),
    "convolve, empty": (A, lambda x: np.convolve(x, [])),
    "convolve, empty first": (A, lambda x: np.convolve([], x)),
    "convolve, matrix": (A, lambda x: np.convolve(x, np.ones((2, 2)))),
    "correlate, empty": (A, lambda x: np.correlate(x, [])),
    "correlate, a number": (A, lambda x: np.correlate(x, 1.0)),
    "tile, negative": (A, lambda x: np.tile(x, -1)),
    "tile, half": (A, lambda x: np.tile(x, 1.5)),
    "repeat, negative": (A, lambda x: np.repeat(x, -1)),
    "split": (A, lambda x: np.split(x, 4)),
    "split, negative": (A, lambda x: np.split(x, -1)),
    "array_split, none": (A, lambda x: np.array_split(x, 0)),
    "percentile": (A, lambda x: np.percentile(x, 101)),
    "cov": (M, lambda x: np.cov(x, ddof=1.5)),
    "flip": (M, lambda x: np.flip(x, (0, 0))),
    "transpose": (M, lambda x: np.transpose(x, 5)),
    "pad, no elements": (A, lambda x: np.pad(x[:0], 1, mode="mean")),
    "pad, negative length": (A, lambda x: np.pad(x, 1, mode="mean", stat_length=-1)),
    "windows, too long": (A, lambda x: np.lib.stride_tricks.sliding_window_view(x, 9)),
    "windows, negative": (A, lambda x: np.lib.stride_tricks.sliding_window_view(x, -1)),
    "windows, axes": (
        M,
        lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=0),
    ),
    "nan_to_num": (A, lambda x: np.nan_to_num(x, nan="s")),
    "dot": (M, lambda x: np.dot(x, x)),
    "matmul": (M, lambda x: np.linalg.matmul(x, x)),
}


def assert_refused_alike(f, x):
    """Plain NumPy and three transforms raise errors of one type and text."""
    with pytest.raises(Exception) as plain:  # noqa: PT011 - it is compared
        f(x)
    expected = (plain.type, str(plain.value))
    batch = np.stack([x, x])
    for transform in (
        lambda: ad.jvp(f, (x,), (x,)),
        lambda: ad.vjp(f, x),
        lambda: ad.vmap(f, fallback="raise")(batch),
    ):
        with pytest.raises(plain.type) as traced:
            transform()
        assert expected == (traced.type, str(traced.value))


@pytest.mark.parametrize(
    ("name", "word"), [(name, word) for name in WORDS for word in WORDS[name][2]]
)
def test_words_are_read_as_numpy_reads_them(name, word):
    """Prefixes, other cases and other types are errors where they are NumPy's."""
    x, f, _ = WORDS[name]
    assert_refused_alike(lambda x: f(x, word), x)


@pytest.mark.parametrize("name", CALLS)
def test_calls_fail_with_numpys_error(name):
    """One type, and one sentence."""
    x, f = CALLS[name]
    assert_refused_alike(f, x)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x, o: np.convolve(x, V, o), (0, 1, 2)),
        (lambda x, o: np.correlate(x, V, o), (0, 1, 2)),
        (lambda x, o: np.take(x, [0, 9], mode=o), ("clip", "wrap")),
        (lambda x, o: np.sort(x, kind=o), ("quick", "s", "Mergesort", None)),
        (lambda x, o: np.pad(x, 2, "reflect", reflect_type=o), ("even", "odd", "Odd")),
        (lambda x, o: np.ravel(np.reshape(x, (2, 3)), o), (None, "c", "f", b"F", "k")),
        (lambda x, o: np.reshape(x, (2, 3)).flatten(o), (None, "a", "f", b"F", "K")),
        (lambda x, o: np.reshape(x, (2, 3), order=o), (None, "a", "f", b"F")),
    ],
)
def test_words_numpy_takes_are_taken(f, words):
    """Numbers, small letters and one letter alone, where NumPy reads them."""
    for word in words:
        expected = f(A, word)
        one = lambda x, word=word: f(x, word)  # noqa: E731
        assert np.array_equal(expected, ad.jvp(one, (A,), (A,))[0])
        assert np.array_equal(expected, ad.vjp(one, A)[0])
        assert np.array_equal(expected, ad.vmap(one)(np.stack([A, A]))[1])


def test_functions_of_the_user_are_not_run_twice():
    """A call that hands one over is not shown to NumPy again."""
    calls = []

    def row(x):
        calls.append(len(x))
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        ad.grad(lambda x: np.sum(np.apply_along_axis(row, 1, x)))(M)
    assert [4] == calls


def test_nothing_is_written_by_the_second_look():
    """A write that fails leaves the array as it is."""
    target = np.zeros(3)
    with pytest.raises(ValueError, match="clipmode"):
        ad.grad(lambda x: np.put(target, [0], x, mode="foo"))(2.0)
    assert [0.0, 0.0, 0.0] == target.tolist()
    given = np.array([np.nan, 1.0])
    with pytest.raises(ValueError, match="broadcast"):
        ad.grad(lambda x: np.nan_to_num(given, copy=False, nan=np.ones((3, 5)) * x))(
            2.0
        )
    assert np.array_equal([np.nan, 1.0], given, equal_nan=True)


def test_code_of_the_user_is_not_run_by_the_second_look():
    """Neither a conversion to an array nor what a subclass makes of a call."""
    calls = []

    class Convertible:
        def __array__(self, dtype=None, copy=None):
            calls.append("array")
            return np.ones(3)

    class Own(np.ndarray):
        def __array_function__(self, function, types, args, kwargs):
            calls.append("function")
            return super().__array_function__(function, types, args, kwargs)

    for other, expected in ((Convertible(), 0), (np.ones(4).view(Own), 1)):
        calls.clear()
        with pytest.raises((ValueError, AttributeError, TypeError)):
            ad.grad(lambda x, other=other: np.sum(np.dot(x, other)))(A)
        assert expected == len(calls)


def test_a_list_that_holds_itself_keeps_the_error():
    """It cannot be shown to NumPy."""
    endless = []
    endless.append(endless)
    error = ValueError("mine")
    assert error is as_numpys(error, np.stack, (endless,), {})


@pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="counts references as CPython does"
)
def test_errors_keep_nothing_alive():
    """No frame holds the error it raised, so arrays go when it goes."""
    x = A.copy()
    alive = weakref.ref(x)
    gc.disable()
    try:
        with pytest.raises(ValueError, match="mode"):
            ad.grad(lambda x: np.sum(np.convolve(x, V, "foo")))(x)
        del x
        gc.collect()
        assert alive() is None
    finally:
        gc.enable()


def test_as_strided_says_what_works():
    """It reads the memory itself: following its source would not help."""
    f = lambda x: np.sum(np.lib.stride_tricks.as_strided(x, (2, 2), (8, 8)))  # noqa: E731
    with pytest.raises(ConversionError, match="sliding_window_view") as caught:
        ad.grad(f)(A)
    assert "ad.follow" not in str(caught.value)
    assert "indexing" in str(caught.value)
