"""Why the gradient by an input is exactly zero."""

from collections.abc import Iterable

from adjoint._core.record import Calculus, Record
from adjoint._debug.message import caller_name, operation_name
from adjoint._diagnosis.watching import Made, Stop, Swept
from adjoint._modes.sites import Site

_COMPARISONS = frozenset(
    ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
)
_KILLS: dict[str, str] = {
    "where": "np.where takes the other branch at every element",
    "maximum": "the other operand of np.maximum is larger at every element",
    "minimum": "the other operand of np.minimum is smaller at every element",
    "fmax": "the other operand of np.fmax is larger at every element",
    "fmin": "the other operand of np.fmin is smaller at every element",
    "clip": "np.clip takes a bound at every element, or what is clipped in place of it",
    "multiply": "it is multiplied by exactly 0",
    "divide": "the quotient's slope is exactly 0",
    "setitem": "every element is overwritten",
    "absolute": "every element is 0, where the slope of np.abs is taken as 0",
    "tanh": "np.tanh is saturated: its slope has underflowed to 0",
    "exp": "np.exp has underflowed to 0, and so has its slope",
}
"""What it means that a cotangent becomes zero in an operation."""
_MOVES = frozenset((Calculus.LINEAR, Calculus.STRUCTURAL))
"""Classes of operations that move elements, or add them: a zero is that of a part."""


def why_zero(leaf: int, swept: dict[int, Swept], stops: Iterable[Stop]) -> list[str]:
    """Return the reasons, most telling first, why no derivative reaches a leaf.

    Parameters
    ----------
    leaf : int
        Its place on the tape.
    swept : dict
        The entries of the tape, by place.
    stops : iterable of Stop
    """
    reached = _reached(leaf, swept)
    reasons: list[str] = []
    for place in sorted(reached - {leaf}, reverse=True):
        one = swept[place]
        if any(parent in reached for parent in one.killed):
            reasons.append(_killed(one.made))
        if any(parent in reached for parent in one.cancelled):
            where = at_site(one.made.here.site) if one.made is not None else ""
            reasons.append(f"contributions to it cancel, as in x - x{where}")
    reasons.extend(_stopped(stop) for stop in stops if stop.place in reached)
    if not reasons and reached == {leaf}:
        reasons.append("it is not used")
    if not reasons:
        unused = [swept[k] for k in sorted(reached - {leaf}) if not swept[k].largest]
        ends = [one for one in unused if one.made is not None]
        where = at_site(ends[-1].made.here.site) if ends and ends[-1].made else ""
        reasons.append(f"what is computed of it does not lead to the result{where}")
    return list(dict.fromkeys(reasons))


def _reached(leaf: int, swept: dict[int, Swept]) -> set[int]:
    """Return the places of what depends on a leaf, itself included."""
    reached = {leaf}
    for place in sorted(swept):
        if any(parent in reached for parent in swept[place].parents):
            reached.add(place)
    return reached


def _killed(made: Made | None) -> str:
    if made is None:
        return "a rule gives exactly 0"
    if made.record is None:
        return f"a function with its own rule gives exactly 0{at_site(made.here.site)}"
    name = made.record.name.removeprefix("math_")
    called = caller_name(made.here.site, made.record)
    operation = operation_name(made.record)
    text = _KILLS.get(name, f"the slope of {operation} is exactly 0 there")
    if name not in _KILLS and made.record.calculus in _MOVES:
        text = f"its part of what {operation} returns has no influence on the result"
    within = f", within {called}" if called else ""
    return f"{text}{within}{at_site(made.here.site)}"


def _stopped(stop: Stop) -> str:
    return f"{_what(stop.by)}{at_site(stop.here.site)}"


def _what(by: Record | str | None) -> str:
    if by is None:
        return "ad.stop_gradient makes it a constant"
    if isinstance(by, str):
        return f"Python takes {by} from it, which has derivative 0"
    record = by
    if record.name in _COMPARISONS:
        return f"a comparison ({operation_name(record)}) has derivative 0"
    if operation_name(record) == "np.astype":
        return "a cast to integers or booleans has derivative 0"
    return f"{operation_name(record)} is piecewise constant: its derivative is 0"


def at_site(site: Site | None) -> str:
    """Return where something is, as it stands in a sentence; nothing for nowhere."""
    return f" ({site.name}: `{site.text}`)" if site is not None else ""
