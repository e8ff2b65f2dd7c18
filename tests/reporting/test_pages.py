"""The report in the hands of a reader: by keyboard, without sight, without script, on paper."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from harness.cohort import Cohort, Entry, cohort_of
from harness.compare import compare
from harness.edition import candidates_edition
from harness.record import GradeRecord, Problem
from harness.reporting.cohort import render_cohort
from harness.reporting.compare import render_comparison
from harness.reporting.html import render_html
from harness.stored import read_record
from tests.reporting import records
from tests.reporting.browser import chromium
from tests.reporting.records import make_check, make_record

pytestmark = pytest.mark.browser

STORED = Path(__file__).parents[1] / "core" / "stored" / "result-1.0.json"


def _drawn(name: str) -> str:
    return render_html(records.ALL[name]())


def _cohort(size: int) -> Cohort:
    made = [records.typical(), records.ALL["all-passed"](), read_record(STORED).model_copy(update={"checks": []})]
    return cohort_of([Entry(id=f"c{n}", record=made[n % 2]) for n in range(size)])


def _mixed() -> Cohort:
    hostile = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 300
    problem = Problem(fault="submission", what=hostile)
    entries = [Entry(id=hostile, record=records.hostile("http://x.invalid")), Entry(id="b", record=read_record(STORED))]
    other = records.typical().model_copy(
        update={"challenge": records.typical().challenge.model_copy(update={"id": "o"})}
    )
    return cohort_of([*entries, Entry(id="c", record=other), Entry(id="d" + hostile, problem=problem)])


PAGES: dict[str, Callable[[], str]] = {
    "typical": lambda: render_html(records.typical()),
    "stored": lambda: render_html(read_record(STORED)),
    "candidate": lambda: render_html(candidates_edition(read_record(STORED)), earlier=records.typical()),
    "cohort": lambda: render_cohort(_cohort(12), {"c1": "./c1/report.html"}),
    "cohort-mixed": lambda: render_cohort(_mixed(), {}),
    "cohort-empty": lambda: render_cohort(cohort_of([]), {}),
    "comparison": lambda: render_comparison(compare([("a", records.typical()), ("b", records.ALL["all-passed"]())])),
    **{name: partial(_drawn, name) for name in records.ALL if name != "typical"},
}


@contextmanager
def opened(browser: Browser, folder: Path, html: str, query: str = "", **context: object) -> Iterator[Page]:
    """A page at rest, which nothing but itself was asked for and whose console is empty."""
    (folder / "report.html").write_text(html, encoding="utf-8")
    asked: list[str] = []
    said: list[str] = []
    with browser.new_context(**context) as where:  # type: ignore[arg-type]
        page = where.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((folder / "report.html").as_uri() + query)
        yield page
        assert said == []
        assert all(url.startswith((folder / "report.html").as_uri()) for url in asked)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        pytest.param(
            name,
            scheme,
            marks=pytest.mark.integration if (name, scheme) == ("typical", "light") else pytest.mark.extended,
        )
        for name in PAGES
        for scheme in ("light", "dark")
    ],
)
def test_axe_finds_nothing_to_mend(name: str, scheme: str, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES[name](), color_scheme=scheme, bypass_csp=True) as page:
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:300]) for rule in found] == []


@pytest.mark.extended
def test_the_keys_lead_from_check_to_check_and_open_one(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["typical"]()) as page:
        page.keyboard.press("j")
        first = page.evaluate("document.activeElement.parentElement.id")
        page.keyboard.press("j")
        second = page.evaluate("document.activeElement.parentElement.id")
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.parentElement.id") == first != second
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentElement.open")


@pytest.mark.extended
def test_tab_alone_reaches_every_check_and_every_box_that_scrolls(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["typical"]()) as page:
        wanted = set(page.evaluate("Array.from(document.querySelectorAll('details.check'), box => box.id)"))
        reached: set[str] = set()
        for _ in range(400):
            page.keyboard.press("Tab")
            here = page.evaluate(
                "document.activeElement.closest('details.check')?.id || document.activeElement.tagName"
            )
            if here == "BODY":
                break
            reached.add(here)
        assert wanted <= reached


@pytest.mark.extended
def test_the_filter_hides_what_does_not_fit_and_stands_in_the_address(browser: Browser, tmp_path: Path) -> None:
    html = PAGES["typical"]()
    with opened(browser, tmp_path, html) as page:
        page.keyboard.press("/")
        page.keyboard.type("s:fail tier:must")
        shown = page.evaluate("Array.from(document.querySelectorAll('details.check:not([hidden])'), b => b.dataset.id)")
        assert "duplicate-email-race" in shown
        assert "event-loop" not in shown
        address = page.url
    query = address[address.index("?") :]
    with opened(browser, tmp_path, html, query) as page:
        assert page.input_value("#filter") == "s:fail tier:must"
        assert page.locator("details.check:not([hidden])").count() == len(shown)


@pytest.mark.extended
def test_f_shows_what_failed_and_then_all_again(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["typical"]()) as page:
        everything = page.locator("details.check:not([hidden])").count()
        page.keyboard.press("f")
        assert 0 < page.locator("details.check[data-s]:not([hidden])").count() < everything
        page.keyboard.press("f")
        assert page.locator("details.check:not([hidden])").count() == everything


@pytest.mark.extended
def test_the_keys_are_told_and_can_be_turned_off(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["typical"]()) as page:
        page.keyboard.press("?")
        assert page.locator("dialog#keys").is_visible()
        page.click("button.off")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('details.check')") is None


@pytest.mark.extended
def test_without_script_everything_can_be_read_and_opened(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["typical"](), java_script_enabled=False) as page:
        card = page.locator("#check-duplicate-email-race")
        card.locator("summary").first.click()
        assert card.get_by_text("One address made 3 users").first.is_visible()
        assert not page.locator(".filter").is_visible()
        assert not page.locator("dialog").is_visible()


@pytest.mark.extended
def test_a_place_in_the_code_leads_to_its_line(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["stored"]()) as page:
        page.evaluate("document.querySelectorAll('details.check, details.evidence').forEach(b => { b.open = true; })")
        link = page.locator(".places a[href^='#s']").first
        target = link.get_attribute("href") or ""
        link.click()
        assert page.locator(target).is_visible()


@pytest.mark.extended
def test_the_summary_is_one_page_of_a4(tmp_path: Path) -> None:
    source, target = tmp_path / "report.html", tmp_path / "report.pdf"
    source.write_text(PAGES["stored"]())
    chromium(tmp_path, f"--print-to-pdf={target}", source.as_uri())

    def text(page: int) -> str:
        command = ["pdftotext", "-layout", "-f", str(page), "-l", str(page), str(target), "-"]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    info = subprocess.run(["pdfinfo", str(target)], check=True, capture_output=True, text=True, timeout=60).stdout
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info)
    assert size is not None
    first = text(1)
    for said in ("/ 100", "Must-haves", "Concerns", "Strengths", "What this does not tell", "All 9 findings"):
        assert said in first
    assert text(2).lstrip().startswith("For the interview")


@pytest.mark.extended
def test_five_hundred_checks_are_drawn_and_filtered(browser: Browser, tmp_path: Path) -> None:
    many = [make_check(f"check-{n}", "fail" if n % 7 == 0 else "pass") for n in range(500)]
    html = render_html(make_record(many))
    assert len(html) < 1_500_000
    with opened(browser, tmp_path, html) as page:
        page.fill("#filter", "s:fail")
        assert page.locator("details.check:not([hidden])").count() == sum(check.outcome == "fail" for check in many)


@pytest.mark.extended
@pytest.mark.parametrize("name", ["cohort", "cohort-mixed", "comparison"])
def test_a_wide_table_scrolls_and_the_page_does_not(name: str, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES[name](), viewport={"width": 390, "height": 800}) as page:
        wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]


@pytest.mark.extended
def test_on_a_phone_band_and_score_are_seen_beside_the_id(browser: Browser, tmp_path: Path) -> None:
    named = [Entry(id="somebody-with-a-long-name-2026", record=read_record(STORED))]
    with opened(browser, tmp_path, render_cohort(cohort_of(named), {}), viewport={"width": 375, "height": 800}) as page:
        box, score = (page.locator(what).first.bounding_box() for what in (".wide", ".members td.number"))
        assert box is not None
        assert score is not None
        assert score["x"] + score["width"] <= box["x"] + box["width"]


@pytest.mark.extended
def test_submissions_are_found_sorted_and_chosen(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["cohort"]()) as page:
        rows = "Array.from(document.querySelector('tbody.members').rows)"
        shown = rows + ".filter(row => !row.hidden).map(row => row.dataset.id)"
        assert page.evaluate(shown)[:3] == ["c0", "c1", "c2"]
        page.select_option(".tools select", "score")
        assert page.evaluate(shown)[:2] == ["c1", "c3"]
        page.fill(".tools input", "c1")
        assert sorted(page.evaluate(shown)) == ["c1", "c10", "c11"]
        page.fill(".tools input", "")
        page.check("input.pick[value=c4]")
        page.check("input.pick[value=c7]")
        page.click("button.only")
        assert sorted(page.evaluate(shown)) == ["c4", "c7"]


@pytest.mark.extended
def test_without_script_a_cohort_is_whole(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["cohort"](), java_script_enabled=False) as page:
        assert page.locator("tbody.members").first.locator("tr").count() == 12
        assert not page.locator(".tools").first.is_visible()


@pytest.mark.extended
def test_a_thousand_submissions_are_one_page(browser: Browser, tmp_path: Path) -> None:
    html = render_cohort(_cohort(1000), {f"c{n}": f"./c{n}/report.html" for n in range(1000)})
    assert len(html) < 4_000_000
    with opened(browser, tmp_path, html) as page:
        page.fill(".tools input", "c999")
        assert page.locator("tbody.members tr:not([hidden])").count() == 2


@pytest.mark.extended
def test_a_typical_grade_makes_a_page_of_at_most_400_kilobytes() -> None:
    record: GradeRecord = records.typical()
    assert len(render_html(record).encode()) < 400_000


@pytest.mark.extended
def test_on_paper_a_cohort_has_nothing_to_click(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PAGES["cohort"]()) as page:
        controls = page.locator("input, select, button")
        on_screen = [one for one in controls.all() if one.is_visible()]
        page.emulate_media(media="print")
        assert len(on_screen) > 12
        assert [one for one in controls.all() if one.is_visible()] == []
