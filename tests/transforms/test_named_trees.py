"""Names of leaves, and dataclasses as containers."""

import re
from dataclasses import dataclass, field

import numpy as np
import pytest

import adjoint as ad


@ad.tree.register_dataclass
@dataclass(frozen=True)
class Law:
    scale: object
    offset: object
    power: int = field(default=2, metadata={"static": True})

    def __call__(self, x):
        return self.scale * x**self.power + self.offset


def test_fields_are_children_but_for_the_static_ones():
    law = Law(np.array([2.0, 3.0]), [1.0, (4.0,)])
    assert [1.0, 4.0] == ad.tree.leaves(law)[1:]
    slopes = ad.grad(lambda law: np.sum(law.scale) ** 2 * law.offset[0])(law)
    assert isinstance(slopes, Law)
    np.testing.assert_array_equal([10.0, 10.0], slopes.scale)
    assert [25.0, (0.0,)] == slopes.offset
    assert 2 == slopes.power


def test_static_fields_tell_structures_apart():
    assert ad.tree.structure(Law(1.0, 2.0)) == ad.tree.structure(Law(3.0, 4.0))
    assert ad.tree.structure(Law(1.0, 2.0)) != ad.tree.structure(Law(1.0, 2.0, 3))


def test_every_transform_takes_one():
    law = Law(2.0, 1.0)
    assert 9.0 == ad.grad(lambda law, x: law(x))(law, 3.0).scale
    assert 10.0 == ad.jvp(lambda law: law(3.0), (law,), (Law(1.0, 1.0),))[1]
    ad.check_grads(lambda law, x: law(x), (law, 1.5), order=2)
    many = Law(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    np.testing.assert_array_equal([9.0, 19.0], ad.vmap(lambda law: law(3.0))(many))


def test_names_of_leaves_are_dotted_attributes_keys_and_positions():
    law = Law({"b": [1.0, 2.0], "a": 3.0}, 4.0)
    tree = {"law": law, "list": [law]}
    inner = ["scale.a", "scale.b.0", "scale.b.1", "offset"]
    expected = [f"{outer}.{name}" for outer in ("law", "list.0") for name in inner]
    assert expected == ad.tree.names(tree)
    assert [""] == ad.tree.names(1.0)
    assert [] == ad.tree.names(None)


def test_an_error_calls_a_field_by_its_name():
    with pytest.raises(ad.errors.InputError, match=r"\.scale\['a'\]\[1\]"):
        ad.grad(lambda law: law.offset)(Law({"a": [1.0, np.arange(2)]}, 1.0))


def test_lists_of_fields_may_be_given():
    @dataclass
    class Pair:
        one: float
        two: float

    One, Two, Three = (type(name, (Pair,), {}) for name in ("One", "Two", "Three"))
    ad.tree.register_dataclass(One, ["one"], ["two"])
    ad.tree.register_dataclass(Two, meta_fields=["one"])
    assert [1.0] == ad.tree.leaves(One(1.0, 2.0))
    assert [2.0] == ad.tree.leaves(Two(1.0, 2.0))
    ad.tree.register_dataclass(Three, ["two"])
    assert [2.0] == ad.tree.leaves(Three(1.0, 2.0))


def test_what_is_no_dataclass_or_no_field_is_refused():
    class Plain:
        pass

    with pytest.raises(ad.errors.TreeError, match=r"Plain.*is no dataclass"):
        ad.tree.register_dataclass(Plain)
    with pytest.raises(ad.errors.TreeError, match="is no dataclass"):
        ad.tree.register_dataclass(Law(1.0, 2.0))

    @dataclass
    class Pair:
        one: float
        two: float

    for lists in ((["one"], []), (["one", "two"], ["two"]), (["one", "two", "six"],)):
        with pytest.raises(ad.errors.TreeError, match=r"\['one', 'two'\], each in one"):
            ad.tree.register_dataclass(Pair, *lists)


def test_names_given_by_a_registration_are_used():
    class Box:
        def __init__(self, value):
            self.value = value

    ad.tree.register(
        Box,
        lambda box: ((box.value,), None, ("content",)),
        lambda _, parts: Box(*parts),
        named=True,
    )
    assert ["0.content.x"] == ad.tree.names([Box({"x": 1.0})])
    with pytest.raises(ad.errors.InputError, match=r"\[0\]\.content"):
        ad.grad(lambda boxes: 1.0)([Box(np.arange(2))])


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ([1.0], [1.0, 2.0], "at the top the first has [*], the second [*, *];"),
        (
            {"a": 1.0, "b": [1.0, (2.0,)]},
            {"a": 1.0, "b": [1.0, None]},
            "at `b.1` the first has (*,), the second None;",
        ),
        (
            {"laws": [Law(1.0, 2.0)]},
            {"laws": [Law(1.0, [2.0])]},
            "at `laws.0.offset` the first has one array or number, the second [*];",
        ),
        (
            [Law(1.0, 2.0)],
            [Law(1.0, 2.0, power=3)],
            "at `0` the two are Laws with different settings;",
        ),
        (
            Law(1.0, {"n*": 2.0}),
            [1.0, 2.0],
            "the first has Law(scale=*, offset={'n*': *}), the second [*, *];",
        ),
    ],
)
def test_map_names_the_first_place_where_trees_differ(one, other, said):
    with pytest.raises(ad.errors.TreeError, match=re.escape(said)):
        ad.tree.map(lambda a, b: a, one, other)


def test_a_registered_class_is_described_by_the_names_of_its_children():
    tree = {"laws": [Law(1.0, (2.0, None))], "n": 1.0}
    assert "{'laws': [Law(scale=*, offset=(*, None))], 'n': *}" == ad.tree.describe(
        ad.tree.structure(tree)
    )
