"""Records to render: every outcome, and the ways in which a grade can end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.record import (
    ChallengeRef,
    CheckResult,
    CodeRef,
    EnvironmentRef,
    EvidenceItems,
    Exchange,
    GradeRecord,
    Level,
    Outcome,
    OwnImage,
    OwnTests,
    Problem,
    Question,
    Score,
    Signal,
    Skill,
    SubmissionRef,
    TestedFault,
    TestFailure,
    Tier,
)
from harness.score import band, failed_musts, score, skills

LOG = [
    "INFO:     Started server process [7]",
    "INFO:     Application startup complete.",
    'INFO:     127.0.0.1:51234 - "POST /v1/users HTTP/1.1" 201 Created',
    "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out",
]
EXCHANGES = [
    Exchange(
        request="POST /v1/users\ncontent-type: application/json\n\n"
        '{"email": "Ada.Birch@example.org", "name": "Ada Birch", "password": "[redacted]"}',
        response="201 Created\ncontent-type: application/json\nlocation: /v1/users/5b0c\n\n"
        '{"id": "5b0c", "email": "ada.birch@example.org", "name": "Ada Birch"}',
        elapsed_ms=41.3,
    ),
    Exchange(request="GET /healthz", response="", elapsed_ms=None),
]
QUESTION = Question(
    ask="What makes an e-mail address unique in your service, and when is that decided?",
    junior="A SELECT before the INSERT.",
    senior="A unique index over the lower-cased address; the violation becomes 409, and the SELECT is at most a "
    "courtesy to the user.",
)


def make_check(
    check_id: str,
    outcome: Outcome = "pass",
    *,
    skill: Skill = "data",
    level: Level = "mid",
    tier: Tier = "should",
    points: float = 4.0,
    fraction: float | None = None,
    **rest: Any,
) -> CheckResult:
    """A check worth `points`; title, summary and the like are made up where `rest` doesn't give them."""
    share = fraction if fraction is not None else float(outcome == "pass")
    values: dict[str, Any] = {"title": f"What {check_id} says", "summary": f"{check_id} was looked at"} | rest
    return CheckResult(
        id=check_id, skill=skill, tier=tier, level=level, outcome=outcome, fraction=share,
        points=round(points * share, 4), max_points=points, **values,
    )  # fmt: skip


def make_record(checks: list[CheckResult], **rest: Any) -> GradeRecord:
    """A record of these checks, scored as a grade is."""
    points = score(checks)
    values: dict[str, Any] = {
        "challenge": ChallengeRef(id="users_api", version="1.2.0", title="Build an async users API"),
        "submission": SubmissionRef(
            id="ada-birch", digest="sha256:" + "5f1c" * 16, source="submissions/ada-birch.zip", app="app.main:app",
            files=23, bytes=48_211,
        ),
        "runtime": "docker",
        "seed": 4711,
        "started_at": "2026-03-04T14:03:22+00:00",
        "gradable": points.value is not None,
        "score": points,
        "band": band(points.value, checks),
        "capped_by": failed_musts(checks) if points.value is not None else [],
        "checks": checks,
        "skills": skills(checks),
        "timings": {"ingest": 0.081, "environment": 2.4, "pod": 61.22, "probe": 58.9, "judge": 0.002, "total": 63.9},
        "environment": EnvironmentRef(
            python="3.12.4", platform="linux/amd64", base_image="python:3.12-slim", image="takehome-env-3b1f",
            packages={"fastapi": "0.121.0", "uvicorn": "0.38.0", "asyncpg": "0.31.0"}, harness="0.1.0",
            engine="Docker 20.10.24", postgres="18.1", isolation="runc, network none, read-only root",
        ),
    }  # fmt: skip
    return GradeRecord(**(values | rest))


