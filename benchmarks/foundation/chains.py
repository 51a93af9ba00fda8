"""Cost of one recorded operation: chains of 50 operations, forward and backward.

The chains are those of the suite `eager`; here stands what is required of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.case import Case
from benchmarks.contenders import OURS, Field
from benchmarks.foundation.report import Figure, Section, Timing
from benchmarks.foundation.runs import agreeing
from benchmarks.suites import eager
from benchmarks.timing import Plan, Samples, Spread, interleave, ratios


@dataclass(frozen=True, slots=True)
class Setting:
    """What the chains run on: arrays or Python floats.

    Parameters
    ----------
    title : str
        Printed above the results.
    cases : mapping of str to Case
        The chains, by the operation as it is written.
    required : mapping of str to float
        Required ratio, peer over Adjoint.
    exceptions : mapping of str to mapping
        Chains of which another ratio is required.
    """

    title: str
    cases: Mapping[str, Case]
    required: Mapping[str, float]
    exceptions: Mapping[str, Mapping[str, float]]


ON_ARRAYS = Setting(
    title=(
        "Chains of 50 recorded operations on float64 arrays of 10: time of one "
        "operation,\nforward and backward, closed by one uncounted sum."
    ),
    cases=eager.CHAINS_ON_ARRAYS,
    required={"autograd": 3.0, "torch": 1.8},
    exceptions={"sin(x)": {"autograd": 2.5, "torch": 1.8}},
)

ON_SCALARS = Setting(
    title=(
        "Chains of 50 recorded operations on Python floats (PyTorch: 0-d float64 "
        "tensors):\ntime of one operation, forward and backward."
    ),
    cases=eager.CHAINS_ON_FLOATS,
    required={"autograd": 4.0, "torch": 3.0},
    exceptions={},
)


def measure(setting: Setting, field: Field, plan: Plan) -> Section:
    """Return times and ratios of every chain in `setting`."""
    section = Section(setting.title)
    for name, case in setting.cases.items():
        samples = interleave(agreeing(case, case.inputs(), field, section), plan)
        for contender, seconds in samples.items():
            spread = Spread.of(seconds).scaled(1e6 / eager.OPERATIONS)
            section.timings.append(Timing(name, contender, "us/op", spread))
        required = setting.exceptions.get(name, setting.required)
        for peer, bound in required.items():
            section.figures.append(_ratio_figure(name, peer, bound, samples))
    return section


def _ratio_figure(name: str, peer: str, bound: float, samples: Samples) -> Figure:
    missing = [one for one in (peer, OURS) if one not in samples]
    return Figure(
        name=f"{name}: {peer} / {OURS}",
        sense="at least",
        bound=bound,
        unit="x",
        measured=None if missing else Spread.of(ratios(samples, peer, OURS)),
        note=f"no time of {', '.join(missing)}" if missing else "",
    )
