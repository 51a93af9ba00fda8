"""What a section of the demonstration is: lines of text, pictures, one key figure."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

WIDTH = 79
"""Columns of the text."""


@dataclass(frozen=True)
class Picture:
    """A file that a section has drawn, and what is to be seen in it."""

    path: Path
    caption: str


@dataclass(frozen=True)
class Outcome:
    """What a section found, known when its last line is written.

    Attributes
    ----------
    key_figure : str
        The result in one short line.
    pictures : tuple of Picture
        What was drawn, in the order in which it is read.
    """

    key_figure: str
    pictures: tuple[Picture, ...] = ()


Lines: TypeAlias = Generator[str, None, Outcome]
"""Lines as soon as they are known; at the end the outcome."""


@dataclass(frozen=True)
class Section:
    """One idea of the demonstration.

    Attributes
    ----------
    name : str
        The word that chooses it on the command line.
    title : str
        Its heading.
    lines : callable
        Runs it: takes an existing folder for pictures and gives its lines.
    """

    name: str
    title: str
    lines: Callable[[Path], Lines]