def _typical_checks() -> list[CheckResult]:
    senior = Question(
        ask="How would you find out that something blocks the event loop in production?",
        junior="By looking at slow endpoints.",
        senior="Loop lag as a metric, asyncio debug mode with slow_callback_duration, a profiler on the thread, and "
        "the habit of asking of each library whether it waits or blocks.",
    )
    capacity = Question(
        ask="Your upstream gets slow. What happens to the 65th request?",
        junior="It waits until it is its turn.",
        senior="Names the pool and its limits, the deadline around the whole call, shedding instead of queueing, and "
        "what the caller sees.",
    )
    return [
        make_check("create-user", skill="api-design", level="junior", tier="must", points=8, visible=True,
                   title="Users are made, found again and can sign in", summary="14 exchanges as the brief says",
                   why="Everything else builds on it.", evidence=EvidenceItems(transcript=EXCHANGES), seconds=1.24),
        make_check("problem-details", "partial", skill="errors", level="junior", tier="must", points=8, fraction=0.6,
                   title="Errors come in several shapes", visible=True,
                   summary="6 of 10 errors are problem documents; those of the framework are not",
                   expected="application/problem+json for 404, 405, 415 and 422",
                   actual='404 application/json {"detail": "Not Found"}\n405 application/json',
                   why="A client can handle errors in one place only when all of them look the same.",
                   hint="Register handlers for the framework's own exceptions too: Starlette's HTTPException and "
                   "FastAPI's RequestValidationError.",
                   question=Question(
                       ask="Which errors does your framework answer before your code is reached?",
                       junior="Shapes what the own handlers raise.",
                       senior="One place for all exceptions, keeps the headers a status needs, logs the cause."),
                   evidence=EvidenceItems(transcript=EXCHANGES, log=LOG)),
        make_check("event-loop", skill="async", level="senior", tier="must", points=8, question=senior,
                   title="Slow database work leaves the event loop free", why="One blocked request stops them all.",
                   summary="/healthz answered while 20 requests waited for a lock", seconds=4.2),
        make_check("duplicate-email-race", "fail", skill="data", level="senior", tier="must", points=8,
                   title="Two users can share one address",
                   summary="One address made 3 users", expected="one 201, the rest 409",
                   actual="20 spellings of one address answered 201, 201, 201, 409, 409, 409, 409, 409, 409, 409, 409, "
                   "409, 409, 409, 409, 409, 409, 409, 409, 409",
                   why="Looking first and writing then leaves a gap that two sign-ups fit into: a double click is "
                   "enough.",
                   hint="Let the database decide: a unique index on lower(email), and turn its violation into 409.",
                   question=QUESTION,
                   evidence=EvidenceItems(
                       transcript=EXCHANGES, log=LOG, numbers={"racers": 20, "users made": 3},
                       reproduce="curl -i -X POST http://127.0.0.1:8000/v1/users --data-raw '{}'",
                       httpx="import httpx\n\nhttpx.request('POST', 'http://127.0.0.1:8000/v1/users')"), seconds=7.9),
        make_check("bulk-atomicity", "blocked", skill="data", blocked_by=["duplicate-email-race"],
                   title="A bad row leaves nothing behind", why="Half an import is worse than none.",
                   summary="not tried: duplicate-email-race failed"),
        make_check("idempotency-key", "blocked", skill="resilience", level="senior", blocked_by=["bulk-atomicity"],
                   title="The same key makes one user", summary="not tried"),
        make_check("upstream-capacity", "fail", skill="performance", level="senior", question=capacity,
                   title="Slow upstream calls queue behind each other", summary="10 of 64 calls were in flight",
                   expected="64 in flight at a time", actual="10 in flight, 54 waiting for a connection",
                   hint="Raise the client's limits: httpx.Limits(max_connections=...).",
                   evidence=EvidenceItems(numbers={"in flight": 10, "accepts": 10})),
        make_check("query-count", skill="performance", title="Statements don't grow with the page"),
        make_check("openapi-contract", skill="api-design", title="The document says what the brief says", visible=True),
        make_check("conditional-requests", skill="api-design", title="Stale writes are refused", points=5),
        make_check("hostile-input", skill="errors", title="Hostile input never makes a server error"),
        make_check("types", "partial", skill="types", fraction=0.75, points=5, visible=True,
                   title="The code is typed in part",
                   summary="92 % of parameters annotated, 7 findings of mypy --strict",
                   hint="Give the session dependency a type.", expected="at most 1 finding per 100 lines", actual="3.1",
                   evidence=EvidenceItems(code=[
                       CodeRef(path="app/routers/users.py", line=48, rule="no-untyped-def",
                               url="https://mypy.readthedocs.io/en/stable/error_code_list2.html",
                               message="Function is missing a type annotation for one or more parameters"),
                       CodeRef(path="app/db.py", line=7, rule="no-any-return", message="Returning Any")])),
        make_check("lint", skill="craft", level="junior", title="ruff finds next to nothing", points=5, visible=True),
        make_check("restart", skill="resilience", title="Data survive a restart"),
        make_check("graceful-shutdown", "not_assessed", skill="resilience", level="senior", tier="bonus", points=1.5,
                   fault="environment", title="Requests in flight finish before it stops", summary="not assessed",
                   reason="the engine did not answer the stop request within 30 s\nTraceback (most recent call last):\n"
                   "  docker.errors.APIError: 500 Server Error"),
        make_check("realtime", "not_applicable", skill="realtime", title="Nothing is pushed", summary="no WebSocket"),
    ]  # fmt: skip


