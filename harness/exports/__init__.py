"""Exports: a record in the formats that CI services and graders' platforms read. Pure functions."""

from __future__ import annotations

from collections.abc import Callable

from harness.exports.annotations import github_annotations
from harness.exports.badge import badge
from harness.exports.ctrf import ctrf
from harness.exports.gitlab import gitlab_code_quality
from harness.exports.gradescope import gradescope
from harness.exports.junit import junit
from harness.exports.sarif import sarif
from harness.exports.summary import github_summary
from harness.record import GradeRecord

__all__ = ["FORMATS", "Export"]

# The second argument is the submission's folder inside its repository, "" for the root.
Export = Callable[[GradeRecord, str], str]

FORMATS: dict[str, Export] = {
    "junit": lambda record, _prefix: junit(record),
    "sarif": sarif,
    "github-annotations": github_annotations,
    "github-summary": lambda record, _prefix: github_summary(record),
    "gitlab": gitlab_code_quality,
    "ctrf": lambda record, _prefix: ctrf(record),
    "badge": lambda record, _prefix: badge(record),
    "gradescope": lambda record, _prefix: gradescope(record),
}
