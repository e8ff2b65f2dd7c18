"""The report as one page of HTML that loads nothing and runs nothing but its own few lines of script."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.paths import data_root
from harness.record import GradeRecord
from harness.reporting import views, words
from harness.reporting.text import clean, clip, one_line

# Where the rules of the linters are explained; a link to anywhere else would be a stranger's.
_RULE_HOSTS = {"docs.astral.sh", "mypy.readthedocs.io"}
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class Assets:
    """The page's one style and one script, and the policy that allows just these two."""

    style: Markup
    script: Markup
    policy: str


@dataclass(frozen=True)
class Page:
    """All that the templates draw."""

    record: GradeRecord
    groups: views.Groups
    strengths: tuple[views.Item, ...]
    worst: tuple[views.Item, ...]
    missed_musts: tuple[views.Item, ...]
    skills: tuple[views.SkillRow, ...]
    interview: views.Interview


def render_html(record: GradeRecord) -> str:
    """The whole report; the same record gives the same bytes.

    Raises:
        HarnessFault: this installation has no templates.
    """
    template = _environment(data_root() / "reports").get_template("report.html.j2")
    return template.render(page=page_of(record), assets=_assets(data_root() / "reports"))


def page_of(record: GradeRecord) -> Page:
    """The views of one record, together."""
    found = views.groups(record)
    # A candidate who checks their own work is not told what a good answer in the interview sounds like.
    interview = views.Interview() if record.visible_only else views.interview(found)
    return Page(
        record=record,
        groups=found,
        strengths=views.strengths(found),
        worst=views.worst_findings(found),
        missed_musts=views.missed_musts(record),
        skills=views.skill_rows(record),
        interview=interview,
    )


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "line": one_line,
        "clip": lambda text, most=_MOST_TEXT: clip(text, most),
        "number": words.number,
        "percent": words.percent,
        "whole_percent": words.whole_percent,
        "moment": words.moment,
        "bytes": words.size,
        "rule_url": rule_url,
    }
    environment.globals |= {
        "words": words,
        "count": words.count,
        "thresholds": words.THRESHOLDS,
        "transcript": views.transcript,
    }
    return environment


@cache
def _assets(folder: Path) -> Assets:
    style = (folder / "report.css").read_text("utf-8")
    script = (folder / "report.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Assets(Markup(style), Markup(script), policy)  # noqa: S704 - files of ours, not of a submission


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shown(value: object) -> object:
    """Every text that a template prints comes through here, so none can be forgotten."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def rule_url(url: str) -> str:
    """The address of a linter's rule, or nothing when it is any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    trusted = parts.scheme == "https" and parts.netloc in _RULE_HOSTS
    return url if trusted and clean(url) == url and not any(c.isspace() for c in url) else ""
