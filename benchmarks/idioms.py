"""The idioms of the tests in any namespace, and what their derivatives are.

`tests/idioms` is a package of plain functions that begin with ``import numpy as np``,
each marked with what Adjoint owes it.  `read` imports a copy of it in which ``np`` and
``scipy`` are a contender's namespaces, so that nothing is written twice.  The package
in it, ``hundred``, holds longer programs, whose helpers are replaced alike.
"""

import contextlib
import functools
import importlib
import io
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.case import Namespace, Value

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "idioms"
NO_IDIOMS = {"catalogue", "hundred", "judge", "test_hundred", "test_idioms"}
"""Files of the package that serve the others."""

SINGLE_PRECISION = (2e-2, 1e-3)
"""Step and tolerance of differences where a function rounds to single precision."""


class WithNumPyBehind:
    """A namespace, and NumPy for the names it lacks.

    There is no ``jnp.errstate``, and a user of JAX writes ``np.errstate``.
    """

    def __init__(self, first: Namespace) -> None:
        self._first = first

    def __getattr__(self, name: str) -> Value:
        return getattr(self._first if hasattr(self._first, name) else np, name)


@functools.cache
def read(namespace: ModuleType) -> dict[str, Value]:
    """Return the idioms by name: those of the catalogue, then the hundred.

    Parameters
    ----------
    namespace : module
        What ``np`` stands for: ``jax.numpy``, say.  ``scipy`` is then ``jax.scipy``.
        Under ``numpy`` itself nothing is replaced.
    """
    package = _copy_for(namespace)
    for name in _modules_of(FOLDER, package):
        module = importlib.import_module(name)
        if namespace is not np:
            _replace(module, namespace)
    catalogue = importlib.import_module(f"{package}.catalogue").IDIOMS
    hundred = importlib.import_module(f"{package}.hundred").HUNDRED
    return {idiom.name: idiom for idiom in (*catalogue, *hundred)}


def _modules_of(folder: Path, package: str) -> Iterator[str]:
    """Return the names of the modules that hold idioms or what they call."""
    for file in pkgutil.iter_modules([str(folder)]):
        if file.name not in NO_IDIOMS:
            yield f"{package}.{file.name}"
    for file in pkgutil.iter_modules([str(folder / "hundred")]):
        yield f"{package}.hundred.{file.name}"


def _replace(module: ModuleType, namespace: ModuleType) -> None:
    """Let ``np`` and ``scipy`` of a module stand for a contender's."""
    names = module.__dict__
    if "np" in names:
        names["np"] = WithNumPyBehind(namespace)
    if "scipy" in names:
        names["scipy"] = _scipy_beside(namespace)


@functools.cache
def _copy_for(namespace: ModuleType) -> str:
    """Return the name under which the idioms can be imported once more."""
    package = ModuleType(f"idioms in {namespace.__name__}".replace(".", " "))
    package.__path__ = [str(FOLDER)]
    sys.modules[package.__name__] = package
    return package.__name__


def _scipy_beside(namespace: ModuleType) -> ModuleType:
    """Return a contender's SciPy, its public parts imported."""
    scipy = importlib.import_module(namespace.__name__.replace("numpy", "scipy"))
    for part in pkgutil.iter_modules(scipy.__path__):
        if not part.name.startswith("_"):
            importlib.import_module(f"{scipy.__name__}.{part.name}")
    return scipy


def judge() -> ModuleType:
    """Return `tests/idioms/judge.py`: difference quotients, comparisons of trees."""
    return importlib.import_module(f"{_copy_for(np)}.judge")


@dataclass(frozen=True, slots=True)
class Reference:
    """Value and gradient of a plain function, and how far they can be trusted."""

    value: Value
    gradient: Value
    tolerance: float


@functools.cache
def reference(name: str) -> Reference | None:
    """Return what is right for an idiom, by differences, or None if they cannot tell.

    They can if two spacings agree: those of the idiom's own step, or else of the step
    for single precision.  At a jump none agree.
    """
    idiom = read(np)[name]
    tools = judge()

    def plain(x: Value) -> Value:
        return idiom.function(tools.fresh(x))

    with quiet():
        for step, tolerance in ((idiom.step, idiom.rtol), SINGLE_PRECISION):
            near, far = (
                tools.gradient(plain, idiom.example, spacing)
                for spacing in (step, 2 * step)
            )
            if not difference((near,), (far,), tolerance):
                return Reference(plain(idiom.example), near, tolerance)
    return None


def difference(answer: Value, expected: Value, tolerance: float) -> str:
    """Return how trees of numbers differ, or nothing; dtypes need not be the same."""
    tools = judge()
    got, want = tools.leaves(answer), tools.leaves(expected)
    try:
        tools.assert_close(
            want, [np.asarray(one, np.float64) for one in got], tolerance
        )
    except (AssertionError, TypeError, ValueError):
        return f"{_shown(got)}; expected {_shown(want)}"
    return ""


def _shown(values: list[Value]) -> str:
    """Return numbers to three digits, and of what is no number its type."""
    texts = []
    for one in values:
        array = np.asarray(one)
        if array.dtype == object:
            texts.append(type(one).__name__)
        else:
            text = np.array2string(array, precision=3, separator=", ")
            texts.append(" ".join(text.split()))
    return ", ".join(texts)[:140]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let idioms print and warn without anybody seeing it."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
