"""What a training has measured: one number an epoch for each name."""

from itertools import cycle
from typing import Any

from adjoint.nn._extra import load_package

_COLORS = ("#2a6f97", "#d1495b", "#3a7d44", "#d98e04", "#6d597a")

_FEW = 10
"""Up to so many epochs each is marked."""


class History(dict[str, list[float]]):
    """Lists of numbers, one an epoch: ``history["loss"][-1]`` is that of the last.

    Examples
    --------
    >>> import adjoint as ad
    >>> history = ad.nn.History(loss=[3.0, 1.0, 2.0], validation_loss=[4.0, 3.0, 5.0])
    >>> history.epochs, history.best("validation_loss")
    (3, 2)
    """

    @property
    def epochs(self) -> int:
        """How many epochs there were."""
        return max(map(len, self.values()), default=0)

    def best(self, name: str, *, largest: bool = False) -> int:
        """Return the epoch, from 1, of the least number of a name (or the largest).

        The first one of equals; nan is never best.

        Raises
        ------
        ValueError
            If nothing of this name was measured.
        """
        numbers = self.get(name)
        if not numbers:
            known = ", ".join(sorted(self)) or "nothing yet"
            msg = f"no `{name}` was measured; there is: {known}."
            raise ValueError(msg)
        sign = -1.0 if largest else 1.0
        ranks = [sign * x if x == x else float("inf") for x in numbers]  # noqa: PLR0124 - nan
        return ranks.index(min(ranks)) + 1

    def add(self, measured: dict[str, float]) -> None:
        """Append the numbers of one epoch."""
        for name, number in measured.items():
            self.setdefault(name, []).append(number)

    def plot(self, *names: str) -> Any:
        """Return a figure of the numbers by epoch: losses, metrics, the learning rate.

        Each of the three has a panel.  Losses that fall by more than a factor of ten
        are drawn on a logarithmic scale.

        Parameters
        ----------
        *names : str
            Which ones; all but the learning rate if there are none.

        Returns
        -------
        matplotlib.figure.Figure
            ``figure.savefig("training.png")`` writes it; no display is needed.

        Raises
        ------
        ValueError
            If nothing of a name was measured.
        ImportError
            Without matplotlib: ``pip install 'adjoint[explain]'``.
        """
        for name in names:
            self.best(name)
        shown = names or tuple(name for name in self if name != "learning_rate")
        if not shown:
            msg = "nothing was measured yet, so there is nothing to plot."
            raise ValueError(msg)
        groups = [
            [name for name in shown if _panel(name) == panel] for panel in range(3)
        ]
        groups = [group for group in groups if group]
        module = load_package("matplotlib.figure", "Pictures", "explain")
        size = (6.4, 2.8 * len(groups) + 0.4)
        figure = module.Figure(figsize=size, layout="constrained")
        panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
        for axes, group in zip(panels, groups, strict=True):
            self._draw(axes, group)
        panels[-1].set_xlabel("epoch")
        return figure

    def _draw(self, axes: Any, group: list[str]) -> None:
        for name, color in zip(group, cycle(_COLORS)):
            numbers = self[name]
            marker = "o" if len(numbers) <= _FEW else None
            epochs = range(1, len(numbers) + 1)
            label = name.replace("_", " ")
            axes.plot(epochs, numbers, marker=marker, color=color, label=label)
        numbers = [number for name in group for number in self[name]]
        if _panel(group[0]) == 0 and 0.0 < 10.0 * min(numbers) < max(numbers):
            axes.set_yscale("log")
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(visible=True, color="#e6eaee", linewidth=0.7)
        axes.set_axisbelow(True)
        if len(group) == 1:
            axes.set_title(group[0].replace("_", " "), loc="left", fontsize="medium")
        else:
            axes.legend(frameon=False, labelcolor="linecolor")


def _panel(name: str) -> int:
    """Return where a name belongs: 0 with losses, 1 with metrics, 2 the rate."""
    if name.endswith("loss"):
        return 0
    return 2 if name == "learning_rate" else 1
