"""The forms of a report: text, JSON, pictures, Graphviz, LaTeX, SymPy."""

import io
import json
import re
import sys
from xml.dom import minidom

import numpy as np
import pytest
import sympy

import adjoint as ad
from adjoint._explain import png
from adjoint._explain.cells import cell
from adjoint._explain.drawing import Edge
from adjoint._explain.latex import escaped, formula_tex
from adjoint._explain.svg import labels_of
from adjoint._explain.texts import bytes_text, cell_text, seconds_text, width_of

HOSTILE = {"</script><b>": 1.0, '" \\ \n $x_%&#^~': 2.0, "<!--]]>": 3.0}


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def long(x):
    for _ in range(100):
        x = np.sin(x) * 0.987654321
    return x


@pytest.fixture(scope="module")
def report():
    return ad.explain(f, timing=False)(2.0, 5.0)


@pytest.fixture(scope="module")
def hostile():
    return ad.explain(lambda p: sum(p.values()), timing=False)(HOSTILE)


# Text


def test_the_text_is_the_wengert_list(report):
    expected = """\
f: 2 inputs, 5 operations, 1 output
adjoints from v̄5 = 1; tangents from ẋ1 = 1 (the first of 2 seeds)

name  operation     primal  adjoint  tangent  partials
x1    input              2      5.5        1
x2    input              5  1.71634        0
v1    log(x1)     0.693147        1      0.5  ∂/∂x1 = 1 / x1
v2    x1 * x2           10        1        5  ∂/∂x1 = x2, ∂/∂x2 = x1
v3    v1 + v2      10.6931        1      5.5  ∂/∂v1 = 1, ∂/∂v2 = 1
v4    sin(x2)    -0.958924       -1        0  ∂/∂x2 = cos(x2)
v5    v3 - v4      11.6521        1      5.5  ∂/∂v3 = 1, ∂/∂v4 = -1
"""
    assert report.text(88).startswith(expected)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_lines_fit_the_width_and_numbers_are_whole(report, width):
    text = report.text(width)
    assert max(map(width_of, text.splitlines())) <= width
    assert "-0.958924" in text
    assert "…" not in text


def test_a_long_list_is_folded_and_says_so():
    text = ad.explain(long, timing=False)(0.3).text(88)
    assert "Folded to" in text
    assert len(text.splitlines()) < 140
    assert "step 10 … 19: 20 operations" in text or "step 10: 2 operations" in text


def test_steps_of_a_loop_are_few_rows_with_the_numbers_of_their_last_operation():
    def heat(u):
        for _ in range(50):
            new = u[1:-1] + 0.1 * (u[:-2] - 2 * u[1:-1] + u[2:])
            u = np.concatenate([u[:1], new, u[-1:]])
        return np.sum(u)

    report = ad.explain(heat, timing=False)(np.array([1.0, 2.0, 5.0]))
    rows = report.text(120).split("\n\n")[1].splitlines()
    assert len(rows) < 45
    (row,) = [one for one in rows if " step 40 … 49: " in one]
    last = int(re.match(r"v\d+ … v(\d+) ", row)[1])
    assert report.data["nodes"]["name"][last] == f"v{last}"
    for column in (report.data["nodes"]["value"], report.data["reverse"][0]["adjoint"]):
        assert cell_text(column[last]) in row


def test_columns_that_are_left_out_are_named():
    def f(params):
        return np.sum(np.tanh(params["weight"] @ params["input"]))

    params = {"weight": np.ones((9, 9)), "input": np.ones((9, 9))}
    report = ad.explain(f, timing=False)(params)
    table = report.text(88).split("\n\n")[1]
    head, *_, told = table.splitlines()
    assert "partials" not in head
    found = re.fullmatch(
        r"Too narrow for tangent, partials: (\d+) columns hold all, as in "
        r"report.text\(width=\.\.\.\).",
        told,
    )
    for width, is_whole in ((int(found[1]), True), (int(found[1]) - 1, False)):
        table = report.text(width).split("\n\n")[1]
        assert is_whole == ("partials" in table.splitlines()[0])
        assert is_whole == ("Too narrow" not in table)


def test_color_is_for_terminals(report, monkeypatch):
    assert "\033[" not in str(report)  # what pytest captures is none
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    assert "\033[" not in str(report)
    monkeypatch.setenv("TERM", "xterm")
    assert "\033[34m" in str(report)
    plain = re.sub(r"\033\[\d+m", "", str(report))
    assert report.text() == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in str(report)


def test_columns_are_aligned_under_marked_letters(report):
    (head, *rows) = report.text(88).split("\n\n")[1].splitlines()
    place = width_of(head[: head.index("partials")])
    assert {place} == {row.index("∂/∂") for row in rows if "∂/∂" in row}
    assert (2, 2, 4) == (width_of("v̄1"), width_of("ẋ1"), width_of("速度"))


