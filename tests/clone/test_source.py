"""Of a file only the definition that is wanted is compiled for a clone."""

import ast
import math
from math import (  # two lines, in parentheses
    cos,
)

import numpy as np
import pytest

import adjoint as ad
from adjoint._clone.source import definitions, find_block, walk

try:
    import numpy.linalg as la
except ImportError:  # pragma: no cover - it stands here for the import inside a block
    la = None


def decorated(function):
    return function


class Outer:
    """A head of several lines,

    and a comment."""

    table = ("def method", 1)

    @decorated
    @staticmethod
    def method(x, k=3):
        return np.sin(x) * cos(k) + math.sqrt(2.0) * la.norm(x)

    def other(self):
        return np.cos(self)

    class Inner(dict):
        def method(self, x):
            def inside(y):
                return np.exp(y) + self.__private(y)

            return inside(x) * len(super().keys())

        def __private(self, x):
            return np.tanh(x)

        by_lambda = lambda self, x: np.sin(x)  # noqa: E731 - a lambda in a class


def plain_function(x):
    return np.sum(x) + cos(0.0)


class OneLine:
    f = lambda self, x: np.sin(x)  # noqa: E731 - what is tested


FUNCTIONS = {
    "a static method": Outer.method,
    "a method": Outer.other,
    "a method of an inner class": Outer.Inner.method,
    "a function": plain_function,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_text_is_that_of_the_function(name):
    """Its class's heads and the file's imports besides, at their lines."""
    function = FUNCTIONS[name]
    code = function.__code__
    block = find_block(code, function.__globals__)
    tree = ast.parse(block.text)
    names = [one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    assert names[0] == code.co_name
    assert set(names) <= {code.co_name, "inside"}
    found = list(walk(compile(block.text, block.file, "exec")))[block.position]
    assert found == code
    assert [code.co_name] == [one.name for one in definitions(code, globals())]


@pytest.mark.parametrize(
    "function", [Outer.Inner.by_lambda, OneLine.f], ids=["lambda", "one line"]
)
def test_lambdas_in_classes_need_the_whole_class(function):
    (node,) = definitions(function.__code__, globals())
    assert isinstance(node, ast.Lambda)
    assert 1.0 == ad.grad(lambda x: function(None, x))(0.0)


def test_methods_run_as_they_did():
    x = np.array([0.5, 1.5])
    inner = Outer.Inner(a=1)
    for f in (Outer.method, inner.method, Outer.other):
        total = lambda x, f=f: np.sum(f(x))  # noqa: E731 - of each
        assert total(x) == ad.value_and_grad(total)(x)[0]
