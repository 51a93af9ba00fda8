"""Who is measured: one file a library, one line here.

To add a contender, write a subclass of `base.Contender` in a file of its own and name
it in `PLACES`.  A library that is not installed is absent, and says so in the tables.
"""

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.case import BY_HAND, OURS
from benchmarks.contenders.base import Contender
from benchmarks.results import Cell


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contender is, and what the page says of it without importing it.

    Parameters
    ----------
    at : str
        File and class in this package.
    label : str
        The name as a reader knows it.
    compiles : bool
        Whether its first call is another thing than the following ones.
    """

    at: str
    label: str
    compiles: bool = False


PLACES: dict[str, Place] = {
    BY_HAND: Place("by_hand.ByHand", "by hand"),
    OURS: Place("adjoint.Adjoint", "Adjoint"),
    "adjoint compiled": Place(
        "adjoint.CompiledAdjoint", "Adjoint compiled", compiles=True
    ),
    "autograd": Place("autograd.Autograd", "autograd"),
    "torch": Place("torch.Torch", "PyTorch eager"),
    "jax": Place("jax.Jax", "JAX (jit)", compiles=True),
    "jax eager": Place("jax.EagerJax", "JAX eager"),
    "casadi": Place("casadi.Casadi", "CasADi", compiles=True),
}
"""The contenders by name, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Field:
    """The contenders of a run.

    Parameters
    ----------
    present : list of Contender
        Those that are there.
    lost : dict of str to Cell
        What stands in each cell of the others: "absent" if the library is not
        installed; if it is, and cannot be used, what went wrong.
    all_threads : bool
        Whether those who enter use every core.
    """

    present: list[Contender] = field(default_factory=list)
    lost: dict[str, Cell] = field(default_factory=dict)
    all_threads: bool = False

    def enter(self, name: str) -> None:
        """Import a contender, or note why it is lost.

        One that is not in `PLACES` goes by its place: ``package.module.Class``.
        """
        place = f"{__name__}.{PLACES[name].at}" if name in PLACES else name
        file, _, kind = place.rpartition(".")
        try:
            contender: Contender = getattr(importlib.import_module(file), kind)()
            if self.all_threads:
                contender.all_threads()
        except Exception as error:
            self.lost[name] = _why(error)
        else:
            self.present.append(contender)

    def only(self, names: Iterable[str]) -> "Field":
        """Return the part of the field that bears some names, in their order."""
        present = {one.name: one for one in self.present}
        chosen = list(names)
        return Field(
            [present[name] for name in chosen if name in present],
            {name: self.lost[name] for name in chosen if name in self.lost},
        )

    def versions(self) -> dict[str, str]:
        """Return each contender's version, or why there is none."""
        lost = {n: f"{cell.status} ({cell.note})" for n, cell in self.lost.items()}
        return {one.name: one.version for one in self.present} | lost


def _why(error: Exception) -> Cell:
    """Return the cell of a contender that could not be imported.

    A library that is there and lacks one of its own parts is not absent, but changed.
    """
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if importlib.util.find_spec(package) is None:
            return Cell("absent", str(error))
    return Cell("failed", f"its import: {type(error).__name__}: {error}")


def assemble(names: Iterable[str]) -> Field:
    """Return the contenders of these names, as far as they are there."""
    assembled = Field()
    for name in names:
        assembled.enter(name)
    return assembled
