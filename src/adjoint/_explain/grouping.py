"""The Wengert list cut into groups that fold: calls, steps of loops, source lines.

Every group is a contiguous range of the list.  Folding ranges of a topological order
leaves a graph without cycles, and the same groups fold table and picture.

The calls of the user's functions around a node are known, each with the instruction
it was at.  An instruction that comes again is a step of the loop around it, as the byte
code tells; where there is no loop, it is another call of its function.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Literal, TypeAlias

from adjoint._core.nodes import Node
from adjoint._explain.calls import Place
from adjoint._explain.loops import Loop, loops_around

Kind: TypeAlias = Literal["function", "line", "chunk"]
Item: TypeAlias = "Group | int"

MOST_SIBLINGS = 24
_IN_A_CHUNK = 10


@dataclass(slots=True)
class Group:
    """A range of nodes, and the groups inside it; numbers are single nodes."""

    name: str
    kind: Kind
    items: list[Item] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The place of the first node."""
        item = self.items[0]
        return item if isinstance(item, int) else item.first

    @property
    def last(self) -> int:
        """The place of the last node."""
        item = self.items[-1]
        return item if isinstance(item, int) else item.last


class _Frame:
    """A function that is running: what it computed so far, and where it stands."""

    __slots__ = ("at", "code", "group", "open")

    def __init__(self, code: CodeType, at: int, group: Group) -> None:
        self.code = code
        self.group = group
        self.at = at
        self.open: list[tuple[Loop, Group, Group]] = []
        """Of each loop that runs, its group and that of its present step."""
        self.enter_loops()

    @property
    def inside(self) -> list[Item]:
        """Where the next node belongs."""
        return self.open[-1][2].items if self.open else self.group.items

    def common(self, at: int) -> int:
        """Return how many loops stand around both this place and another one."""
        around = loops_around(self.code, at)
        pairs = zip(self.open, around, strict=False)
        return sum(1 for (loop, *_), other in pairs if loop == other)

    def move_to(self, at: int, *, goes_back: bool) -> None:
        """Go on to another instruction: out of loops, a step on, into loops."""
        del self.open[self.common(at) :]
        self.at = at
        if goes_back:
            self.step()
        self.enter_loops()

    def step(self) -> None:
        """Begin the next step of the innermost loop."""
        if self.open:
            loop, whole, _ = self.open[-1]
            self.open[-1] = loop, whole, _next_step(whole)

    def enter_loops(self) -> None:
        """Open the loops around the present instruction that are not open."""
        for loop in loops_around(self.code, self.at)[len(self.open) :]:
            whole = Group(f"loop, line {loop.line}", "chunk")
            self.inside.append(whole)
            self.open.append((loop, whole, _next_step(whole)))


def _next_step(whole: Group) -> Group:
    step = Group(f"step {len(whole.items)}", "chunk")
    whole.items.append(step)
    return step


def groups_of(
    nodes: Sequence[Node],
    inputs: int,
    names: Sequence[str],
    lines: Sequence[int | None],
    calls: Mapping[Node, tuple[Place, ...]],
) -> list[dict[str, Any]]:
    """Return the groups of a Wengert list as data, parents before what is in them.

    Parameters
    ----------
    nodes : sequence of Node
    inputs : int
        How many of the first nodes are inputs.
    names : sequence of str
    lines : sequence of int or None
        The number of each node's source line.
    calls : mapping
        The calls around each equation, the outermost first.
    """
    root = Group("", "function")
    frames: list[_Frame] = []
    for place in range(inputs, len(nodes)):
        _follow(frames, root, calls.get(nodes[place], ()), nodes[place])
        items = frames[-1].inside if frames else root.items
        items.append(place)
    _simplify(root)
    _cut_lines(root, lines)
    _simplify(root)
    _chunk(root, names)
    if inputs > MOST_SIBLINGS:
        given = Group("inputs", "chunk", list(range(inputs)))
        _chunk(given, names)
        root.items.insert(0, given)
    return _as_data(root)


