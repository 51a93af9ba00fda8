"""Everyday idioms of NumPy code: which of them each library differentiates, by name."""

from collections import Counter
from functools import partial

import numpy as np

from benchmarks.case import Case, Inputs, Suite, Value
from benchmarks.idioms import judge, read, reference

HUNDRED = "hundred"
"""The group of the longer programs, those in `tests/idioms/hundred`."""

ABOUT_SWALLOWED_ERRORS = {
    "methods.attribute_asked_for_and_absent",
    "scalars.conversion_swallowed",
    "scalars.conversion_swallowed_for_a_fallback",
    "scalars.conversion_swallowed_whole",
    "scalars.missing_rule_swallowed",
}
"""They ask whether code can hide an error of Adjoint's: no question to its peers."""


def _inputs(example: Value) -> Inputs:
    return judge().fresh(example), ()


def _cases() -> list[Case]:
    """Return a case for each idiom, in the order of the tests.

    Left out are those of `ABOUT_SWALLOWED_ERRORS`, and those whose derivative
    differences cannot tell (they are taken at a jump).
    """
    cases: list[Case] = []
    for name, idiom in read(np).items():
        expected = reference(name)
        if name in ABOUT_SWALLOWED_ERRORS or expected is None:
            continue
        cases.append(
            Case(
                name=name,
                task="value_and_gradient",
                problem="idioms",
                function=name,
                inputs=partial(_inputs, idiom.example),
                tolerance=expected.tolerance,
                group=name.partition(".")[0],
                quick=len(cases) % 2 == 0,
                measure="verdict",
            )
        )
    return cases


CASES = _cases()
SMALL = [case for case in CASES if case.group != HUNDRED]
MARKS = Counter(read(np)[case.name].verdict for case in SMALL)

TEXT = f"""\
{len(SMALL)} small functions of plain NumPy, each built around one thing that people
write: a slice, a method, a loop, a buffer, a call into SciPy. *right*: value and
gradient are those of the plain function, found by central differences. *failed*: an
error, so that nobody is misled. *wrong*: another answer, and no error. Nothing is
timed.

Then, under *{HUNDRED}*, {len(CASES) - len(SMALL)} longer ones as scientists write them:
time steps, stencils, tables, paths, splines, eliminations, windows, classes. Most fill
arrays in loops, as NumPy's users do; HIPS autograd and JAX ask for another way of
writing, and say so in their documentation. Read their failures as that.

Read the totals with care. **The list was written by Adjoint's authors for its tests**,
so it leans towards what they thought of: what Adjoint does, and what it must refuse.
Adjoint refuses {MARKS["loud"] + MARKS["refused"]} of the {len(SMALL)}, by design or for
want of a rule. Another list would give other totals; the names say more.

Adjoint runs the functions as they are. For the peers `np` stands for `autograd.numpy`
or `jax.numpy`, and `scipy` for its neighbour, as their documentation asks; what these
lack comes from NumPy. JAX needs that, and gets far fewer right without; autograd sees
many of NumPy's own calls, and does about as well without. JAX runs without `jit`, under
which branches and loops on values would fail. What is *wrong* is measured against
NumPy's own meaning: a JAX array is never changed in place, so `z *= x` makes a new one,
and code that relies on the old one changing gets another value.

Left out are {len(ABOUT_SWALLOWED_ERRORS)} idioms that ask whether code can swallow an
error of Adjoint's. A quick run asks every second one.
"""

SUITE = Suite(
    name="idioms",
    title="Everyday idioms, by name",
    text=TEXT,
    cases=CASES,
    contenders=("adjoint", "autograd", "jax eager"),
)
