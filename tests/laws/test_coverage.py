"""No function escapes the laws: each that handles carry out is held to them.

What the laws call is watched, not declared: every draw runs once on dual numbers, and
the functions and keywords that NumPy hands over are noted, if the call stands in the
laws or in a record's own ``evaluate``.  Functions run as they are: in a clone the calls
would go straight to their entries, past the watch.
"""

import inspect
import operator
import sys
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.handle import set_shape, update
from adjoint._core.protocols import accepts
from adjoint._core.registry import IMPLEMENTATIONS, UFUNC_METHODS
from adjoint._modes.forward import Dual
from adjoint.errors import MissingRuleError
from laws.draws import draws_of, records
from laws.ufunc_methods import folds_floats, takes_floats

HERE = str(Path(__file__).parent)


def _watched(monkeypatch):
    """Return a set that fills with the functions called from the laws.

    Beside each function it holds pairs of it and a keyword whose value says something.
    """
    seen = set()
    by_function, by_ufunc = Dual.__array_function__, Dual.__array_ufunc__

    def called_here():
        return sys._getframe(2).f_code.co_filename.startswith(HERE)

    def array_function(self, function, types, args, kwargs):
        if called_here():
            seen.add(function)
            seen.update((function, name) for name in _said(function, args, kwargs))
        return by_function(self, function, types, args, kwargs)

    def array_ufunc(self, ufunc, method, *args, **kwargs):
        if called_here():
            key = ufunc if method == "__call__" else (ufunc, method)
            seen.add(key)
            seen.update((key, name) for name in kwargs)
        return by_ufunc(self, ufunc, method, *args, **kwargs)

    monkeypatch.setattr(Dual, "__array_function__", array_function)
    monkeypatch.setattr(Dual, "__array_ufunc__", array_ufunc)
    return seen


def _parameters(function):
    """Parameters of a function by name; none where C does not say."""
    try:
        return dict(inspect.signature(function).parameters)
    except (ValueError, TypeError):
        return {}


def _said(function, args, kwargs):
    """Names of the arguments whose values are not those they have anyway."""
    parameters = _parameters(function)
    named = {**dict(zip(parameters, args, strict=False)), **kwargs}
    return [
        name
        for name, value in named.items()
        if name not in parameters or value is not parameters[name].default
    ]


def _run_all():
    for record in records():
        for draw in {draw.number: draw for draw in draws_of(record)}.values():
            f, args = draw.of_active(draw.args())
            if args and args[0].dtype.kind == "f":
                with np.errstate(all="ignore"):
                    ad.jvp(f, tuple(args), tuple(args), plain_numpy=False)


@pytest.fixture(scope="module")
def seen():
    """What the laws call, functions and their keywords."""
    with pytest.MonkeyPatch.context() as patch:
        found = _watched(patch)
        _run_all()
    return found


NOT_BY_FUNCTION = {
    operator.abs: "abs(z) of complex numbers: composition abs-of-complex",
    operator.getitem: "x[i]: compositions getitem-..., and the record's examples",
    operator.setitem: "x[i] = v: compositions writing-..., a statement, no function",
    update: "x[i] += v: compositions writing-..., a statement, no function",
    set_shape: "x.shape = s: a statement; tests/clone/test_libraries.py",
    np.ndarray.resize: "x.resize(s): a statement; tests/surface/test_attributes.py",
    np.flatiter: "x.flat: compositions writing-flat..., an attribute, no function",
    np.ndarray.astype: "x.astype(...): a method, in the record's examples",
    np.common_type: "gives a type, no number: tests/rules/test_types.py",
    np.empty_like: "its values mean nothing; tests/idioms/writes.py stores into it",
    **dict.fromkeys(
        (np.packbits, np.unpackbits, np.unravel_index, np.ravel_multi_index),
        "takes integers, which only batches trace: tests/rules/test_integers.py",
    ),
}
"""What NumPy hands over by no function, or has no real value: why it is not seen."""


