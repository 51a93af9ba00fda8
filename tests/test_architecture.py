"""Imports go down: a floor may use the floors below it, never those above.

The imports are read from the source with `ast`, so nothing has to run, and an import
inside a function or under `if TYPE_CHECKING` counts like any other. Each check is also
shown to fail on a small tree made up for it.
"""

import ast
import graphlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "adjoint"
PACKAGE = "adjoint"
FLOORS = (
    ("0", {"_core"}),
    ("0b", {"_native"}),
    ("1", {"_primitives"}),
    ("2a", {"_numpy"}),
    ("2b", {"_modes"}),
    ("3a", {"_control"}),
    ("3b", {"_clone"}),
    ("3c", {"_debug"}),
    ("4", {"_transforms"}),
    ("4b", {"_numeric"}),
    ("4c", {"_symbolic"}),
    ("4d", {"_comparison", "_explain"}),
    ("4e", {"_diagnosis", "_profile"}),
    (
        "5",
        {
            "__init__",
            "errors",
            "extend",
            "numeric",
            "numpy",
            "symbolic",
            "testing",
            "tree",
        },
    ),
    ("6", {"__main__", "_command", "_demo", "cli", "nn", "optim", "solve"}),
)
LABELS = [label for label, _ in FLOORS]
LEVEL = {room: level for level, (_, rooms) in enumerate(FLOORS) for room in rooms}
DOORS = LEVEL["__init__"]
TOP = LEVEL["cli"]
COMMAND_LINE = {"__main__", "_command", "cli"}


@dataclass(frozen=True)
class Import:
    """One import of a module of ours: who imports what, where."""

    importer: str
    target: str
    line: int
    in_function: bool

    def __str__(self):
        return f"{self.importer}, line {self.line}, imports {self.target}"


# What the project's own source must satisfy


def test_every_module_stands_on_a_floor():
    assert [] == homeless(SOURCE)


def test_imports_go_down():
    assert [] == upward_imports(SOURCE)


def test_imports_make_no_circle():
    assert [] == circle(SOURCE)


def test_no_module_of_ours_is_imported_inside_a_function():
    assert [] == late_imports(SOURCE)


def test_the_top_floor_uses_public_doors_only():
    assert [] == private_imports_of_the_top(SOURCE)


def test_the_reader_sees_the_imports_of_the_source():
    """An empty reading would satisfy every check above."""
    importers = {found.importer for found in read_imports(SOURCE)}
    assert PACKAGE in importers
    assert any(room_of(name) == "_primitives" for name in importers)


# The checks


def homeless(root):
    """Modules whose package or file is on no floor."""
    return [
        f"{name} stands on no floor: give {room_of(name)} one in FLOORS"
        for name in modules(root)
        if room_of(name) not in LEVEL
    ]


def upward_imports(root):
    """Imports from a higher floor."""
    return [
        f"{found}: floor {LABELS[level_of(found.target)]} is above "
        f"floor {LABELS[level_of(found.importer)]}"
        for found in read_imports(root)
        if level_of(found.target) > level_of(found.importer)
    ]


