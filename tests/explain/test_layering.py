"""The drawing of a graph: boxes do not overlap, edges go down, parents stand above."""

import itertools

import numpy as np
import pytest

from adjoint._explain.layering import GAP_ACROSS, placed


def random_graph(seed, count):
    rng = np.random.default_rng(seed)
    edges = {
        (int(rng.integers(max(0, end - 12), end)), end)
        for end in range(1, count)
        for _ in range(2)
    }
    sizes = [(float(w), float(h)) for w, h in rng.uniform(20, 200, (count, 2))]
    return sizes, sorted(edges)


@pytest.mark.parametrize(("seed", "count"), [(0, 2), (1, 12), (2, 40), (3, 90)])
def test_boxes_do_not_overlap_and_stand_in_bounds(seed, count):
    sizes, edges = random_graph(seed, count)
    drawn = placed(sizes, edges)
    boxes = [
        (x - width / 2, y, x + width / 2, y + height)
        for x, y, (width, height) in zip(drawn.x, drawn.y, sizes, strict=True)
    ]
    for left, top, right, bottom in boxes:
        assert left >= -1e-6
        assert top >= 0
        assert right <= drawn.width + 1e-6
        assert bottom <= drawn.height + 1e-6
    for one, other in itertools.combinations(boxes, 2):
        beside = one[2] <= other[0] + 1e-6 or other[2] <= one[0] + 1e-6
        apart = one[3] <= other[1] or other[3] <= one[1]
        assert beside or apart


@pytest.mark.parametrize(("seed", "count"), [(0, 2), (1, 12), (2, 40), (3, 90)])
def test_edges_go_down_through_their_bends(seed, count):
    sizes, edges = random_graph(seed, count)
    drawn = placed(sizes, edges)
    for (start, end), bends in zip(edges, drawn.bends, strict=True):
        heights = [
            drawn.y[start] + sizes[start][1],
            *(y for _, y in bends),
            drawn.y[end],
        ]
        assert sorted(heights) == heights


def test_a_chain_is_a_straight_column():
    drawn = placed([(50.0, 20.0)] * 4, [(0, 1), (1, 2), (2, 3)])
    assert [25.0] * 4 == drawn.x


def test_a_pair_stands_symmetrically_above_its_user():
    drawn = placed([(50.0, 20.0)] * 3, [(0, 2), (1, 2)])
    assert GAP_ACROSS + 50.0 == drawn.x[1] - drawn.x[0]
    assert pytest.approx(drawn.x[2]) == (drawn.x[0] + drawn.x[1]) / 2


def test_crossed_edges_are_uncrossed():
    drawn = placed([(50.0, 20.0)] * 4, [(0, 3), (1, 2)])
    assert (drawn.x[0] < drawn.x[1]) == (drawn.x[3] < drawn.x[2])


def test_an_input_stands_just_above_its_first_use():
    drawn = placed([(50.0, 20.0)] * 5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    assert drawn.y[2] == drawn.y[4]


def test_nothing_is_drawn_of_nothing():
    assert (0.0, 0.0) == (placed([], []).width, placed([], []).height)


def test_a_box_without_edges_stands_beside_the_others():
    """A value that is named on its users has none."""
    count = 8
    edges = [(k, count) for k in range(1, count)] + [(count, count + 1)]
    placement = placed([(60.0, 30.0)] * (count + 2), edges)
    assert placement.y[0] == placement.y[1] == 0.0
    assert placement.x[1] - placement.x[0] == 60.0 + GAP_ACROSS
    alone = placed([(60.0, 30.0)] * 3, [(1, 2)])
    assert alone.width == 60.0 + GAP_ACROSS + 60.0
