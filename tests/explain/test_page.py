"""The web page: one file, behind two walls against hostile names."""

import base64
import gzip
import hashlib
import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import adjoint as ad
from adjoint._explain import page

SCRIPT, STYLE = "document.title;", "body{margin:0}"
HOSTILE = "</script><script>alert(1)</script></title></style><!--"


@pytest.fixture(autouse=True)
def _assets(monkeypatch):
    """Short ones: the page around them is the same whatever they are."""
    files = {"page.js": SCRIPT, "page.css": STYLE}
    monkeypatch.setattr(page, "_asset", files.__getitem__)


class Reader(HTMLParser):
    """What a browser finds: elements with their attributes and texts."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append([tag, dict(attrs), ""])

    def handle_data(self, data):
        if self.found:
            self.found[-1][2] += data

    def named(self, tag):
        return [(attrs, text) for name, attrs, text in self.found if name == tag]


def hostile_report():
    report = ad.explain(lambda p: sum(p.values()), timing=False)(
        {HOSTILE: 1.0, "b": 2.0}
    )
    report.data["title"] = HOSTILE
    return report


def test_the_page_holds_the_data():
    report = ad.explain(lambda x: np.sin(x) * x, timing=False)(2.0)
    data, script = Reader(report.html()).named("script")
    assert {"id": "data", "type": "application/json"} == data[0]
    assert report.data == json.loads(data[1])
    assert ({}, SCRIPT) == (script[0], script[1].strip())


def test_hostile_names_end_no_element():
    report = hostile_report()
    reader = Reader(report.html())
    assert ["html", "head", "meta", "meta", "meta", "meta", "title", "style"] == [
        tag for tag, *_ in reader.found
    ][:8]
    assert ["body", "div", "noscript", "script", "script"] == [
        tag for tag, *_ in reader.found
    ][8:]
    assert report.data == json.loads(reader.named("script")[0][1])
    assert html.escape(HOSTILE) in report.html()


def test_the_data_is_ascii_without_angle_brackets():
    data = re.search(r"<script id=.*?>(.*?)</script>", hostile_report().html())[1]
    assert data.isascii()
    assert not set("<>&") & set(data)


def test_the_policy_lets_only_our_own_script_and_style_run():
    metas = [attrs for attrs, _ in Reader(hostile_report().html()).named("meta")]
    (policy,) = [one["content"] for one in metas if "http-equiv" in one]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    def digest(text):
        found = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(found).decode()}'"

    assert {
        "default-src": "'none'",
        "script-src": digest(SCRIPT),
        "style-src": digest(STYLE),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    } == parts


def test_large_data_is_compressed():
    report = ad.explain(np.sin, timing=False)(2.0)
    report.data["notes"] = [str(k) for k in range(200_000)]
    attrs, text = Reader(report.html()).named("script")[0]
    assert "gzip" == attrs["data-encoding"]
    assert report.data == json.loads(gzip.decompress(base64.b64decode(text)))
    assert len(text) < 600_000


def test_the_source_stays_out():
    report = ad.explain(lambda x: x * 41.5 + 0.0, source=False, timing=False)(2.0)
    assert "lambda x: x * 41.5" not in report.html()


def test_a_notebook_gets_a_frame_that_reaches_nothing():
    report = hostile_report()
    (frame,) = Reader(report._repr_html_()).named("iframe")
    assert "allow-scripts" == frame[0]["sandbox"]
    assert report.html() == frame[0]["srcdoc"]


def test_a_notebook_may_choose_among_forms():
    report = ad.explain(np.sin, timing=False)(2.0)
    forms = report._repr_mimebundle_()
    assert {"text/plain", "text/html", "image/svg+xml"} == set(forms)
    assert {"text/plain"} == set(report._repr_mimebundle_(include={"text/plain"}))
    assert "text/html" not in report._repr_mimebundle_(exclude={"text/html"})
    many = ad.explain(sum, timing=False)([1.0] * 40)
    assert {"text/plain", "text/html"} == set(many._repr_mimebundle_())


def test_a_page_is_saved(tmp_path):
    report = ad.explain(np.sin, timing=False)(2.0)
    path = report.save(tmp_path / "report.html")
    assert report.html() == path.read_text("utf-8")
    with pytest.raises(OSError, match="report could not be written"):
        report.save(tmp_path / "missing" / "report.html")