def circle(root):
    """Modules of one circle of imports, in order, the first named again at the end."""
    graph = {name: set() for name in modules(root)}
    for found in read_imports(root):
        graph[found.importer].add(found.target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        # The sorter names each module before the one that imports it.
        return error.args[1][::-1]
    return []


def late_imports(root):
    """Imports of our own modules that happen only when a function is called."""
    return [
        f"{found} inside a function: move it to the top of the file"
        for found in read_imports(root)
        if found.in_function
    ]


def private_imports_of_the_top(root):
    """Imports by the top floor of what a user could not import as well.

    A package of the top floor may also import its own files, and the command line
    any package of the top floor.
    """
    return [
        f"{found}: use what `import adjoint` offers"
        for found in read_imports(root)
        if level_of(found.importer) == TOP
        and level_of(found.target) != DOORS
        and room_of(found.target) != room_of(found.importer)
        and not (
            room_of(found.importer) in COMMAND_LINE and level_of(found.target) == TOP
        )
    ]


# Reading the source


def modules(root):
    """Files by dotted name: `adjoint`, `adjoint._core`, `adjoint._core.errors` ..."""
    files = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        files[".".join((PACKAGE, *parts))] = path
    return files


def room_of(module):
    """Package or file under `adjoint` that a module belongs to: `_core`, `cli` ..."""
    return module.split(".")[1] if "." in module else "__init__"


def level_of(module):
    """Position of a module's floor, ground first; homeless ones have their own test."""
    return LEVEL.get(room_of(module), TOP)


def read_imports(root) -> Iterator[Import]:
    """Every import of a module of ours in the tree."""
    known = modules(root)
    for importer, path in known.items():
        is_package = path.name == "__init__.py"
        package = importer if is_package else importer.rpartition(".")[0]
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        late = {
            inner
            for outer in ast.walk(tree)
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for inner in ast.walk(outer)
        }
        for node in ast.walk(tree):
            for name in dict.fromkeys(named_by(node, package, known)):
                if name == PACKAGE or name.startswith(f"{PACKAGE}."):
                    target = nearest(name, known)
                    yield Import(importer, target, node.lineno, node in late)


def named_by(node, package, known):
    """Absolute names of the modules that one statement or call imports."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = absolute("." * level + (module or ""), package)
            # `from a import b` imports the module a.b if there is one, else a.
            inner = [f"{base}.{alias.name}" for alias in names]
            return [name if name in known else base for name in inner]
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__")
            | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [absolute(name, package)]
    return []


def absolute(name, package):
    """Absolute form of a name that may start with dots."""
    dots = len(name) - len(name.lstrip("."))
    if dots == 0:
        return name
    above = package.split(".")
    return ".".join([*above[: len(above) - dots + 1], *filter(None, [name[dots:]])])


def nearest(name, known):
    """The module itself, or the closest package around a name that is none."""
    while name not in known and "." in name:
        shorter = name.rpartition(".")[0]
        if shorter == PACKAGE:
            break  # a whole floor may be missing from a tree: keep its name
        name = shorter
    return name


# The checks themselves, on trees made up for them

SOUND = {
    "__init__.py": "from adjoint._modes.reverse import Tape\nfrom . import errors",
    "errors.py": "from adjoint._core.errors import AdjointError as AdjointError",
    "cli.py": "import adjoint as ad\nfrom adjoint._demo import main",
    "_core/__init__.py": "",
    "_core/errors.py": "class AdjointError(Exception): ...",
    "_core/record.py": "import numpy as np\nfrom adjoint._core import errors",
    "_primitives/__init__.py": "",
    "_primitives/trigonometric.py": "from .._core.record import Record",
    "_numpy/__init__.py": "from adjoint._primitives import trigonometric",
    "_modes/__init__.py": "",
    "_modes/reverse.py": "import adjoint._numpy\nfrom adjoint._core import record",
    "_demo/__init__.py": "import adjoint as ad\nfrom adjoint._demo.fit import fit",
    "_demo/fit.py": "from adjoint import errors\n\ndef fit():\n    import matplotlib",
}


@pytest.fixture
def tree(tmp_path):
    """Writer of a package: the sound one, with some files written otherwise."""

    def write(changed=()):
        for name, text in {**SOUND, **dict(changed)}.items():
            path = tmp_path / PACKAGE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / PACKAGE

    return write


def test_a_sound_tree_passes_every_check(tree):
    root = tree()
    assert [] == homeless(root)
    assert [] == upward_imports(root)
    assert [] == circle(root)
    assert [] == late_imports(root)
    assert [] == private_imports_of_the_top(root)


def test_every_form_of_import_is_read(tree):
    forms = {
        "import adjoint._core.record": "adjoint._core.record",
        "import adjoint._core.record as r": "adjoint._core.record",
        "from adjoint._core import record": "adjoint._core.record",
        "from adjoint._core import Handle": "adjoint._core",
        "from adjoint._core.record import Record": "adjoint._core.record",
        "from adjoint._core.record import *": "adjoint._core.record",
        "from .._core import record": "adjoint._core.record",
        "from .. import _core": "adjoint._core",
        "from . import trigonometric": "adjoint._primitives.trigonometric",
        "from .trigonometric import sin": "adjoint._primitives.trigonometric",
        "import adjoint": "adjoint",
        "import importlib\nimportlib.import_module('adjoint.cli')": "adjoint.cli",
        "__import__('adjoint.cli')": "adjoint.cli",
    }
    for text, target in forms.items():
        root = tree({"_primitives/shape.py": text})
        read = [i for i in read_imports(root) if i.importer.endswith(".shape")]
        assert [target] == [found.target for found in read], text


@pytest.mark.parametrize("name", ["numpy", "adjointly", "scipy.special"])
def test_modules_of_others_are_not_counted(tree, name):
    root = tree({"_primitives/shape.py": f"import {name}"})
    assert not [i for i in read_imports(root) if i.importer.endswith(".shape")]


def test_a_module_without_a_floor_is_found(tree):
    root = tree({"_attic/__init__.py": ""})
    sentence = "adjoint._attic stands on no floor: give _attic one in FLOORS"
    assert [sentence] == homeless(root)


@pytest.mark.parametrize(
    ("importer", "text"),
    [
        ("_core/dispatch.py", "from adjoint._primitives import trigonometric"),
        ("_core/dispatch.py", "from .._modes import reverse"),
        ("_primitives/shape.py", "import adjoint"),
        ("_numpy/statistics.py", "import adjoint._modes.reverse"),
        ("_modes/forward.py", "from adjoint import errors"),
        ("errors.py", "from adjoint import cli"),
    ],
)
def test_an_import_from_a_higher_floor_is_found(tree, importer, text):
    (sentence,) = upward_imports(tree({importer: text}))
    assert "is above floor" in sentence


def test_an_import_for_types_only_counts(tree):
    text = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from adjoint._modes.reverse import Tape
"""
    sentence = (
        "adjoint._core.dispatch, line 4, imports adjoint._modes.reverse: "
        "floor 2b is above floor 0"
    )
    assert [sentence] == upward_imports(tree({"_core/dispatch.py": text}))


def test_a_circle_of_two_is_found(tree):
    root = tree(
        {
            "_core/one.py": "from adjoint._core import two",
            "_core/two.py": "from . import one",
        }
    )
    assert {"adjoint._core.one", "adjoint._core.two"} == set(circle(root))


def test_a_circle_of_three_is_named_in_the_order_of_its_imports(tree):
    root = tree(
        {
            "_core/one.py": "from adjoint._core import two",
            "_core/two.py": "from adjoint._core.three import x",
            "_core/three.py": "import adjoint._core.one",
        }
    )
    found = circle(root)
    assert found[0] == found[-1]
    follower = dict(itertools.pairwise(found))
    assert {
        "adjoint._core.one": "adjoint._core.two",
        "adjoint._core.two": "adjoint._core.three",
        "adjoint._core.three": "adjoint._core.one",
    } == follower


def test_a_circle_through_the_package_itself_is_found(tree):
    root = tree(
        {
            "_core/__init__.py": "from adjoint._core.one import Handle",
            "_core/one.py": "from adjoint._core import missing",
        }
    )
    assert {"adjoint._core", "adjoint._core.one"} == set(circle(root))


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    from adjoint._core import errors",
        "async def f():\n    import adjoint._core.errors",
        "class A:\n    def f(self):\n        if self: from . import record",
        "import importlib\ndef f():\n    importlib.import_module('adjoint._core')",
        "f = lambda: __import__('adjoint._core.errors')",
    ],
)
def test_an_import_inside_a_function_is_found(tree, text):
    (sentence,) = late_imports(tree({"_core/dispatch.py": text}))
    assert sentence.endswith("move it to the top of the file")


@pytest.mark.parametrize(
    ("importer", "text"),
    [
        ("_demo/fit.py", "from adjoint._core.errors import AdjointError"),
        ("_demo/fit.py", "from .._modes import reverse"),
        ("_demo/fit.py", "from adjoint import cli"),
        ("cli.py", "from adjoint import _transforms"),
    ],
)
def test_a_private_import_by_the_top_floor_is_found(tree, importer, text):
    root = tree({importer: text, "_transforms/__init__.py": ""})
    (sentence,) = private_imports_of_the_top(root)
    assert sentence.endswith("use what `import adjoint` offers")
