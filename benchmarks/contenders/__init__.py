"""Who is measured: one file a library, one line here.

To add a contender, write a subclass of `base.Contender` in a file of its own and name
it in `PLACES`.  A library that cannot be imported is absent, and says so in the tables.
"""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.contenders.base import Contender

OURS = "adjoint"
BY_HAND = "by hand"


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
    """The contenders of one run: those present, and why the others are absent."""

    present: list[Contender] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    def enter(self, name: str) -> None:
        """Import a contender, or note why it is absent.

        One that is not in `PLACES` goes by its place: ``package.module.Class``.
        """
        place = f"{__name__}.{PLACES[name].at}" if name in PLACES else name
        file, _, kind = place.rpartition(".")
        try:
            module = importlib.import_module(file)
            self.present.append(getattr(module, kind)())
        except Exception as error:
            self.absent[name] = f"absent ({error})"

    def versions(self) -> dict[str, str]:
        """Return each contender's version, or why it is absent."""
        return {one.name: one.version for one in self.present} | self.absent


def assemble(names: Iterable[str]) -> Field:
    """Return the contenders of these names that can be imported."""
    assembled = Field()
    for name in names:
        assembled.enter(name)
    return assembled
