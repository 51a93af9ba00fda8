"""Reports as files: written whole or not at all, in the form that a name asks for."""

import os
from pathlib import Path

import numpy as np
import pytest

import adjoint as ad
from adjoint._explain.files import write_whole


@pytest.fixture(scope="module")
def report():
    return ad.explain(lambda x: np.exp(x) * x, timing=False)(2.0)


def test_an_unwritable_path_is_a_sentence(report, tmp_path):
    with pytest.raises(OSError, match=r"could not be written to .*no such file"):
        report.png(tmp_path / "missing" / "f.png")
    with pytest.raises(OSError, match="Give the name of a file"):
        report.png(tmp_path)


def test_a_file_is_replaced_whole_and_nothing_is_left_behind(report, tmp_path):
    path = tmp_path / "f.png"
    path.write_text("old")
    path.chmod(0o640)
    assert path == report.png(str(path))
    assert [path] == list(Path(tmp_path).iterdir())
    assert 0o640 == path.stat().st_mode & 0o777


def test_a_link_and_what_is_no_file_stay_and_are_written_to(report, tmp_path):
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    link.symlink_to(target)
    report.png(link)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"\x89PNG")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(b"whole", pipe)
        assert os.read(reader, 100) == b"whole"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_file_that_may_not_be_written_to_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "mine"
    path.write_bytes(b"mine")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="could not be written to"):
        write_whole(b"new", path)
    assert path.read_bytes() == b"mine"


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path):
    assert write_whole(b"", tmp_path / ("n" * 255)).exists()


FORMS = {
    ".html": "html",
    ".htm": "html",
    "": "html",
    ".svg": "svg",
    ".SVG": "svg",
    ".tex": "latex",
    ".dot": "dot",
    ".gv": "dot",
    ".json": "json",
}


@pytest.mark.parametrize("ending", FORMS)
def test_a_report_is_saved_in_the_form_that_the_name_asks_for(report, tmp_path, ending):
    path = report.save(tmp_path / f"report{ending}")
    assert getattr(report, FORMS[ending])() == path.read_text("utf-8")


def test_the_text_is_saved_at_a_width_that_all_have(report, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    path = report.save(tmp_path / "report.txt")
    assert f"{report.text(88)}\n" == path.read_text("utf-8")


def test_a_png_file_holds_a_picture(report, tmp_path):
    pytest.importorskip("matplotlib")
    content = report.save(tmp_path / "report.png").read_bytes()
    assert content.startswith(b"\x89PNG")


def test_no_file_gets_a_name_that_lies(report, tmp_path):
    with pytest.raises(ad.errors.InputError) as caught:
        report.save(tmp_path / "report.pdf")
    assert str(caught.value) == (
        "A report is not written as .pdf: the name of the file is to end in .png, "
        ".html, .htm, .svg, .tex, .dot, .gv, .json or .txt."
    )
    with pytest.raises(ad.errors.InputError, match=r"writes \.png, not \.jpg; \.save"):
        report.png(tmp_path / "report.jpg")
    assert [] == [*tmp_path.iterdir()]
