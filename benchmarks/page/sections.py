"""One table of the report as a section: its text, pictures, numbers and notes."""

from collections.abc import Callable, Sequence

from benchmarks.contenders import OURS, PLACES
from benchmarks.page import text
from benchmarks.page.judgement import (
    extra_costs,
    is_answered,
    is_peer,
    physical_limit,
    ratio,
    rounds,
    standing,
)
from benchmarks.page.pictures import Picture
from benchmarks.results import FAULTS, FEWEST, MUCH, Cell, Limits, Row, Table
from benchmarks.timing import Spread

THREADS = {"one": "One thread", "all": "All cores"}
VERDICTS = {"right": "✓ right", "wrong": "**✗ wrong**", "failed": "– raises"}

FIRST = "First calls, compilation included"
MEMORY = "Peak memory of a process that does it once. **▼**: a peer needs less."
EXTRA = (
    "Extra cost: the time of value and gradient over that of the value, minus one; "
    "each contender beside its own function."
)
ANSWERS = (
    "✓: the right derivative. –: an error, so nothing wrong is computed. "
    "**✗**: a wrong derivative, in silence."
)
DISTURBED = (
    "**Disturbed:** in {:.0%} of Adjoint's samples another process had a core. Do not "
    "rely on these figures; who waits for all threads, as NumPy's matrix product does, "
    "is slowed most."
)
FEW = 6
"""Notes that are shown unfolded, and cases that a note names."""


def heading(table: Table) -> str:
    """Return a suite's title, and what it measures."""
    return "\n\n".join(filter(None, [f"## {text.plain(table.title)}", table.text]))


def section(table: Table, limits: Limits | None, pictures: Sequence[Picture]) -> str:
    """Return the section of a suite under one setting of threads."""
    memory = [row for row in table.rows if row.measure == "memory"]
    verdicts = [row for row in table.rows if row.measure == "verdict"]
    times = [row for row in table.rows if row.measure in {"run", "first"}]
    parts = [f"### {THREADS.get(table.threads, table.threads)}"]
    if table.fault:
        parts.append(f"**Rows are missing: {text.plain(table.fault)}.**")
    if table.disturbed > MUCH:
        parts.append(DISTURBED.format(table.disturbed))
    parts += [picture.markdown for picture in pictures]
    parts += _extra_costs(table)
    if times:
        parts += [_times(table, times, limits), _first_calls(table, times)]
    if memory:
        parts += [MEMORY, _grid(table.contenders, memory, _memory)]
    if verdicts:
        parts += [ANSWERS, _verdicts(table.contenders, verdicts)]
    parts.append(_notes(table))
    return "\n\n".join(filter(None, parts))


def _times(table: Table, rows: Sequence[Row], limits: Limits | None) -> str:
    """Return our time, the others' ratios and the physical limit."""
    others = [n for n in table.contenders if n != OURS and not _missing(rows, n)]
    names = [OURS, *others]
    columns: dict[str, Callable[[Row], str]] = {}
    for name in names:
        columns[text.label(name)] = lambda row, name=name: _compared(row, name)
    if any(physical_limit(row, limits) for row in rows):
        columns["limit"] = lambda row: _limit(row, limits)
    return text.table(
        ["case", *columns],
        [
            [text.plain(row.name), *(column(row) for column in columns.values())]
            for row in rows
        ],
    )


def _missing(rows: Sequence[Row], name: str) -> bool:
    """Tell whether a contender has no column, since notes say it once for all cases."""
    statuses = {row.cells[name].status for row in rows if name in row.cells}
    return statuses <= {"absent", "not yet", "does not apply"}


def _compared(row: Row, name: str) -> str:
    """Return our time, or a contender's ratio to it, or why there is none."""
    cell = row.cells.get(name)
    if cell is None:
        return ""
    if cell.spread is None:
        return _status(cell)
    found = None if name == OURS else ratio(row, name)
    if found is None:
        return text.amount(cell.spread.median, row.measure)
    written = _ratio(found, rounds(row, name))
    mark = standing(row, name) if is_peer(name) else None
    return {"lost": f"**▼ {written}**", "even": f"≈ {written}"}.get(mark, written)


