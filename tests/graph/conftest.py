"""The laws of graphs walk through the registry, as those of the other modes do."""

from adjoint._core.record import Calculus
from laws.draws import draws_of, one_variant, records


def pytest_generate_tests(metafunc):
    """Give a test with an argument ``draw`` one variant of every example there is."""
    if "draw" not in metafunc.fixturenames:
        return
    constant = metafunc.definition.get_closest_marker("constants_too") is not None
    chosen = [
        draw
        for record in records()
        if constant or record.calculus is not Calculus.CONSTANT
        for draw in one_variant(draws_of(record), metafunc.definition.name)
    ]
    metafunc.parametrize("draw", chosen, ids=[str(draw) for draw in chosen])


def pytest_configure(config):
    config.addinivalue_line("markers", "constants_too: step functions as well")
