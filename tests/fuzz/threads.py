"""Two threads differentiate at once functions that share a workspace.

Each answer must be right for the thread's own point, or an error of ours. The random
programs store values that depend on x from the first write on: a thread that has so far
stored constants only has shown nothing by which a library could know it from others.
"""

import dataclasses
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad

from . import buffers
from .judging import Kind, Reference, Verdict, WrongError, measure, near, same_value
from .program import Program

ROUNDS = 6
OFTEN = 1e-5  # seconds after which the interpreter may turn to the other thread
SHARED = ("WORK", "SHARED", "LASTING")
FIRST_STORES = ("WORK[:] = ", "SHARED[...] = ", "box.u[:] = ")


def program(seed: int) -> Program:
    """A random program that writes into what its module keeps."""
    for one in range(1000 * seed, 1000 * (seed + 1)):
        found = buffers.program(one)
        body = found.text[len(buffers.PREAMBLE) :].replace("global WORK, SHARED", "")
        if any(name in body for name in SHARED) and not found.must_raise:
            lines = [depending(line) for line in found.text.splitlines()]
            return Program("\n".join(lines) + "\n", found.x)
    raise LookupError(seed)


def depending(line: str) -> str:
    """The first store into a workspace, made to depend on x."""
    if line.strip().startswith(FIRST_STORES):
        return f"{line} + 0.1 * x[0]"
    return line.replace(
        'box.parts["own"].fill(0.2)', 'box.parts["own"][:] = 0.2 * x[0]'
    )


def judge(program: Program, *, second_order: bool = False) -> Verdict:
    """The verdict on two threads that run one function, in first order only."""
    other = dataclasses.replace(program, x=0.7 * program.x + 0.1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            references = [measure(program), measure(other)]
        except Exception:  # noqa: BLE001 - a program that NumPy itself refuses
            return Verdict("invalid")
        if None in references:
            return Verdict("undecided")
        function = program.function()

        def ask(number: int) -> str:
            return checked(references[number], function)

        return together([ask, ask], ROUNDS)


def checked(reference: Reference, function: Callable[[np.ndarray], Any]) -> str:
    """Ask for value and gradient, and refuse another than those of the reference."""
    with np.errstate(all="ignore"):
        value, slopes = ad.value_and_grad(function)(reference.program.x.copy())
    exact = same_value(reference.values[0], value)
    for direction, slope in zip(reference.directions, reference.slopes, strict=True):
        near(slope, np.sum(slopes * direction), reference.tolerance)
    return exact


def together(tasks: list[Callable[[int], Any]], rounds: int) -> Verdict:
    """Run the tasks in a thread each, every round begun at once; the worst counts."""
    gate = threading.Barrier(len(tasks))
    found: list[tuple[Kind, str]] = []

    def repeat(number: int) -> None:
        for _ in range(rounds):
            gate.wait(60.0)
            found.append(outcome(tasks[number], number))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(OFTEN)
    try:
        threads = [
            threading.Thread(target=repeat, args=(number,), daemon=True)
            for number in range(len(tasks))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120.0)
    finally:
        sys.setswitchinterval(interval)
    if len(found) < rounds * len(tasks):
        return Verdict("wrong", wrong="threads: they wait for each other")
    return worst(found)


def outcome(task: Callable[[int], Any], number: int) -> tuple[Kind, str]:
    """What one call came to, with the name of an error, or what was wrong."""
    try:
        task(number)
    except ad.errors.AdjointError as error:
        return "loud", type(error).__name__
    except WrongError as error:
        return "wrong", f"threads: {error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not ours
        return "wrong", f"threads: {type(error).__name__}: {error}"
    return "right", ""


def worst(found: list[tuple[Kind, str]]) -> Verdict:
    """The verdict over all calls."""
    for kind, text in found:
        if kind == "wrong":
            return Verdict("wrong", wrong=text)
    for kind, text in found:
        if kind == "loud":
            return Verdict("loud", loud={"threads": text})
    return Verdict("right")
