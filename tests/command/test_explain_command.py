"""``adjoint explain``: words in, a report or a sentence out."""

import os
import re
import subprocess
import sys
import webbrowser
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad
from adjoint.cli import main

BAYDIN = ["explain", "log(x1) + x1*x2 - sin(x2)", "x1=2", "x2=5"]


@pytest.fixture
def page(monkeypatch):
    """A page of one line, for what is done with it."""
    monkeypatch.setattr(ad.Report, "html", lambda report: "<p>page</p>")


@pytest.fixture
def model(tmp_path):
    """A user's file."""
    path = tmp_path / "model_of_user.py"
    path.write_text(
        "import numpy as np\n"
        "scale = 3\n"
        "def loss(w, x, bias=1.0):\n"
        "    return np.sum((w * x + bias) ** 2)\n"
        "def broken(w):\n"
        "    raise RuntimeError('as planned')\n"
        "def loose(w, **others):\n"
        "    return w * others['x']\n"
        "def keyed(*, w):\n"
        "    return w * w\n"
        "def shapes(w):\n"
        "    return np.ones((2, 3)) @ w\n"
    )
    return path


def refused(words, capsys, status=1):
    """The sentence on standard error, where nothing is printed."""
    assert status == main(["explain", *map(str, words)])
    captured = capsys.readouterr()
    assert "" == captured.out
    return captured.err


def test_a_formula_is_explained(capsys):
    """The rows of Baydin's example, and the formula as source line."""
    assert 0 == main(BAYDIN)
    text = capsys.readouterr().out
    assert re.search(r"^x1 +input +2 +5\.5 +1$", text, re.MULTILINE)
    assert re.search(r"^x2 +input +5 +1\.71634 +0$", text, re.MULTILINE)
    assert re.search(r"^expression:1 .* log\(x1\) \+ x1\*x2", text, re.MULTILINE)


def test_the_mode_comes_first(capsys):
    assert 0 == main([*BAYDIN, "--mode", "forward"])
    assert "\ntangents from ẋ1 = 1" in capsys.readouterr().out


def test_values_may_be_lists(capsys):
    assert 0 == main(["explain", "sum(w * x)", "w=[1,2]", "x=[pi/2, -1]"])
    assert re.search(
        r"^w +input +\[1, 2\] +\[1\.571, -1\]", capsys.readouterr().out, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["x*y", "x=1"], "No value for y of the formula. Give each as a number or a "),
        (["x", "x=1", "z=1"], "the formula has no input z; its inputs are x."),
        (["2 + 3"], "the formula has no inputs, so there is nothing"),
        (["x", "x"], "A value is given as name=value, as in x=2; given was 'x'."),
        (["x", "x=1", "x=2"], "x is given twice."),
        (["x", "sin=1"], "sin is a function of formulas; give the input another name."),
        (["x", "e=1"], "e is a constant of formulas; give the input another name."),
        (["x", "if=1"], "'if' cannot be a name"),
        (["x", "x="], "x has no value: write x=2.\n"),
        (["max(x, y)", "x=1", "y=2"], "max takes 1 argument here, not 2; of two, wr"),
        (["sum(x, 0)", "x=[1,2]"], "sum takes 1 argument here, not 2"),
        (["model:loss", "w=1"], "model:loss is no formula. A function of a file is na"),
        (["missing.py", "x=1"], "There is no file missing.py.\n"),
        (["x", "--args", "none.npz"], "There is no file none.npz, which --args names."),
        (["x", "x=y"], "y has no value here"),
        (["x", "x=[1,2]@[1,2,3]"], "The value of x could not be computed: ValueError"),
        (["x @ y", "x=[1,2]", "y=[1,2,3]"], "The formula could not be computed: "),
        (["x[3]", "x=[1,2]"], "The formula could not be computed: IndexError"),
        (["x", "x='a'"], "There are no texts here"),
        (["x.T", "x=1"], "There are no attributes here"),
        (["missing.py:loss", "x=1"], "There is no file missing.py."),
    ],
)
def test_what_cannot_be_explained_is_a_sentence(words, sentence, capsys):
    assert refused(words, capsys).startswith(f"adjoint explain: {sentence}")


def test_a_function_of_a_file_takes_arrays_by_name(model, tmp_path, capsys):
    """Keys of the file are parameters; defaults may stay."""
    data = tmp_path / "data.npz"
    np.savez(data, x=np.array([1.0, 2.0]), w=np.array([3.0, -1.0]))
    assert 0 == main(["explain", f"{model}:loss", "--args", str(data)])
    text = capsys.readouterr().out
    assert text.startswith("loss: ")
    assert re.search(r"^w +input +\[3, -1\] +\[8, -4\]", text, re.MULTILINE)
    assert "model_of_user.py:4" in text


