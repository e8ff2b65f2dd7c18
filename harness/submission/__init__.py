"""Getting a submission in: a read-only snapshot of its files, and what they declare. Runs none of its code."""

from __future__ import annotations

from harness.submission.dependencies import Dependencies
from harness.submission.ingest import ingest
from harness.submission.intake import Limits
from harness.submission.project import Project, read_project
from harness.submission.snapshot import Snapshot
from harness.submission.vendored import lay_vendored

__all__ = ["Dependencies", "Limits", "Project", "Snapshot", "ingest", "lay_vendored", "read_project"]
