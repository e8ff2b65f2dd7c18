"""JUnit XML, as Jenkins's xunit plugin defines it (junit-10.xsd) and GitLab, GitHub apps and others read it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from harness.exports.verdicts import Verdict, verdicts
from harness.record import GradeRecord
from harness.reporting.text import one_line


def junit(record: GradeRecord) -> str:
    """The record as a test suite, one test case a check.

    The name of a test case is the check's id alone, since readers follow a test by its name from run to run and keep
    only the first of two that share one (https://docs.gitlab.com/ci/testing/unit_test_reports/). What can't be judged
    is skipped; nothing is ever an `error`.
    """
    challenge = one_line(record.challenge.id, 80) or "challenge"
    told = verdicts(record)
    counts = {
        "tests": str(len(told)),
        "failures": str(sum(one.state == "failed" for one in told)),
        "errors": "0",
        "time": f"{sum(one.seconds for one in told):.3f}",
    }
    suites = ET.Element("testsuites", {"name": f"takehome {challenge}", **counts})
    skipped = str(sum(one.state == "skipped" for one in told))
    suite = ET.SubElement(suites, "testsuite", {"name": f"takehome {challenge}", **counts, "skipped": skipped})
    for one in told:
        _case(suite, challenge, one)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ET.Element, challenge: str, one: Verdict) -> None:
    about = {"classname": f"{challenge}.{one.group}", "name": one.id, "time": f"{one.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", about)
    # GitLab shows the text of an element and never its `message`.
    if one.state == "failed":
        told = f"{one.headline}\n{one.story}".strip()
        ET.SubElement(case, "failure", {"type": one.outcome, "message": one.headline}).text = told
    elif one.state == "skipped":
        ET.SubElement(case, "skipped", {"message": one.headline}).text = one.headline