SIGNALS = [
    Signal(
        id="blocking-call", good=False, title="The event loop is blocked", count=25,
        places=[CodeRef(path="app/main.py", line=n, message="time.sleep blocks the event loop") for n in range(1, 21)],
    ),
    Signal(
        id="lifespan", good=True, title="Start and end are one lifespan", count=1,
        places=[CodeRef(path="app/main.py", line=36, message="start and end are one lifespan")],
    ),
]  # fmt: skip


OWN_TESTS = OwnTests(
    files=3, passed=40, failed=1, errors=1, skipped=2, seconds=3.2, coverage=86.6,
    failures=[TestFailure(id="tests/test_api.py::test_page", message="assert 19 == 20"),
              TestFailure(id="tests/test_x.py")],
    faults=[
        TestedFault(id="row", title="a list lacks its last row", outcome="missed"),
        TestedFault(id="field", title="a field is missing", outcome="noticed", by="tests/test_api.py::test_read"),
        TestedFault(id="value", title="a value is another", outcome="untried"),
        TestedFault(id="headers", title="headers are missing", outcome="unmet"),
    ],
)  # fmt: skip


def typical(**rest: Any) -> GradeRecord:
    """A grade with every outcome in it."""
    notes = ["requirements.txt names no version of httpx", "3 `# type: ignore` comments were not honoured"]
    return make_record(_typical_checks(), **({"notes": notes, "signals": SIGNALS, "own_tests": OWN_TESTS} | rest))


def all_passed() -> GradeRecord:
    """Full marks."""
    checks = [c for c in _typical_checks() if c.outcome == "pass"]
    return make_record([c.model_copy(update={"question": c.question or QUESTION}) for c in checks])


def visible_only() -> GradeRecord:
    """What a candidate sees of their own work."""
    return make_record(
        [c for c in _typical_checks() if c.visible],
        visible_only=True,
        runtime="process",
        submission=SubmissionRef(id="ada-birch", digest="sha256:00", source=".", app="app.main:app"),
    )


def engine_gone() -> GradeRecord:
    """Not gradable, and nobody's work is to blame."""
    checks = [
        c if n < 4 else c.model_copy(update={
            "outcome": "not_assessed", "points": 0.0, "fraction": 0.0, "fault": "environment", "blocked_by": [],
            "reason": "the engine went away"})
        for n, c in enumerate(_typical_checks())
    ]  # fmt: skip
    return make_record(checks, problem=Problem(
        fault="environment", what="the Docker engine stopped answering", where="probe, after 31 s",
        next_step="run again; `takehome doctor` may tell why", detail="ConnectionResetError(104)"))  # fmt: skip


