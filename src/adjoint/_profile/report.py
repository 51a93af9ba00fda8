"""A profile as tables for terminals, notebooks and files."""

import html
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adjoint._comparison.pictures import Figure
from adjoint._comparison.text import as_html, as_text
from adjoint._core.errors import InputError
from adjoint._core.units import bytes_text, time_text
from adjoint._profile.picture import as_svg, draw


@dataclass(frozen=True)
class ProfileLine:
    """What one line of the user's code took.

    Attributes
    ----------
    file : str
        With its folder; empty for what belongs to no line.
    line : int
    function : str
        The function around it.
    text : str
        The line.
    count : int
        How many operations ran there in the forward pass.
    runs : int
        How often the line ran in the forward pass.
    forward, backward : float
        Seconds.
    kept : int
        Bytes kept there for the backward pass; each array counts where it is first
        kept.
    checkpointed : bool
        Whether a checkpointed call stands there.
    """

    file: str
    line: int
    function: str
    text: str
    count: int
    runs: int
    forward: float
    backward: float
    kept: int
    checkpointed: bool

    @property
    def name(self) -> str:
        """``file.py:12``."""
        return f"{self.file.rpartition(os.sep)[2]}:{self.line}" if self.file else "-"


@dataclass(frozen=True)
class Profile:
    """What `adjoint.profile` measured.

    ``print`` shows a table that fits the terminal; notebooks show it with the picture.

    Attributes
    ----------
    value : Any
        What the function returned.
    seconds : float
        How long it took, measuring included.
    lines : tuple of ProfileLine
        Those that took most time first.
    timeline : tuple of int
        The bytes that tapes and sweeps held after each step.
    backward : tuple of bool
        Whether each step was one of a backward pass.
    peak : int
        The most bytes held.
    peak_line : str
        ``"file.py:12"``, where that was.
    kept : int
        Bytes kept for the backward pass, in all.
    advice : tuple of str
        What would help.
    """

    value: Any
    seconds: float
    lines: tuple[ProfileLine, ...]
    timeline: tuple[int, ...]
    backward: tuple[bool, ...]
    peak: int
    peak_line: str
    kept: int
    advice: tuple[str, ...]

    def __str__(self) -> str:
        width = shutil.get_terminal_size().columns
        shown = self.lines[:_MOST]
        bare = as_text(_HEAD[:-1], [_cells(one)[:-1] for one in shown])
        room = width - 2 - len(bare.partition("\n")[0])
        if room >= _LEAST:
            cells = [(*_cells(one)[:-1], _cut(one.text, room)) for one in shown]
            bare = as_text(_HEAD, cells)
        rest = len(self.lines) - len(shown)
        more = f"\n... and {rest} lines more" if rest else ""
        advice = "".join(f"\n- {one}" for one in self.advice)
        return f"{self._summary()}\n\n{bare}{more}\n{advice}".rstrip()

    def _summary(self) -> str:
        forward = sum(one.forward for one in self.lines)
        backward = sum(one.backward for one in self.lines)
        return (
            f"Operations took {time_text(forward)} forward and {time_text(backward)} "
            f"backward.\nKept for the backward pass: {bytes_text(self.kept)}; most "
            f"held at once: {bytes_text(self.peak)}, at {self.peak_line}."
        )

    def _repr_html_(self) -> str:
        cells = [_cells(one) for one in self.lines[:_MOST]]
        advice = "".join(f"<li>{html.escape(one)}</li>" for one in self.advice)
        try:
            picture = as_svg(self.timeline, self.backward, self.peak, self.peak_line)
        except ImportError as missing:
            picture = f"<p>{html.escape(str(missing))}</p>"
        summary = html.escape(self._summary()).replace("\n", "<br>")
        return f"<p>{summary}</p>{picture}{as_html(_HEAD, cells)}<ul>{advice}</ul>"

    def plot(self) -> Figure:
        """Return a picture of the bytes held, step by step.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed: ``pip install 'adjoint[explain]'``.
        """
        return draw(self.timeline, self.backward, self.peak, self.peak_line)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the profile to a file, in the form that its ending says.

        Parameters
        ----------
        path : path
            ``.html`` and ``.txt`` for the table, ``.svg``, ``.png`` and ``.pdf`` for
            the picture.

        Raises
        ------
        InputError
            For another ending.
        ImportError
            For a picture, if matplotlib is not installed.
        OSError
            If the file cannot be written.
        """
        target = Path(path)
        match target.suffix.lower():
            case ".html":
                page = _PAGE.format(body=self._repr_html_())
                target.write_text(page, encoding="utf-8")
            case ".txt":
                target.write_text(f"{self}\n", encoding="utf-8")
            case ".svg" | ".png" | ".pdf":
                self.plot().savefig(target)
            case ending:
                msg = (
                    "Profile.save was given a file that ends in "
                    f"{ending or 'nothing'!r}. Use .html or .txt for the table, .svg, "
                    ".png or .pdf for the picture."
                )
                raise InputError(msg)


_MOST = 20
"""Lines that are shown."""

_LEAST = 12
"""Characters of source worth a column."""

_HEAD = ("line", "runs", "forward", "backward", "kept", "source")
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Profile</title>'
    "<style>body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em; }} table {{ "
    "border-collapse: collapse; }} td, th {{ padding: 0.2em 0.8em; }} svg {{ "
    "max-width: 100%; height: auto; }}</style></head><body>{body}</body></html>\n"
)


def _cells(one: ProfileLine) -> Sequence[str]:
    return (
        one.name,
        str(one.runs),
        time_text(one.forward),
        time_text(one.backward),
        bytes_text(one.kept),
        one.text,
    )


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 3] + "..."
