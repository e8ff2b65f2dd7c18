"""From evidence to results: what a check is worth, how it is told, and who is to blame for what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.evidence import CheckFrame, CheckMeta, Evidence, NotReady
from harness.judge import judge
from harness.plan import Plan, make_plan
from harness.record import CheckResult, EvidenceItems, Outcome, Question
from tests.core.plans import make_challenge, make_entry, make_project, make_snapshot, make_spec

QUESTION = Question(ask="Why?", junior="Because.", senior="It depends.")
META = CheckMeta(
    id="create",
    skill="data",
    level="mid",
    passed="Users can be made",
    failed="Users can't be made",
    why="Everything starts there.",
    hint="Read the brief.",
    question=QUESTION,
    source="test_create.py:7",
)
FRAME = CheckFrame(
    id="create",
    outcome="fail",
    summary="500 instead of 201",
    expected="201",
    actual="500",
    blocked_by=["start"],
    fault="submission",
    reason="no answer",
    evidence=EvidenceItems(log=["Traceback"]),
    seconds=1.23456,
)


def make_small_plan(*, visible_only: bool = False, visible: bool = False) -> Plan:
    """A plan with one check, `create`."""
    entry = make_entry(title="Make users", brief="POST makes\n  a user.", visible=visible)
    spec = make_spec({"create": entry}, (100, 0, 0))
    challenge = replace(make_challenge(), spec=spec)
    return make_plan(challenge, make_snapshot(), make_project(), visible_only=visible_only)


def judge_one(frame: CheckFrame | None = FRAME, meta: CheckMeta | None = META, **evidence: object) -> CheckResult:
    found = Evidence(frames={"create": frame} if frame else {}, metas={"create": meta} if meta else {})
    (result,) = judge(make_small_plan(), replace(found, **evidence))  # type: ignore[arg-type]
    return result


def end_as(outcome: Outcome, **rest: object) -> CheckFrame:
    return FRAME.model_copy(update={"outcome": outcome, **rest})


def test_a_result_has_all_that_the_check_and_its_frame_say() -> None:
    assert judge_one(attempts={"create": ["fail", "pass"]}) == CheckResult(
        id="create",
        skill="data",
        tier="must",
        level="mid",
        outcome="fail",
        fraction=0,
        points=0,
        max_points=100,
        title="Users can't be made",
        summary="500 instead of 201",
        expected="201",
        actual="500",
        hint="Read the brief.",
        why="Everything starts there.",
        requirement="POST makes a user.",
        source="test_create.py:7",
        visible=False,
        blocked_by=["start"],
        fault="submission",
        reason="no answer",
        question=QUESTION,
        evidence=EvidenceItems(log=["Traceback"]),
        seconds=1.235,
        attempts=["fail", "pass"],
    )


def test_results_come_in_the_order_of_the_plan_with_the_worth_of_each() -> None:
    plan = make_plan(make_challenge(), make_snapshot(), make_project())
    frames = {id_: CheckFrame(id=id_, outcome="pass") for id_ in ("page", "list", "create")}
    results = judge(plan, Evidence(frames=frames))
    assert [(r.id, r.points, r.max_points) for r in results] == [("create", 40, 40), ("list", 40, 40), ("page", 20, 20)]


def test_the_checks_that_were_chosen_are_worth_100_together() -> None:
    plan = make_plan(make_challenge(), make_snapshot(), make_project(), only=("create", "page"))
    frames = {id_: CheckFrame(id=id_, outcome="partial", fraction=0.5) for id_ in ("create", "page")}
    results = judge(plan, Evidence(frames=frames))
    assert [(r.points, r.max_points) for r in results] == [(33.3333, 66.6667), (16.6667, 33.3333)]


@pytest.mark.parametrize(
    ("outcome", "fraction", "points"),
    [
        ("pass", 1, 100),
        ("partial", 0.75, 75),
        ("fail", 0, 0),
        ("blocked", 0, 0),
        ("not_applicable", 0, 0),
        ("not_assessed", 0, 0),
    ],
)
def test_only_what_passed_or_passed_in_part_earns_points(outcome: Outcome, fraction: float, points: float) -> None:
    result = judge_one(end_as(outcome, fraction=0.75))
    assert (result.outcome, result.fraction, result.points, result.max_points) == (outcome, fraction, points, 100)


@pytest.mark.parametrize(
    ("outcome", "title"),
    [
        ("pass", "Users can be made"),
        ("not_applicable", "Users can be made"),
        ("fail", "Users can't be made"),
        ("partial", "Users can't be made"),
        ("blocked", "Make users"),
        ("not_assessed", "Make users"),
    ],
)
def test_the_title_says_how_the_check_ended_and_is_neutral_where_it_was_not_tried(outcome: Outcome, title: str) -> None:
    assert judge_one(end_as(outcome)).title == title


def test_a_check_that_never_described_itself_is_called_by_its_title_in_the_challenge() -> None:
    result = judge_one(meta=None)
    assert (result.title, result.hint, result.why, result.source, result.question) == ("Make users", "", "", "", None)
    assert judge_one(end_as("pass"), meta=None).title == "Make users"


@pytest.mark.parametrize(
    ("outcome", "hint"), [("pass", ""), ("not_applicable", ""), ("fail", "Answer 201."), ("blocked", "Answer 201.")]
)
def test_only_a_check_that_is_not_good_has_a_hint_and_the_frame_knows_best(outcome: Outcome, hint: str) -> None:
    assert judge_one(end_as(outcome, hint="Answer 201.")).hint == hint


def test_a_candidates_own_run_has_no_interview_question() -> None:
    plan = make_small_plan(visible_only=True, visible=True)
    (result,) = judge(plan, Evidence(frames={"create": FRAME}, metas={"create": META}))
    assert result.visible
    assert result.question is None
    assert result.why == META.why


def test_a_check_without_a_frame_was_not_assessed_by_our_fault() -> None:
    result = judge_one(None)
    assert (result.outcome, result.fault, result.summary, result.reason, result.points) == (
        "not_assessed",
        "harness",
        "not assessed",
        "the prober ended without a result for this check",
        0,
    )


def test_a_check_that_an_interruption_cut_off_has_its_reason_and_its_fault() -> None:
    result = judge_one(None, interrupted="the engine is gone", interrupted_fault="environment")
    assert (result.outcome, result.fault, result.reason) == ("not_assessed", "environment", "the engine is gone")


def test_a_service_that_never_answered_blocks_each_check_by_its_own_fault() -> None:
    never = NotReady("the app exited", "exit code 1", "a detail", log=tuple(f"line {n}" for n in range(1, 42)))
    result = judge_one(None, not_ready=never, interrupted="too late")
    assert (result.id, result.outcome, result.fault, result.blocked_by) == (
        "create",
        "blocked",
        "submission",
        ["start"],
    )
    assert (result.summary, result.actual) == ("the app exited", "exit code 1")
    assert result.expected == "the app answers GET /healthz"
    assert result.evidence.log == [f"line {n}" for n in range(2, 42)]


def test_a_check_that_ended_before_the_service_was_given_up_keeps_its_result() -> None:
    assert judge_one(not_ready=NotReady("the app exited", "", "")).outcome == "fail"
