"""How the Wengert list is cut: calls, loops, lines, and tens of siblings."""

import itertools

import numpy as np

import adjoint as ad


def helper(x):
    y = np.tanh(x)
    return y * 2.0


def outer(x):
    return helper(helper(x)) + 1.0


def looping(x):
    for _ in range(3):
        x = helper(x)
    return x


def nested(x):
    for _ in range(2):
        for _ in range(2):
            x = np.sin(x)
        x = x + 1.0
    return x


def long(x, steps=30):
    for _ in range(steps):
        x = np.sin(x) * 0.5
    return x


def groups(function, *args):
    """Names of groups, indented, with their first and last node."""
    data = ad.explain(function, timing=False)(*args).data
    depth = {-1: -1}
    lines = []
    for k, group in enumerate(data["groups"]):
        depth[k] = depth[group["parent"]] + 1
        line = f"{'  ' * depth[k]}{group['name']}: {group['first']}-{group['last']}"
        lines.append(line)
    return lines


def first_line(function):
    return function.__code__.co_firstlineno


def test_each_call_is_a_group():
    assert ["helper: 1-2", "helper: 3-4"] == groups(outer, 1.0)


def test_each_step_of_a_loop_is_a_group():
    assert ["step 0: helper: 1-2", "step 1: helper: 3-4", "step 2: helper: 5-6"] == (
        groups(looping, 1.0)
    )


def test_loops_nest():
    line = first_line(nested) + 2
    assert [
        "step 0: 1-3",
        f"  loop, line {line}: 1-2",
        "step 1: 4-6",
        f"  loop, line {line}: 4-5",
    ] == groups(nested, 1.0)


def test_many_siblings_are_chunked_by_ten():
    lines = groups(long, 1.0)
    assert ["step 0 … 9: 1-20", "step 10 … 19: 21-40", "step 20 … 29: 41-60"] == [
        line for line in lines if not line.startswith(" ")
    ]
    assert "  step 11: 23-24" in lines


def test_operations_of_one_line_stand_together():
    def two_lines(x):
        y = np.sin(x) + np.cos(x)
        return y * y - x

    line = first_line(two_lines)
    assert [f"line {line + 1}: 1-3", f"line {line + 2}: 4-5"] == groups(two_lines, 1.0)


def test_one_line_is_not_folded():
    assert [] == groups(lambda x: np.sin(x) * x + 1.0, 2.0)


def test_many_inputs_are_chunked_too():
    lines = groups(lambda p: p[0] * p[29], [1.0] * 30)
    assert "inputs: 0-29" == lines[0]
    assert ["p[0] … p[9]", "p[10] … p[19]", "p[20] … p[29]"] == [
        line.strip().partition(":")[0] for line in lines[1:]
    ]


def test_groups_are_contiguous_and_nested():
    data = ad.explain(long, timing=False)(1.0, 300).data
    groups = data["groups"]
    for k, group in enumerate(groups):
        assert group["first"] <= group["last"]
        if group["parent"] >= 0:
            parent = groups[group["parent"]]
            assert group["parent"] < k
            assert parent["first"] <= group["first"] <= group["last"] <= parent["last"]
    for one in {group["parent"] for group in groups}:
        siblings = [group for group in groups if group["parent"] == one]
        assert len(siblings) <= 24
        for before, after in itertools.pairwise(siblings):
            assert before["last"] < after["first"]


def test_what_a_transform_computes_has_no_line():
    data = ad.explain(ad.grad(ad.grad(np.sin)), timing=False)(1.0).data
    assert {-1} == set(data["nodes"]["line"])
    assert [] == data["lines"]


def test_deep_recursion_is_cut_off():
    def deeper(x, depth):
        return x if depth == 0 else np.sin(deeper(x, depth - 1))

    data = ad.explain(lambda x: deeper(x, 150), timing=False)(1.0).data
    assert 151 == len(data["nodes"]["name"])
    assert all(group["name"] for group in data["groups"])
