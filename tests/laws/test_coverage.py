"""No function escapes the laws: each that handles carry out is held to them.

What the laws call is watched, not declared: every draw runs once on dual numbers, and
the functions that NumPy hands over are noted, if the call stands in the laws or in a
record's own ``evaluate``.  Functions run as they are: in a clone the calls would go
straight to their entries, past the watch.
"""

import operator
import sys
from pathlib import Path

import numpy as np

import adjoint as ad
from adjoint._core.handle import set_shape, update
from adjoint._core.registry import IMPLEMENTATIONS, UFUNC_METHODS
from adjoint._modes.forward import Dual
from laws.draws import draws_of, records

HERE = str(Path(__file__).parent)


def _watched(monkeypatch):
    """Return a set that fills with the functions called from the laws."""
    seen = set()
    by_function, by_ufunc = Dual.__array_function__, Dual.__array_ufunc__

    def called_here():
        return sys._getframe(2).f_code.co_filename.startswith(HERE)

    def array_function(self, function, types, args, kwargs):
        if called_here():
            seen.add(function)
        return by_function(self, function, types, args, kwargs)

    def array_ufunc(self, ufunc, method, *args, **kwargs):
        if called_here():
            seen.add(ufunc if method == "__call__" else (ufunc, method))
        return by_ufunc(self, ufunc, method, *args, **kwargs)

    monkeypatch.setattr(Dual, "__array_function__", array_function)
    monkeypatch.setattr(Dual, "__array_ufunc__", array_ufunc)
    return seen


NOT_BY_FUNCTION = {
    operator.abs: "abs(z) of complex numbers: composition abs-of-complex",
    operator.getitem: "x[i]: compositions getitem-..., and the record's examples",
    operator.setitem: "x[i] = v: compositions writing-..., a statement, no function",
    update: "x[i] += v: compositions writing-..., a statement, no function",
    set_shape: "x.shape = s: a statement; tests/clone/test_libraries.py",
    np.flatiter: "x.flat: compositions writing-flat..., an attribute, no function",
    np.ndarray.astype: "x.astype(...): a method, in the record's examples",
    np.common_type: "gives a type, no number: tests/rules/test_types.py",
    np.empty_like: "its values mean nothing; tests/idioms/writes.py stores into it",
}
"""What NumPy hands over by no function, or what has no value: why it is not seen."""


def test_every_function_is_held_to_the_laws(monkeypatch):
    """A function registered for handles is called by a law, as users call it."""
    seen = _watched(monkeypatch)
    for record in records():
        for draw in {draw.number: draw for draw in draws_of(record)}.values():
            f, args = draw.of_active(draw.args())
            if args and args[0].dtype.kind == "f":
                with np.errstate(all="ignore"):
                    ad.jvp(f, tuple(args), tuple(args), plain_numpy=False)
    registered = {*IMPLEMENTATIONS, *UFUNC_METHODS} - {*NOT_BY_FUNCTION}
    assert [] == sorted(_name(key) for key in registered - seen)


def test_the_watch_sees_what_is_missing(monkeypatch):
    """A function that only another one of ours calls is not held by that."""
    seen = _watched(monkeypatch)
    condition = lambda x: np.linalg.cond(x, "fro")  # noqa: E731
    ad.jvp(condition, (np.eye(2),), (np.eye(2),), plain_numpy=False)
    assert {np.linalg.cond} == seen


def _name(key):
    if isinstance(key, tuple):
        return f"{key[0].__name__}.{key[1]}"
    return f"{getattr(key, '__module__', '')}.{key.__name__}"
