"""Windows that slide over some axes of an array.

A window's elements are taken one position at a time: the k-th of all windows is one
strided slice, a view.  Its transpose adds into a slice in place, so that nothing larger
than all windows together (the *columns*) is ever made.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import adjoint as ad
from adjoint.nn._checks import is_integer, name_of

Padding: TypeAlias = str | int | Sequence[int]


@dataclass(frozen=True)
class Windows:
    """How windows lie on an input; each tuple has one number an axis.

    Parameters
    ----------
    size : tuple of int
        Positions in a window.
    stride : tuple of int
        From one window to the next.
    dilation : tuple of int
        From one position to the next.
    padding : str or tuple of int
        ``"same"``, ``"valid"``, or what is added on both sides.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str | tuple[int, ...]

    def padded(self, layer: Any, x: Any, value: float = 0.0, *, after: int = 1) -> Any:
        """Return an input with its margins; ``after``: axes that follow the lengths.

        Raises
        ------
        ShapeError
            If not even one window fits.
        """
        lengths = self._lengths(x, after)
        margins = [self._margins(length, axis) for axis, length in enumerate(lengths)]
        for length, margin, reach in zip(lengths, margins, self._reach, strict=True):
            if length + sum(margin) < reach:
                msg = (
                    f"{name_of(layer)}: a window reaches over {self._reach} positions "
                    f"(size {self.size}, dilation {self.dilation}), but the input has "
                    f"only {tuple(lengths)}, padded by {self.padding!r}."
                )
                raise ad.errors.ShapeError(msg)
        if not any(map(any, margins)):
            return x
        before = len(x.shape) - len(margins) - after
        widths = [(0, 0)] * before + margins + [(0, 0)] * after
        return np.pad(x, widths, constant_values=value)

    def positions(self, padded: Any, *, after: int = 1) -> list[Any]:
        """Return, for each position in a window, its elements in all windows."""
        lengths = self._lengths(padded, after)
        counts = [
            (length - reach) // step + 1
            for length, reach, step in zip(
                lengths, self._reach, self.stride, strict=True
            )
        ]
        starts = [
            range(0, size * gap, gap)
            for size, gap in zip(self.size, self.dilation, strict=True)
        ]
        return [
            padded[
                (
                    Ellipsis,
                    *(
                        slice(first, first + (count - 1) * step + 1, step)
                        for first, count, step in zip(
                            firsts, counts, self.stride, strict=True
                        )
                    ),
                    *(slice(None),) * after,
                )
            ]
            for firsts in itertools.product(*starts)
        ]

    def _lengths(self, x: Any, after: int) -> tuple[int, ...]:
        return tuple(x.shape[len(x.shape) - len(self.size) - after :][: len(self.size)])

    @property
    def _reach(self) -> tuple[int, ...]:
        return tuple(
            (size - 1) * gap + 1
            for size, gap in zip(self.size, self.dilation, strict=True)
        )

    def _margins(self, length: int, axis: int) -> tuple[int, int]:
        if self.padding == "valid":
            return (0, 0)
        if self.padding == "same":
            step = self.stride[axis]
            count = -(-length // step)
            total = max((count - 1) * step + self._reach[axis] - length, 0)
            return (total // 2, total - total // 2)
        return (int(self.padding[axis]),) * 2


def windows(
    kind: str,
    axes: int,
    size: int | Sequence[int],
    stride: int | Sequence[int],
    padding: Padding,
    dilation: int | Sequence[int] = 1,
) -> Windows:
    """Return windows from what a layer was given: one number for all axes, or several.

    Raises
    ------
    ValueError
        For numbers that are too small, too many or too few, or another padding.
    """
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            msg = f'{kind}: padding={padding!r} is not "same", "valid" or a number.'
            raise ValueError(msg)
        margin: str | tuple[int, ...] = padding
    else:
        margin = _numbers(kind, "padding", padding, axes, 0)
    return Windows(
        _numbers(kind, "size", size, axes, 1),
        _numbers(kind, "stride", stride, axes, 1),
        _numbers(kind, "dilation", dilation, axes, 1),
        margin,
    )


def _numbers(
    kind: str, what: str, given: int | Sequence[int], axes: int, least: int
) -> tuple[int, ...]:
    several: Any = (given,) * axes if np.ndim(given) == 0 else given
    numbers: tuple[Any, ...] = tuple(several)
    if len(numbers) != axes or not all(
        is_integer(number) and number >= least for number in numbers
    ):
        msg = (
            f"{kind}: {what}={given!r} should be an integer from {least} on, or "
            f"{axes} of them."
        )
        raise ValueError(msg)
    return numbers
