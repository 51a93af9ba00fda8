"""Why an operation makes NaN or infinity of finite numbers, and what helps.

One table, by the name of the record and by whether the value or the derivative failed.
The first cause whose test holds of the operands is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Operands = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason, and its cure.

    Parameters
    ----------
    text : str
        What is the matter, and what to write instead.
    holds : callable
        ``holds(operands)``: whether it is this; ``operands`` are numbers, ``None``
        where they are not known.
    """

    text: str
    holds: Callable[[Operands], bool] = lambda _operands: True


def _is(k: int, test: Callable[[Any], bool]) -> Callable[[Operands], bool]:
    """Return a test of operand ``k``; it holds of none that is not known."""

    def holds(operands: Operands) -> bool:
        known = k < len(operands) and operands[k] is not None
        return known and bool(test(operands[k]))

    return holds


def _zero(k: int) -> Callable[[Operands], bool]:
    return _is(k, lambda x: x == 0)


def _negative(k: int) -> Callable[[Operands], bool]:
    return _is(k, lambda x: x.real < 0)


def _large(k: int) -> Callable[[Operands], bool]:
    return _is(k, lambda x: abs(x) > 1)


_SAFE = (
    "If np.where chooses another branch there, both branches are computed all the "
    "same: put a safe number in first, x_safe = np.where(ok, x, 1.0), and compute with "
    "that."
)
_LOG = (
    Cause(
        "The logarithm of 0 is -inf. Keep the argument away from 0 (np.log(x + 1e-12), "
        "np.maximum(x, 1e-12)), or work with logarithms throughout (a log-softmax "
        f"instead of the log of a softmax). {_SAFE}",
        _zero(0),
    ),
    Cause(
        "A negative number has no real logarithm. Look why it is negative; a variance "
        f"or a probability may be so by rounding: np.maximum(x, tiny). {_SAFE}",
        _negative(0),
    ),
)
_LOG_SLOPE = (
    Cause(
        "The slope of the logarithm, 1/x, is infinite or overflows that close to 0. "
        f"Keep the argument away from 0. {_SAFE}"
    ),
)
_EXP = (
    Cause(
        "The exponential overflows beyond 709 (88 in float32). Subtract the largest "
        "exponent first, as in log-sum-exp: m = np.max(x); m + np.log(np.sum(np.exp(x "
        "- m))); or use np.logaddexp, ad.nn.softmax. A sigmoid, 1/(1 + np.exp(-x)), is "
        "the same without overflow as 0.5 * (1 + np.tanh(0.5 * x)), or ad.nn.sigmoid."
    ),
)
_SQRT_SLOPE = Cause(
    "The slope of a root is infinite at 0. Add a small number under it (np.sqrt(x + "
    "1e-12)), or differentiate the square instead of the root. If np.where chooses "
    "another branch there, put a safe number in first: np.sqrt(np.where(x > 0, x, "
    "1.0))."
)
_DIVIDE = (
    Cause(
        "0/0 is nan. Where a limit is meant (np.sin(x)/x), use a function that has it "
        f"(np.sinc), or a safe denominator. {_SAFE}",
        lambda operands: _zero(0)(operands) and _zero(1)(operands),
    ),
    Cause(
        f"The denominator is 0. Add a small number to it, or look why it is 0. {_SAFE}",
        _zero(1),
    ),
    Cause("The quotient overflows: the denominator is tiny. Rescale, or add to it."),
)
_UNIT = "Its argument must stay within [-1, 1]; rounding leads out of it: np.clip."
_ENDS = (
    "Its slope is infinite at -1 and 1. Clip to within them, np.clip(x, -1 + 1e-12, 1 "
    "- 1e-12), or use np.arctan2, whose slope is finite."
)
_POWER = (
    Cause(
        "0 to a negative power is infinite. Keep the base away from 0.",
        lambda operands: _zero(0)(operands) and _negative(1)(operands),
    ),
    Cause(
        "A negative number to a power that is no integer is not real. Use np.abs, or "
        "np.cbrt for cube roots.",
        _negative(0),
    ),
    Cause("The power overflows. Rescale, or work with logarithms."),
)
_POWER_SLOPE = (
    Cause(
        "The base is itself a root, whose slope is infinite at 0: np.cbrt(x)**2 is "
        "x**(2/3). Keep what is under the root away from 0 (x + 1e-12).",
        lambda operands: _zero(0)(operands) and _is(1, lambda p: p.real >= 1)(operands),
    ),
    Cause(
        "The slope of x**p, p x**(p-1), is infinite at 0 for p < 1. Keep the base away "
        f"from 0 (x + 1e-12). {_SAFE}",
        lambda operands: _zero(0)(operands) and _is(1, lambda p: p.real < 1)(operands),
    ),
    Cause(
        "The slope of x**p is infinite at 0 for p < 1, and its slope by p is log(x) "
        "x**p. Keep the base away from 0 (x + 1e-12).",
        _zero(0),
    ),
    Cause(
        "The derivative by the exponent holds the logarithm of the base, which is "
        "negative. Pass an exponent that is an integer, not differentiated.",
        _negative(0),
    ),
    Cause("The slope p x**(p-1) overflows. Rescale, or work with logarithms."),
)
_OWN_RULE = Cause(
    "Look into the function and its rule for a division by 0, a root or logarithm of "
    "0, or an overflow."
)
_MATRIX = (
    Cause(
        "The matrix is singular, or nearly so. Add a multiple of the identity, or use "
        "np.linalg.lstsq or np.linalg.pinv."
    ),
)
_OVERFLOW = (
    Cause(
        "The result overflows: the operands are too large for their type (1.8e308 in "
        "float64, 3.4e38 in float32). Rescale, or work with logarithms."
    ),
)
_INDEFINITE = Cause(
    "Infinities cancel: inf - inf, 0 * inf and inf / inf are nan. Look where the "
    "infinity comes from; a row of a mask that is -inf throughout has no softmax. Use "
    "a large finite number, -1e30, in its place.",
    lambda operands: any(
        one is not None and abs(one) == float("inf") for one in operands
    ),
)

