"""Trees in files: what is saved comes back in every bit, and nothing else is taken."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import adjoint as ad
from adjoint import nn

PROGRAM = Path(__file__).with_name("trained_in_a_process.py")


def layer(seed=0):
    return nn.Linear(3, 2, rng=np.random.default_rng(seed))


def assert_same(one, other):
    assert ad.tree.structure(one) == ad.tree.structure(other)
    for here, there in zip(ad.tree.leaves(one), ad.tree.leaves(other), strict=True):
        assert type(here) is type(there)
        if isinstance(here, (np.ndarray, np.generic)):
            assert here.dtype == there.dtype
            assert here.shape == there.shape
            assert here.tobytes() == there.tobytes()
        else:
            assert repr(here) == repr(there)


TREES = {
    "model": layer(),
    "state": ad.optim.Adam(0.1).init(layer()),
    "numbers": {"i": 10**30, "f": 0.1, "n": float("nan"), "b": False, "c": 1 - 2j},
    "text": ["Grüße", ""],
    "complex": np.array([[1 + 2j, complex(np.nan, -0.0)]]),
    "complex scalar": np.complex128(1 - 1j),
    "single": np.float32([1.5, -0.0, np.inf]),
    "half, empty, whole": (np.float16([1]), np.zeros((0, 3)), np.array(7, np.uint8)),
    "numpy scalars": [np.float64(0.1), np.float32(0.1)],
    "a leaf": np.arange(3.0),
    "nothing": {"a": None},
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_a_tree_comes_back_in_every_bit(tmp_path, tree):
    nn.save(tmp_path / "tree.safetensors", tree)
    assert_same(tree, nn.load(tmp_path / "tree.safetensors", like=tree))


def test_the_layout_in_memory_does_not_matter(tmp_path):
    tree = [
        np.arange(6.0).reshape(2, 3).T,
        np.arange(9.0)[::-2],
        np.arange(3.0, dtype=">f8"),
    ]
    nn.save(tmp_path / "t", tree)
    for here, there in zip(
        tree,
        nn.load(tmp_path / "t", like=[*map(np.array, tree[:2]), np.ones(3)]),
        strict=True,
    ):
        assert there.flags.c_contiguous
        assert here.tolist() == there.tolist()


def test_other_readers_find_the_arrays_by_their_names(tmp_path):
    nn.save(tmp_path / "t", {"model": layer()})
    found = safetensors.numpy.load_file(tmp_path / "t")
    assert {"model.weight", "model.bias"} == set(found)
    assert layer().weight.tobytes() == found["model.weight"].tobytes()


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"a": np.array(["x"])}, r"leaf `a` is of <U1"),
        ({"a": object()}, r"leaf `a` is of object"),
        ({"a": np.longdouble(1)}, r"leaf `a` is of float128|longdouble"),
    ],
)
def test_what_has_no_place_in_a_file_is_refused(tmp_path, tree, sentence):
    with pytest.raises(ad.errors.InputError, match=sentence):
        nn.save(tmp_path / "t", tree)
    assert [] == list(tmp_path.iterdir())


def test_two_leaves_of_one_name_are_refused(tmp_path):
    with pytest.raises(ad.errors.TreeError, match=r"called `a\.b`"):
        nn.save(tmp_path / "t", {"a.b": 1.0, "a": {"b": 2.0}})


def test_a_flipped_bit_anywhere_is_refused_and_the_file_left(tmp_path):
    path = tmp_path / "t"
    nn.save(path, layer())
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 16
        path.write_bytes(damaged)
        with pytest.raises(ad.errors.CheckpointError, match="t is "):
            nn.load(path, like=layer())
        assert bytes(damaged) == path.read_bytes()


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_a_file_cut_short_is_refused(tmp_path, length):
    path = tmp_path / "t"
    nn.save(path, layer())
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ad.errors.CheckpointError, match="damaged"):
        nn.load(path, like=layer())


def test_a_file_of_another_program_is_refused(tmp_path):
    safetensors.numpy.save_file({"weight": np.ones((3, 2))}, tmp_path / "t")
    with pytest.raises(ad.errors.CheckpointError, match="of another program"):
        nn.load(tmp_path / "t", like=layer())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        nn.load(tmp_path / "t", like=layer())


@pytest.mark.parametrize(
    ("like", "sentence"),
    [
        ({"weight": np.ones((3, 2))}, "has `bias` besides"),
        ({"weight": np.ones((3, 2)), "b": np.ones(2)}, "has no `b`"),
        (
            {"weight": np.ones((2, 3)), "bias": np.ones(2)},
            r"`weight` is float64 of shape \(3, 2\) in the file",
        ),
        (
            {"weight": np.ones((3, 2), np.float32), "bias": np.ones(2)},
            r"float32 of shape \(3, 2\) in `like`",
        ),
    ],
)
def test_another_tree_is_refused(tmp_path, like, sentence):
    nn.save(tmp_path / "t", layer())
    with pytest.raises(ad.errors.CheckpointError, match=sentence):
        nn.load(tmp_path / "t", like=like)


def test_a_failing_write_leaves_the_file_before(tmp_path, monkeypatch):
    nn.save(tmp_path / "t", layer(0))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        nn.save(tmp_path / "t", layer(1))
    assert_same(layer(0), nn.load(tmp_path / "t", like=layer(1)))


def test_without_safetensors_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"pip install 'adjoint\[nn\]'"):
        nn.save(tmp_path / "t", layer())


# A training that is killed and goes on


def run(path, **options):
    return subprocess.Popen(
        [sys.executable, PROGRAM, path, json.dumps(options)], stdout=subprocess.PIPE
    )


def result_of(process):
    out, _ = process.communicate()
    assert 0 == process.returncode
    return out


def test_a_training_killed_at_random_moments_ends_with_the_same_bits(tmp_path):
    undisturbed = result_of(run(tmp_path / "whole.safetensors"))
    path = tmp_path / "killed.safetensors"
    rng = np.random.default_rng(0)
    kills = 0
    for _ in range(4):
        process = run(path)
        assert process.stdout.readline() == b"begun\n"
        time.sleep(rng.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
    assert kills
    assert undisturbed == result_of(run(path))


@pytest.mark.parametrize("call", ["fsync", "link", "replace", "replace2"])
def test_a_training_killed_while_it_writes_ends_with_the_same_bits(tmp_path, call):
    undisturbed = result_of(run(tmp_path / "whole.safetensors"))
    path = tmp_path / "killed.safetensors"
    process = run(path, name=call, write=3)
    process.communicate()
    assert -signal.SIGKILL == process.returncode
    assert path.exists()
    assert undisturbed == result_of(run(path))
