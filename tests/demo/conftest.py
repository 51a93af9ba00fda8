"""One run of the demonstration and one table of fits, shared by the tests."""

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import pytest

from adjoint._demo.fit import SOURCES, Fit, fit
from adjoint._demo.models import MODELS
from adjoint._demo.nist import load
from adjoint.cli import main


class Run(NamedTuple):
    """What a finished run of ``adjoint demo`` leaves behind."""

    status: int
    text: str
    folder: Path


@pytest.fixture(scope="session")
def fits() -> dict[tuple[str, int, str], Fit]:
    """Return every fit of the demonstration by data set, start and source."""
    keys = [
        (name, start, source)
        for name in MODELS
        for start in (1, 2)
        for source in SOURCES
    ]
    return {
        (name, start, source): fit(load(name), start, source)
        for name, start, source in keys
    }


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return exit status, output and folder of one ``adjoint demo``."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = main(["demo", "--output", str(folder)])
    return Run(status, output.getvalue(), folder)
