"""One short run of every section and one table of fits, shared by the tests."""

import contextlib
import functools
import io
from pathlib import Path
from typing import NamedTuple

import pytest

from adjoint import cli
from adjoint._command import demo as demo_command
from adjoint._demo.digits import section as digits_section
from adjoint._demo.digits.data import Digits, load as load_digits
from adjoint._demo.digits.training import Training, train
from adjoint._demo.nist.data import load
from adjoint._demo.nist.fit import SOURCES, Fit, fit
from adjoint._demo.nist.models import MODELS
from adjoint._demo.section import Section
from adjoint._demo.sections import SECTIONS


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
def digits() -> Digits:
    """Return the images of scikit-learn, a fifth of them held back."""
    pytest.importorskip("sklearn", reason="needs the extra 'demo'")
    return load_digits()


@pytest.fixture(scope="session")
def training(digits) -> Training:
    """Return a network trained in full from one initialisation."""
    return train(digits, seed=0)


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return exit status, output and folder of ``adjoint demo``, digits in short."""
    pytest.importorskip("matplotlib", reason="needs the extra 'demo'")
    pytest.importorskip("sklearn", reason="needs the extra 'demo'")
    pytest.importorskip("sympy", reason="needs the extra 'demo'")
    short = functools.partial(digits_section.lines, seeds=(0, 1), epochs=3)
    sections = tuple(
        Section(one.name, one.title, short if one.name == "digits" else one.lines)
        for one in SECTIONS
    )
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_command, "SECTIONS", sections)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            status = cli.main(["demo", "--output", str(folder)])
    return Run(status, output.getvalue(), folder)