def never_started() -> GradeRecord:
    """Not gradable, since the app doesn't answer at all."""
    checks = [
        c.model_copy(update={
            "outcome": "blocked", "points": 0.0, "fraction": 0.0, "fault": "submission", "blocked_by": ["start"],
            "summary": "the app exited before it listened", "expected": "the app answers GET /healthz",
            "actual": "exited", "reason": "",
            "evidence": EvidenceItems(log=["Traceback (most recent call last):", "ModuleNotFoundError: asyncpg"])})
        for c in _typical_checks()
    ]  # fmt: skip
    return make_record(
        checks, gradable=False, score=Score(value=None, low=0, high=100, assessed=100), band=None, capped_by=[],
        problem=Problem(fault="submission", what="the app exited before it listened", where="exited",
                        next_step="start it as the brief says and read what it prints",
                        detail="ModuleNotFoundError: No module named 'asyncpg'"))  # fmt: skip


# What a stranger may put anywhere: markup, breakouts, terminal and bidi controls, templates, and sheer length.
HOSTILE = (
    '</pre></script></style></title><script>document.title="PWNED"</script><img src=http://127.0.0.1:9/x onerror='
    '"document.title=\'PWNED\'"><svg onload=document.title="PWNED"><a href="javascript:alert(1)">{{ 7*7 }}{% raw %}'
    "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example/\x1b\\link"
    "\x1b[31mred\x1b[0m \u202egnp.exe\u2069 \x9b6n\x00 \ud800 [red]x[/red] "
    "\u200bz\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301 ]]> <!-- &amp; \" ' `"
)
LONG = "A" * 30_000


def hostile(lure: str = "http://127.0.0.1:9") -> GradeRecord:
    """Every text that can come from a submission (and most that can't) is an attack; `lure` is what it asks for."""
    bad = HOSTILE.replace("http://127.0.0.1:9", lure)
    question = Question(ask=bad, junior=bad, senior=bad)
    evidence = EvidenceItems(
        transcript=[Exchange(request=bad, response=LONG)], log=[bad, LONG], numbers={bad: bad},
        code=[CodeRef(path=bad, line=1, message=bad, rule=bad, url="javascript:alert(1)"),
              CodeRef(path=LONG, line=2, message=LONG, rule="X1", url='https://docs.astral.sh.evil.example/"')],
        reproduce=bad,
    )  # fmt: skip
    texts: dict[str, Any] = {
        "title": bad, "summary": bad, "expected": bad, "actual": bad, "hint": bad, "why": bad, "reason": bad,
        "question": question, "evidence": evidence, "fault": "submission",
    }  # fmt: skip
    outcomes: list[Outcome] = ["fail", "partial", "blocked", "pass", "not_applicable"]
    checks = [make_check(f'x" onmouseover="{bad}', o, blocked_by=[bad], level="senior", **texts) for o in outcomes]
    checks += [make_check("plain", points=40), make_check("lost", "not_assessed", points=1, **texts)]
    return make_record(
        checks, notes=[bad, LONG], timings={bad: 1.0}, started_at=bad,
        own_tests=OwnTests(
            files=1, failed=1, problem=bad,
            failures=[TestFailure(id=bad, message=bad), TestFailure(id=LONG, message=LONG)],
            faults=[TestedFault(id=bad, title=bad, outcome="noticed", by=bad)],
        ),
        own_image=OwnImage(path=bad, problem=bad, user=bad, log=[bad, LONG]),
        signals=[Signal(id=bad, good=good, title=bad, count=9, places=evidence.code) for good in (True, False)],
        challenge=ChallengeRef(id=bad, version=bad, title=bad),
        submission=SubmissionRef(id=bad, digest=bad, source=bad, app=bad),
        environment=EnvironmentRef(python=bad, packages={bad: bad, "long": LONG}, isolation=bad, harness=bad),
        problem=Problem(fault="submission", what=bad, where=bad, next_step=bad, detail=bad),
    )  # fmt: skip


Maker = Callable[[], GradeRecord]
ALL: dict[str, Maker] = {
    "typical": typical, "all-passed": all_passed, "visible-only": visible_only, "engine-gone": engine_gone,
    "never-started": never_started, "hostile": hostile,
}  # fmt: skip