def test_values_come_from_json_and_words_together(model, tmp_path, capsys):
    data = tmp_path / "data.json"
    data.write_text('{"x": [1, 2], "w": [3, -1]}')
    words = ["explain", f"{model}:loss", "bias=0", "--args", str(data)]
    assert 0 == main(words)
    assert re.search(
        r"^w +input +\[3, -1\] +\[6, -8\]", capsys.readouterr().out, re.MULTILINE
    )


def test_a_function_with_free_keywords_takes_any_name(model, capsys):
    assert 0 == main(["explain", f"{model}:loose", "w=2", "x=3"])
    assert "loose: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("function", "words", "sentence"),
    [
        ("loss", ["w=1"], "No value for x of .*:loss. Give each as .*--args FILE.npz"),
        (
            "loss",
            ["w=1", "x=1", "z=1"],
            ".*:loss has no input z; its inputs are w, x, ",
        ),
        ("nothing", ["w=1"], ".*model_of_user.py has no name nothing."),
        ("scale", ["w=1"], ".*has something else than a function by the name scale."),
        ("broken", ["w=1"], ".*RuntimeError: as planned .*model_of_user.py, line 6"),
        ("keyed", ["w=1"], ".*:keyed takes w by keyword alone, .*: take the \\* out"),
        (
            "shapes",
            ["w=[1,2]"],
            r".*computed: ValueError: matmul.* \(.*model_of_user.py, line 12\)\n",
        ),
    ],
)
def test_what_a_file_cannot_give_is_a_sentence(
    model, function, words, sentence, capsys
):
    error = refused([f"{model}:{function}", *words], capsys)
    assert re.match(f"adjoint explain: {sentence}", error)


@pytest.mark.parametrize("end", ["", ":"])
def test_a_file_without_a_name_lists_its_functions(model, end, capsys):
    expected = (
        f"adjoint explain: {model} is a file: name a function of it, as {model}:loss. "
        "It has loss, broken, loose, keyed, shapes.\n"
    )
    assert expected == refused([f"{model}{end}", "x=1"], capsys)


def test_a_file_that_cannot_be_read_is_named_by_its_own_line(tmp_path, capsys):
    path = tmp_path / "unclosed_of_user.py"
    path.write_text("x = 1\ny = (")
    assert refused([f"{path}:f", "x=1"], capsys).endswith(
        "SyntaxError: '(' was never closed (unclosed_of_user.py, line 2)\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["x*y", "x=2", "--mode", "forward", "y=3"],
        ["x*y", "--mode", "forward", "x=2", "y=3"],
        ["--mode", "forward", "x*y", "x=2", "y=3"],
    ],
)
def test_values_stand_on_either_side_of_options(words, capsys):
    assert 0 == main(["explain", *words])
    assert re.search(r"^v1 +x \* y +6 +3 +1", capsys.readouterr().out, re.MULTILINE)


def test_an_unknown_option_shows_the_usage_of_its_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main([*BAYDIN, "--foo"])
    assert 2 == ended.value.code
    error = capsys.readouterr().err
    assert error.startswith("usage: adjoint explain ")
    assert error.endswith("adjoint explain: error: unrecognized arguments: --foo\n")


def test_a_formula_may_begin_with_a_minus(capsys):
    assert 0 == main(["explain", "-x**2", "x=3"])
    assert re.search(r"^x +input +3 +-6 +1$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("formula", "remark"),
    [
        ("1/x", "v1 is the first infinity (expression, line 1)."),
        ("x/x", "v1 is the first NaN (expression, line 1)."),
        ("(x-1)**0.5", "v2 is the first NaN (expression, line 1)."),
    ],
)
def test_a_division_by_zero_is_a_finding(formula, remark, capsys):
    """As a logarithm of it is."""
    assert 0 == main(["explain", formula, "x=0"])
    assert f"- {remark}\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["sub/", "."])
def test_a_page_is_not_written_to_a_folder(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*BAYDIN, "--html", name])
    assert 2 == ended.value.code
    assert "is a folder; give the name of a file, as '" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["1/0", "import sys; sys.exit(3)", "x ="])
def test_a_file_that_fails_is_a_sentence(tmp_path, text, capsys):
    path = tmp_path / "failing_of_user.py"
    path.write_text(text)
    error = refused([f"{path}:f", "x=1"], capsys)
    assert error.startswith(f"adjoint explain: {path} could not be computed: ")


def test_pickles_are_not_loaded(tmp_path, capsys):
    """An array of objects is a pickle, which would run what it likes."""
    data = tmp_path / "data.npz"
    np.savez(data, x=np.array([{}], dtype=object))
    error = refused(["x", "--args", data], capsys)
    assert error.startswith(f"adjoint explain: {data} is no .npz file of plain arrays")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("data.npz", "text", "is no .npz file of plain arrays"),
        ("data.json", "[1]", "is no JSON object of numbers"),
        ("data.json", '{"x": "a"}', "is no JSON object of numbers"),
        ("data.json", "[" * 99_999, "is no JSON object of numbers"),
        ("data.csv", "1", "--args takes a file .npz or .json"),
    ],
)
def test_files_of_other_content_are_sentences(
    tmp_path, name, content, sentence, capsys
):
    path = tmp_path / name
    path.write_text(content)
    assert sentence in refused(["x", "--args", path], capsys)


