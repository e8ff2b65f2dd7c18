"""What the checks found becomes the record: outcomes, points, bands, and what a run was asked for."""

from __future__ import annotations

import pytest

from harness.events import CheckEnded, CheckStarted, StageStarted
from harness.host import Place
from tests.grade.conftest import Lab
from tests.grade.fake_prober import Do, Silence
from tests.grade.fake_runtime import Scene
from tests.grade.frames import (
    ALL,
    all_pass,
    blocked,
    collected,
    fails,
    half,
    inapplicable,
    passes,
    ready,
    run,
    started,
    unassessed,
)


def test_a_perfect_submission_has_every_point(lab: Lab) -> None:
    record = lab.grade(run(*all_pass()))
    assert record.gradable
    assert (record.score.value, record.score.low, record.score.high, record.score.assessed) == (100, 100, 100, 100)
    assert record.band == "exceeds"
    assert record.problem is None
    assert record.capped_by == []
    assert [check.id for check in record.checks] == list(ALL)
    assert {check.outcome for check in record.checks} == {"pass"}


def test_the_record_says_what_was_graded_and_on_what(lab: Lab) -> None:
    record = lab.grade(run(*all_pass()))
    assert (record.challenge.id, record.challenge.version, record.challenge.title) == ("shop", "1.2.0", "A small shop")
    assert record.challenge.digest == lab.challenge.digest()
    assert (record.submission.id, record.submission.app) == ("submission", "app.main:app")
    assert record.submission.source == str(lab.source)
    assert len(record.submission.digest) == 64
    assert record.submission.files == 4
    assert record.submission.bytes == sum(path.stat().st_size for path in lab.source.rglob("*") if path.is_file())
    assert (record.runtime, record.seed, record.visible_only) == ("process", 7, False)
    assert record.environment.python == "3.12.4"
    assert record.environment.packages == {"fastapi": "1.0", "uvicorn": "1.0"}
    assert record.environment.image == "key:fastapi,uvicorn"
    assert record.environment.platform == "memory"
    assert record.limits["memory_mb"] == 192
    assert record.own_tests is None
    assert record.own_image is None
    assert record.reference_ready is None


def test_the_record_takes_the_name_that_was_asked_for(lab: Lab) -> None:
    assert lab.grade(run(*all_pass()), name="ada").submission.id == "ada"


def test_a_folder_of_results_in_the_submission_is_no_part_of_it(lab: Lab) -> None:
    results = lab.source / "results"
    results.mkdir()
    (results / "old.json").write_text("{}")
    assert lab.grade(run(*all_pass()), beside=results).submission.files == 4


def test_what_a_check_says_of_itself_is_in_its_result(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("lists"), fails("lists")))
    lists = next(check for check in record.checks if check.id == "lists")
    assert (lists.title, lists.why, lists.hint) == ("lists does not hold", "why lists", "hint for lists")
    assert (lists.summary, lists.expected, lists.actual) == ("lists was not seen", "200", "500")
    assert lists.question is not None
    assert lists.seconds == 0.25
    assert record.checks[0].title == "answers holds"


def test_points_follow_the_outcomes(lab: Lab) -> None:
    steps = [passes("answers"), passes("stores"), half("lists"), fails("survives"), passes("types"), fails("extra")]
    record = lab.grade(run(*steps))
    assert [check.points for check in record.checks] == [30, 30, 5.8333, 0, 11.6667, 0]
    assert record.score.value == 77.5
    assert record.band == "meets"
    assert [check.fault for check in record.checks] == [None, None, "submission", "submission", None, "submission"]


def test_a_failed_must_have_caps_the_band(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("answers"), fails("answers")))
    assert record.gradable
    assert record.capped_by == ["answers"]
    assert (record.score.value, record.band) == (70, "partly meets")


def test_a_blocked_check_earns_nothing_and_could_bring_its_points(lab: Lab) -> None:
    record = lab.grade(run(fails("stores"), blocked("lists", "stores"), *all_pass("stores", "lists")))
    assert (record.score.value, record.score.low, record.score.high) == (58.3, 58.3, 70.0)
    assert [c.blocked_by for c in record.checks if c.outcome == "blocked"] == [["stores"]]


