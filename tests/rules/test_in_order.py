"""Einstein sums in compiled code: NumPy's bits, or NumPy itself."""

import itertools
import math
import os
import random
import re
import string
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import adjoint as ad
from adjoint._native import in_order as native, llvm, product
from adjoint._primitives import in_order

NAMES = ((np.float64, "double"), (np.float32, "float"))
DTYPES = tuple(dtype for dtype, _ in NAMES)
LENGTHS = (*range(41), 63, 64, 65, 127, 128, 129, 130, 200, 256, 1000)


@pytest.fixture(scope="module")
def compiled_products():
    """The products of both dtypes, compiled here and tried."""
    offers = fresh_offers()
    for offer in offers.values():
        assert offer.product(native.PRICE) is not None
    return offers


@pytest.fixture
def compiled(monkeypatch, compiled_products):
    """All sums that may be compiled code's are, however small."""
    monkeypatch.setattr(in_order, "OFFERS", compiled_products)
    monkeypatch.setattr(in_order, "_WORTH_CALLING", 0)


def fresh_offers():
    return {
        np.dtype(dtype): native.Offer(np.dtype(dtype), name) for dtype, name in NAMES
    }


def assert_numpys(subscripts, *operands):
    """Compiled code gives NumPy's value, dtype and layout; tell whether it serves."""
    left, output = subscripts.split("->")
    with np.errstate(all="raise"):  # neither reports overflow
        got = in_order.sum_in_order(tuple(left.split(",")), output, operands)
        want = np.einsum(subscripts, *operands)
    if got is None:
        return False
    assert (want.shape, want.dtype) == (got.shape, got.dtype)
    assert want.flags.c_contiguous == got.flags.c_contiguous
    assert want.tobytes() == got.tobytes()
    return True


# The bits


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("position", range(3))
def test_all_lengths_in_each_position_have_numpys_bits(dtype, position):
    rng = np.random.default_rng(position)
    served = 0
    for length, others in itertools.product(LENGTHS, ((5, 37), (16, 16), (33, 49))):
        m, n, p = (*others[:position], length, *others[position:])
        x = rng.normal(size=(m, n)).astype(dtype)
        y = rng.normal(size=(n, p)).astype(dtype)
        served += assert_numpys("ij,jk->ik", x, y)
    assert served > len(LENGTHS)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [200, 256, 513])
def test_large_matrices_have_numpys_bits(dtype, n):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(2, n, n)).astype(dtype)
    assert assert_numpys("ij,jk->ik", x, y)
    assert assert_numpys("ji,jk->ik", x, y)
    assert assert_numpys("jk,ij->ik", y, x)


@pytest.mark.usefixtures("compiled")
def test_stacks_and_groups_of_letters_have_numpys_bits():
    """Of several letters each may have length 1, and any place in the alphabet."""
    draw = random.Random(0)  # noqa: S311 - forms of sums, no secrets
    rng = np.random.default_rng(0)
    served = 0
    for _ in range(1_500):
        counts = [draw.choice(some) for some in ((0, 0, 1, 2), *[(1, 1, 2)] * 3)]
        letters = draw.sample(string.ascii_letters, sum(counts))
        lengths = {one: draw.choice((1, 1, 2, 3, 4, 5, 8, 17)) for one in letters}
        ends = list(itertools.accumulate(counts))
        stack, rows, shared, columns = (
            "".join(letters[end - count : end])
            for end, count in zip(ends, counts, strict=True)
        )
        left = stack + draw.choice((rows + shared, shared + rows))
        words = [left, stack + shared + columns]
        draw.shuffle(words)
        dtype = draw.choice(DTYPES)
        operands = [
            rng.normal(size=[lengths[one] for one in word]).astype(dtype)
            for word in words
        ]
        output = stack + rows + columns
        served += assert_numpys(f"{','.join(words)}->{output}", *operands)
    assert served > 200


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "values",
    [
        (np.inf, 1.0, -2.0),
        (np.inf, -np.inf, 0.0),
        (np.nan, 1.0, 3.0),
        (0.0, -0.0),
        (-0.0, 1.0),
        (1e-30, -1e-20, 1e30, 1e20),
        (5e-324, 1e-310, -1.0, 0.5),
        (1e-45, 1e-40, -1.0, 0.5),
        (1e308, -1e308, 10.0),
        (3e38, -3e38, 10.0),
    ],
)
def test_edge_values_have_numpys_bits(dtype, values):
    rng = np.random.default_rng(1)
    with np.errstate(over="ignore", under="ignore"):
        given = np.array(values).astype(dtype)
    x, y = rng.choice(given, (9, 21)), rng.choice(given, (21, 43))
    assert assert_numpys("ij,jk->ik", x, y)


