"""How much is measured: enough to trust, or enough to see that it runs."""

from dataclasses import dataclass, replace

from benchmarks.timing import Share


@dataclass(frozen=True, slots=True)
class Effort:
    """What each contender gets for a case.

    Parameters
    ----------
    limit : float
        Seconds for a first call, past which the cell says so; and for all of it, past
        which no sample is begun but one.
    seconds : float
        Seconds of samples, in each of two processes.
    sample : float
        Seconds a sample should last, so that the clock's grain does not show.
    least, most : int
        Samples in each process: as many at least if the limit allows, at most.
    again : float
        Seconds that a cell may have used in all to be measured in a second process.
    firsts : int
        Repetitions of a first call (``measure="first"``).
    peaks : int
        Repetitions of a peak (``measure="memory"``).
    """

    limit: float
    seconds: float
    sample: float
    least: int
    most: int
    again: float
    firsts: int
    peaks: int

    def share(self, call: float, spent: float) -> Share:
        """Return calls and samples for a contender.

        Parameters
        ----------
        call, spent : float
            Seconds of one warm call, and those already used.
        """
        calls = max(1, int(self.sample / call))
        affordable = int((self.limit - spent) / (calls * call))
        wanted = min(self.most, max(self.least, int(self.seconds / (calls * call))))
        return Share(calls, max(1, min(wanted, affordable)))


FULL = Effort(
    limit=20.0,
    seconds=0.12,
    sample=2e-3,
    least=3,
    most=15,
    again=3.0,
    firsts=3,
    peaks=3,
)
QUICK = replace(FULL, limit=3.0, seconds=0.06, sample=1e-3, most=8, again=1.0)
