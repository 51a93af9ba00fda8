"""The time until the first derivative is there, for a library already in use."""

import tempfile
from contextlib import ExitStack

import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender
from benchmarks.effort import Effort
from benchmarks.measures.samples import enter
from benchmarks.measures.verdicts import judge
from benchmarks.results import Row
from benchmarks.session import Session, TooLateError
from benchmarks.timing import Samples, clock, frozen, in_turn

WARM_UP = Case(
    name="warm-up",
    task="value_and_gradient",
    problem="unrolled",
    function="total",
    inputs=lambda: (np.ones(2), (1,)),
)
"""What a library differentiates before the clock starts, so that it is loaded; with the
argument of the case, so that no other shape is new to it."""


def measure(session: Session, case: Case, inputs: Inputs, row: Row) -> None:
    """Ask each contender some times, each time as if the function were new to it.

    They take turns, in another order each round, as long as they have time.
    """
    samples: Samples = {}
    answers: dict[str, Value] = {}
    effort = session.effort
    with ExitStack() as stack:
        new = {
            contender.name: FirstTimes(case, contender, inputs, effort, _folder(stack))
            for contender in session.unsettled(case, row)
        }
        for turn in range(effort.firsts):
            for name in in_turn(list(new), turn):
                one = new[name]
                answered = session.ask(row, one.contender, one.once, one.limit)
                if answered:
                    seconds, answers[name] = answered
                    samples.setdefault(name, []).append(seconds)
                spent = sum(samples.get(name, ()))
                if not answered or spent + seconds > effort.limit:
                    del new[name]
    failed = [name for name in samples if name in row.cells]
    for name in failed:
        del samples[name], answers[name]
    enter(samples, row, paired=False)
    judge(answers, case.tolerance, row)


def _folder(stack: ExitStack) -> str:
    return stack.enter_context(tempfile.TemporaryDirectory())


class FirstTimes:
    """One contender's first times.

    Parameters
    ----------
    case : Case
        What is asked.
    contender : Contender
        Who answers.
    inputs : Inputs
        Of the case.
    effort : Effort
        What the contender gets.
    folder : str
        Where it may store what it compiled, if the case says so.
    """

    def __init__(
        self,
        case: Case,
        contender: Contender,
        inputs: Inputs,
        effort: Effort,
        folder: str,
    ) -> None:
        self.case = case
        self.contender = contender
        self.inputs = inputs
        self.most = effort.limit
        self.folder = folder
        self.is_ready = False

    @property
    def limit(self) -> float:
        """Return the seconds after which one turn counts as hung."""
        first_turn = 1 if self.is_ready else 2 + self.case.cached
        return first_turn * self.most

    def once(self) -> tuple[float, Value]:
        """Return the seconds from the plain function to its derivative, and the answer.

        Before the first time the library is warmed up, and stores what it compiles if
        the case is of that kind.

        Raises
        ------
        TooLateError
            If it took longer than the limit.
        """
        if not self.is_ready:
            self._warm_up()
        if not self.case.cached:
            return self._timed()
        with self.contender.storing(self.folder):
            if not self.is_ready:
                self._timed()
            self.contender.forget()
            self._warm_up()  # what belongs to the library was forgotten too
            return self._timed()

    def _warm_up(self) -> None:
        self.contender.prepare(WARM_UP, (self.inputs[0], (1,)))()

    def _timed(self) -> tuple[float, Value]:
        with frozen():
            start = clock()
            answer = self.contender.prepare(self.case, self.inputs)()
            seconds = clock() - start
        self.is_ready = True
        if seconds > self.most:
            message = f"{seconds:.1f} s"
            raise TooLateError(message)
        return seconds, self.contender.plain(answer)
