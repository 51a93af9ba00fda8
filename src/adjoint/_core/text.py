"""The text of a traced number: to be read, not to be computed with.

``f"{x:.3f}"`` in a log line is welcome; ``float(f"{x}")`` would make a constant of a
traced number in silence.  Python asks a subclass of `str` before it parses one, so the
text itself can refuse.
"""

from collections.abc import Callable
from typing import Self


class TracedText(str):
    """Text that refuses to be read back as a number.

    Parameters
    ----------
    text : str
        What is shown.
    check : callable
        Takes what was asked, in words; raises where a derivative would be lost.
    """

    __slots__ = ("_check",)

    _check: Callable[[str], None]

    def __new__(cls, text: str, check: Callable[[str], None]) -> Self:
        self = super().__new__(cls, text)
        self._check = check
        return self

    def __float__(self) -> float:
        self._check('float(f"{x}"), a number read from its text')
        return float(str.__str__(self))

    def __int__(self) -> int:
        self._check('int(f"{x}"), a number read from its text')
        return int(str.__str__(self))


NO_GRAD = (
    "`x.grad` belongs to variables; this is a traced value, of which a transform takes "
    "the derivative: ad.grad(f)(x). For y.grad(x) make x = ad.variable(...), outside "
    "of transforms."
)
"""What a traced value answers that is asked for its gradient."""
