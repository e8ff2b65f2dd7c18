"""The report as one page of HTML that loads nothing and runs nothing but its own few lines of script."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record import GradeRecord
from harness.reporting import views
from harness.reporting.identity import redacted
from harness.reporting.latency import Latency, latency
from harness.reporting.page import render
from harness.reporting.profiles import Profile, profiles
from harness.reporting.progress import Progress, progress
from harness.reporting.reviews import Beside
from harness.reporting.sources import Sources, sources
from harness.reporting.timeline import Timeline, timeline


@dataclass(frozen=True)
class Page:
    """All that the templates draw."""

    record: GradeRecord
    groups: views.Groups
    strengths: tuple[views.Item, ...]
    worst: tuple[views.Item, ...]
    musts: tuple[views.Item, ...]
    everything: tuple[views.Item, ...]
    skills: tuple[views.SkillRow, ...]
    interview: views.Interview
    profiles: tuple[Profile, ...]
    sources: Sources
    timeline: Timeline
    latency: Latency | None = None
    progress: Progress | None = None
    review: Beside | None = None


def render_html(
    record: GradeRecord, *, identity: bool = False, earlier: GradeRecord | None = None, review: Beside | None = None
) -> str:
    """The whole report; the same record gives the same bytes.

    With `identity`, names, e-mail addresses and the source's place stay in it. `earlier` is a run to compare with,
    `review` what people say of it; a candidate's own page never has that.

    Raises:
        HarnessFault: this installation has no templates.
    """
    page = page_of(record if identity else redacted(record), earlier, review)
    return render("report.html.j2", page, styles=("report.css",), script="report.js")


def page_of(record: GradeRecord, earlier: GradeRecord | None = None, review: Beside | None = None) -> Page:
    """The views of one record, together."""
    found = views.groups(record)
    everything = tuple(views.items(record))
    # A candidate who checks their own work is not told what a good answer in the interview sounds like.
    interview = views.Interview() if record.visible_only else views.interview(found)
    return Page(
        record=record,
        groups=found,
        strengths=views.strengths(found),
        worst=views.worst_findings(found),
        musts=tuple(item for item in everything if item.check.tier == "must"),
        everything=everything,
        skills=views.skill_rows(record),
        interview=interview,
        profiles=() if record.visible_only or not record.gradable else profiles(record),
        sources=sources(record),
        timeline=timeline(record, {item.check.id: item.anchor for item in everything}),
        latency=latency(record),
        review=None if record.visible_only else review,
        progress=progress(earlier, record) if earlier is not None else None,
    )