def test_numbers_as_texts():
    assert "-1.23457e-09" == cell_text(-1.23456789e-9)
    assert "0" == cell_text(-0.0)
    assert "1-2j" == cell_text(cell(1.0 - 2.0j))
    assert "[1, 2.5]" == cell_text(cell(np.array([1.0, 2.5])))
    assert "2×2, norm 2, 1 nan, 1 inf" == cell_text(
        cell(np.array([[2.0, np.nan], [0.0, 0.0]])) | {"inf": 1}
    )
    assert "nan" == cell_text(cell(np.nan))
    assert ("2 ms", "1.5 s", "3 µs") == tuple(map(seconds_text, (2e-3, 1.5, 3e-6)))
    assert ("512 B", "1.5 KiB", "2 MiB") == tuple(
        map(bytes_text, (512, 1536, 2 * 2**20))
    )


def test_cells_of_arrays():
    assert {
        "shape": [2, 2],
        "min": -1.0,
        "max": "inf",
        "norm": "inf",
        "nan": 1,
        "inf": 1,
        "head": ["inf", "nan", -1.0, 2.0],
    } == cell(np.array([[np.inf, np.nan], [-1.0, 2.0]]))
    assert 5e200 == pytest.approx(cell(np.array([3e200, 4e200]))["norm"])
    assert 5e-200 == pytest.approx(cell(np.array([3e-200, 4e-200]))["norm"])
    assert None is cell(np.zeros(0))["min"]
    assert {"re": 1.0, "im": "nan"} == cell(complex(1.0, np.nan))
    assert (1, 3) == (cell(np.True_), cell(np.int8(3)))
    assert None is cell("text") is cell(np.array(["text"]))


# JSON


def test_json_is_strict(hostile):
    assert hostile.data == json.loads(hostile.json())
    with np.errstate(all="ignore"):
        bad = ad.explain(lambda x: np.log(x) / x, timing=False)(np.array([0.0, -1.0]))
    assert bad.data == json.loads(bad.json(), parse_constant=pytest.fail)


# Pictures


def texts_of(svg):
    """Texts of a picture; raises unless it is well-formed XML."""
    found = minidom.parseString(svg).getElementsByTagName("text")  # noqa: S318 - ours
    return [one.firstChild.data for one in found]


def test_the_picture_has_a_card_for_each_node(report):
    svg = report.svg()
    texts = texts_of(svg)
    assert {"v2 = x1 * x2", "10", "v̇2 = 5", "v̄2 = 1", "cos(x2)"} <= set(texts)
    assert 7 == svg.count('rx="5"')
    assert 8 == svg.count("marker-end")


def test_hostile_names_stay_texts_in_the_picture(hostile):
    texts = texts_of(hostile.svg())  # well-formed, or this raises
    assert any("</script><b>" in text for text in texts)


def test_a_long_graph_is_drawn_folded():
    texts = texts_of(ad.explain(long, timing=False)(0.3).svg())
    assert "step 10 … 19" in texts
    assert any(text.startswith("v200 = 0.") for text in texts)
    assert len(texts) < 400


def test_a_value_with_many_users_is_named_on_them():
    def hedge(x):
        return sum(np.sin(x * float(k)) for k in range(2, 9))

    texts = texts_of(ad.explain(hedge, timing=False)(0.3).svg())
    assert 7 == texts.count("uses x")


def test_numbers_on_cards_are_whole():
    texts = texts_of(ad.explain(lambda x: x * 1e-7, timing=False)(-1.23456e-5).svg())
    assert "-1.23456e-12" in texts


def test_png_is_a_picture(report, tmp_path):
    path = report.png(tmp_path / "f.png", dpi=96)
    assert b"\x89PNG" == path.read_bytes()[:4]


