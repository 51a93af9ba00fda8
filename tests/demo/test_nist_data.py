"""The reader of certified data, against values read in the files by eye."""

import dataclasses

import pytest

from adjoint._demo.nist.data import load, parse
from adjoint._demo.nist.models import MODELS

OBSERVATIONS = {
    "Misra1a": 14,
    "Chwirut2": 54,
    "Lanczos3": 24,
    "DanWood": 6,
    "Hahn1": 236,
    "MGH17": 33,
    "Eckerle4": 35,
    "Thurber": 37,
}

PARAMETERS = {
    "Misra1a": 2,
    "Chwirut2": 3,
    "Lanczos3": 6,
    "DanWood": 2,
    "Hahn1": 7,
    "MGH17": 5,
    "Eckerle4": 3,
    "Thurber": 7,
}

SMALL = """Dataset Name:  Small  (Small.dat)
Data:          1 Response  (y)
               1 Predictor (x = time in s)
               3 Observations
               Lower Level of Difficulty
Model:         1 Parameters (b1)
        Start 1     Start 2           Parameter     Standard Deviation
  b1 =   2           1.5            1.0E+00           5.0E-01

Residual Sum of Squares:                    5.0E-01
Degrees of Freedom:                                2
Number of Observations:                            3

Data:  y       x
      .5E0    1.E0
      2.0     2.0
      3       3
"""


def test_every_field_of_misra1a():
    """Misra1a is read as it stands in its file."""
    data_set = load("Misra1a")
    assert "Misra1a" == data_set.name
    assert "lower" == data_set.difficulty
    assert ("pressure", "volume") == (data_set.x_name, data_set.y_name)
    assert (77.6, 10.07) == (data_set.x[0], data_set.y[0])
    assert (760.0, 81.78) == (data_set.x[-1], data_set.y[-1])
    assert [[500, 0.0001], [250, 0.0005]] == [list(start) for start in data_set.starts]
    assert [2.3894212918e02, 5.5015643181e-04] == list(data_set.parameters)
    assert [2.7070075241e00, 7.2668688436e-06] == list(data_set.deviations)
    assert 1.2455138894e-01 == data_set.residual_sum_of_squares
    assert 12 == data_set.degrees_of_freedom


def test_numbers_without_a_leading_digit_and_below_zero():
    """Hahn1 begins with .591E0 and has negative starting points."""
    data_set = load("Hahn1")
    assert (24.41, 0.591) == (data_set.x[0], data_set.y[0])
    assert [10, -1, 0.05, -0.00001, -0.05, 0.001, -0.000001] == list(data_set.starts[0])
    assert -1.2314450199e-07 == data_set.parameters[6]
    assert "temperature, degrees kelvin" == data_set.x_name
    assert "average" == data_set.difficulty


def test_unnamed_variables_keep_their_letters():
    """Generated data have no quantities, so the axes are x and y."""
    data_set = load("Lanczos3")
    assert ("x", "y") == (data_set.x_name, data_set.y_name)


@pytest.mark.parametrize("name", MODELS)
def test_sizes_are_those_the_file_states(name):
    """Data, starting points and certified values have the sizes the files state."""
    data_set = load(name)
    assert (OBSERVATIONS[name],) == data_set.x.shape == data_set.y.shape
    columns = (*data_set.starts, data_set.parameters, data_set.deviations)
    assert {(PARAMETERS[name],)} == {column.shape for column in columns}
    assert OBSERVATIONS[name] - PARAMETERS[name] == data_set.degrees_of_freedom


def test_a_data_set_cannot_be_changed():
    """Neither its fields nor its arrays accept another value."""
    data_set = load("DanWood")
    with pytest.raises(dataclasses.FrozenInstanceError):
        data_set.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        data_set.y[0] = 0.0


def test_a_small_file_is_read():
    """The file that the damaged ones below derive from is right itself."""
    data_set = parse(SMALL)
    assert [1.0, 2.0, 3.0] == list(data_set.x)
    assert [0.5, 2.0, 3.0] == list(data_set.y)
    assert "time in s" == data_set.x_name


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("Dataset Name:  Small", "", "NIST data: the file does not state its name"),
        ("3\n\nData:", "4\n\nData:", "states 4 observations and holds 3"),
        (
            "Freedom:                                2",
            "Freedom: 1",
            "freedom and holds 2",
        ),
        ("2.0     2.0", "2.0", "Small: a line of data is not two numbers: '2.0'"),
        ("2.0     2.0", "2.0     two", "not two numbers: '2.0     two'"),
        ("b1 =   2  ", "b1 =   ", "states 1 rows of parameters and holds 0"),
        ("b1 =   2  ", "b2 =   2  ", "not b1 to b1 in order"),
        ("Data:  y       x", "", "Small: the file does not state its data"),
        ("Lower Level", "", "Small: the file does not state its difficulty"),
        ("1 Predictor", "", "Small: the file does not state its predictor"),
        ("Sum of Squares", "", "does not state its residual sum of squares"),
    ],
)
def test_a_damaged_file_is_refused(old, new, sentence):
    """Each missing or contradicting part is named in the error."""
    assert old in SMALL
    with pytest.raises(ValueError, match=sentence):
        parse(SMALL.replace(old, new))


def test_an_unknown_name_lists_the_known_ones():
    """Asking for a data set that is not there names those that are."""
    with pytest.raises(ValueError, match="named 'Misra1b'; choose from Chwirut2, Dan"):
        load("Misra1b")
