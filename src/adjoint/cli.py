"""The command ``adjoint``: its words, its help, its exit status."""

import argparse
import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import adjoint as ad
from adjoint._command.demo import demo
from adjoint._command.explain import Request, explain
from adjoint._command.expression import CONSTANTS, FUNCTIONS
from adjoint._demo.sections import SECTIONS

FOLDER = Path("adjoint-demo")

_NEGATIVE = re.compile(r"-(?!h$|-|$)")
"""How a formula begins that is no option: ``-x``."""

_STATUS = "exit status: 0, 1 where it could not finish, 2 for a wrong command line"
_EXAMPLES = f"""examples:
  adjoint explain "log(x1) + x1*x2 - sin(x2)" x1=2 x2=5
  adjoint explain "sum(w * x)**2" w=[1,2,3] x=[0.5,-1,pi] --mode forward
  adjoint explain "norm(A @ x)" "A=[[1,2],[3,4]]" x=[1,1] --html norm.html --open
  adjoint explain model.py:loss --args data.npz

A formula has numbers, names, + - * / ** @, < <= > >=, brackets, lists, x[0], and
  functions  {{functions}}
  constants  {", ".join(CONSTANTS)}
It is read, never run.
A file is run, as by python; its function takes values by the names of its parameters.

{_STATUS}"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, or 1 where it could not finish.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after ``adjoint``; those of the process by default.
    """
    arguments = _parsed(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show ε shows its escape and does not stop the run.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it ends: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _failed(arguments, "the output was closed before its end.")
    except (ImportError, OSError, ad.errors.AdjointError) as error:
        return _failed(arguments, str(error))
    return 0


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return the words of a command line by what they mean.

    Values may stand anywhere, also behind options, where argparse leaves them over.
    """
    arguments, others = _parser().parse_known_args(_with_signs(words))
    if others:
        takes_more = arguments.command == "explain"
        if not takes_more or any(one.startswith("-") for one in others):
            unknown = [one for one in others if one.startswith("-")] or others
            arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        arguments.values += others
    return arguments


def _with_signs(words: Sequence[str]) -> list[str]:
    """Return words with a space before a formula's minus, which is no option's."""
    takes_file = {"--args", "--html"}
    return [
        f" {word}"
        if words[0] == "explain"
        and _NEGATIVE.match(word)
        and words[place - 1] not in takes_file
        else word
        for place, word in enumerate(words)
    ]


def _failed(arguments: Any, sentence: str) -> int:
    sys.stderr.write(f"adjoint {arguments.command}: {sentence}\n")
    return 1


def _demo(arguments: Any) -> None:
    demo(arguments.output, arguments.sections)


def _explain(arguments: Any) -> None:
    explain(
        Request(
            target=arguments.target,
            values=arguments.values,
            file=arguments.args,
            mode=arguments.mode,
            page=arguments.html,
            show=arguments.open,
        )
    )


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="adjoint",
        description="Exact derivatives of plain NumPy code.",
        epilog='try:  adjoint explain "log(x1) + x1*x2 - sin(x2)" x1=2 x2=5\n\n'
        f"{_STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"adjoint {ad.__version__}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_explain(commands)
    _add_demo(commands)
    return parser


def _add_explain(commands: Any) -> None:
    explain = commands.add_parser(
        "explain",
        help="how a derivative comes about, step by step",
        description="The steps of a formula or function, with values, tangents, "
        "adjoints and partials.",
        epilog=_EXAMPLES.format(functions=_wrapped(list(FUNCTIONS))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.set_defaults(run=_explain, parser=explain)
    explain.add_argument(
        "target", metavar="FORMULA", help="a formula, or a function as FILE.py:NAME"
    )
    explain.add_argument(
        "values",
        nargs="*",
        metavar="NAME=VALUE",
        help="a number or a list, written by the same rules",
    )
    explain.add_argument(
        "--args", type=Path, metavar="FILE", help="values by name: FILE.npz, FILE.json"
    )
    explain.add_argument(
        "--mode", choices=["forward", "reverse"], help="the sweep that comes first"
    )
    explain.add_argument(
        "--html",
        type=_file_name,
        metavar="FILE",
        help="write the report as a web page too (a picture: .svg, .png)",
    )
    explain.add_argument(
        "--open", action="store_true", help="show that page in the browser"
    )


def _add_demo(commands: Any) -> None:
    contents = "\n".join(f"  {one.name:13}{one.title}" for one in SECTIONS)
    demo = commands.add_parser(
        "demo",
        help="exact derivatives at work, drawn",
        description="Exact derivatives at work, with pictures and one page of all.",
        epilog=f"sections:\n{contents}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    demo.set_defaults(run=_demo, parser=demo)
    demo.add_argument(
        "sections",
        nargs="*",
        type=_section_name,
        metavar="SECTION",
        help="what to run (default: all of it)",
    )
    demo.add_argument(
        "--output",
        type=Path,
        default=FOLDER,
        metavar="DIR",
        help="folder for the pictures and the page: index.html of all sections, "
        f"traces.html of one (default: {FOLDER})",
    )


def _wrapped(words: list[str]) -> str:
    """Return words in lines of at most 75 columns, the later ones indented."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 60:
            lines.append("")
        lines[-1] += f"{word} "
    return f"\n{' ' * 13}".join(line.rstrip() for line in lines)


def _file_name(word: str) -> Path:
    """Return the path that a word names if it is not that of a folder."""
    if word.endswith(("/", os.sep)) or Path(word).is_dir():
        example = Path(word) / "report.html"
        msg = f"{word!r} is a folder; give the name of a file, as {str(example)!r}"
        raise argparse.ArgumentTypeError(msg)
    return Path(word)


def _section_name(word: str) -> str:
    """Return the word if it names a section."""
    names = [one.name for one in SECTIONS]
    if word not in names:
        msg = f"no section is named {word!r}; choose from {', '.join(names)}"
        raise argparse.ArgumentTypeError(msg)
    return word
