"""What the oldest Python that we run on cannot parse: functions of a file of text."""

import importlib.util
import sys

import pytest

from clone.judge import check

SINCE_3_12 = """
import numpy as np


def generic[T](x: T) -> T:
    z = np.zeros(2)
    z[0] = x
    return np.sum(z * z)


class Model[T]:
    def __init__(self, scale: T):
        self.work = np.zeros(2)
        self.scale = scale

    def run[S](self, x: S) -> S:
        self.work[1] = self.scale * x
        return np.sum(self.work**2)


type Vector = np.ndarray


def with_texts_in_texts(x):
    z = np.zeros(2)
    z[1] = x
    assert f"{f"{x:.1f}" + "a"!r} {'\\n'.join(["b"])}" == "'0.6a' b"
    return z[1] * x


method = Model(1.5).run
FUNCTIONS = [generic, method, with_texts_in_texts]
"""
SINCE_3_13 = """
import numpy as np


def generic_by_default[T = float](x: T) -> T:
    z = np.zeros(1)
    z[0] = x
    return z[0] * x


FUNCTIONS = [generic_by_default]
"""


def functions_of(text, path):
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FUNCTIONS


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_parameters_and_nested_texts(tmp_path):
    generic, method, texts = functions_of(SINCE_3_12, tmp_path / "since_3_12.py")
    check(generic, 0.6)
    check(method, 0.6)
    check(texts, 0.6, batched=False)  # the text of a batch is another one


@pytest.mark.skipif(sys.version_info < (3, 13), reason="syntax of Python 3.13")
def test_type_parameters_with_a_default(tmp_path):
    (function,) = functions_of(SINCE_3_13, tmp_path / "since_3_13.py")
    check(function, 0.6)
