"""The page in a real browser: what it runs, what it loads, and how it fits."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from harness.reporting.html import render_html
from tests.reporting import records
from tests.reporting.browser import chromium, serving, title

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# What an escaping mistake of ours would let in.
BREAKOUT = """<script>document.title = "PWNED"</script><img src="/image" onerror="document.title = 'PWNED'">
<style>body { background: url(/style) }</style><p style="background: url(/attribute)">x</p>
<link rel="stylesheet" href="/sheet"><script src="/script"></script><iframe src="/frame"></iframe>
<svg onload="document.title = 'PWNED'"></svg><object data="/object"></object><video src="/video"></video>"""


def without_policy(page: str) -> str:
    return re.sub(r"<meta http-equiv[^>]*>", "", page)


def test_a_hostile_record_runs_no_script_and_loads_nothing(tmp_path: Path) -> None:
    with serving({"/": "-"}) as (address, asked):
        page = render_html(records.hostile(lure=address))
        (tmp_path / "report.html").write_text(page)
        dom = chromium(tmp_path, "--dump-dom", (tmp_path / "report.html").as_uri())
    assert asked == []
    assert title(dom).startswith("</pre></script>")
    assert dom.count("<script") == 1


def test_markup_that_got_in_all_the_same_is_stopped_by_the_policy(tmp_path: Path) -> None:
    page = render_html(records.typical()).replace("</main>", BREAKOUT + "</main>")
    with serving({"/report": page}) as (address, asked):
        dom = chromium(tmp_path, "--dump-dom", address + "/report")
    assert [path for path in asked if path != "/favicon.ico"] == ["/report"]
    assert title(dom).startswith("ada-birch")


def test_without_the_policy_the_same_markup_would_have_run(tmp_path: Path) -> None:
    page = without_policy(render_html(records.typical())).replace("</main>", BREAKOUT + "</main>")
    with serving({"/report": page}) as (address, asked):
        dom = chromium(tmp_path, "--dump-dom", address + "/report")
    assert title(dom) == "PWNED"
    assert {"/image", "/style", "/attribute", "/sheet", "/script", "/frame"} <= set(asked)


def test_the_page_s_own_script_runs_under_its_policy(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render_html(records.typical()))
    address = (tmp_path / "report.html").as_uri()
    dom = chromium(tmp_path, "--dump-dom", address + "#check-duplicate-email-race")
    assert re.search(r'<button type="button" class="toggle" aria-pressed="false">', dom)
    assert re.search(r'<details class="check fail" id="check-duplicate-email-race"[^>]* open="">', dom)


@pytest.mark.parametrize("name", records.ALL)
def test_the_page_fits_a_phone_without_scrolling_sideways(name: str, tmp_path: Path) -> None:
    page = render_html(records.ALL[name]()).replace("<details class", "<details open class")
    frame = """<body><iframe id="f" src="/report" width="360" height="800"></iframe><script>
    addEventListener("load", function () {
      var root = document.getElementById("f").contentDocument.documentElement;
      document.title = root.scrollWidth + "/" + root.clientWidth + "/" + getComputedStyle(root.lastChild).maxWidth;
    });</script>"""
    with serving({"/report": page, "/": "<!doctype html><title>x</title>" + frame}) as (address, _):
        dom = chromium(tmp_path, "--dump-dom", address + "/")
    wide, room, style = title(dom).split("/")
    assert style != "none", "the page's own style was not applied"
    assert int(wide) <= int(room)


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_on_paper_the_findings_are_open(script: bool, tmp_path: Path) -> None:
    page = render_html(records.typical())
    if not script:
        page = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    source, target = tmp_path / "report.html", tmp_path / "report.pdf"
    source.write_text(page)
    chromium(tmp_path, f"--print-to-pdf={target}", source.as_uri())
    done = subprocess.run(["pdftotext", "-layout", target, "-"], check=True, capture_output=True, text=True, timeout=60)
    for said in ("One address made 3 users", "See it yourself", "67.4"):
        assert said in done.stdout
