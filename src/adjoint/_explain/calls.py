"""Recording that also keeps how Python came to each operation: the calls around it."""

import functools
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, TypeAlias

from adjoint._core.arrays import Value
from adjoint._core.errors import is_library
from adjoint._core.nodes import Node
from adjoint._core.record import Record
from adjoint._modes.record import RecordTrace

Place: TypeAlias = tuple[CodeType, int]
"""A function of the user's, and the instruction that it is at."""
DEEPEST = 30
"""Calls, one within the other: of a deeper recursion the outer ones are told apart."""


class LocatedTrace(RecordTrace):
    """A recording that notes the calls of the user's functions around each node.

    Attributes
    ----------
    calls : dict
        For each node the places from the explained function to the innermost one.
    """

    __slots__ = ("_base", "calls")

    def __init__(self) -> None:
        super().__init__()
        self._base: FrameType | None = sys._getframe(1)
        self.calls: dict[Node, tuple[Place, ...]] = {}

    def node(
        self,
        record: Record,
        operation: Callable[..., Value] | None,
        parents: tuple[Any, ...],
        params: tuple[Any, ...],
        out: Value,
    ) -> Node:
        """Return a node; what a transform adds around the function has no line."""
        node = super().node(record, operation, parents, params, out)
        places = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame is not self._base:
            if _is_users(frame.f_code.co_filename):
                places.append((frame.f_code, frame.f_lasti))
            frame = frame.f_back
        if places:
            node.code, node.at = places[0]
        else:
            node.code, node.at = None, 0
        self.calls[node] = tuple(reversed(places[-DEEPEST:]))
        return node

    def end(self) -> None:
        """Let go of the frame that recording began in."""
        self._base = None


@functools.cache
def _is_users(file: str) -> bool:
    return not is_library(file)