def test_without_matplotlib_the_extra_is_named(report, tmp_path, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(png.importlib, "import_module", missing)
    with pytest.raises(ImportError, match=r"pip install 'adjoint\[explain\]'"):
        report.png(tmp_path / "f.png")
    assert [] == list(tmp_path.iterdir())


def test_labels_of_edges_do_not_cover_one_another():
    """Of two edges that cross, the second label goes where there is room."""
    edges = [
        Edge([(0.0, 0.0), (100.0, 200.0)], "v16"),
        Edge([(100.0, 0.0), (24.0, 200.0)], "v15"),
        Edge([(0.0, 0.0), (0.0, 9.0)], "first"),
        Edge([(0.0, 0.0), (0.0, 9.0)], "second"),
        Edge([(0.0, 0.0), (0.0, 9.0)], ""),
    ]
    labels = labels_of(edges)
    assert ["v16", "v15", "first"] == [text for text, _, _ in labels]
    for k, (one, x, y) in enumerate(labels):
        for other, left, top in labels[:k]:
            room = 3.05 * (len(one) + len(other)) + 8.0
            assert abs(x - left) >= room or abs(y - top) >= 15.0


# Graphviz and LaTeX


def test_marks_stand_on_letters_and_words_are_told_in_words():
    text = ad.explain(lambda rate, x: rate * x, timing=False)(2.0, 3.0)
    assert "d rate = 1" in text.text(88)
    assert r"rate\n2\nd rate = 1\nadjoint of rate = 3" in text.dot()
    assert ">v̇ = 1<" in text.svg()
    assert ">ẋ = 0<" in text.svg()


def test_expressions_show_what_is_not_a_default():
    def f(A):
        thin = np.linalg.svd(A, full_matrices=False)[1]
        return np.sum(A), np.max(A, axis=1, keepdims=True), np.sum(A, axis=0), thin

    nodes = ad.explain(f, timing=False)(np.ones((2, 3))).data["nodes"]
    assert nodes["expression"] == [
        "A",
        "svd(A, full=False)",
        "v1[1]",
        "sum(A)",
        "max(A, axis=1, keepdims=True)",
        "sum(A, axis=0)",
    ]


def test_dot_has_all_nodes_edges_and_groups(report):
    dot = report.dot()
    assert '  n0 -> n2 [label="1 / x1"];' in dot
    assert r'n3 [label="v2 = x1 * x2\n10\nv̇2 = 5\nv̄2 = 1"];' in dot
    folded = ad.explain(long, timing=False)(0.3).dot()
    assert folded.count("{") == folded.count("}")
    assert 'label="step 10 … 19"' in folded


def test_hostile_names_stay_texts_in_dot(hostile):
    node = re.compile(r'^  n\d+ \[label="(?:[^"\\]|\\.)*"\];$', re.MULTILINE)
    count = 8 if sys.version_info >= (3, 12) else 6  # then `sum` stacks its numbers
    assert count == len(hostile.data["nodes"]["expression"])
    assert count == len(node.findall(hostile.dot()))


def test_latex_has_a_row_for_each_node(report):
    latex = report.latex()
    assert (
        r"$v_{1}$ & $= \log(x_{1})$ & $0.693147$ & $0.5$ & $1$ & "
        r"$\partial/\partial x_{1} = \frac{1}{x_{1}}$ \\"
    ) in latex
    assert latex.startswith("% f; needs \\usepackage{amsmath}\n")
    assert 1 + 7 == latex.count("\\\\\n")  # the heads, and the rows


MAX_TEX = (
    r"\operatorname{max}(v_{1}, \text{axis}=\text{(0, 1)}, "
    r"\text{keepdims}=\text{True})"
)


@pytest.mark.parametrize(
    ("expression", "formula"),
    [
        ("v1 * v2 + 2", r"v_{1} \, v_{2} + 2"),
        ("v1 - (v2 - v3)", r"v_{1} - \left(v_{2} - v_{3}\right)"),
        ("(v1 + 1) * v2**2", r"\left(v_{1} + 1\right) \, v_{2}^{2}"),
        ("-v1 / (1 + v2)", r"\frac{-v_{1}}{1 + v_{2}}"),
        ("1 - square(v3)", r"1 - v_{3}^{2}"),
        ("sqrt(x) * 1e-07", r"\sqrt{x} \cdot 1 \cdot 10^{-7}"),
        ("expm1(x)", r"\operatorname{expm1}(x)"),
        ("weight * x", r"\mathit{weight} \, x"),
        ("v1[0:2]", r"v_{1}[\text{0:2}]"),
        ("p['a_b'] + 1", r"p[\text{'a\_b'}] + 1"),
        ("v1 + params[0][1]", r"v_{1} + \mathit{params}[0][1]"),
        ("theta**2 + Delta1", r"\theta^{2} + \Delta_{1}"),
        ("sum(v1, axis=0)", r"\operatorname{sum}(v_{1}, \text{axis}=0)"),
        ("max(v1, axis=(0, 1), keepdims=True)", MAX_TEX),
        ("math.gamma(x)", r"\operatorname{math.gamma}(x)"),
        ("x if y else z", r"\text{\texttt{x if y else z}}"),
    ],
)
def test_formulas(expression, formula):
    assert formula == formula_tex(expression)


def test_everything_special_is_escaped():
    assert r"\textbackslash{}\{\}\$\&\#\%\_\textasciicircum{}\textasciitilde{}" == (
        escaped(r"\{}$&#%_^~")
    )


def test_to_sympy(report):
    symbols, (expression,) = report.to_sympy()
    x1, x2 = symbols
    assert 0 == sympy.simplify(expression - (sympy.log(x1) + x1 * x2 - sympy.sin(x2)))


# Terminals


def test_codes_for_terminals_are_written_out_everywhere():
    def fun(p):
        return p["\x1b[2J\ud800\u202e"] * 2.0

    fun.__name__ = fun.__qualname__ = "a\x1b]0;b\x07\ud800\u202e"
    report = ad.explain(fun, timing=False)({"\x1b[2J\ud800\u202e": 1.0})
    assert report.data["title"] == r"a\x1b]0;b\x07\ud800\u202e"
    forms = [report.text(), repr(report), report.svg(), report.dot(), report.latex()]
    for form in (*forms, report.json()):
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800]", form)
        assert form.encode()
    minidom.parseString(report.svg())  # noqa: S318 - our own


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_printing_needs_no_terminal_of_unicode(report, monkeypatch, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    printed = str(report)
    assert printed.encode(encoding)
    assert "adjoints from v_bar5 = 1; tangents from x_dot1 = 1" in printed
    assert "d/dx2 = x1" in printed
