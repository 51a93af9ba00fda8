"""One HTML page of a whole run: text, key figures and pictures in a single file."""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import adjoint as ad
from adjoint._demo.section import Outcome, Picture, Section

STYLE = """
body { max-width: 62rem; margin: 3rem auto; padding: 0 1.5rem; color: #22313f;
       background: #fff; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.8rem; margin-bottom: 0; }
h2 { margin-top: 3.5rem; border-bottom: 1px solid #e6eaee; padding-bottom: .3rem; }
nav a { color: #2a6f97; text-decoration: none; }
nav td { padding: .15rem 1.5rem .15rem 0; vertical-align: top; }
.key { font-size: 1.15rem; color: #2a6f97; }
.time { color: #8a97a3; font-size: .85rem; }
pre { padding: 1rem; overflow-x: auto; /* a shade where there is more to scroll to */
      background:
        linear-gradient(to right, #f6f8fa 40%, #f6f8fa00) 0 / 3rem 100% no-repeat local,
        linear-gradient(to left, #f6f8fa 40%, #f6f8fa00) 100% / 3rem 100% no-repeat
        local,
        linear-gradient(to right, #22313f40, #22313f00) 0 / .8rem 100% no-repeat,
        linear-gradient(to left, #22313f40, #22313f00) 100% / .8rem 100% no-repeat,
        #f6f8fa;
      font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
figure { margin: 1.5rem 0; }
img { max-width: 100%; height: auto; }
figcaption { color: #55636f; font-size: .95rem; }
"""


@dataclass(frozen=True)
class Chapter:
    """One section as it ran: its lines, its outcome and the time it took."""

    section: Section
    text: tuple[str, ...]
    outcome: Outcome
    seconds: float


def write_page(folder: Path, chapters: Sequence[Chapter], name: str) -> Path:
    """Return the path of a page with all chapters; it refers to no other file.

    Parameters
    ----------
    folder : Path
        Existing folder for the page.
    chapters : sequence of Chapter
        What to show, in this order.
    name : str
        That of the file, without ``.html``.
    """
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Adjoint, the demonstration</title><style>{STYLE}</style></head>",
        f"<body><h1>Adjoint {ad.__version__}, the demonstration</h1>",
        "<p>Exact derivatives of plain NumPy code.</p>",
        *_contents(chapters),
        *(line for chapter in chapters for line in _chapter(chapter)),
        "</body></html>",
    ]
    path = folder / f"{name}.html"
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")
    return path


def _contents(chapters: Sequence[Chapter]) -> list[str]:
    """Return the table of contents, each title beside its key figure."""
    rows = [
        f'<tr><td><a href="#{one.section.name}">{html.escape(one.section.title)}</a>'
        f"</td><td>{html.escape(one.outcome.key_figure)}</td></tr>"
        for one in chapters
    ]
    return ["<nav><table>", *rows, "</table></nav>"]


def _chapter(chapter: Chapter) -> list[str]:
    """Return one chapter: heading, key figure, pictures, and the text as printed."""
    section, outcome = chapter.section, chapter.outcome
    return [
        f'<h2 id="{section.name}">{html.escape(section.title)}</h2>',
        f'<p class="key">{html.escape(outcome.key_figure)}</p>',
        *(_figure(picture) for picture in outcome.pictures),
        "<pre>" + html.escape("\n".join(chapter.text)) + "</pre>",
        f'<p class="time">{chapter.seconds:.1f} s</p>',
    ]


def _figure(picture: Picture) -> str:
    """Return a picture with its pixels in the page itself."""
    pixels = base64.b64encode(picture.path.read_bytes()).decode("ascii")
    caption = html.escape(picture.caption)
    return (
        f'<figure><img src="data:image/png;base64,{pixels}" alt="{caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