@pytest.mark.usefixtures("compiled")
def test_of_two_nans_that_meet_the_result_is_nan():
    x, y = np.full((8, 8), np.nan), np.full((8, 16), -np.nan)
    assert np.isnan(in_order.sum_in_order(("ij", "jk"), "ik", (x, y))).all()


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("width", [16, 32, 64])
@pytest.mark.parametrize(("dtype", "name"), NAMES)
def test_every_width_of_vectors_has_numpys_bits(width, dtype, name):
    size = np.dtype(dtype).itemsize
    text = product.product_text(product.Kind(name, size, width // size))
    function = llvm.compiled(text, "product", native._ARGUMENTS)
    one = native.Product(np.dtype(dtype), function)
    assert all(one.agrees(*trial) for trial in native._TRIALS)


# What is left to NumPy


def arrays(*shapes, dtype=np.float64):
    return [np.ones(shape, dtype) for shape in shapes]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("subscripts", "operands"),
    [
        ("ij,jk->ik", arrays((3, 9), (9, 16))),  # fewer rows than a tile
        ("ij,jk->ik", arrays((9, 9), (9, 7))),  # less than a vector
        ("ij,j->i", arrays((9, 9), 9)),
        ("i,ij->j", arrays(9, (9, 16))),
        ("ij,jk->ki", arrays((16, 9), (9, 16))),
        ("ij,kj->ik", arrays((16, 9), (16, 9))),
        ("ij,ij->ij", arrays((16, 9), (16, 9))),
        ("ij,jk->ijk", arrays((16, 9), (9, 16))),
        ("ij,jk->k", arrays((16, 9), (9, 16))),
        ("ijl,jk->ik", arrays((16, 9, 2), (9, 16))),
        ("iij,jk->ik", arrays((16, 16, 9), (9, 16))),
        ("ij,jkk->ik", arrays((16, 9), (9, 16, 16))),
        ("ijj,jjk->ik", arrays((16, 9, 9), (9, 9, 16))),  # diagonals of both
        ("bijj,bjjk->bik", arrays((2, 16, 3, 3), (2, 3, 3, 16))),
        ("ij,jk,kl->il", arrays((16, 9), (9, 16), (16, 16))),
        ("ij->i", arrays((16, 9))),
        ("ibj,bjk->bik", arrays((16, 2, 9), (2, 9, 16))),
        ("ij,jk->ik", arrays((16, 1), (9, 16))),  # stretched
        ("bij,bjk->bik", arrays((1, 16, 9), (2, 9, 16))),
        ("ij,jk->ik", [*arrays((16, 9)), np.ones((16, 9)).T]),
        ("ij,jk->ik", [np.ones((9, 16)).T, *arrays((9, 16))]),
        ("ij,jk->ik", [*arrays((16, 9)), np.ones((9, 32))[:, ::2]]),
        ("ij,jk->ik", [*arrays((16, 9)), np.broadcast_to(1.0, (9, 16))]),
        ("ij,jk->ik", [*arrays((16, 9)), *arrays((9, 16), dtype=np.float32)]),
        ("ij,jk->ik", arrays((16, 9), (9, 16), dtype=">f8")),
        ("ij,jk->ik", arrays((16, 9), (9, 16), dtype=np.float16)),
        ("ij,jk->ik", arrays((16, 9), (9, 16), dtype=complex)),
        ("ij,jk->ik", arrays((16, 9), (9, 16), dtype=int)),
        ("ij,jk->ik", [np.ones((16, 9)).view(np.matrix), *arrays((9, 16))]),
    ],
)
def test_other_sums_are_numpys(subscripts, operands):
    left, output = subscripts.split("->")
    assert None is in_order.sum_in_order(tuple(left.split(",")), output, operands)


@pytest.mark.usefixtures("compiled")
def test_operands_out_of_alignment_are_numpys():
    memory = np.zeros(16 * 16 * 8 + 1, np.uint8)[1:]
    x = memory.view(np.float64).reshape(16, 16)
    assert None is in_order.sum_in_order(("ij", "jk"), "ik", (x, x))


@pytest.mark.parametrize("n", [2, 25])
def test_small_sums_do_not_count(monkeypatch, n):
    offers = fresh_offers()
    monkeypatch.setattr(in_order, "OFFERS", offers)
    x = np.ones((n, n))
    assert None is in_order.sum_in_order(("ij", "jk"), "ik", (x, x))
    assert 0 == offers[x.dtype]._spent


# When it is bought, and when it cannot be had


def test_it_is_bought_once_numpys_loops_have_cost_as_much(monkeypatch):
    offers, bought = fresh_offers(), []
    offer = offers[np.dtype(np.float64)]
    monkeypatch.setattr(in_order, "OFFERS", offers)
    monkeypatch.setattr(offer, "_tried", lambda: bought.append(offer._spent))
    x = np.ones((200, 200))
    before = math.ceil(native.PRICE / 200**3) - 1
    for _ in range(before):
        in_order.sum_in_order(("ij", "jk"), "ik", (x, x))
    assert [] == bought
    for _ in range(3):
        in_order.sum_in_order(("ij", "jk"), "ik", (x, x))
    assert [(before + 1) * 200**3] == bought


def forget_llvm(monkeypatch):
    monkeypatch.setattr(llvm, "_llvm", llvm._llvm.__wrapped__)


def assert_not_to_be_had():
    offer = fresh_offers()[np.dtype(np.float64)]
    assert offer.product(native.PRICE) is None
    assert not offer._is_open  # nobody tries again


def test_without_llvmlite_sums_are_numpys(monkeypatch):
    forget_llvm(monkeypatch)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    assert_not_to_be_had()


def test_with_an_older_llvm_sums_are_numpys(monkeypatch):
    forget_llvm(monkeypatch)
    monkeypatch.setattr("llvmlite.binding.llvm_version_info", (15, 0, 7))
    assert_not_to_be_had()


def test_where_new_code_is_forbidden_sums_are_numpys(monkeypatch):
    def refuse():
        raise OSError("cannot allocate executable memory")

    forget_llvm(monkeypatch)
    monkeypatch.setattr("llvmlite.binding.check_jit_execution", refuse)
    assert_not_to_be_had()


def test_where_llvm_fails_sums_are_numpys(monkeypatch):
    monkeypatch.setattr(native, "product_text", lambda kind: "no text of LLVM's")
    assert_not_to_be_had()


def test_code_that_rounds_otherwise_is_never_used(monkeypatch):
    """A product and its sum rounded once, as fused multiply-add does."""

    def fused(kind):
        vector, fma = kind.vector, f"@llvm.fma.v{kind.width}f64"
        text, count = re.subn(
            r"(%\S+)\.term = fmul <.*> (%\S+), (%\S+)\n.*fadd.*",
            rf"\1.next = call {vector} {fma}({vector} \2, {vector} \3, {vector} \1)",
            product.product_text(kind),
        )
        assert count == product.ROWS * (product.VECTORS + 1)
        return f"declare {vector} {fma}({vector}, {vector}, {vector})\n{text}"

    monkeypatch.setattr(native, "product_text", fused)
    assert_not_to_be_had()


def test_threads_that_come_while_it_is_compiled_do_not_wait():
    offer = fresh_offers()[np.dtype(np.float64)]
    with offer._lock:
        assert offer.product(native.PRICE) is None
    assert offer.product(1) is not None


def test_many_threads_at_once_have_numpys_bits(monkeypatch):
    monkeypatch.setattr(in_order, "OFFERS", fresh_offers())
    monkeypatch.setattr(native, "PRICE", 10 * 40**3)
    x, y = np.random.default_rng(3).normal(size=(2, 40, 40))
    want, wrong = np.einsum("ij,jk->ik", x, y).tobytes(), []

    def work(_):
        for _ in range(50):
            got = in_order.sum_in_order(("ij", "jk"), "ik", (x, y))
            if got is not None and got.tobytes() != want:
                wrong.append(got)

    with ThreadPoolExecutor(8) as pool:
        assert [None] * 8 == list(pool.map(work, range(8)))
    assert [] == wrong
    assert in_order.sum_in_order(("ij", "jk"), "ik", (x, y)) is not None


def run(program):
    """Run a program in a fresh interpreter; its output."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def test_nothing_is_imported_before_it_is_needed():
    program = """
import sys, numpy as np, adjoint as ad
x = np.ones((50, 50))
ad.grad(lambda x: np.sum(np.einsum("ij,jk->ik", x, x)))(x)
print([name for name in sys.modules if name.startswith("llvmlite")])
"""
    assert "[]\n" == run(program)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_goes_on_with_it():
    program = """
import os, numpy as np
from adjoint._native.in_order import OFFERS, PRICE
product = OFFERS[np.dtype(float)].product(PRICE)
if os.fork() == 0:
    os._exit(0 if all(product.agrees(2, 9, 150, k) for k in range(9)) else 1)
print(os.wait()[1])
"""
    assert "0\n" == run(program)


# Derivatives


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", ((9, 20), (20, 33))),
        ("jk,ij->ik", ((20, 33), (9, 20))),
        ("bji,bjk->bik", ((2, 20, 9), (2, 20, 33))),
        ("ijk,kl->ijl", ((3, 4, 5), (5, 16))),
    ],
)
def test_derivatives_are_the_same_with_and_without_it(
    monkeypatch, compiled_products, subscripts, shapes, dtype
):
    rng = np.random.default_rng(4)
    x, y, x_dot, y_dot = (rng.normal(size=one).astype(dtype) for one in shapes * 2)

    def product_of(x, y):
        return np.einsum(subscripts, x, y)

    def loss(x, y):
        return np.sum(np.sin(product_of(x, y)))

    def all_derivatives():
        value, gradients = ad.value_and_grad(loss, argnums=(0, 1))(x, y)
        pushed = ad.jvp(product_of, (x, y), (x_dot, y_dot))
        second = ad.hvp(loss, (x, y), (x_dot, y_dot))
        many = ad.vmap(product_of)(np.stack([x, x_dot]), np.stack([y, y_dot]))
        everything = [value, *gradients, *pushed, *second, many]
        return [np.asarray(one).tobytes() for one in everything]

    without = all_derivatives()
    monkeypatch.setattr(in_order, "OFFERS", compiled_products)
    monkeypatch.setattr(in_order, "_WORTH_CALLING", 0)
    called = []
    real = native.Product.__call__

    def counted(self, *args):
        called.append(args)
        return real(self, *args)

    monkeypatch.setattr(native.Product, "__call__", counted)
    assert without == all_derivatives()
    assert len(called) >= 3
