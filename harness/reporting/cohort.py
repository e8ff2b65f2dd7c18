"""The cohort page: many submissions of one challenge beside each other, ranked by nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.cohort import Cohort
from harness.reporting.page import render

# Above it, the cells of what was lost are no links: they are most of a large page.
_MOST_LINKS = 6000


@dataclass(frozen=True)
class CohortPage:
    """What the template draws. `links` are the addresses of the reports, by id, relative to the page."""

    cohort: Cohort
    links: Mapping[str, str]
    linked_cells: bool

    def anchor(self, check: str) -> str:
        """Where a check stands in a report."""
        return "check-" + (re.sub(r"[^a-z0-9]+", "-", check.lower()).strip("-")[:60] or "check")


def render_cohort(cohort: Cohort, links: Mapping[str, str] | None = None) -> str:
    """The page; the same cohort gives the same bytes.

    Raises:
        HarnessFault: this installation has no templates.
    """
    cells = sum(len(member.checks) for track in cohort.tracks for member in track.members)
    page = CohortPage(cohort, links or {}, cells <= _MOST_LINKS)
    return render("cohort.html.j2", page, styles=("report.css", "cohort.css"), script="cohort.js")
