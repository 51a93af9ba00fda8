"""A suite for tests of the worker: contenders that hang, die, raise or are wrong."""

import itertools
import os
import time

import numpy as np
from benchmarks.case import Case, Suite
from benchmarks.contenders.base import Contender

STEP = 1e-30
"""Of complex steps."""


def gradient_of(f):
    def gradient(x, *data):
        steps = STEP * 1j * np.eye(x.size)
        return np.array([f(x + step, *data).imag / STEP for step in steps])

    return gradient


class Right(Contender):
    """Differentiates by complex steps."""

    name = "fake_suite.Right"
    version = "1.0"

    def gradient(self, f):
        return gradient_of(f)

    def value_and_gradient(self, f):
        gradient = gradient_of(f)
        return lambda *args: (f(*args), gradient(*args))


class Wrong(Contender):
    name = "fake_suite.Wrong"

    def gradient(self, f):
        gradient = gradient_of(f)
        return lambda *args: 2.0 * gradient(*args)


class Raises(Contender):
    name = "fake_suite.Raises"

    def gradient(self, f):
        def gradient(*args):
            message = "no gradient today"
            raise ValueError(message)

        return gradient


class Sleeps(Contender):
    name = "fake_suite.Sleeps"

    def gradient(self, f):
        return lambda *args: time.sleep(600)


class Aborts(Contender):
    name = "fake_suite.Aborts"

    def gradient(self, f):
        return lambda *args: os.abort()

    value_and_gradient = gradient


def later(act):
    """Return a gradient whose fifth call acts: it is right until it is timed."""

    def gradient(self, f):
        right, calls = gradient_of(f), itertools.count(1)
        return lambda *args: act() if next(calls) == 5 else right(*args)

    return gradient


def fail():
    message = "enough is enough"
    raise ValueError(message)


class FailsLater(Contender):
    name = "fake_suite.FailsLater"
    gradient = later(fail)


class AbortsLater(Contender):
    name = "fake_suite.AbortsLater"
    gradient = later(os.abort)


class SaysNothing(Contender):
    name = "fake_suite.SaysNothing"

    def gradient(self, f):
        return lambda *args: None


class SaysTooMuch(Contender):
    name = "fake_suite.SaysTooMuch"

    def gradient(self, f):
        return lambda *args: {"gradient": gradient_of(f)(*args)}


class AbortsAtImport(Contender):
    name = "fake_suite.AbortsAtImport"

    def __init__(self):
        os.abort()


class FailsAtImport(Contender):
    name = "fake_suite.FailsAtImport"

    def __init__(self):
        message = "changed"
        raise AttributeError(message)


def case(turns, **more):
    given = {"inputs": lambda: (np.linspace(0.5, 1.0, 3), (turns,))} | more
    return Case(problem="unrolled", function="total", x=turns, **given)


def too_large():
    message = "800 TiB"
    raise MemoryError(message)


SUITE = Suite(
    name="fake_suite",
    title="Fakes",
    text="",
    cases=(
        case(2, name="short", task="gradient", group="run"),
        case(4, name="long", task="gradient", group="run"),
        case(2, name="too large", task="gradient", inputs=too_large),
        case(2, name="deadly", task="gradient", inputs=os.abort),
        case(2, name="memory", task="value_and_gradient", measure="memory"),
        case(2, name="first", task="value_and_gradient", measure="first"),
    ),
    contenders=(
        "adjoint",
        "fake_suite.Right",
        "fake_suite.Wrong",
        "fake_suite.Raises",
        "fake_suite.Sleeps",
        "fake_suite.Aborts",
        "fake_suite.FailsLater",
        "fake_suite.AbortsLater",
        "fake_suite.SaysNothing",
        "fake_suite.SaysTooMuch",
        "fake_suite.AbortsAtImport",
        "fake_suite.FailsAtImport",
        "no_such_module.Absent",
    ),
)