def test_one_array_is_no_npz_file(tmp_path, capsys):
    path = tmp_path / "data.npz"
    with path.open("wb") as file:
        np.save(file, np.ones(2))
    assert "it is one array, without one." in refused(["x", "--args", path], capsys)


def test_whole_numbers_of_a_file_are_floating_in_a_formula(tmp_path, capsys):
    path = tmp_path / "data.npz"
    np.savez(path, x=np.arange(3))
    assert 0 == main(["explain", "sum(x**2)", "--args", str(path)])
    text = capsys.readouterr().out
    assert re.search(r"^x +input +\[0, 1, 2\] +\[0, 2, 4\]", text, re.MULTILINE)


def test_texts_of_a_file_are_no_numbers(tmp_path, capsys):
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array("abc"))
    assert "x is no array of numbers: it is <U3." in refused(
        ["x", "--args", path], capsys
    )


def test_a_file_may_be_called_as_a_module_is(tmp_path, capsys):
    path = tmp_path / "numpy.py"
    path.write_text("def f(x):\n    return x * 2.0\n")
    assert 0 == main(["explain", f"{path}:f", "x=2"])
    assert sys.modules["numpy"] is np


def test_a_formula_that_fails_names_no_file(capsys):
    error = refused(["x[5]", "x=[1,2]"], capsys)
    assert error.endswith("index 5 is out of bounds for axis 0 with size 2\n")


def test_a_missing_file_is_named(tmp_path, capsys):
    assert "none.npz" in refused(["x", "--args", tmp_path / "none.npz"], capsys)


@pytest.mark.usefixtures("page")
def test_the_page_is_written_and_named(tmp_path, capsys):
    path = tmp_path / "report.html"
    assert 0 == main([*BAYDIN, "--html", str(path)])
    assert capsys.readouterr().out.endswith(f"\nPage: {path.resolve()}\n")
    assert "<p>page</p>" == path.read_text()


@pytest.mark.usefixtures("page")
def test_a_path_that_cannot_be_written_is_a_sentence(tmp_path, capsys):
    path = tmp_path / "nowhere" / "report.html"
    assert str(path) in refused([*BAYDIN[1:], "--html", path], capsys)


@pytest.mark.usefixtures("page")
def test_open_shows_the_page(tmp_path, monkeypatch):
    """In a file of its own where none is named."""
    shown = []
    monkeypatch.setattr(webbrowser, "open", lambda address: not shown.append(address))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert 0 == main([*BAYDIN, "--open"])
    (path,) = tmp_path.glob("adjoint-*.html")
    assert [path.resolve().as_uri()] == shown


@pytest.mark.usefixtures("page")
def test_without_a_browser_the_page_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    path = tmp_path / "report.html"
    assert 1 == main([*BAYDIN, "--html", str(path), "--open"])
    expected = f"adjoint explain: No browser was found to open {path.resolve()}.\n"
    assert expected == capsys.readouterr().err


def test_an_unknown_mode_is_a_wrong_command_line(capsys):
    with pytest.raises(SystemExit) as ended:
        main([*BAYDIN, "--mode", "sideways"])
    assert 2 == ended.value.code
    assert "invalid choice: 'sideways'" in capsys.readouterr().err


def test_the_examples_of_the_help_run(capsys):
    """Those of formulas, as a shell would split them."""
    import shlex

    with pytest.raises(SystemExit) as ended:
        main(["explain", "--help"])
    assert 0 == ended.value.code
    lines = re.findall(
        r"^  adjoint (explain \".*)$", capsys.readouterr().out, re.MULTILINE
    )
    assert 3 == len(lines)
    for line in lines:
        words = shlex.split(line.partition(" --html")[0])
        assert 0 == main(words)


def run(*words, **options):
    """Run the command in a process of its own."""
    source = Path(ad.__file__).resolve().parent.parent
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_package_is_the_command():
    """``python -m adjoint`` does what ``adjoint`` does."""
    ended = run("-m", "adjoint", "--version")
    assert (0, f"adjoint {ad.__version__}\n") == (ended.returncode, ended.stdout)


def test_a_closed_pipe_is_a_sentence():
    """Who stops reading gets no traceback."""
    code = (
        "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1);"
        f"from adjoint.cli import main; sys.exit(main({BAYDIN!r}))"
    )
    ended = run("-c", code)
    assert 1 == ended.returncode
    expected = "adjoint explain: the output was closed before its end.\n"
    assert expected == ended.stderr


def test_the_command_is_light():
    """What takes long to import comes with what needs it."""
    code = "import sys, adjoint.cli; print(*sys.modules)"
    loaded = set(run("-c", code).stdout.split())
    assert set() == loaded & {"matplotlib", "scipy.optimize", "sympy", "sklearn"}