def test_a_check_that_does_not_apply_leaves_the_sum(lab: Lab) -> None:
    record = lab.grade(run(inapplicable("lists"), *all_pass("lists")))
    assert record.score.value == 100


def test_one_check_that_could_not_be_assessed_leaves_the_sum(lab: Lab) -> None:
    record = lab.grade(run(unassessed("lists"), *all_pass("lists")))
    assert record.gradable
    assert (record.score.value, record.score.low, record.score.high) == (100, 88.3, 100)
    assert record.score.assessed == 88.33
    assert record.problem is None


def test_a_must_have_that_could_not_be_assessed_is_no_grade(lab: Lab) -> None:
    record = lab.grade(run(unassessed("stores", "PostgreSQL is gone\nand more"), *all_pass("stores")))
    assert not record.gradable
    assert record.score.value is None
    assert record.band is None
    assert record.problem is not None
    assert record.problem.fault == "environment"
    assert record.problem.what == "too little could be assessed"
    assert record.problem.where == "stores"
    assert record.problem.next_step == "run again"
    assert record.problem.detail == "stores: PostgreSQL is gone"


def test_less_than_four_fifths_of_the_weight_is_no_grade(lab: Lab) -> None:
    record = lab.grade(run(unassessed("lists"), unassessed("types"), *all_pass("lists", "types")))
    assert not record.gradable
    assert record.problem is not None
    assert record.problem.where == "lists, types"
    assert record.score.assessed == 76.67


def test_a_failed_must_have_caps_nothing_where_there_is_no_grade(lab: Lab) -> None:
    record = lab.grade(run(unassessed("stores"), fails("answers"), *all_pass("stores", "answers")))
    assert record.capped_by == []


def test_a_check_of_which_nothing_was_heard_is_our_fault(lab: Lab) -> None:
    record = lab.grade(run(*all_pass("answers")))
    missing = record.checks[0]
    assert (missing.outcome, missing.fault) == ("not_assessed", "harness")
    assert missing.reason == "the prober ended without a result for this check"
    assert record.problem is not None
    assert record.problem.fault == "harness"


def test_the_prober_is_told_all_that_it_needs(lab: Lab) -> None:
    lab.grade(run(*all_pass()), full=("answers",))
    hello, go = lab.channel.sent
    assert hello["kind"] == "hello"
    assert hello["graders"] == ["/graders/shop"]
    assert hello["checks"] == list(ALL)
    assert hello["seed"] == 7
    assert hello["full"] == ["answers"]
    assert hello["base_url"] == "http://127.0.0.1:8000"
    assert hello["postgres"]["port"] == 5432
    assert (hello["ready_s"], hello["budget_s"], hello["visible_only"]) == (30, 60, False)
    assert go == {"kind": "go"}


def test_the_parts_of_a_pod_start_one_after_the_other(lab: Lab) -> None:
    lab.grade(run(*all_pass()))
    began = [call for call in lab.pod.calls if call.startswith("start")]
    assert began == ["start_prober", "start_postgres", "start_candidate"]


def test_a_candidate_sees_the_visible_checks_alone(lab: Lab) -> None:
    record = lab.grade(run(passes("answers"), passes("stores")), visible_only=True)
    assert record.visible_only
    assert [check.id for check in record.checks] == ["answers", "stores"]
    assert [check.question for check in record.checks] == [None, None]
    assert record.score.value == 100
    assert lab.channel.sent[0]["visible_only"] is True


def test_only_the_checks_that_were_asked_for_are_run(lab: Lab) -> None:
    record = lab.grade(run(passes("lists"), fails("answers")), only=("lists", "answers"))
    assert lab.channel.sent[0]["checks"] == ["answers", "lists"]
    assert [check.id for check in record.checks] == ["answers", "lists"]


def test_a_result_of_a_check_that_was_not_asked_for_is_no_part_of_the_record(lab: Lab) -> None:
    record = lab.grade(run(passes("lists"), fails("answers")), only=("lists",))
    assert [check.id for check in record.checks] == ["lists"]


