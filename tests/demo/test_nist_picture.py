"""The picture of data and fits."""

import sys

import pytest

from adjoint._demo.nist.fit import EXACT
from adjoint._demo.nist.models import MODELS
from adjoint._demo.nist.picture import draw


def test_picture_shows_every_panel(fits, tmp_path):
    """The file is a colour image of at least 1000 x 1000 pixels with much drawn."""
    pytest.importorskip("matplotlib")
    from matplotlib import image

    path = draw([fits[name, 2, EXACT] for name in MODELS], tmp_path)
    assert tmp_path / "nist.png" == path
    pixels = image.imread(path)
    height, width, _ = pixels.shape
    assert min(height, width) >= 1000
    for row in (pixels[: height // 2], pixels[height // 2 :]):
        for panel in range(4):
            part = row[:, panel * width // 4 : (panel + 1) * width // 4, :3]
            assert (part.min(axis=2) < 0.9).mean() > 0.01


def test_missing_matplotlib_says_how_to_install_it(fits, tmp_path, monkeypatch):
    """Without matplotlib the error names the extra to install."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "adjoint\[demo\]"'):
        draw([fits["DanWood", 2, EXACT]], tmp_path)
