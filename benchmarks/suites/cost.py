"""What a derivative costs beside the function itself, in time and in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from benchmarks.case import Case, Inputs, Suite
from benchmarks.problems import network, rosenbrock

LENGTHS = {10: 2, 100: 10, 400: 20}
"""Steps of a chain, and the checkpointed calls they are divided into."""

NO_CASADI = {"casadi": ""}
"""Expressions of single numbers are not made for long arrays."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """A function whose derivative is paid for; see `Case`.

    Its memory is measured in quick runs too, in full ones only, or never: where arrays
    are small it drowns in what the interpreter itself takes and gives.
    """

    name: str
    problem: str
    function: str
    by_hand: str
    inputs: Callable[[], Inputs]
    tolerance: float = 1e-10
    written_for: dict[str, str] = field(default_factory=lambda: NO_CASADI)
    quick: bool = True
    memory: Literal["quick", "full", "never"] = "full"

    def case(self, task: str) -> Case:
        """Return the case that times a task."""
        return Case(
            name=f"{self.name}: {task.replace('_', ' ')}",
            task=task,
            problem=self.problem,
            function=self.function,
            by_hand=self.by_hand,
            inputs=self.inputs,
            tolerance=self.tolerance,
            written_for=self.written_for,
            group=self.name,
            quick=self.quick,
        )

    def peak(self) -> Case:
        """Return the case that measures the memory of value and gradient."""
        return replace(
            self.case("value_and_gradient"),
            name=f"{self.name}: memory",
            quick=self.memory == "quick",
            measure="memory",
        )


def _chain_inputs(n: int, *lengths: int) -> Inputs:
    """Return numbers between 0.5 and 1, and how often something is repeated."""
    return np.random.default_rng(3).uniform(0.5, 1.0, n), lengths


def _logistic_inputs() -> Inputs:
    """Return weights, and 10,000 samples of 100 features with labels 1 and -1."""
    rng = np.random.default_rng(8)
    features = rng.normal(size=(10_000, 100))
    return rng.normal(size=100) / 10.0, (features, np.sign(features[:, 0]))


def _chain(n: int) -> _Problem:
    return _Problem(
        name=f"20 steps of tanh(y x + x), n = {n:,}",
        problem="elementwise",
        function="tanh_chain",
        by_hand="tanh_chain_by_hand",
        inputs=lambda: _chain_inputs(n, 20),
        quick=n < 10**6,
        memory="never" if n < 10**6 else "full",
    )


def _network(dtype: type[np.floating]) -> _Problem:
    return _Problem(
        name=f"784-512-512-10 network, batch 128, {dtype.__name__}",
        problem="network",
        function="cross_entropy",
        by_hand="cross_entropy_by_hand",
        inputs=lambda: network.inputs(dtype, 128),
        tolerance=1e-5 if dtype is np.float32 else 1e-12,
        memory="quick" if dtype is np.float32 else "full",
    )


PROBLEMS = (
    _chain(10**5),
    _chain(10**6),
    _network(np.float64),
    _network(np.float32),
    _Problem(
        name="logistic loss, 10,000 x 100",
        problem="elementwise",
        function="logistic_loss",
        by_hand="logistic_loss_by_hand",
        inputs=_logistic_inputs,
    ),
    _Problem(
        name="Rosenbrock, n = 1,000",
        problem="rosenbrock",
        function="valley",
        by_hand="value_and_gradient_by_hand",
        inputs=lambda: rosenbrock.inputs(1_000),
        written_for={},
        memory="never",
    ),
    _Problem(
        name="1,000 turns of sin(y + x), Python floats",
        problem="unrolled",
        function="last",
        by_hand="last_by_hand",
        inputs=lambda: (0.7, (1_000,)),
        tolerance=1e-8,
        written_for={},
        memory="never",
    ),
)


def _against_length() -> Iterator[Case]:
    """Yield the memory of longer and longer chains, plain and checkpointed."""
    for length in LENGTHS:
        yield Case(
            name=f"memory of {length:,} steps",
            task="value_and_gradient",
            problem="elementwise",
            function="tanh_chain",
            by_hand="tanh_chain_by_hand",
            inputs=lambda length=length: _chain_inputs(10**5, length),
            written_for=NO_CASADI,
            group="memory against length, plain",
            x=length,
            quick=length in {10, 100},
            measure="memory",
        )
    for length, calls in LENGTHS.items():
        yield Case(
            name=f"memory of {length:,} steps, checkpointed",
            task="value_and_gradient_checkpointed",
            problem="cost_chunk",
            function="tanh_steps",
            inputs=lambda length=length, calls=calls: _chain_inputs(
                10**5, calls, length // calls
            ),
            written_for=NO_CASADI,
            group="memory against length, checkpointed",
            x=length,
            quick=length == 100,
            measure="memory",
        )


def _cases() -> Iterator[Case]:
    for problem in PROBLEMS:
        yield problem.case("value")
        yield problem.case("value_and_gradient")
    for problem in PROBLEMS:
        if problem.memory != "never":
            yield problem.peak()
    yield from _against_length()


SUITE = Suite(
    name="cost",
    title="The cost of a derivative",
    text="""\
A gradient in reverse mode costs a small multiple of its function, however many
variables it has. The *extra cost* is the time of value and gradient over the time of
the value, minus one; both are the same library's, so that a slow function makes a cheap
derivative: read it beside the times. Memory is the peak of a process that
differentiates once more when all is loaded and compiled, above what it held before;
what is freed is given back to the system at once. Reverse mode keeps what its rules
read, so its memory grows with the length of a loop; with *checkpoints*, which keep one
array for about the square root of as many steps and run the steps between them twice,
it grows with the square root.""",
    cases=tuple(_cases()),
    without=("jax eager",),
    alone=(
        "the extra cost divides two times of one library, and on several cores the "
        "division would also tell how well each of the two is shared. How the chains "
        "and the network do on all cores is seen in the suites *fused* and *batched*."
    ),
)
