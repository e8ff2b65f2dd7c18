"""What is told of a lost check on a candidate's terminal."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.record import CodeRef, EvidenceItems, Exchange, GradeRecord, SourceFile
from harness.reporting.failures import print_failures, to_fill_in, told
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


EVAL = [
    CodeRef(path="app/a.py", line=2, message="no eval", rule="S307"),
    CodeRef(path="app/a.py", line=2, message="no md5", rule="S324"),
    CodeRef(path="app/a.py", line=2, message="no eval", rule="S307"),
]


def lost(evidence: EvidenceItems, text: str = "one\n\treturn eval(x), md5(y)\n") -> GradeRecord:
    """A record of one lost check, and of one file of source."""
    check = records.make_check("a", "fail", evidence=evidence)
    return records.make_record([check], sources=[SourceFile(path="app/a.py", text=text, types="..")])


def test_under_a_place_stands_the_line_itself() -> None:
    assert "\n    2 |     return eval(x), md5(y)\n" in printed(lost(EvidenceItems(code=EVAL)))


def test_a_place_is_told_once_with_all_that_is_said_of_it() -> None:
    text = printed(lost(EvidenceItems(code=EVAL)))
    assert "  --> app/a.py:2  no eval (S307)\n                  no md5 (S324)\n    2 |" in text
    assert text.count("no eval") == 1


@pytest.mark.parametrize("line", [-1, 0, 3, 2**70])
def test_a_line_that_the_source_does_not_have_is_named_alone(line: int) -> None:
    text = printed(lost(EvidenceItems(code=[CodeRef(path="app/a.py", line=line, message="m")])))
    assert f"app/a.py:{line}  m" in text
    assert " | " not in text


def test_places_that_are_left_out_are_counted() -> None:
    places = [CodeRef(path="app/a.py", line=n, message="m") for n in range(1, 10)]
    assert "… and 4 more places" in printed(lost(EvidenceItems(code=places)))


def test_what_was_read_in_the_code_is_shown_by_no_exchange() -> None:
    exchange = Exchange(request="GET /readyz HTTP/1.1", response="HTTP/1.1 200 OK")
    text = printed(lost(EvidenceItems(code=EVAL, transcript=[exchange])))
    assert "readyz" not in text
    shown = exchange.model_copy(update={"shows": True})
    assert "readyz" in printed(lost(EvidenceItems(code=EVAL, transcript=[shown])))


@pytest.mark.parametrize("body", ["", "\nContent-Type: text/plain\n\nhello"])
def test_what_our_client_always_says_is_left_out(body: str) -> None:
    always = "Host: 127.0.0.1:4711\nAccept: */*\nConnection: keep-alive\nUser-Agent: python-httpx/0.28.1"
    sent = f"POST /x HTTP/1.1\n{always}\nX-Mine: 1\nAccept-Encoding: identity{body}"
    check = records.make_check("a", "fail", evidence=EvidenceItems(transcript=[Exchange(request=sent, response="")]))
    assert dict(told(check))["sent"] == f"POST /x HTTP/1.1\nX-Mine: 1{body}"


def came(body: str) -> str:
    """What is told of an answer with that body."""
    answer = Exchange(request="GET / HTTP/1.1", response=f"HTTP/1.1 200 OK\n\n{body}", shows=True)
    check = records.make_check("a", "fail", evidence=EvidenceItems(transcript=[answer]))
    return dict(told(check, 40))["came"].partition("\n\n")[2]


def test_a_document_is_set_out_where_it_would_be_broken() -> None:
    body = '{"title":"Not what was asked for","tags":["a","b"],"detail":{"name":"é","text":"longer than a line"}}'
    assert came(body).splitlines() == [
        "{",
        '  "title": "Not what was asked for",',
        '  "tags": ["a", "b"],',
        '  "detail": {',
        '    "name": "é",',
        '    "text": "longer than a line"',
        "  }",
        "}",
    ]


@pytest.mark.parametrize(
    "body",
    [
        '{"detail":"short"}',
        '{"amount": 1.50, "currency": "EUR", "of": "an order that is long"}',
        '{"a": "twice, and the first is lost to readers", "a": 1}',
        '{"a": "cut off after so many characters, and',
        "[" * 3000,
        str(list(range(10, 60))).replace(" ", ""),
    ],
    ids=["short", "a number of its own", "a name twice", "cut off", "deep", "too long set out"],
)
def test_a_document_that_can_not_be_set_out_as_it_was_is_left_as_it_was(body: str) -> None:
    assert came(body) == body or came(body) == body[:499] + "…"


def test_what_is_blocked_stands_under_itself_where_it_is_wrapped() -> None:
    checks = [records.make_check("a", "fail")]
    checks += [records.make_check(f"b{n}" * 10, "blocked", blocked_by=["a"]) for n in range(4)]
    after = printed(records.make_record(checks), width=60).partition("  blocks    ")[2].splitlines()[1]
    assert after.startswith(" " * 12 + "b")


def test_no_line_ends_in_blanks_and_the_last_is_empty() -> None:
    text = printed(records.typical(), width=60)
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text.endswith("\n\n")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("curl -i -X GET http://127.0.0.1:8000/v1/users", []),
        ('curl -i -X POST http://127.0.0.1:8000/v1/users --data-raw \'{"tags": ["a-1"]}\'', []),
        ('curl http://127.0.0.1:8000/v1/users -H "Authorization: Bearer $TOKEN"', ["$TOKEN"]),
        ("curl http://127.0.0.1:8000/v1/users/5b0c-9", ["ids"]),
        ("curl 'http://127.0.0.1:8000/v1/users?limit=2&cursor=abc'", ["ids"]),
        ("curl http://127.0.0.1:8000/v1/me -H 'If-Match: \"x\"'", ["ids"]),
        ('curl http://127.0.0.1:8000/v1/users/7 -H "Authorization: Bearer $TOKEN"', ["$TOKEN", "ids"]),
        ('curl http://127.0.0.1:8000/v1/login --data-raw \'{"password":"[redacted]"}\'', ["[redacted]"]),
    ],
)
def test_what_a_reader_has_to_put_into_a_command_is_told(command: str, told: list[str]) -> None:
    said = to_fill_in(command)
    assert [name for name in ("$TOKEN", "ids", "[redacted]") if name in said] == told


def test_what_is_to_be_put_in_is_told_under_the_command() -> None:
    text = printed(lost(EvidenceItems(reproduce='curl http://h/v1/x -H "Authorization: Bearer $TOKEN"')))
    assert '$TOKEN"\n            $TOKEN is a token of your own: log in first\n' in text
