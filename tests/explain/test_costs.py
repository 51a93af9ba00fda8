"""Memory of the tape, times, source lines, and what a reader is told besides."""

import numpy as np

import adjoint as ad


def kept(function, *args):
    """Bytes kept, by operation."""
    nodes = ad.explain(function, timing=False)(*args).data["nodes"]
    return dict(zip(nodes["expression"], nodes["kept_bytes"], strict=True))


def test_results_that_rules_read_are_kept():
    x = np.ones(1000)
    assert {"x": 0, "exp(x)": 8000, "sum(v1)": 0} == kept(
        lambda x: np.sum(np.exp(x)), x
    )
    assert 0 == sum(kept(lambda x: np.sum(x + x), x).values())


def test_an_operand_is_kept_for_its_user():
    found = kept(lambda x: np.sin(x + 1.0), np.ones(10))
    assert {"x": 0, "x + 1": 80, "sin(v1)": 0} == found


def test_shared_memory_counts_once():
    def product(x):
        y = x + 1.0
        return np.sum(y * y.reshape(2, 5).reshape(10))

    assert 80 == sum(kept(product, np.ones(10)).values())


def test_times_are_there_for_operations():
    nodes = ad.explain(lambda x: np.sin(x) * x)(2.0).data["nodes"]
    assert [None, True, True] == [one and one > 0 for one in nodes["forward_s"]]
    assert [None, True, True] == [one and one > 0 for one in nodes["backward_s"]]


def test_without_timing_there_are_none():
    nodes = ad.explain(np.sin, timing=False)(2.0).data["nodes"]
    assert [None, None] == nodes["forward_s"] == nodes["backward_s"]


def test_lines_and_the_functions_around_them():
    def model(x):
        y = np.sin(x)
        return y * x

    data = ad.explain(model, timing=False)(2.0).data
    first = model.__code__.co_firstlineno
    assert [-1, 0, 1] == data["nodes"]["line"]
    assert {
        "file": 0,
        "name": "test_costs.py",
        "number": first + 1,
        "function": "model",
        "text": "y = np.sin(x)",
    } == data["lines"][0]
    (file,) = data["files"]
    assert ("test_costs.py", first) == (file["name"], file["first"])
    assert ["    def model(x):", "        y = np.sin(x)", "        return y * x"] == (
        file["lines"]
    )


def test_the_source_can_be_left_out():
    secret = ad.explain(lambda x: x * 41.5, source=False, timing=False)(2.0)
    assert [] == secret.data["files"]
    assert [""] == [line["text"] for line in secret.data["lines"]]
    assert "lambda x: x * 41.5" not in secret.json()


def findings(function, *args):
    with np.errstate(all="ignore"):
        data = ad.explain(function, timing=False)(*args).data
    return [(one["kind"], one["node"], one["text"]) for one in data["findings"]]


def test_branches_are_shown():
    def branching(x):
        if x > 1.0:
            return x * x
        return -x

    line = branching.__code__.co_firstlineno + 1
    data = ad.explain(branching, timing=False)(2.0).data
    assert "x > 1" in data["nodes"]["expression"]
    text = f"The way taken hangs on bool(v1) being True (test_costs.py, line {line})."
    assert [("guard", 1, text)] == findings(branching, 2.0)


def test_branches_of_a_loop_are_told_once():
    def looping(x):
        while x < 100.0:
            x = x * 2.0
        return x

    ((_, _, text), *_) = findings(looping, 1.0)
    assert "being True, and on" in text


def test_the_first_nan_is_named_forward_and_backward():
    (found,) = [
        one for one in findings(lambda x: np.log(x - 3.0) * 2.0, 1.0) if one[0] == "nan"
    ]
    assert 2 == found[1]
    assert found[2].startswith("v2 is the first NaN (test_costs.py, line ")
    ((kind, node, text),) = findings(lambda x: np.sqrt(x * 2.0), 0.0)
    assert ("adjoint", 2) == (kind, node)
    assert "NaN or infinity comes into the adjoint of v1" in text


def test_an_input_without_effect_is_named():
    assert [("unused", 1, "No result depends on y: its derivative is 0.")] == findings(
        lambda x, y: x + 0.0 * np.floor(y), 1.0, 2.0
    )


def test_pairs_that_are_differentiated_as_one_are_named():
    ((kind, node, text),) = findings(lambda x: np.square(np.abs(x)), -2.0)
    assert ("rewrite", 2) == (kind, node)
    assert "differentiated as one function with its operand (v1)" in text


def test_warnings_of_rules_become_notes():
    data = ad.explain(lambda a: np.linalg.eigh(a)[1], timing=False)(np.eye(2)).data
    assert any("equal eigenvalues" in note for note in data["notes"])
