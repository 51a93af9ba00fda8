"""Read NIST's certified data sets for nonlinear regression into frozen records.

Each ``.dat`` file of the Statistical Reference Datasets holds a description, the model
in words, a table of two starting points beside the certified values, and the data.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

import numpy as np

from adjoint._demo.arrays import FloatArray

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


@dataclass(frozen=True, eq=False)
class DataSet:
    """One certified data set; its arrays are read-only.

    Attributes
    ----------
    name : str
        Name of the data set, such as ``"Misra1a"``.
    difficulty : str
        ``"lower"``, ``"average"`` or ``"higher"``.
    x_name, y_name : str
        Names of predictor and response, with units where the file gives them.
    x, y : ndarray, shape (m,)
        Predictor and response.
    starts : tuple of two ndarrays, shape (n,)
        Starting points; the second is nearer to the solution.
    parameters, deviations : ndarray, shape (n,)
        Certified parameters and their standard deviations, to 11 digits.
    residual_sum_of_squares : float
        Certified sum of squares at the solution.
    degrees_of_freedom : int
        Observations less parameters, m - n.
    """

    name: str
    difficulty: str
    x_name: str
    y_name: str
    x: FloatArray
    y: FloatArray
    starts: tuple[FloatArray, FloatArray]
    parameters: FloatArray
    deviations: FloatArray
    residual_sum_of_squares: float
    degrees_of_freedom: int


def load(name: str) -> DataSet:
    """Return a data set that comes with the package.

    Raises
    ------
    ValueError
        If no data set has this name, or its file is damaged.
    """
    folder = resources.files(__package__) / "strd"
    file = folder / f"{name}.dat"
    if not file.is_file():
        files = (entry.name for entry in folder.iterdir())
        known = sorted(entry[:-4] for entry in files if entry.endswith(".dat"))
        msg = (
            f"No certified data set is named {name!r}; choose from {', '.join(known)}."
        )
        raise ValueError(msg)
    return parse(file.read_text(encoding="ascii"))


def parse(text: str) -> DataSet:
    """Return the data set that the text of a ``.dat`` file describes.

    Raises
    ------
    ValueError
        If a part of the file is missing or its counts disagree, naming the part.
    """
    name = _find("name", r"Dataset Name:\s+(\S+)", text, "NIST data")
    start_1, start_2, parameters, deviations = _certified_table(text, name)
    y, x = _observations(text, name)
    degrees_of_freedom = _count(
        "degrees of freedom", r"Degrees of Freedom:\s+(\d+)", text, name
    )
    sum_of_squares = _find(
        "residual sum of squares", rf"Residual Sum of Squares:\s+({NUMBER})", text, name
    )
    _check_count("degrees of freedom", degrees_of_freedom, y.size - start_1.size, name)
    return DataSet(
        name=name,
        difficulty=_find(
            "difficulty", r"(\w+) Level of Difficulty", text, name
        ).lower(),
        x_name=_variable_name("x", text, name),
        y_name=_variable_name("y", text, name),
        x=x,
        y=y,
        starts=(start_1, start_2),
        parameters=parameters,
        deviations=deviations,
        residual_sum_of_squares=float(sum_of_squares),
        degrees_of_freedom=degrees_of_freedom,
    )


def _certified_table(text: str, name: str) -> list[FloatArray]:
    """Return start 1, start 2, certified values and their deviations."""
    row = rf"^\s*b(\d+) =\s+({NUMBER})\s+({NUMBER})\s+({NUMBER})\s+({NUMBER})\s*$"
    rows = re.findall(row, text, re.MULTILINE)
    count = _count("number of parameters", r"(\d+) Parameters", text, name)
    _check_count("rows of parameters", count, len(rows), name)
    number, *columns = zip(*rows, strict=True)
    if number != tuple(str(1 + index) for index in range(count)):
        msg = f"{name}: the rows of parameters are not b1 to b{count} in order."
        raise ValueError(msg)
    return [_frozen(column) for column in columns]


def _observations(text: str, name: str) -> tuple[FloatArray, FloatArray]:
    """Return response and predictor: the two columns at the end of the file."""
    body = _find("data", r"^Data:[ \t]+y[ \t]+x[ \t]*\n(.*)", text, name)
    lines = [line for line in body.splitlines() if line.strip()]
    for line in lines:
        if not re.fullmatch(rf"\s*{NUMBER}\s+{NUMBER}\s*", line):
            msg = f"{name}: a line of data is not two numbers: {line.strip()!r}."
            raise ValueError(msg)
    count = _count(
        "number of observations", r"Number of Observations:\s+(\d+)", text, name
    )
    _check_count("observations", count, len(lines), name)
    response, predictor = zip(*(line.split() for line in lines), strict=True)
    return _frozen(response), _frozen(predictor)


def _variable_name(variable: str, text: str, name: str) -> str:
    """Return the name that the header gives a variable, or its letter."""
    role = {"x": "Predictor", "y": "Response"}[variable]
    pattern = rf"1 {role}(?: Variable)?\s+\(({variable}[^)]*)\)"
    words = _find(role.lower(), pattern, text, name)
    return words.partition("=")[2].strip() or variable


def _find(what: str, pattern: str, text: str, name: str) -> str:
    """Return the first group of the pattern that states something.

    Raises
    ------
    ValueError
        If the file does not state it.
    """
    found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    if found is None:
        msg = f"{name}: the file does not state its {what}."
        raise ValueError(msg)
    return found.group(1)


def _count(what: str, pattern: str, text: str, name: str) -> int:
    """Return the first group of a pattern as a whole number."""
    return int(_find(what, pattern, text, name))


def _check_count(what: str, stated: int, found: int, name: str) -> None:
    """Raise if the file states one count and holds another."""
    if stated != found:
        msg = f"{name}: the file states {stated} {what} and holds {found}."
        raise ValueError(msg)


def _frozen(words: Iterable[str]) -> FloatArray:
    """Return a read-only array of the numbers."""
    array = np.array([float(word) for word in words])
    array.setflags(write=False)
    return array
