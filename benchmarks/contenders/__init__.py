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

PLACES: dict[str, str] = {
    BY_HAND: "by_hand.ByHand",
    OURS: "adjoint.Adjoint",
    "adjoint compiled": "adjoint.CompiledAdjoint",
    "autograd": "autograd.Autograd",
    "torch": "torch.Torch",
    "jax": "jax.Jax",
    "jax eager": "jax.EagerJax",
    "casadi": "casadi.Casadi",
}
"""Each contender's name, and its file and class in this package."""


@dataclass(frozen=True, slots=True)
class Field:
    """The contenders of one run: those present, and why the others are absent."""

    present: list[Contender] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    def enter(self, name: str) -> None:
        """Import a contender, or note why it is absent.

        One that is not in `PLACES` goes by its place: ``package.module.Class``.
        """
        place = f"{__name__}.{PLACES[name]}" if name in PLACES else name
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
