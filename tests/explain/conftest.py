"""Fixtures: a headless Chromium, without which tests that ask for it are skipped."""

import os

import pytest

from explain.browser import Browser, find_chromium


@pytest.fixture(scope="module")
def browser():
    """A running Chromium; one that is needed, and missing, is a failure."""
    program = find_chromium()
    if program is None and os.environ.get("ADJOINT_NEEDS_BROWSER") != "1":
        pytest.skip("no Chromium found")
    assert program is not None, "No Chromium is installed (apt install chromium)."
    with Browser(program) as found:
        yield found


@pytest.fixture
def show(browser, tmp_path):
    """A function that opens reports, and afterwards asserts that none complained."""
    opened = []

    def show(report, width=1400, height=900, **media):
        path = tmp_path / f"{len(opened)}.html"
        page = browser.open(report.save(path), width, height, **media)
        page.wait_ready()
        opened.append(page)
        return page

    yield show
    for page in opened:
        assert [] == page.complaints()
        assert [] == page.requests()
        page.close()
