"""The Wengert list cut into groups that fold: calls, steps of loops, source lines.

Every group is a contiguous range of the list.  Folding ranges of a topological order
leaves a graph without cycles, and the same groups fold table and picture.

A node knows the innermost function of the user's that it was computed in, and the
instruction there.  Calls are found from these: a function belongs into the latest one
that names it; instructions that come again without a loop around them are another call.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from adjoint._core.nodes import Node
from adjoint._explain.loops import Loop, loops_around, names_in

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

    __slots__ = ("at", "code", "group", "loops", "open")

    def __init__(self, code: Any, group: Group) -> None:
        self.code = code
        self.group = group
        self.open: list[tuple[Group, Group]] = []
        """Of each loop that runs, its group and that of its present step."""
        self.loops: tuple[Loop, ...] = ()
        self.at = -1

    @property
    def inside(self) -> list[Item]:
        """Where the next node belongs."""
        return self.open[-1][1].items if self.open else self.group.items

    def is_called_again(self, node: Node) -> bool:
        """Tell whether a node of this code belongs to another call of it."""
        return self._goes_back(node) and not self._common(node)

    def move_to(self, node: Node) -> None:
        """Go on to the instruction of a node: into loops, out of them, a step on."""
        common = self._common(node)
        loops = loops_around(self.code, node.at)
        if self._goes_back(node) and common:
            del self.open[common:]
            whole = self.open[-1][0]
            self.open[-1] = whole, _next_step(whole)
        else:
            del self.open[common:]
        for loop in loops[len(self.open) :]:
            whole = Group(f"loop, line {loop.line}", "chunk")
            self.inside.append(whole)
            self.open.append((whole, _next_step(whole)))
        self.loops, self.at = loops, node.at

    def _goes_back(self, node: Node) -> bool:
        if node.at == self.at:
            return node.caller is None
        return node.at < self.at

    def _common(self, node: Node) -> int:
        """Return how many loops stand around both the last node and this one."""
        pairs = zip(self.loops, loops_around(self.code, node.at), strict=False)
        return sum(1 for one, other in pairs if one == other)


def _next_step(whole: Group) -> Group:
    step = Group(f"step {len(whole.items)}", "chunk")
    whole.items.append(step)
    return step


def groups_of(
    nodes: Sequence[Node], inputs: int, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the groups of a Wengert list as data, parents before what is in them.

    Parameters
    ----------
    nodes : sequence of Node
    inputs : int
        How many of the first nodes are inputs.
    names : sequence of str
    """
    root = Group("", "function")
    frames = [_Frame(None, root)]
    for place in range(inputs, len(nodes)):
        node = nodes[place]
        if node.code is not None:
            _enter(frames, node)
            frames[-1].move_to(node)
        frames[-1].inside.append(place)
    _simplify(root)
    _cut_lines(root, nodes)
    _simplify(root)
    _chunk(root, names)
    if inputs > MOST_SIBLINGS:
        given = Group("inputs", "chunk", list(range(inputs)))
        _chunk(given, names)
        root.items.insert(0, given)
    return _as_data(root)


def _enter(frames: list[_Frame], node: Node) -> None:
    """Make the function that a node was computed in the innermost one that runs."""
    code: Any = node.code
    for depth in range(len(frames) - 1, 0, -1):
        if frames[depth].code is code:
            del frames[depth + 1 :]
            if not frames[-1].is_called_again(node):
                return
            frames.pop()
            break
        if code.co_name in names_in(frames[depth].code):
            del frames[depth + 1 :]
            break
    else:
        del frames[1:]
    group = Group(code.co_name, "function")
    frames[-1].inside.append(group)
    frames.append(_Frame(code, group))


def _simplify(root: Group) -> None:
    """Take out groups that hold one thing alone, or are all that another one holds."""
    for group in reversed(_all_groups(root)):
        group.items = [
            item.items[0] if _is_single(item) else item  # type: ignore[union-attr]
            for item in group.items
        ]
        while len(group.items) == 1 and isinstance(group.items[0], Group):
            group.items = group.items[0].items


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


def _cut_lines(root: Group, nodes: Sequence[Node]) -> None:
    """Group nodes of one source line that stand side by side."""
    for group in _all_groups(root):
        cut: list[Item] = []
        before: Any = None
        for item in group.items:
            number = None
            if isinstance(item, int) and (line := nodes[item].line) is not None:
                number = line.line
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
