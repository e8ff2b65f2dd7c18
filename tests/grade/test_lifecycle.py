"""The operations that checks ask for: each is done to the pod and answered, a failure with its fault."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from harness.errors import EnvironmentFault, HarnessFault
from harness.runtime.base import ProcessState
from tests.grade.conftest import Lab
from tests.grade.fake_prober import Ask, Do
from tests.grade.fake_runtime import FakePod, Scene, Server
from tests.grade.frames import BOUND, all_pass, ready, run


def answer_to(lab: Lab, ask: Ask, **scene: Any) -> dict[str, Any]:
    """The answer to one request in the middle of a grade that is otherwise perfect."""
    record = lab.grade(Scene(run(*all_pass("extra"), ask, *all_pass()[-1:]), **scene))
    assert record.score.value == 100
    (answer,) = lab.channel.answers[ask.op]
    return answer


def value_of(lab: Lab, ask: Ask, **scene: Any) -> object:
    """The value of a request that is answered well."""
    answer = answer_to(lab, ask, **scene)
    assert answer.keys() == {"kind", "id", "ok", "value"}
    assert (answer["kind"], answer["ok"]) == ("answer", True)
    return answer["value"]


@pytest.mark.parametrize("target", ["candidate", "postgres"])
@pytest.mark.parametrize("op", ["restart", "start"])
def test_a_server_is_restarted_and_started(lab: Lab, op: str, target: str) -> None:
    assert value_of(lab, Ask(op, target)) == {}
    assert f"{op} {target}" in lab.pod.calls


def test_a_server_that_obeys_is_stopped_within_the_grace_that_was_asked_for(lab: Lab) -> None:
    assert value_of(lab, Ask("stop", "candidate", {"grace_s": 3})) == {"exit_code": 0, "killed": False}
    assert "stop candidate 3.0" in lab.pod.calls


def test_a_server_that_does_not_obey_is_killed_after_ten_seconds(lab: Lab) -> None:
    found = value_of(lab, Ask("stop", "candidate"), candidate=Server(deaf=True))
    assert found == {"exit_code": 137, "killed": True}
    assert "stop candidate 10.0" in lab.pod.calls


@pytest.mark.parametrize("target", ["candidate", "postgres"])
def test_a_server_is_killed(lab: Lab, target: str) -> None:
    assert value_of(lab, Ask("kill", target)) == {}
    assert f"signal {target} SIGKILL" in lab.pod.calls


def test_a_signal_is_sent_by_name(lab: Lab) -> None:
    assert value_of(lab, Ask("signal", "candidate", {"signal": "SIGINT"})) == {}
    assert "signal candidate SIGINT" in lab.pod.calls


def test_a_signal_without_a_name_is_sigterm(lab: Lab) -> None:
    assert value_of(lab, Ask("signal", "candidate", None)) == {}
    assert "signal candidate SIGTERM" in lab.pod.calls


def test_the_state_of_a_server_is_told(lab: Lab) -> None:
    assert value_of(lab, Ask("state")) == {"running": True, "exit_code": None, "oom": False}


def test_the_state_of_a_server_that_was_ended_is_told(lab: Lab) -> None:
    lab.grade(run(Do(lambda pod: pod.servers["candidate"].end(137, oom=True)), Ask("state"), *all_pass()))
    assert lab.channel.answers["state"][0]["value"] == {"running": False, "exit_code": 137, "oom": True}


def test_an_unknown_target_is_the_service(lab: Lab) -> None:
    value_of(lab, Ask("state", "somewhere"))
    assert "state candidate" in lab.pod.calls


def test_as_many_lines_of_the_log_are_told_as_were_asked_for(lab: Lab) -> None:
    lines = [str(number) for number in range(100)]
    found = value_of(lab, Ask("logs", "candidate", {"tail": 3}), candidate=Server(lines=lines))
    assert found == {"lines": ["97", "98", "99"]}


def test_a_number_of_lines_that_came_as_text_is_understood(lab: Lab) -> None:
    found = value_of(lab, Ask("logs", "candidate", {"tail": "1"}), candidate=Server(lines=["a", "b"]))
    assert found == {"lines": ["b"]}


def test_fifty_lines_of_the_log_are_told_where_no_number_was_asked_for(lab: Lab) -> None:
    lines = [str(number) for number in range(100)]
    assert value_of(lab, Ask("logs", "postgres"), postgres=Server(lines=lines)) == {"lines": lines[50:]}


def test_the_memory_of_the_service_is_told(lab: Lab) -> None:
    assert value_of(lab, Ask("memory"), memory=12345) == {"bytes": 12345}


def test_the_analysis_is_told_without_its_listing(lab: Lab) -> None:
    document = {"types": {"errors": 0}, "lint": [], "sources": [{"path": "app/main.py"}]}
    assert value_of(lab, Ask("static"), analysis=document) == {"types": {"errors": 0}, "lint": []}


def test_own_tests_that_were_not_asked_for_are_their_number(lab: Lab) -> None:
    assert value_of(lab, Ask("own_tests")) == {"files": 1, "asked": False}


@pytest.mark.parametrize(
    ("error", "fault"), [(EnvironmentFault("the engine is gone"), "environment"), (HarnessFault("a bug"), "harness")]
)
def test_an_operation_that_fails_is_answered_with_its_fault(lab: Lab, error: Exception, fault: str) -> None:
    answer = answer_to(lab, Ask("restart", "postgres"), faults={"restart": error})
    assert answer == {"kind": "answer", "id": 0, "ok": False, "fault": fault, "error": str(error)}


def test_an_operation_that_raises_anything_is_answered_as_our_fault(lab: Lab) -> None:
    answer = answer_to(lab, Ask("memory"), faults={"memory": ZeroDivisionError("a bug")})
    assert answer == {
        "kind": "answer", "id": 0, "ok": False, "fault": "harness", "error": "ZeroDivisionError('a bug')",
    }  # fmt: skip


@pytest.mark.parametrize("op", ["explode", "own-tests", None, 3])
def test_an_unknown_operation_is_answered_as_our_fault(lab: Lab, op: object) -> None:
    answer = answer_to(lab, Ask(op))
    assert (answer["ok"], answer["fault"]) == (False, "harness")
    assert answer["error"] == f"the prober asked for an unknown operation {str(op)!r}"


@pytest.mark.parametrize("args", [[1], "x", {"grace_s": "soon"}, {"grace_s": []}], ids=str)
def test_arguments_that_do_not_fit_are_answered_as_our_fault(lab: Lab, args: object) -> None:
    answer = answer_to(lab, Ask("stop", "candidate", args))
    assert (answer["ok"], answer["fault"]) == (False, "harness")


def test_each_request_has_its_own_answer(lab: Lab) -> None:
    lab.grade(run(Ask("state"), Ask("memory"), Ask("state", "postgres"), *all_pass()))
    found = {op: [answer["id"] for answer in answers] for op, answers in lab.channel.answers.items()}
    assert found == {"state": [0, 2], "memory": [1]}


def test_requests_are_answered_while_the_service_starts(lab: Lab) -> None:
    record = lab.grade([BOUND, Ask("state"), Ask("logs"), ready(), *all_pass(), {"kind": "done"}])
    assert record.score.value == 100
    assert lab.channel.answers["state"][0]["value"] == {"running": True, "exit_code": None, "oom": False}
    assert lab.channel.answers["logs"][0]["ok"] is True


def test_a_log_is_told_while_another_check_waits_for_the_analysis(lab: Lab) -> None:
    finished = threading.Event()

    def analyse(pod: FakePod) -> Mapping[str, Any]:
        assert finished.wait(30)
        return {"types": {}}

    def answered(_: FakePod) -> None:
        assert lab.channel.answers["logs"][0]["ok"] is True
        assert lab.channel.answers["static"] == []
        finished.set()
        assert lab.channel.wait_for_answers("static")[0]["value"] == {"types": {}}

    steps = run(Ask("static", wait=False), Ask("logs"), Ask("memory"), Do(answered), *all_pass())
    assert lab.grade(Scene(steps, analysis=analyse)).score.value == 100


def test_a_killed_service_is_seen_to_have_ended(lab: Lab) -> None:
    lab.grade(run(Ask("kill"), *all_pass()))
    assert lab.pod.servers["candidate"].state == ProcessState(running=False, exit_code=137)