def _follow(
    frames: list[_Frame], root: Group, path: tuple[Place, ...], node: Node
) -> None:
    """Bring the functions that run to where a node was computed."""
    stays = False
    for depth, (code, at) in enumerate(path):
        frame = frames[depth] if depth < len(frames) else None
        is_last = depth == len(path) - 1
        goes_back = frame is not None and (
            at < frame.at or (at == frame.at and is_last and node.caller is None)
        )
        again = goes_back and depth > 0 and not frame.common(at)  # type: ignore[union-attr]
        if frame is None or frame.code is not code or again:
            if stays:
                frames[depth - 1].step()  # the same call, in a loop
            del frames[depth:]
            _enter(frames, root, path[depth:])
            return
        stays = at == frame.at and not goes_back
        if not stays:
            del frames[depth + 1 :]
            frame.move_to(at, goes_back=goes_back)
    del frames[len(path) :]


def _enter(frames: list[_Frame], root: Group, path: tuple[Place, ...]) -> None:
    """Call functions, one within the other."""
    for code, at in path:
        group = Group(code.co_name, "function")
        (frames[-1].inside if frames else root.items).append(group)
        frames.append(_Frame(code, at, group))


def _simplify(root: Group) -> None:
    """Take out groups that hold one thing alone, or are all that another one holds."""
    for group in reversed(_all_groups(root)):
        group.items = [
            item.items[0] if _is_single(item) else item  # type: ignore[union-attr]
            for item in group.items
        ]
        while len(group.items) == 1 and isinstance(group.items[0], Group):
            only = group.items[0]
            if group is not root and only.kind == "function":
                group.name = f"{group.name}: {only.name}"
            group.items = only.items


def _is_single(item: Item) -> bool:
    return isinstance(item, Group) and len(item.items) == 1 and item.kind != "function"


def _all_groups(root: Group) -> list[Group]:
    """Return a group and all within it, parents first."""
    found, waiting = [], [root]
    while waiting:
        group = waiting.pop()
        found.append(group)
        waiting += [one for one in group.items if isinstance(one, Group)]
    return found


def _cut_lines(root: Group, lines: Sequence[int | None]) -> None:
    """Group nodes of one source line that stand side by side."""
    for group in _all_groups(root):
        cut: list[Item] = []
        before: int | None = None
        for item in group.items:
            number = lines[item] if isinstance(item, int) else None
            if number is None or number != before:
                cut.append(item if number is None else Group(f"line {number}", "line"))
            if number is not None:
                cut[-1].items.append(item)  # type: ignore[union-attr]
            before = number
        group.items = cut


def _chunk(root: Group, names: Sequence[str]) -> None:
    """Cut groups of many siblings into groups of ten, until there are few."""
    for group in _all_groups(root):
        while len(group.items) > MOST_SIBLINGS:
            parts = [
                group.items[k : k + _IN_A_CHUNK]
                for k in range(0, len(group.items), _IN_A_CHUNK)
            ]
            group.items = [
                part[0] if len(part) == 1 else Group(_span(part, names), "chunk", part)
                for part in parts
            ]


def _span(part: list[Item], names: Sequence[str]) -> str:
    """Return the name of siblings: ``step 0 … 9``, ``v1 … v10``."""
    first, last = (
        names[one] if isinstance(one, int) else one.name for one in (part[0], part[-1])
    )
    first, last = first.partition(" … ")[0], last.rpartition(" … ")[2]
    first, last = first.partition(": ")[0], last.partition(": ")[0]
    head, _, tail = last.rpartition(" ")
    return f"{first} … {tail if head and first.startswith(head) else last}"


def _as_data(root: Group) -> list[dict[str, Any]]:
    """Return groups as data, each with the place of its parent in the list."""
    data: list[dict[str, Any]] = []
    waiting = [(item, -1) for item in reversed(root.items)]
    while waiting:
        item, parent = waiting.pop()
        if isinstance(item, int):
            continue
        data.append(
            {
                "name": item.name,
                "kind": item.kind,
                "first": item.first,
                "last": item.last,
                "parent": parent,
            }
        )
        waiting += [(one, len(data) - 1) for one in reversed(item.items)]
    return data
