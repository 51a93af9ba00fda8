"""The loops of a function, as its byte code has them: from where it jumps back."""

import dis
import functools
from types import CodeType
from typing import NamedTuple

_JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})


class Loop(NamedTuple):
    """A range of instructions that is run again and again.

    Parameters
    ----------
    first, last : int
        Offsets of its first instruction, and of its last jump back.
    line : int
        Where it begins in the file.
    """

    first: int
    last: int
    line: int


@functools.lru_cache(maxsize=256)
def loops_of(code: CodeType) -> tuple[Loop, ...]:
    """Return the loops of a code object, the outer ones first."""
    ends: dict[int, int] = {}
    lines: dict[int, int] = {}
    line = code.co_firstlineno
    for one in dis.get_instructions(code):
        if one.positions is not None and one.positions.lineno is not None:
            line = one.positions.lineno
        lines[one.offset] = line
        target = one.argval
        if one.opcode in _JUMPS and isinstance(target, int) and target < one.offset:
            ends[target] = max(one.offset, ends.get(target, 0))
    found = [
        Loop(first, last, lines.get(first, code.co_firstlineno))
        for first, last in ends.items()
    ]
    return tuple(sorted(found, key=lambda loop: (loop.first, -loop.last)))


def loops_around(code: CodeType, at: int) -> tuple[Loop, ...]:
    """Return the loops that an instruction stands in, from the outermost one."""
    return tuple(one for one in loops_of(code) if one.first <= at <= one.last)
