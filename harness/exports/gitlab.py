"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from harness.exports.blame import ours, refusal
from harness.exports.findings import Finding, Severity, findings
from harness.exports.plain import document
from harness.record import GradeRecord

_SEVERITY: dict[Severity, str] = {"error": "critical", "warning": "major", "note": "minor"}


def gitlab_code_quality(record: GradeRecord, prefix: str = "") -> str:
    """What was lost as one JSON array, without a byte order mark; an empty one when nothing was.

    Paths are from the repository's root and without `./`; each fingerprint is there once.

    Raises:
        EnvironmentFault, HarnessFault: it was not graded, through ours. GitLab takes what a list lacks for mended.
    """
    if ours(record):
        raise refusal(record, "gitlab")
    return document([_issue(finding) for finding in findings(record, prefix).shown])


def _issue(finding: Finding) -> dict[str, object]:
    return {
        "description": finding.message,
        "check_name": finding.rule.id,
        "fingerprint": finding.fingerprint,
        "severity": "blocker" if finding.rule.whole else _SEVERITY[finding.rule.severity],
        "location": {"path": finding.place.path, "lines": {"begin": finding.place.line}},
    }
