"""Who a submission is of is not on the page, unless it is asked for."""

from __future__ import annotations

import pytest

from harness.record import EvidenceItems, Exchange, SourceFile
from harness.reporting.html import render_html
from harness.reporting.identity import anonymous, redacted
from tests.reporting import records

CODE = """__author__ = "Jane Doe"
# Author: Jane Doe <jane.doe@corp.io>
HOME = "/home/jane/x"
author: str = "kept"
"""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail jane.doe@corp.io now", "mail [e-mail] now"),
        ("mail ada@example.org and b@x.test", "mail ada@example.org and b@x.test"),
        ("/home/jane/app/main.py", "/home/[name]/app/main.py"),
        ("C:\\Users\\jane\\app", "C:\\Users\\[name]\\app"),
        ("# Author: Jane Doe", "# Author: [name]"),
        ("Copyright 2026 Jane Doe", "Copyright [name]"),
        ("    author: str", "    author: str"),
        ("@app.get('/x')", "@app.get('/x')"),
    ],
)
def test_people_are_written_over_and_code_is_not(text: str, shown: str) -> None:
    assert anonymous(text) == shown


def test_the_page_names_nobody_by_default() -> None:
    record = records.typical().model_copy(update={"sources": [SourceFile(path="app/a.py", text=CODE, types="....")]})
    page = render_html(record)
    assert "Jane" not in page
    assert "jane" not in page
    assert record.submission.source not in page
    assert "author: str" in page
    assert "Jane Doe" in render_html(record, identity=True)
    assert record.submission.source in render_html(record, identity=True)


def test_a_commit_stays_when_its_repository_goes() -> None:
    record = records.typical()
    source = record.submission.model_copy(update={"source": "https://example.com/jane/x.git@" + "a" * 40})
    shown = redacted(record.model_copy(update={"submission": source})).submission.source
    assert shown == "SUBMISSION@" + "a" * 40


def test_what_the_checks_made_up_stays_comparable() -> None:
    record = redacted(records.typical())
    assert [c.evidence.transcript for c in record.checks] == [c.evidence.transcript for c in records.typical().checks]


def test_a_source_without_a_commit_goes_as_a_whole() -> None:
    assert redacted(records.typical()).submission.source == ""


def test_people_are_left_in_what_the_checks_sent_and_written_over_in_what_the_service_printed() -> None:
    exchange = Exchange(request="POST /x\n\njane@corp.io", response="201\n\njane@corp.io")
    evidence = EvidenceItems(transcript=[exchange], log=["hello jane@corp.io"], reproduce="curl jane@corp.io")
    shown = redacted(records.make_record([records.make_check("a", evidence=evidence, summary="jane@corp.io")])).checks[
        0
    ]
    assert shown.evidence.transcript == [exchange]
    assert shown.evidence.reproduce == "curl jane@corp.io"
    assert shown.summary == "jane@corp.io"
    assert shown.evidence.log == ["hello [e-mail]"]