FORWARD: dict[str, tuple[Cause, ...]] = {
    **dict.fromkeys(("log", "log2", "log10"), _LOG),
    "log1p": (Cause(f"log1p of -1 or less is not finite. {_SAFE}"),),
    "sqrt": (
        Cause(
            "A negative number has no real root; rounding may have made it so: "
            f"np.sqrt(np.maximum(x, 0.0)). {_SAFE}"
        ),
    ),
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "logaddexp"), _EXP),
    "divide": _DIVIDE,
    "reciprocal": (Cause(f"The reciprocal of 0 is infinite. {_SAFE}"),),
    **dict.fromkeys(("power", "float_power"), _POWER),
    "a rule": (_OWN_RULE,),
    **dict.fromkeys(("arcsin", "arccos"), (Cause(_UNIT),)),
    "arctanh": (
        Cause(f"arctanh is infinite at -1 and 1. {_UNIT}", lambda p: not _large(0)(p)),
        Cause(_UNIT),
    ),
    "arccosh": (Cause(f"arccosh is real from 1 on. {_SAFE}"),),
    **dict.fromkeys(("fmod", "remainder"), (Cause("The divisor is 0."),)),
    **dict.fromkeys(("solve", "inv", "tensorsolve", "det", "slogdet"), _MATRIX),
}
"""Why a value is not finite."""

BACKWARD: dict[str, tuple[Cause, ...]] = {
    **dict.fromkeys(("log", "log2", "log10", "log1p"), _LOG_SLOPE),
    **dict.fromkeys(("sqrt", "cbrt"), (_SQRT_SLOPE,)),
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh"), _EXP),
    "divide": (
        Cause(
            "The slope by the denominator y is -x/y**2, which overflows where y is "
            "tiny. Add a small number to the denominator, or rescale.",
        ),
    ),
    "reciprocal": (
        Cause("The slope -1/x**2 overflows near 0. Keep the argument away from it."),
    ),
    **dict.fromkeys(("power", "float_power"), _POWER_SLOPE),
    "a rule": (_OWN_RULE,),
    **dict.fromkeys(("arcsin", "arccos"), (Cause(_ENDS),)),
    "arctanh": (Cause(_ENDS),),
    "arccosh": (
        Cause("Its slope is infinite at 1. Keep the argument above: np.maximum."),
    ),
    **dict.fromkeys(
        ("hypot", "norm", "arctan2", "angle"),
        (
            Cause(
                "There is no derivative at the origin. Add a small number, "
                "np.sqrt(x**2 + y**2 + 1e-12), or use the square."
            ),
        ),
    ),
    **dict.fromkeys(("solve", "inv", "tensorsolve", "det", "slogdet"), _MATRIX),
    **dict.fromkeys(
        ("eigh", "eigvalsh", "eig", "svd", "qr", "cholesky"),
        (
            Cause(
                "The derivative of a decomposition divides by gaps between its values, "
                "or by the values; one of them is 0. Add distinct small numbers to the "
                "diagonal, or use a function that needs no vectors."
            ),
        ),
    ),
}
"""Why a derivative is not finite."""


def cause_of(name: str, operands: Operands, *, backward: bool) -> str:
    """Return why an operation made what is not finite, and what helps.

    Parameters
    ----------
    name : str
        Of the record.
    operands : sequence of numbers
        At the place where it happened; ``None`` for those not known.
    backward : bool
        Whether the derivative, not the value, is not finite.
    """
    if _INDEFINITE.holds(operands):
        return _INDEFINITE.text
    table = BACKWARD if backward else FORWARD
    for cause in table.get(name, _OVERFLOW):
        if cause.holds(operands):
            return cause.text
    return _OVERFLOW[0].text
