"""The debugger names the user's line for each planted NaN or infinity."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.debug import helpers, programs

import adjoint as ad

TWO = np.array([1.0, 2.0])


def line_of(name, module=programs):
    """Return file and line of the mark of a program."""
    with Path(module.__file__).open(encoding="utf-8") as file:
        marked = [
            (number, text.strip())
            for number, text in enumerate(file, 1)
            if text.endswith(f"# NaN here: {name}\n")
        ]
    ((number, text),) = marked
    return module.__file__, number, text


@dataclass
class Planted:
    """A call that must fail, and what the error must say."""

    name: str
    call: Any
    operation: str
    phase: str
    index: tuple
    operands: tuple
    module: Any = field(default=programs)


def grad(function, *args):
    return lambda: ad.grad(function)(*args)


PLANTED = [
    Planted(
        "forward_only",
        grad(programs.forward_only, np.array([1.0, 0.0, 2.0])),
        "np.log",
        "forward",
        (1,),
        (0.0,),
    ),
    Planted(
        "backward_only",
        grad(programs.backward_only, np.array([1.0, 2.0, 0.0])),
        "np.sqrt",
        "backward",
        (2,),
        (0.0,),
    ),
    Planted(
        "inside_vmap",
        lambda: ad.vmap(ad.grad(programs.inside_vmap))(
            np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 1.0]])
        ),
        "np.divide",
        "forward",
        (1, 1),
        (1.0, 0.0),
    ),
    Planted(
        "batched_loss",
        grad(programs.batched_loss, np.array([[0.1, 0.2], [0.7, 0.8]])),
        "np.arccos",
        "forward",
        (1,),
        (1.5,),
    ),
    Planted(
        "second_order",
        lambda: ad.hessian(programs.second_order)(np.array([1.0, 0.0])),
        "np.power",
        "tangent",
        (1, 1),
        (0.0, 0.5),
    ),
    Planted(
        "second_order",
        lambda: ad.grad(lambda x: np.sum(ad.grad(programs.second_order)(x)))(
            np.array([1.0, 0.0])
        ),
        "np.power",
        "backward",
        (1,),
        (0.0, 0.5),
    ),
    Planted(
        "gradient_penalty",
        grad(programs.gradient_penalty, np.array([1.0, 0.0])),
        "np.log",
        "forward",
        (1,),
        (0.0,),
    ),
    Planted(
        "helper",
        grad(programs.in_a_helper_module, np.array([9.0, 4.0])),
        "np.log",
        "forward",
        (1,),
        (0.0,),
        helpers,
    ),
    Planted(
        "composite",
        grad(programs.composite, np.array([1.0, 2.0, 4.0, 1.0, 1.0, 1.0])),
        "np.corrcoef",
        "forward",
        (1, 0),
        (0.0, 0.0),
    ),
    Planted(
        "composite_backward",
        grad(programs.composite_backward, np.array([1.0, 0.0])),
        "np.emath.power",
        "backward",
        (1,),
        (0.0, 0.5),
    ),
    Planted(
        "loop_with_writes",
        grad(programs.loop_with_writes, 2.0),
        "np.exp",
        "forward",
        (),
        (np.exp(np.exp(2.0)),),
    ),
    Planted(
        "method",
        grad(programs.Model(3.0).loss, np.array([0.0, 1.0])),
        "np.divide",
        "forward",
        (0,),
        (3.0, 0.0),
    ),
    Planted(
        "comprehension",
        grad(programs.comprehension, np.array([0.5, 1.5])),
        "np.arcsin",
        "forward",
        (),
        (1.5,),
    ),
    Planted(
        "squared_root",
        grad(programs.calls_a_lambda, 1.0),
        "np.sqrt",
        "backward",
        (),
        (0.0,),
    ),
    Planted(
        "forward_mode",
        lambda: ad.jvp(programs.forward_mode, (0.0,), (1.0,)),
        "np.power",
        "tangent",
        (),
        (0.0, 0.5),
    ),
    Planted(
        "forward_mode_value",
        lambda: ad.jvp(programs.forward_mode_value, (3.0,), (1.0,)),
        "np.log10",
        "forward",
        (),
        (0.0,),
    ),
    Planted(
        "checkpointed",
        grad(programs.checkpointed, 0.0),
        "np.sqrt",
        "backward",
        (),
        (0.0,),
    ),
    Planted(
        "checkpointed_value",
        grad(programs.checkpointed_value, 0.5),
        "np.log",
        "forward",
        (),
        (-0.5,),
    ),
    Planted(
        "operators",
        grad(programs.operators, np.array([1.0, -1.0])),
        "np.divide",
        "forward",
        (),
        (1.0, 0.0),
    ),
    Planted(
        "overflow",
        grad(programs.overflow, np.array([1.0, 3.0])),
        "np.exp",
        "forward",
        (1,),
        (900.0,),
    ),
    Planted(
        "masked_row",
        grad(programs.masked_row, TWO),
        "np.subtract",
        "forward",
        (0,),
        (-np.inf, -np.inf),
    ),
    Planted(
        "generator",
        grad(programs.generator, np.array([1.0, 0.0, 2.0])),
        "np.power",
        "forward",
        (),
        (0.0, -1.0),
    ),
    Planted(
        "in_python",
        grad(programs.in_python, 0.0),
        "math.sqrt",
        "backward",
        (),
        (0.0,),
    ),
    Planted(
        "recursive",
        grad(programs.recursive, -1.0),
        "np.log1p",
        "forward",
        (),
        (-1.0,),
    ),
    Planted(
        "matrices",
        grad(programs.matrices, np.full((2, 2), 1e100)),
        "np.matmul",
        "forward",
        (0, 0),
        (2e200, 2e200),
    ),
    Planted(
        "hypotenuse_of_logs",
        grad(programs.hypotenuse_of_logs, TWO),
        "np.divide",
        "forward",
        (),
        (1.0, 0.0),
    ),
    Planted(
        "single_precision",
        grad(programs.single_precision, np.array([1.0, 2.0], np.float32)),
        "np.multiply",
        "forward",
        (0,),
        (np.float32(1e30), np.float32(1e30)),
    ),
    Planted(
        "with_custom_rule",
        grad(programs.with_custom_rule, 0.0),
        "a function with its own rule",
        "backward",
        (),
        (),
    ),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_the_error_names_the_line_the_operation_and_the_numbers(planted):
    with ad.debug(nan=True), pytest.raises(ad.errors.NonFiniteError) as caught:
        planted.call()
    error = caught.value
    file, line, text = line_of(planted.name, planted.module)
    assert (file, line, text) == (error.file, error.line, error.text)
    assert (planted.operation, planted.phase) == (error.operation, error.phase)
    assert planted.index == error.at
    assert planted.operands == pytest.approx(error.operands, rel=1e-15)
    assert f"{file}, line {line}, in " in str(error)
    assert f"`{text}`" in str(error)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_without_the_debugger_nothing_is_raised(planted):
    planted.call()
