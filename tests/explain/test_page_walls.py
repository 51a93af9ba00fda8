"""Two walls against hostile names, each enough by itself: escaping, and the policy."""

import json
import re

import pytest

import adjoint as ad

HOSTILE = (
    "</title></style></script><script>window.hostile = 1</script>"
    "<img src=x onerror='window.hostile = 1'><!--"
)


def hostile_report():
    report = ad.explain(lambda p: sum(p.values()), timing=False)(
        {HOSTILE: 1.0, "b": 2.0}
    )
    report.data["title"] = HOSTILE
    report.data["files"] = [{"name": HOSTILE, "first": 1, "lines": [HOSTILE] * 3}]
    return report


def unescaped(page, report):
    """The page without its first wall: data and title as they are."""
    data = json.dumps(report.data)
    page = re.sub(
        r'(<script id="data"[^>]*>).*?(?=</script>)',
        lambda found: found[1] + data,
        page,
        count=1,
        flags=re.DOTALL,
    )
    return re.sub("(?<=<title>).*?(?=</title>)", lambda _: HOSTILE, page, count=1)


def without_policy(page):
    """The page without its second wall."""
    found = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert found != page
    return found


@pytest.mark.parametrize(
    ("escaping", "policy", "runs", "works"),
    [
        (True, True, False, True),
        (True, False, False, True),
        (False, True, False, False),  # blocked, as it should be
        (False, False, True, False),  # without walls: the attack is real
    ],
)
def test_each_wall_alone_keeps_hostile_names_out(
    browser, tmp_path, escaping, policy, runs, works
):
    report = hostile_report()
    text = report.html()
    if not escaping:
        text = unescaped(text, report)
    if not policy:
        text = without_policy(text)
    path = tmp_path / "hostile.html"
    path.write_text(text, "utf-8")
    page = browser.open(path)
    try:
        page.wait_for("document.readyState === 'complete'")
        page.run("new Promise((done) => setTimeout(done, 400))")
        assert runs == (page.run("window.hostile") == 1)
        assert works == bool(page.run("document.documentElement.dataset.ready"))
        if works:
            assert HOSTILE in page.text("h1")
            assert 3 == page.texts(".line code").count(HOSTILE)
            assert 0 == page.run("document.images.length")
            assert [] == page.complaints()
    finally:
        page.close()