def _ratio(found: Spread, samples: int) -> str:
    """Return a ratio with its spread, or with what it is of where there is none."""
    if samples >= FEWEST:
        return text.spread(found)
    return f"{text.number(found.median)} ({samples} round{'s' * (samples != 1)})"


def _limit(row: Row, limits: Limits | None) -> str:
    """Return the physical limit, and how many times as long Adjoint takes."""
    limit = physical_limit(row, limits)
    if limit is None:
        return ""
    ours = row.cells[OURS].spread if OURS in row.cells else None
    times = f" (× {text.number(ours.median / limit)})" if ours else ""
    return f"{text.seconds(limit)}{times}"


def _first_calls(table: Table, rows: Sequence[Row]) -> str:
    """Return what compiling costs, folded; nothing where nobody compiled."""
    warm = [row for row in rows if row.measure == "run"]
    known = [name for name in table.contenders if name in PLACES]
    compiling = [name for name in known if PLACES[name].compiles]
    names = [name for name in compiling if any(_first(row, name) for row in warm)]
    if not names:
        return ""
    compiled = [row for row in warm if any(_first(row, name) for name in names)]
    return text.folded(FIRST, _grid(names, compiled, _first))


def _first(row: Row, name: str) -> str:
    """Return the time of a contender's first call, if it has run warm too."""
    cell = row.cells.get(name)
    if cell is None or cell.first is None or cell.spread is None:
        return ""
    return text.seconds(cell.first)


def _memory(row: Row, name: str) -> str:
    cell = row.cells[name]
    if cell.spread is None:
        return _status(cell)
    written = text.amount(cell.spread.median, row.measure)
    lost = is_peer(name) and standing(row, name) == "lost"
    return f"**▼ {written}**" if lost else written


def _status(cell: Cell) -> str:
    written = text.plain(cell.status)
    return f"**{written}**" if cell.status in FAULTS else written


def _extra_costs(table: Table) -> list[str]:
    """Return what a gradient costs, a row for each function."""
    costs = extra_costs(table)
    if not costs:
        return []
    rows = [
        [
            text.plain(group),
            *(text.spread(by[name]) if name in by else "" for name in table.contenders),
        ]
        for group, by in costs.items()
    ]
    head = ["function", *map(text.label, table.contenders)]
    return [EXTRA, text.table(head, rows)]


def _verdicts(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Return who is right, by name, the totals on top."""
    totals = [sum(is_answered(row, name) for row in rows) for name in names]
    first = [f"**right, of {len(rows)}**", *(f"**{total}**" for total in totals)]
    return _grid(names, rows, _verdict, [first], words=1 + len(names))


def _verdict(row: Row, name: str) -> str:
    status = row.cells[name].status
    return VERDICTS.get(status, text.plain(status))


def _grid(
    names: Sequence[str],
    rows: Sequence[Row],
    cell: Callable[[Row, str], str],
    above: Sequence[Sequence[str]] = (),
    words: int = 1,
) -> str:
    """Return a table of one cell for each row and contender."""
    lines = [
        [
            text.plain(row.name),
            *(cell(row, name) if name in row.cells else "" for name in names),
        ]
        for row in rows
    ]
    return text.table(["case", *map(text.label, names)], [*above, *lines], words)


def _notes(table: Table) -> str:
    """Return what stands behind the cells without a number, each message once."""
    cases: dict[tuple[str, str, str], list[str]] = {}
    for row in table.rows:
        for name, cell in row.cells.items():
            if cell.note:
                key = (name, cell.status, cell.note)
                cases.setdefault(key, []).append(row.name)
    lines = []
    for (name, status, note), where in cases.items():
        every = len(where) == len(table.rows)
        more = f" and {len(where) - FEW} more" if len(where) > FEW else ""
        places = "all cases" if every else "; ".join(where[:FEW]) + more
        said = note if note.startswith(status) else f"{status}: {note}"
        lines.append(f"- {text.label(name)}, {text.plain(f'{said} ({places})')}")
    notes = "\n".join(lines)
    return notes if len(lines) <= FEW else text.folded("What each said", notes)
