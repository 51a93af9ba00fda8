"""The page of a report in a headless Chromium: what a reader sees and does."""

import json
import re

import numpy as np
import pytest

import adjoint as ad
from explain.browser import BrowserError

SETTLED = "new Promise((done) => setTimeout(done, 60))"


def example(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def loop(k, x):
    v = 0.0
    for _ in range(300):
        v = v - 0.01 * k * x
        x = x + 0.01 * v
    return x


def small():
    return ad.explain(example)(2.0, 5.0)


def derivatives(page):
    """The derivatives listed beside the graph, with all their digits."""
    found = page.texts(".detail .facts li")
    pairs = (text.split(" = ") for text in found)
    bare = {"̄": None, "̇": None}  # the marks of adjoints and tangents
    return {name.translate(str.maketrans(bare)): float(text) for name, text in pairs}


def position(page):
    done, total = page.text(".count").replace(",", "").split(" / ")
    return int(done), int(total)


def column(page, place):
    """A column of the table, by names of the rows."""
    rows = page.run(
        "[...document.querySelectorAll('.rows .row.node')].map((row) =>"
        f" [row.querySelector('b').textContent, row.children[{place}].textContent])"
    )
    return dict(rows)


def test_the_page_opens_without_network_or_complaint(show):
    page = show(small())
    assert "f" != page.text("h1")
    assert page.text("h1").startswith("example")
    assert 7 == len(page.texts(".card"))
    assert 7 == len(page.texts(".rows .row.node"))
    assert any("np.log(x1)" in text for text in page.texts(".line code"))


def test_the_gradient_is_that_of_grad_to_the_last_digit(show):
    page = show(small())
    assert ad.grad(example, argnums=(0, 1))(2.0, 5.0) == tuple(
        derivatives(page).values()
    )
    assert ["x1", "x2"] == list(derivatives(page))


def test_values_and_adjoints_are_those_of_the_report(show):
    report = small()
    page = show(report)
    names = report.data["nodes"]["name"]
    for place, cells in (
        (1, report.data["nodes"]["value"]),
        (2, report.data["forward"][0]["tangent"]),
        (3, report.data["reverse"][0]["adjoint"]),
    ):
        shown = column(page, place)
        assert dict(zip(names, cells, strict=True)) == pytest.approx(
            {name: float(text) for name, text in shown.items()}, rel=5e-4
        )


def test_a_sweep_has_inputs_forward_seed_and_reverse(show):
    page = show(small())
    inputs, operations = 2, 5
    assert (13, inputs + operations + 1 + operations) == position(page)
    page.press("Home")
    assert (0, 13) == position(page)
    phases = []
    for _ in range(13):
        page.press("j")
        phases.append(page.text(".words").partition(" ")[0].rstrip(":"))
    assert phases == (
        ["Input"] * inputs
        + ["Forward"] * operations
        + ["Seed"]
        + ["Reverse"] * operations
    )
    assert (13, 13) == position(page)
    page.press("j")
    assert (13, 13) == position(page)
    page.press("k")
    page.press("ArrowLeft")
    assert (11, 13) == position(page)
    page.press("ArrowRight")
    assert (12, 13) == position(page)


def test_nothing_is_shown_before_it_is_computed(show):
    page = show(small())
    page.press("Home")
    assert {""} == set(column(page, 1).values()) | set(column(page, 3).values())
    for _ in range(3):
        page.press("j")
    assert ["2", "5", "0.6931", "", "", "", ""] == list(column(page, 1).values())
    for _ in range(4 + 1 + 2):
        page.press("j")
    assert ["", "-0.2837 …", "", "", "1", "-1", "1"] == list(column(page, 3).values())


def test_the_detail_sums_over_paths(show):
    page = show(small())
    page.click("[data-target='0']")
    text = page.text(".detail")
    assert "via v2: 1 × 5 = 5" in text
    assert "via v1: 1 × 0.5 = 0.5" in text
    assert "x̄1 = 5 + 0.5 = 5.5" in text
    page.press("k")
    text = page.text(".detail")
    assert "via v1: not yet" in text
    assert "so far = 5" in text


def test_the_current_step_is_marked_in_graph_table_and_source(show):
    page = show(small())
    page.press("k")
    page.press("k")
    assert [["v3"], 1] == [
        page.texts(".card.current .name"),
        len(page.texts(".line.current")),
    ]
    assert ["v3"] == page.texts(".row.current b")
    assert {"v1", "v2"} == set(page.texts(".card.receiving .name"))
    assert {"v1", "v2"} == set(page.texts(".row.receiving b"))
    assert ["1 × 1 = 1", "1 × 1 = 1"] == page.texts(".pills text")


def test_forward_mode_shows_columns_of_the_jacobian(show):
    report = ad.explain(lambda x: (x[0] * x[1], np.sin(x[0])))(np.array([2.0, 5.0]))
    page = show(report)
    page.click("[data-key=forward]")
    assert "true" == page.run(
        "document.querySelector('[data-key=forward]').ariaChecked"
    )
    count = len(report.data["forward"])
    assert count == len(page.texts("header .seed option"))
    for seed in range(count):
        page.choose("header .seed select", seed)
        tangent = report.data["forward"][seed]["tangent"]
        assert [tangent[k] for k in report.data["outputs"]] == list(
            derivatives(page).values()
        )
    done, total = position(page)
    assert done == total == len(report.data["nodes"]["name"])


def test_reverse_mode_has_a_seed_for_each_output(show):
    report = ad.explain(lambda x, y: (x * y, np.sin(x)))(2.0, 5.0)
    page = show(report)
    seeds = report.data["reverse"]
    assert [one["label"] for one in seeds] == page.texts("header .seed option")
    for place, seed in enumerate(seeds):
        page.choose("header .seed select", place)
        assert [seed["adjoint"][0], seed["adjoint"][1]] == list(
            derivatives(page).values()
        )


def test_a_long_list_is_folded_and_opens(show):
    report = ad.explain(loop, timing=False)(2.0, 1.0)
    count = len(report.data["nodes"]["name"])
    assert count > 1200
    page = show(report)
    folded = page.texts(".rows .row.folded b")
    assert folded
    assert len(page.texts(".card")) < 120
    first = folded[0]
    page.click(".card.group .opener")
    page.run(SETTLED)
    assert first not in page.texts(".rows .row.folded b")
    assert first in page.texts(".rows .row.heading b")
    page.run(
        "[...document.querySelectorAll('.rows .row.heading')].find((row) =>"
        f" row.querySelector('b').textContent === {json.dumps(first)}).click()"
    )
    assert first in page.texts(".rows .row.folded b")


def test_a_folded_box_is_one_step(show):
    page = show(ad.explain(loop, timing=False)(2.0, 1.0))
    page.press("Home")
    seen = [0]
    while seen[-1] < position(page)[1]:
        page.press("j")
        seen.append(position(page)[0])
        assert seen[-1] > seen[-2]
    assert len(seen) < 200


def test_search_opens_what_is_folded_around_what_it_finds(show):
    report = ad.explain(loop, timing=False)(2.0, 1.0)
    wanted = report.data["nodes"]["name"][700]
    page = show(report)
    assert wanted not in page.texts(".card .name")
    page.press("/")
    page.type(wanted)
    page.run(SETTLED)
    assert re.fullmatch(r"1 of \d+", page.text(".found"))
    assert [wanted] == page.texts(".card.selected .name")
    assert [wanted] == page.texts(".row.selected b")
    assert page.text(".detail h2").startswith(wanted)


def test_search_says_that_it_found_nothing(show):
    page = show(small())
    page.press("/")
    page.type("nowhere")
    assert "none" == page.text(".found")


def test_playing_runs_to_the_end_and_keeps_silent(show):
    page = show(small())
    page.choose(".player select", 3)
    page.press(" ")
    assert "off" == page.run("document.querySelector('.words').ariaLive")
    page.wait_for("document.querySelector('.count').textContent === '13 / 13'")
    page.wait_for("document.querySelector('.words').ariaLive === 'polite'")


def test_the_slider_goes_anywhere(show):
    page = show(small())
    page.run(
        "(() => { const at = document.querySelector('input[type=range]');"
        "at.value = 5; at.dispatchEvent(new Event('input')); })()"
    )
    assert (5, 13) == position(page)
    text = page.run("document.querySelector('input[type=range]').ariaValueText")
    assert text.startswith("step 5 of 13: Forward 3 of 5: v3")


def test_nan_and_infinity_are_said_in_red(show):
    with np.errstate(all="ignore"):
        report = ad.explain(lambda x: np.log(x - x) * np.sqrt(x - 5.0))(2.0)
    page = show(report)
    shown = column(page, 1)
    assert {"NaN", "-∞"} <= set(shown.values())
    bad = page.texts(".rows .number.bad")
    assert set(bad) <= {"NaN", "-∞", "∞"}
    colors = page.run(
        "[...new Set([...document.querySelectorAll('.rows .number.bad')]"
        ".map((one) => getComputedStyle(one).color))]"
    )
    assert ["rgb(193, 18, 31)"] == colors


def test_no_adjoint_goes_through_a_comparison(show):
    page = show(ad.explain(lambda x: np.sum(np.where(x > 0, x, 0.0)))(np.ones(3)))
    edges = page.run(
        "[...document.querySelectorAll('.edge')].map((one) => "
        "[one.textContent, one.classList.contains('reverse')])"
    )
    # Of x to the comparison, of x and of the comparison to the choice, to the sum.
    assert [False, True] == sorted(back for name, back in edges if name == "x")
    assert [False] == [back for name, back in edges if name == "v1"]


def test_the_name_of_an_output_leaves_room_for_its_mark(show):
    page = show(ad.explain(lambda x: np.sum(np.where(x > 0, x, 0.0)))(np.ones(3)))
    overlaps = page.run(
        "[...document.querySelectorAll('.card')].map((card) => {"
        " const head = card.querySelector('.head').getBoundingClientRect();"
        " const marks = [...card.querySelectorAll('.end')];"
        " const mark = marks.pop().getBoundingClientRect();"
        " return mark.top < head.bottom && mark.left < head.right; })"
    )
    assert 4 == len(overlaps)
    assert not any(overlaps)


def test_arrays_are_summarised(show):
    page = show(ad.explain(lambda x: np.sum(x**2))(np.array([3.0, 4.0])))
    assert "‖5‖" == column(page, 1)["x"]
    page.click("[data-target='0']")
    text = page.text(".detail")
    assert "‖5‖ from 3 to 4" in text
    assert "[6, 8]" in text


def test_the_source_has_heat(show):
    page = show(ad.explain(loop)(2.0, 1.0))
    percents = [float(text.strip("<% ")) for text in page.texts(".percent")]
    assert 95 <= sum(percents) <= 105
    page.choose(".source select", 2)
    assert "100 %" in page.texts(".percent")


def test_a_report_without_source_says_so(show):
    page = show(ad.explain(example, source=False)(2.0, 5.0))
    assert "no source text" in page.text(".source")
    assert not any("np.log" in text for text in page.texts(".line code"))


def test_the_theme_follows_the_system_until_it_is_chosen(show):
    page = show(small(), **{"prefers-color-scheme": "dark"})
    color = "getComputedStyle(document.body).backgroundColor"
    assert "rgb(22, 24, 28)" == page.run(color)
    page.click(".theme")
    assert "rgb(246, 246, 243)" == page.run(color)
    page.run("localStorage.clear()")


@pytest.mark.parametrize("width", [390, 900, 1400])
@pytest.mark.parametrize("make", [small, lambda: ad.explain(loop)(2.0, 1.0)])
def test_the_page_is_as_wide_as_the_window(show, width, make):
    page = show(make(), width, 844)
    assert width == page.run("document.documentElement.scrollWidth")
    assert 844 == page.run("document.documentElement.scrollHeight")


def test_a_phone_has_tabs_that_arrow_keys_move_through(show):
    page = show(small(), 390, 844)

    def seen():
        return page.run(
            "['graph', 'table', 'source'].filter((name) =>"
            " document.getElementById(`pane-${name}`).offsetParent)"
        )

    assert ["graph"] == seen()
    page.run("document.querySelector('[role=tab][aria-selected=true]').focus()")
    page.press("ArrowRight")
    assert ["table"] == seen()
    page.press("ArrowRight")
    assert ["source"] == seen()
    page.press("ArrowRight")
    assert ["graph"] == seen()
    small_ones = page.run(
        "[...document.querySelectorAll('.player button, .tabs button, .top button')]"
        ".map((one) => one.getBoundingClientRect()).filter((one) =>"
        " one.width < 44 || one.height < 44).length"
    )
    assert 0 == small_ones


def test_rows_and_boxes_are_reached_by_keys(show):
    page = show(small())
    page.run("document.querySelector('.rows .row').focus()")
    page.press("Tab")
    assert page.text(".detail h2").startswith("x2")
    page.run("document.querySelector('.card').focus()")
    page.press("Tab")
    assert page.run("document.activeElement.matches('.card')")
    page.press("Escape")
    assert [] == page.texts(".card.selected")


def test_large_data_is_unpacked(show):
    report = ad.explain(lambda x: x * 2.0)(1.0)
    report.data["notes"] = ["padding " * 200_000, "the last note"]
    page = show(report)
    assert 2.0 == derivatives(page)["x"]
    assert "the last note" in page.text(".detail")


def test_a_notebook_shows_the_page_in_a_frame(browser, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><body>{small()._repr_html_()}", "utf-8")
    page = browser.open(path, 1000, 800)
    frame = page.wait_for_frame()
    frame.wait_ready()
    assert {"x1": 5.5, "x2": 1.7163378145367738} == derivatives(frame)
    assert "null" == frame.run("origin")
    assert [] == frame.complaints()
    page.close()


def test_a_page_is_printed_with_all_its_parts(show):
    page = show(small())
    page.ask("Emulation.setEmulatedMedia", media="print")
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.run(SETTLED)
    heights = page.run(
        "['.graph', '.list', '.source', '.detail', '.player'].map((name) =>"
        " document.querySelector(name).offsetHeight)"
    )
    assert all(height > 60 for height in heights[:4])
    assert 0 == heights[4]


def test_what_a_script_throws_is_an_error(show):
    page = show(small())
    with pytest.raises(BrowserError, match="nonsense"):
        page.run("nonsense")


def test_a_small_graph_is_seen_whole_at_first(show):
    """Three inputs side by side are wider than the picture at its largest scale."""

    def three(a, b, c):
        return np.exp(a) * (a * b + np.sin(c)) - np.log(b) * c

    page = show(ad.explain(three, timing=False)(1.0, 2.0, 3.0))
    outside = page.run(
        "(() => { const sight = document.querySelector('.drawing')"
        ".getBoundingClientRect();"
        " return [...document.querySelectorAll('.card')].filter((card) => {"
        " const box = card.getBoundingClientRect();"
        " return box.left < sight.left || box.right > sight.right"
        " || box.top < sight.top || box.bottom > sight.bottom; }).length; })()"
    )
    assert 11 == len(page.texts(".card"))
    assert 0 == outside


def test_the_gradient_of_a_large_graph_is_shown(show):
    """Elements between inputs and outputs are not, and nothing stands for them."""

    def f(p):
        y = p
        for _ in range(1500):
            y = np.sin(y) * 0.999
        return np.sum(y * p)

    report = ad.explain(f, timing=False)(np.array([0.5, 1.5]))
    page = show(report)
    (shown,) = page.texts(".detail .facts li")
    first, second = (
        float(one) for one in re.search(r"\[(.*), (.*)\]$", shown).groups()
    )
    assert report.gradients["p"] == pytest.approx([first, second], rel=1e-3)
    assert "[, …]" not in page.text(".detail")
