"""The variables that functions close over."""

from types import CellType
from typing import Any


def contents_of(cell: CellType) -> Any:
    """Return what a variable holds; ``None`` if it has no value yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
