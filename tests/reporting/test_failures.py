"""What is told of a lost check on a candidate's terminal."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.record import GradeRecord
from harness.reporting.failures import print_failures, told
from tests.exports.catalogue import ALL
from tests.reporting import records


def printed(record: GradeRecord, width: int = 100) -> str:
    out = io.StringIO()
    print_failures(record, Console(file=out, width=width))
    return out.getvalue()


def test_a_failure_tells_what_was_sent_what_came_what_was_meant_and_how_to_try_it() -> None:
    text = printed(records.typical())
    for said in (
        "error[duplicate-email-race]: Two users can share one address", "sent      GET /healthz", "came      no answer",
        "expected  one 201, the rest 409", "hint      Let the database decide", "try       curl -i -X POST",
        "--> app/routers/users.py:48  Function is missing", "warning[upstream-capacity]", "blocks    bulk-atomicity",
    ):  # fmt: skip
        assert said in text


def test_a_failure_says_what_the_brief_says() -> None:
    check = records.make_check("a", "fail", requirement="One address makes one user.")
    assert dict(told(check))["brief"] == "One address makes one user."


def test_the_worst_is_told_last() -> None:
    found = re.findall(r"^(?:error|warning|note)\[(.*?)\]", printed(records.typical()), re.M)
    assert found[-1] == "duplicate-email-race"


def test_nothing_is_told_where_nothing_was_lost() -> None:
    assert printed(records.all_passed()) == ""


@pytest.mark.parametrize("name", [name for name in ALL if name != "many"])
def test_no_control_character_reaches_the_terminal(name: str) -> None:
    assert (
        re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", printed(ALL[name]())) == []
    )


def test_long_texts_are_cut_and_say_so() -> None:
    check = records.make_check("a", "fail", expected="x\n" * 40, actual="y" * 9000)
    rows = dict(told(check))
    assert rows["expected"].endswith("… 26 more lines")
    assert cell_len(rows["actual"]) == 500
