"""The records that every format is tried with: those of the reports, and worse ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.record import CodeRef, EvidenceItems, GradeRecord, Score, SourceFile, SubmissionRef
from tests.reporting import records

# What ends, begins or means something in one of the formats.
BAD = (
    "]]> <!-- --> </summary></details> ::error::x %0A::error::y %25 ##[error]z | a `b` ```` ~~~ @octocat #1 GH-1 "
    "https://evil.example www.evil.example me@evil.example [x](javascript:alert(1)) ![y](http://e.example/p) <b>&lt; "
    "0123456789abcdef0123456789abcdef01234567 \\ * _ \x1b[2J\r\n::set-output name=a::b\n\n# h\n```\n::add-mask::a\n"
    "\u202egnp.exe\u2069 \x00\x07\x9b \ud800 \ufffe \u2028"
)
HUGE = "\u00e9`|<@" * 200_000


def worst() -> GradeRecord:
    """Texts that break out of formats, texts without end, paths that lead out, and numbers that are none."""
    paths = [
        "/etc/passwd",
        "../../x",
        "a/../../b",
        "C:\\x",
        "a//b",
        "",
        BAD,
        "x" * 5000,
        "app/ok.py",
        "app/100% a b.py",
    ]
    code = [CodeRef(path=path, line=line, message=BAD, rule="r]]>") for path in paths for line in (-5, 0, 2**70)]
    evidence = EvidenceItems(code=code, log=[BAD], reproduce=BAD)
    bad: dict[str, Any] = dict.fromkeys(("title", "summary", "expected", "actual", "hint", "why", "reason"), BAD)
    huge: dict[str, Any] = dict.fromkeys(bad, HUGE)
    checks = [
        records.make_check("bad", "fail", tier="must", evidence=evidence, seconds=float("nan"), **bad),
        records.make_check("huge", "partial", fraction=0.5, evidence=EvidenceItems(reproduce=HUGE), **huge),
        records.make_check("also", "blocked", blocked_by=[BAD, HUGE], seconds=float("-inf"), **bad),
        records.make_check(BAD, "not_assessed", fault="environment", points=1, **bad),
        records.make_check("x" * 9000, "not_applicable", **huge),
    ]
    record = records.make_record(
        checks,
        sources=[SourceFile(path="app/ok.py", text="one\ntwo", types="..")],
        submission=SubmissionRef(id=BAD, digest="", app=BAD),
        started_at="never",
    )
    return record.model_copy(
        update={"gradable": True, "score": Score(value=float("inf"), low=0, high=100, assessed=100), "timings": {}}
    )


def many() -> GradeRecord:
    """More findings than any reader of them takes."""
    code = [CodeRef(path="app/main.py", line=n, message="m") for n in range(1, 400)]
    text = "reason " * 700
    checks = [
        records.make_check(f"c{n}", "fail", tier="must", points=0.5, expected=text, evidence=EvidenceItems(code=code))
        for n in range(400)
    ]
    return records.make_record(checks)


def again() -> GradeRecord:
    """Checks that ran more than once."""
    checks = [
        records.make_check("lost-then-passed", "fail", attempts=["fail", "pass"]),
        records.make_check("lost-twice", "partial", fraction=0.5, attempts=["partial", "not_assessed", "fail"]),
        records.make_check("assessed-later", "pass", attempts=["not_assessed", "pass"]),
        records.make_check("passed-then-lost", "pass", attempts=["pass", "fail"]),
        records.make_check("never-assessed", "not_assessed", points=1, attempts=["not_assessed", "not_assessed"]),
    ]
    return records.make_record(checks)


def behind_hidden_ones() -> GradeRecord:
    """Visible checks that hidden ones blocked, or kept from being assessed, in the prober's words."""
    checks = [
        records.make_check("secret-race", "fail", tier="must"),
        records.make_check("secret-pool", "not_assessed", points=1, fault="harness", reason="the gate broke"),
        records.make_check("shown", points=20, visible=True),
        records.make_check("shown-lost", "fail", points=4, visible=True),
        records.make_check("needs-it", "blocked", visible=True, blocked_by=["secret-race"],
                           summary="Needs what secret-race checks"),
        records.make_check("needs-both", "blocked", visible=True, blocked_by=["shown-lost", "secret-race"],
                           summary="Needs what shown-lost and secret-race checks"),
        records.make_check("fell-with-it", "blocked", visible=True, blocked_by=["secret-race"],
                           summary="The service is down",
                           reason="the service did not come back after secret-race"),
        records.make_check("untried", "not_assessed", points=1, visible=True, fault="harness",
                           reason="needs secret-pool, which was not assessed: the gate broke"),
        records.make_check("untried-too", "not_assessed", points=1, visible=True, fault="harness",
                           reason="the service did not come back after secret-pool"),
    ]  # fmt: skip
    return records.make_record(checks)


def named_gradable() -> GradeRecord:
    """A submission that can't be graded, with a check whose id is what that is told as."""
    record = records.never_started()
    blocked = [records.make_check("gradable", "blocked", blocked_by=["start"], visible=True), *record.checks]
    return record.model_copy(update={"checks": blocked})


ALL: dict[str, Callable[[], GradeRecord]] = {
    **records.ALL,
    "worst": worst,
    "many": many,
    "again": again,
    "behind-hidden-ones": behind_hidden_ones,
    "named-gradable": named_gradable,
}
