"""Pictures of the pages for the README, drawn from stored records: `scripts/screenshots`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from harness.cohort import Cohort, Entry, cohort_of
from harness.edition import candidates_edition
from harness.reporting.cohort import render_cohort
from harness.reporting.html import render_html
from harness.score import band, score
from harness.stored import read_record
from tests.conftest import BROWSERS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "images"
STORED = ROOT / "tests" / "core" / "stored" / "result-1.0.json"


def _cohort() -> Cohort:
    """Made-up submissions: the stored record with other ends."""
    stored = read_record(STORED)
    entries = []
    for number in range(12):
        checks = [
            check.model_copy(update={"outcome": "fail", "fraction": 0.0, "points": 0.0})
            if (number * 7 + at * 5) % 11 < number % 5
            else check
            for at, check in enumerate(stored.checks)
        ]
        points = score(checks)
        digest = stored.submission.model_copy(update={"digest": str(number)})
        changed = {"checks": checks, "score": points, "band": band(points.value, checks), "submission": digest}
        entries.append(Entry(id=f"candidate-{number + 1:02}", record=stored.model_copy(update=changed)))
    return cohort_of(entries)


_Scheme = Literal["light", "dark"]
# Name: what to draw, in which colours, and how far down to begin.
PICTURES: dict[str, tuple[Callable[[], str], _Scheme, str]] = {
    "report": (lambda: render_html(read_record(STORED)), "light", ""),
    "report-dark": (lambda: render_html(read_record(STORED)), "dark", "#findings"),
    "cohort": (lambda: render_cohort(_cohort(), {}), "light", ""),
    "candidate": (lambda: render_html(candidates_edition(read_record(STORED))), "light", ""),
}


def main() -> None:
    """Draw every picture anew."""
    program = next(path for name in BROWSERS if (path := shutil.which(name)))
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for name, (draw, scheme, place) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1100, "height": 1000}, color_scheme=scheme)
            source = Path(folder) / f"{name}.html"
            source.write_text(draw(), encoding="utf-8")
            page.goto(source.as_uri() + place)
            if place:
                page.evaluate("document.querySelector(location.hash + ' details').open = true")
                page.evaluate("document.querySelector(location.hash).scrollIntoView()")
            page.screenshot(path=FOLDER / f"{name}.png")
            print(FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
