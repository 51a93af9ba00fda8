"""What tables of calls were made of: looked at while other functions are noted."""

import gc
from types import FunctionType

from adjoint._clone.origins import Origins


def another():
    return FunctionType(another.__code__, {})


def test_functions_noted_meanwhile_do_no_harm():
    """The collector may run in the midst of the look, and let another thread go on."""
    origins = Origins()
    for _ in range(50):
        origins.note(another())
    noted = []

    def note(_phase, _info):
        noted.append(another())
        origins.note(noted[-1])

    before = gc.get_threshold()
    gc.callbacks.append(note)
    gc.set_threshold(1)
    try:
        for _ in range(20):
            assert not origins.have_changed()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(note)
    assert noted
    noted[0].__code__ = test_functions_noted_meanwhile_do_no_harm.__code__
    assert origins.have_changed()
