"""What a worker has while it measures a suite: contenders, effort, and a listener."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from benchmarks.case import Case
from benchmarks.contenders import Field
from benchmarks.contenders.base import Contender, DoesNotApplyError, NotYetError
from benchmarks.effort import Effort
from benchmarks.results import Cell, Row, Status
from benchmarks.settled import Settled
from benchmarks.timing import Announce, Drop
from benchmarks.turns import NOBODY, Ledger, Turn

Emit = Callable[..., None]
Answer = TypeVar("Answer")


class TooLateError(Exception):
    """An answer took longer than a contender gets for a case."""


class CrashedError(Exception):
    """The process that was to answer died; the message says how."""


STATUSES: dict[type[Exception], Status] = {
    DoesNotApplyError: "does not apply",
    NotYetError: "not yet",
    TooLateError: "> limit",
    CrashedError: "crashed",
}
"""What a cell says for an error; for any other it says "failed"."""


@dataclass(frozen=True, slots=True)
class Session:
    """A suite being measured in this process.

    Parameters
    ----------
    suite : str
        Its name.
    field : Field
        The contenders.
    effort : Effort
        What each of them gets.
    settled : Settled
        Cells that are not to be measured.
    emit : callable
        Sends an event to the process that started this one: ``emit(event, **more)``.
    turn : Turn
        Tells that process whose turn it is while all are timed.
    ledger : Ledger
        What each of them used at the present case.
    """

    suite: str
    field: Field
    effort: Effort
    settled: Settled
    emit: Emit
    turn: Turn
    ledger: Ledger = field(default_factory=Ledger)

    def only(self, names: Iterable[str]) -> "Session":
        """Return the same session with some of its contenders."""
        return replace(self, field=self.field.only(names))

    def unsettled(self, case: Case, row: Row) -> Iterator[Contender]:
        """Yield the contenders to be measured; fill in the cells of the others."""
        for contender in self.field.present:
            cell = self.settled.find(case, contender.name)
            if cell:
                row.cells[contender.name] = cell
            else:
                yield contender

    def ask(
        self,
        row: Row,
        contender: Contender,
        question: Callable[[], Answer],
        limit: float = 0.0,
    ) -> Answer | None:
        """Return the answer to a question about one contender.

        Parameters
        ----------
        row : Row
            Whose cell says why, if there is no answer.
        contender : Contender
            Who is blamed if this process hangs or dies meanwhile.
        question : callable
            Takes nothing.
        limit : float
            Seconds after which it counts as hung, if they are not a case's.

        Returns
        -------
        Answer or None
            None if the question raised.
        """
        limit = limit or self.effort.limit
        self.turn.give(0)
        self.emit("begin", case=row.name, contenders=[contender.name], limit=limit)
        self.ledger.charge(contender.name)
        answer = None
        try:
            answer = question()
        except Exception as error:
            row.cells[contender.name] = _reason(error)
        self.ledger.charge("")
        self.emit("end", case=row.name)
        return answer

    def ask_each(
        self,
        case: Case,
        row: Row,
        question: Callable[[Contender], Answer],
        limit: float = 0.0,
    ) -> Iterator[tuple[str, Answer]]:
        """Yield the names of the contenders to be measured, with their answers.

        Who raises is left out; see `ask`.  The question takes the contender.
        """
        for contender in self.unsettled(case, row):
            answer = self.ask(row, contender, partial(question, contender), limit)
            if answer:
                yield contender.name, answer

    @contextmanager
    def rounds(
        self, row: Row, names: Sequence[str]
    ) -> Iterator[tuple[Announce, Drop, Announce]]:
        """Return a context in which several contenders are timed in turn.

        Parameters
        ----------
        row : Row
            Whose cells say why, where one raises.
        names : sequence of str
            Those who are timed.

        Yields
        ------
        announce, drop, disturb : callable
            What `timing.take` tells: whose turn it is, who raised, who was disturbed.
        """

        def announce(name: str) -> None:
            self.turn.give(names.index(name))
            self.ledger.charge(name)

        def drop(name: str, error: Exception) -> None:
            row.cells[name] = _reason(error)

        def disturb(name: str) -> None:
            row.cells[name].disturbed += 1

        limit = 2 * self.effort.limit * len(names)
        self.turn.give(NOBODY)
        self.emit("begin", case=row.name, contenders=list(names), limit=limit)
        yield announce, drop, disturb
        self.ledger.charge("")
        self.emit("end", case=row.name)


def _reason(error: Exception) -> Cell:
    """Return the cell that stands for an error."""
    status = STATUSES.get(type(error))
    if status:
        return Cell(status, str(error))
    lines = str(error).strip().splitlines() or [""]
    return Cell("failed", f"{type(error).__name__}: {lines[0]}"[:300])
