"""SARIF 2.1.0 (OASIS standard), in the subset that GitHub's code scanning shows.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from harness.exports.blame import ours
from harness.exports.findings import Finding, Rule, findings
from harness.exports.markdown import inline
from harness.exports.plain import document
from harness.record import GradeRecord
from harness.reporting.text import one_line
from harness.reporting.words import count
from harness.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}
_ROOT = "%SRCROOT%"
_FINGERPRINT = "takehome/v1"


def sarif(record: GradeRecord, prefix: str = "") -> str:
    """What was lost as results of a static analysis, with paths from the repository's root.

    The fingerprint is under a name of our own: `primaryLocationLineHash`, by which code scanning matches results from
    run to run, is a hash of the file that `upload-sarif` makes, and warns of every other. A run that was spoilt
    through our fault has no results, and an invocation that says so.
    """
    everything = findings(record, prefix)
    found = everything.shown
    rules: dict[str, Rule] = {}
    for finding in found:
        rules.setdefault(finding.rule.id, finding.rule)
    places = {rule: number for number, rule in enumerate(rules)}
    # Code scanning takes one run of a category: submissions of one repository have one each.
    category = "/".join(filter(None, ("takehome", one_line(record.challenge.id, 80), prefix)))
    driver = {
        "name": "takehome",
        "version": __version__,
        "rules": [_rule(rule) for rule in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{category}/"},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(record, everything.left_out)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places[finding.rule.id]) for finding in found],
    }
    return document({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    told = [text for text in (rule.why, rule.hint) if text] or [rule.title]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": told[0]},
        "help": {"text": "\n\n".join(told), "markdown": "\n\n".join(inline(text, 1000) for text in told)},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": list(rule.tags), "problem.severity": _PROBLEM_SEVERITY[rule.severity]},
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    place = finding.place
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": rule,
        "level": finding.rule.severity,
        # Kept from being an embedded link (SARIF 3.11.6) in a way that needs no reader to know about escapes.
        "message": {"text": finding.message.replace("](", "] (")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path), "uriBaseId": _ROOT},
                    "region": {"startLine": place.line},
                }
            }
        ],
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
    }


def _invocation(record: GradeRecord, left_out: int) -> dict[str, Any]:
    if ours(record):
        what = one_line(record.problem.what) if record.problem else "too little could be assessed"
        said = _notification("error", f"not graded, through no fault of the submission: {what}")
        return {"executionSuccessful": False, "toolExecutionNotifications": [said]}
    if left_out:
        said = _notification("note", f"{count(left_out, 'more finding')} left out: result.json has all")
        return {"executionSuccessful": True, "toolExecutionNotifications": [said]}
    return {"executionSuccessful": True}


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}
