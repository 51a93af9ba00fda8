"""Whether a program is right, loud or wrong, in each mode.

The plain run gives the value, and difference quotients along fixed directions give the
slopes (in double precision, where the program rounds to single). A program near a kink
or jump is undecided: the quotients themselves tell. Each mode loads the program anew,
and afterwards the plain function must go on as if nothing had happened.
"""

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

import adjoint as ad
from differences import largest, slope_along

from .program import Loaded, Program

Kind = Literal["right", "loud", "undecided", "invalid", "wrong"]
TRUSTED = 1e-8
"""What the error of difference quotients may be for them to decide."""


@dataclasses.dataclass
class Verdict:
    """What became of a program, which modes were loud, and what was wrong."""

    kind: Kind
    loud: dict[str, str] = dataclasses.field(default_factory=dict)
    last_digits: bool = False
    wrong: str = ""


class WrongError(Exception):
    """A mode gave another answer than the plain function, or broke."""


@dataclasses.dataclass(frozen=True)
class Reference:
    """The plain function's values in two calls, and its slopes in two directions."""

    loaded: Loaded
    program: Program
    values: tuple[Any, Any]
    slopes: tuple[float, ...]
    directions: tuple[np.ndarray, ...]

    @property
    def tolerance(self) -> float:
        """How far a slope may be off: rounding, of the program's own precision."""
        rounding = 3e-3 if self.program.is_single else 1e-7
        return rounding * max(1.0, *(abs(slope) for slope in self.slopes))


def judge(program: Program, *, second_order: bool = True) -> Verdict:
    """The verdict over all modes; the worst one counts."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            reference = measure(program)
        except Exception:  # noqa: BLE001 - a program that NumPy itself refuses
            return Verdict("invalid")
        if reference is None:
            return Verdict("undecided")
        modes = (reverse, forward, batched) + (curved,) * second_order
        verdict = Verdict("right")
        for mode in modes:
            ask(mode, reference, verdict)
            if verdict.kind in ("wrong", "undecided"):
                break
    return verdict


def ask(mode: Callable, reference: Reference, verdict: Verdict) -> None:
    """Note in the verdict what one mode does."""
    name = mode.__name__
    try:
        answer = mode(reference)
    except ad.errors.AdjointError as error:
        verdict.kind = "loud"
        verdict.loud[name] = type(error).__name__
        if not is_sentence(str(error)):
            verdict.kind, verdict.wrong = "wrong", f"{name}: no sentence: {error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not ours
        verdict.kind = "wrong"
        verdict.wrong = f"{name}: {type(error).__name__}: {error}"
    else:
        if answer == "skipped":
            return
        if answer == "undecided":
            verdict.kind = "undecided"
        elif reference.program.must_raise:
            verdict.kind, verdict.wrong = "wrong", f"{name}: a derivative lost silently"
        verdict.last_digits |= answer == "last digits"


def is_sentence(message: str) -> bool:
    """Whether an error speaks to a user: five words or more, and an end."""
    return len(message.split()) >= 5 and message.rstrip()[-1:] in ".)?!`"


def measure(program: Program) -> Reference | None:
    """What is right for a program, or None where differences cannot tell."""
    loaded = Loaded(program.text)
    function = loaded.fresh()
    values = function(program.x.copy()), function(program.x.copy())
    rng = np.random.default_rng(4)
    directions = tuple(rng.uniform(-1.0, 1.0, program.x.shape) for _ in range(2))
    smooth = loaded if not program.is_single else Loaded(program.in_double().text)
    slopes = []

    def anew(x: np.ndarray) -> Any:
        return smooth.fresh()(x)

    for direction in directions:
        slope, error = slope_along(anew, program.x, direction)
        if not (np.isfinite(values[0]) and error < TRUSTED * max(1.0, abs(slope))):
            return None
        slopes.append(float(slope))
    return Reference(loaded, program, values, tuple(slopes), directions)


# The modes: each raises WrongError, or says how exact the value was


def reverse(reference: Reference) -> str:
    """Value and gradient; the argument and the module are left as they should be."""
    function, x = reference.loaded.fresh(), reference.program.x.copy()
    value, slopes = ad.value_and_grad(function)(x)
    exact = same_value(reference.values[0], value)
    if slopes.shape != x.shape:
        raise WrongError(f"gradient of shape {slopes.shape}")
    for direction, slope in zip(reference.directions, reference.slopes, strict=True):
        near(slope, np.sum(slopes * direction), reference.tolerance)
    untouched(reference, function, x)
    return exact


def forward(reference: Reference) -> str:
    """Value and slope along the first direction."""
    function, x = reference.loaded.fresh(), reference.program.x.copy()
    value, slope = ad.jvp(function, (x,), (reference.directions[0],))
    exact = same_value(reference.values[0], value)
    near(reference.slopes[0], slope, reference.tolerance)
    untouched(reference, function, x)
    return exact


def batched(reference: Reference) -> str:
    """A batch of two gradients is the gradients of two."""
    x = reference.program.x
    points = np.stack([x, x + 0.03 * reference.directions[1]])
    one = ad.grad(reference.loaded.fresh())
    expected = np.stack([one(point.copy()) for point in points])
    given = ad.vmap(ad.grad(reference.loaded.fresh()))(points)
    near(expected, given, reference.tolerance)
    return ""


def curved(reference: Reference) -> str:
    """Reverse over forward, by differences of the gradient along the direction."""
    if reference.program.is_single:
        return "skipped"
    x, direction = reference.program.x, reference.directions[0]
    function = reference.loaded.fresh()
    given = ad.grad(lambda p: ad.jvp(function, (p,), (direction,))[1])(x.copy())
    slopes = ad.grad(function)
    expected, error = slope_along(slopes, x, direction)
    if not error < 1e-7 * max(1.0, largest(expected)):
        return "undecided"
    near(expected, given, 1e-6 * max(1.0, largest(expected)))
    return ""


def same_value(expected: Any, given: Any) -> str:
    """How exact a value is: the same bits, or the same but for the last digits."""
    if expected == given:
        return "exact"
    near(expected, given, 1e-5 if expected.dtype == np.float32 else 1e-12)
    return "last digits"


def near(expected: Any, given: Any, tolerance: float) -> None:
    """Refuse numbers that differ by more."""
    if not largest(np.asarray(given) - expected) <= tolerance:
        raise WrongError(f"{given} instead of {expected}")


def untouched(
    reference: Reference, function: Callable[[np.ndarray], Any], x: np.ndarray
) -> None:
    """The caller's array is what it was, and a plain call gives what it should."""
    if not np.array_equal(x, reference.program.x):
        raise WrongError("the caller's array was changed")
    after = function(x)
    if not isinstance(after, float | np.floating):
        raise WrongError(f"a plain call afterwards gives {type(after).__name__}")
    near(reference.values[1], after, 1e-12)
