"""Run the sections and give the report, line by line, in 80 columns."""

import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from adjoint._demo.page import Chapter, write_page
from adjoint._demo.section import WIDTH, Section
from adjoint._demo.sections import SECTIONS


def demonstrate(folder: Path, sections: Sequence[Section]) -> Iterator[str]:
    """Run the sections and give their report, each line as soon as it is known.

    Parameters
    ----------
    folder : Path
        Existing folder for the pictures and the page.
    sections : sequence of Section
        What to run, in this order.
    """
    begin = time.perf_counter()
    chapters: list[Chapter] = []
    for number, section in enumerate(sections, 1):
        heading = f"{number}. {section.title}"
        yield heading
        yield "=" * len(heading)
        yield ""
        chapter = yield from _run(section, folder)
        chapters.append(chapter)
        yield ""
        for picture in chapter.outcome.pictures:
            yield f"Picture: {picture.path.resolve()}"
        yield f">> {chapter.outcome.key_figure}"
        yield ""
        yield ""
    yield from _summary(chapters)
    complete = len(sections) == len(SECTIONS)
    name = "index" if complete else "-".join(one.name for one in sections)
    what = "All of it" if complete else "This"
    yield f"{what} on one page: {write_page(folder, chapters, name).resolve()}"
    yield f"Done in {time.perf_counter() - begin:.1f} s."


def _run(section: Section, folder: Path) -> Generator[str, None, Chapter]:
    """Give the lines of one section; return it as it ran."""
    begin = time.perf_counter()
    text: list[str] = []
    stream = section.lines(folder)
    while True:
        try:
            line = next(stream)
        except StopIteration as end:
            seconds = time.perf_counter() - begin
            return Chapter(section, tuple(text), end.value, seconds)
        text.append(line)
        yield line


def _summary(chapters: Sequence[Chapter]) -> Iterator[str]:
    """Give the key figures once more, with the time of each section."""
    if len(chapters) < 2:
        return
    yield "Key figures"
    yield "==========="
    yield ""
    for number, chapter in enumerate(chapters, 1):
        head = f"{number}. {chapter.section.title}"
        yield f"{head:{WIDTH - 9}}{chapter.seconds:7.1f} s"
        yield f"   {chapter.outcome.key_figure}"
    yield ""