def test_without_a_seed_each_grade_has_its_own(lab: Lab) -> None:
    seeds = {lab.grade(run(*all_pass()), seed=None).seed for _ in range(3)}
    assert len(seeds) == 3
    assert 0 not in seeds


def test_the_listener_hears_of_stages_and_checks(lab: Lab) -> None:
    lab.grade(
        run(started("answers"), passes("answers"), started("stores"), fails("stores"), *all_pass("answers", "stores"))
    )
    assert [(event.stage, event.text) for event in lab.events if isinstance(event, StageStarted)] == [
        ("ingest", "reading the submission"),
        ("environment", "preparing the environment"),
        ("pod", "running the pod"),
        ("probe", "probing"),
        ("judge", "judging"),
    ]
    heard = [event for event in lab.events if type(event).__name__.startswith("Check")][:4]
    assert heard == [
        CheckStarted("answers", 0, 6),
        CheckEnded("answers", "pass", "answers was seen", 1, 6),
        CheckStarted("stores", 1, 6),
        CheckEnded("stores", "fail", "stores was not seen", 2, 6),
    ]


def test_what_the_runtime_says_meanwhile_is_heard_and_kept(lab: Lab) -> None:
    record = lab.grade(run(*all_pass()))
    assert record.notes == ["installing the dependencies"]
    assert lab.notes == ["installing the dependencies"]


def test_the_record_says_where_the_time_went(lab: Lab) -> None:
    lab.runtime.faults["environment"] = lambda: lab.clock.advance(2)
    scene = Scene(
        [
            Do(lambda pod: lab.clock.advance(5)),
            *run(Silence(0.5), started("answers"), Silence(0.75), *all_pass())[:1],
            Silence(0.5),
            ready(1.25),
            collected(*ALL),
            started("answers"),
            Silence(0.75),
            *all_pass(),
            {"kind": "done"},
        ],
        faults={"start_candidate": lambda: lab.clock.advance(1)},
    )
    record = lab.grade(scene, hold=lambda _: lab.clock.advance(100))
    assert record.timings == {
        "ingest": 0,
        "environment": 2,
        "pod": 107.25,
        "probe": 7.25,
        "ready": 1.25,
        "judge": 0,
        "total": 109.25,
    }
    assert record.began == {
        "ingest": 0,
        "environment": 0,
        "pod": 2,
        "probe": 2,
        "ready": 7.25,
        "check:answers": 8.5,
        "judge": 109.25,
    }
    assert record.pulse == [2.0, 3.5]


def test_the_time_to_ready_is_kept_to_the_millisecond(lab: Lab) -> None:
    record = lab.grade([run()[0], ready(1.23456), *all_pass(), {"kind": "done"}])
    assert record.timings["ready"] == 1.235


def test_a_long_pulse_is_cut(lab: Lab) -> None:
    record = lab.grade([run()[0], ready(pulse=[1.0] * 500), *all_pass(), {"kind": "done"}])
    assert len(record.pulse) == 200


@pytest.mark.parametrize("frame", [{"kind": "ready", "seconds": 1}], ids=["no pulse"])
def test_a_service_without_a_pulse_is_graded(lab: Lab, frame: dict[str, object]) -> None:
    record = lab.grade([run()[0], frame, *all_pass(), {"kind": "done"}])
    assert (record.pulse, record.score.value) == ([], 100)


def test_the_pod_can_be_held_after_the_probing(lab: Lab) -> None:
    held: list[tuple[str, int, int]] = []
    record = lab.grade(run(*all_pass()), hold=lambda text: held.append((text, lab.pod.opened, lab.pod.closed)))
    assert held == [("a pod in memory", 1, 0)]
    assert record.score.value == 100


def test_a_held_pod_keeps_no_other_grade_waiting(lab: Lab) -> None:
    alone: list[bool] = []

    def hold(_: str) -> None:
        with Place() as other, other.alone() as found:
            alone.append(found)

    lab.grade(run(*all_pass()), hold=hold)
    assert alone == [True]