def _of_integers(key):
    """Tell whether a ufunc method takes no real numbers: only batches trace those."""
    if not isinstance(key, tuple):
        return False
    ufunc, method = key
    return not (
        takes_floats(ufunc) if method in {"outer", "at"} else folds_floats(ufunc)
    )


def test_every_function_is_held_to_the_laws(seen):
    """A function registered for handles is called by a law, as users call it."""
    extended = {
        function
        for function, implementation in IMPLEMENTATIONS.items()
        if type(implementation).__module__ == "adjoint.extend"
    }  # SciPy's that a package of the top floor has a rule for; its tests hold it
    registered = {*IMPLEMENTATIONS, *UFUNC_METHODS} - {*NOT_BY_FUNCTION} - extended
    missing = {key for key in registered - seen if not _of_integers(key)}
    assert [] == sorted(map(_name, missing))


def test_the_watch_sees_what_is_missing(monkeypatch):
    """A function that only another one of ours calls is not held by that."""
    seen = _watched(monkeypatch)
    condition = lambda x: np.linalg.cond(x, "fro")  # noqa: E731
    ad.jvp(condition, (np.eye(2),), (np.eye(2),), plain_numpy=False)
    assert {np.linalg.cond, (np.linalg.cond, "x"), (np.linalg.cond, "p")} == seen


BY_OUTPUTS = frozenset({"out"})
"""Keywords that are carried out for all functions at once: tests/writes."""

REFUSED = {
    "numpy.lib.stride_tricks.sliding_window_view(writeable)": (
        "windows overlap: no write is passed on"
    )
}
"""Keywords that are refused by name, and why."""

_NO_FIELDS = "traced arrays have no fields: NumPy's error, tests/rules/test_refused.py"
_PERMISSION = "a permission to overwrite, which is not used"
SAYS_NOTHING = {
    "numpy.argpartition(kind)": "there is one kind only",
    "numpy.partition(kind)": "there is one kind only",
    **{
        f"numpy.{name}(order)": _NO_FIELDS
        for name in ("argpartition", "argsort", "partition", "sort")
    },
    **{
        f"numpy.{prefix}{name}(overwrite_input)": _PERMISSION
        for name in ("median", "percentile", "quantile")
        for prefix in ("", "nan")
    },
}
"""Keywords that change no value, and need no law."""


def _keywords():
    """Pairs of a function with an adapter and a parameter of NumPy's signature."""
    for function, implementation in IMPLEMENTATIONS.items():
        if getattr(function, "_implementation", None) is None:
            continue
        for name, parameter in _parameters(function).items():
            plain = parameter.kind not in {
                inspect.Parameter.VAR_POSITIONAL,
                inspect.Parameter.VAR_KEYWORD,
            }
            if plain and name not in BY_OUTPUTS:
                yield function, name, implementation


def test_every_keyword_is_taken_or_refused_by_name():
    """What an adapter does not take is in the table above, and nothing else is."""
    untaken = [
        f"{_name(function)}({name})"
        for function, name, implementation in _keywords()
        if not accepts(implementation, name)
    ]
    assert sorted(REFUSED) == sorted(untaken)


def test_refusals_name_the_function_and_the_keyword():
    """The error of a keyword that is not taken says which one of which function."""

    for function, name, implementation in _keywords():
        if accepts(implementation, name):
            continue

        def refused(x, function=function, name=name):
            return x.__array_function__(function, (), (x,), {name: "given"})

        with pytest.raises(MissingRuleError, match=rf"{function.__name__}\(.*{name}="):
            ad.jvp(refused, (1.0,), (1.0,), plain_numpy=False)


def test_every_keyword_is_held_to_the_laws(seen):
    """A law gives each keyword that an adapter takes a value that says something."""
    unheld = [
        f"{_name(function)}({name})"
        for function, name, implementation in _keywords()
        if accepts(implementation, name)
        and (function, name) not in seen
        and function not in NOT_BY_FUNCTION
    ]
    assert sorted(SAYS_NOTHING) == sorted(unheld)


def _name(key):
    if isinstance(key, tuple):
        return f"{key[0].__name__}.{key[1]}"
    return f"{getattr(key, '__module__', '')}.{key.__name__}"
