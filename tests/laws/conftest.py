"""Options of the laws tests, and the list of records they walk through."""

import zlib

from adjoint._core.record import Calculus
from laws.draws import VARIANTS, Draw, draws_of, records


def pytest_addoption(parser):
    group = parser.getgroup("laws")
    group.addoption("--laws-only", default="", help="one record, by name")
    group.addoption(
        "--laws-full", action="store_true", help="every variant of every record"
    )


def pytest_generate_tests(metafunc):
    """Give a test with an argument ``draw`` every draw of every record it is meant for.

    The marker ``of(...)`` names the calculus classes; the plain variant always runs,
    and one more chosen by the record's name, all of them with ``--laws-full``.
    """
    if "draw" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("of")
    classes = set(marker.args) if marker else set(Calculus) - {Calculus.CONSTANT}
    only = metafunc.config.getoption("--laws-only")
    full = metafunc.config.getoption("--laws-full")
    chosen: list[Draw] = []
    for record in records():
        if record.calculus not in classes or (only and record.name != only):
            continue
        draws = draws_of(record)
        if not full:
            number = zlib.crc32(record.name.encode()) % (len(VARIANTS) - 1) + 1
            kept = {VARIANTS[0], VARIANTS[number]}
            draws = [draw for draw in draws if draw.variant in kept]
        chosen.extend(draws)
    metafunc.parametrize("draw", chosen, ids=[str(draw) for draw in chosen])


def pytest_configure(config):
    config.addinivalue_line("markers", "of(*calculus): records a law is meant for")
