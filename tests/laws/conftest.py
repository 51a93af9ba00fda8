"""Options of the laws tests, and the list of records they walk through."""

from adjoint._core.record import Calculus
from laws.draws import Draw, draws_of, one_variant, records


def pytest_addoption(parser):
    group = parser.getgroup("laws")
    group.addoption("--laws-only", default="", help="one record, by name")
    group.addoption(
        "--laws-full", action="store_true", help="every variant of every record"
    )


def pytest_generate_tests(metafunc):
    """Give a test with an argument ``draw`` every draw of every record it is meant for.

    The marker ``of(...)`` names the calculus classes.  Of each example one variant
    runs, drawn by the names of record and law; all of them with ``--laws-full``.
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
        chosen.extend(draws if full else one_variant(draws, metafunc.definition.name))
    metafunc.parametrize("draw", chosen, ids=[str(draw) for draw in chosen])


def pytest_configure(config):
    config.addinivalue_line("markers", "of(*calculus): records a law is meant for")
