"""Small functions, from NumPy to NumPy: what the library itself costs."""

from functools import partial

from benchmarks.case import Case, Suite
from benchmarks.problems import gradbench_ba as ba, pendulum, rosenbrock

CASES = [
    Case(
        name="bundle adjustment, one observation, Jacobian 2 x 15",
        task="jacobian",
        problem="gradbench_ba",
        function="reprojection_error",
        by_hand="jacobian_by_hand",
        inputs=ba.inputs,
        full_call=True,
    ),
    *(
        Case(
            name=f"Rosenbrock, n = {n}, value and gradient",
            task="value_and_gradient",
            problem="rosenbrock",
            function="valley",
            by_hand="value_and_gradient_by_hand",
            inputs=partial(rosenbrock.inputs, n),
            full_call=True,
        )
        for n in (10, 100)
    ),
    Case(
        name="Rosenbrock, n = 10, Hessian",
        task="hessian",
        problem="rosenbrock",
        function="valley",
        by_hand="hessian_by_hand",
        inputs=partial(rosenbrock.inputs, 10),
        full_call=True,
    ),
    Case(
        name="double pendulum, Jacobian 4 x 4",
        task="jacobian",
        problem="pendulum",
        function="motion",
        by_hand="jacobian_by_hand",
        inputs=pendulum.inputs,
        full_call=True,
    ),
]

SUITE = Suite(
    name="small",
    title="Small functions, the whole call",
    text=(
        "Four to a hundred numbers, as an optimiser or an integrator asks for them in "
        "its inner loop. The clock covers the whole Python call: everybody gets a "
        "NumPy array and gives NumPy arrays back. The arithmetic takes a few "
        "microseconds at most, so this table shows what each operation and each call "
        "costs beside it. *By hand* is NumPy too, and pays for its calls; what was "
        "compiled before runs without Python and can be faster."
    ),
    cases=CASES,
    without=("jax eager",),
    alone="what takes microseconds is not shared among cores by anybody.",
)
