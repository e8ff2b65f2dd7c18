"""How checks end, seen from the host: one run of a suite in which each check ends in its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.prober.host import Told, probe, suite

SOURCE = """
@check("passes", **told(why="because", hint="do it", visible=True, question=Question("a?", "b", "c")))
async def test_passes(api: Api, evidence: Evidence):
    (await api.get("/healthz")).expect_status(200)
    evidence.number("seen", 1)
    evidence.code("app/main.py", 3, "here", rule="X1")

@check("fails", **told())
async def test_fails(api: Api):
    body = {"password": "correct horse", "name": "it's"}
    (await api.post("/echo", json=body, token="abcdefgh.12345678")).expect_status(201)

@check("partly", **told())
async def test_partly(api: Api):
    raise Partial(0.25, "a quarter", expected="four", actual="one")

@check("sync-fails", **told())
def test_sync():
    expect(1 > 2, "one is not more than two", expected="more", actual="less")

@check("bug", **told())
async def test_bug(api: Api):
    assert {}["missing"]

@check("not-for-this", **told())
async def test_not_applicable():
    raise NotApplicable("no such thing here")

@check("unsure", **told())
async def test_unsure():
    raise Inconclusive("too noisy")

@check("environment", **told())
async def test_environment():
    raise EnvironmentBroken("no database")

@check("grouped", **told())
async def test_grouped(api: Api):
    async def one():
        (await api.get("/status/404")).expect_status(200)
    async with asyncio.TaskGroup() as group:
        group.create_task(one())

@check("too-slow", **told(deadline_s=0.3))
async def test_too_slow():
    await asyncio.sleep(600)

@check("blocked", **told(after=("fails", "passes")))
async def test_blocked():
    raise AssertionError("never run")

@check("blocked-in-turn", **told(after="blocked"))
async def test_blocked_in_turn():
    raise AssertionError("never run")

@check("after-unsure", **told(after="unsure"))
async def test_after_unsure():
    raise AssertionError("never run")

@check("after-environment", **told(after="environment"))
async def test_after_environment():
    raise AssertionError("never run")

@check("after-partly", **told(after=("partly", "not-for-this")))
async def test_after_partly():
    pass

@check("fixture-fails", **told())
async def test_fixture(user):
    raise AssertionError("never run")

@check("fixture-works", **told())
async def test_fixture_works(thing):
    assert thing == 1

@check("task-left-behind", **told())
async def test_task_left_behind(api: Api):
    async def fails():
        raise ValueError("nobody looks")
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del task
"""
CONFTEST = """
import pytest
@pytest.fixture
async def user(api):
    return (await api.post("/status/500")).expect_status(201)
@pytest.fixture
async def thing(api):
    yield 1
    raise RuntimeError("broken on the way out")
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder: Path = suite(tmp_path_factory.mktemp("graders") / "demo", SOURCE)
    (folder / "conftest.py").write_text(CONFTEST)
    return probe(folder)


def test_the_conversation_ends_with_done(told: Told) -> None:
    assert (told.kinds[0], told.kinds[-1], told.exit_code) == ("bound", "done", 0)


def test_a_check_that_returns_passes(told: Told) -> None:
    result = told.result("passes")
    assert (result["outcome"], result["fraction"], result["summary"]) == ("pass", 1.0, "It holds")


def test_a_check_says_what_it_is_before_it_runs(told: Told) -> None:
    (collected,) = told.of("collected")
    assert collected["checks"][0] == {
        "id": "passes", "skill": "craft", "level": "junior", "passed": "It holds", "failed": "It doesn't hold",
        "why": "because", "hint": "do it", "question": {"ask": "a?", "junior": "b", "senior": "c"},
        "after": [], "explained_by": [], "visible": True, "source": "demo/test_suite.py:10",
    }  # fmt: skip


def test_numbers_and_places_of_a_check_are_kept(told: Told) -> None:
    evidence = told.result("passes")["evidence"]
    assert evidence["numbers"] == {"seen": 1}
    assert evidence["code"] == [{"path": "app/main.py", "line": 3, "message": "here", "rule": "X1", "url": ""}]


def test_a_wrong_status_fails_with_what_was_expected_and_found(told: Told) -> None:
    result = told.result("fails")
    assert (result["outcome"], result["fault"], result["expected"]) == ("fail", "submission", "201")
    assert result["summary"] == "POST /echo answers 200 instead of 201"


def test_a_failing_check_shows_the_exchange_without_secrets(told: Told) -> None:
    (exchange,) = told.result("fails")["evidence"]["transcript"]
    assert exchange["request"].startswith("POST /echo HTTP/1.1\n")
    assert exchange["response"].startswith("HTTP/1.1 200 X\n")
    assert "correct horse" not in str([_without_commands(frame) for frame in told.frames])
    assert "abcdefgh" not in str(told.frames)


def _without_commands(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame but for what sends a request again, with the password that the check made up."""
    evidence = {name: value for name, value in frame.get("evidence", {}).items() if name not in ("reproduce", "httpx")}
    return frame | {"evidence": evidence}


def test_a_failing_check_can_be_reproduced_with_curl(told: Told) -> None:
    command = told.result("fails")["evidence"]["reproduce"]
    assert command.startswith("curl -i -X POST http://127.0.0.1:")
    assert '-H "Authorization: Bearer $TOKEN"' in command
    assert '"password":"correct horse"' in command


def test_a_failing_check_comes_with_the_log_of_the_service(told: Told) -> None:
    assert told.result("fails")["evidence"]["log"] == ["listening"]
    assert told.result("passes")["evidence"]["log"] == []


def test_a_partial_result_has_its_fraction(told: Told) -> None:
    result = told.result("partly")
    assert (result["outcome"], result["fraction"], result["actual"]) == ("partial", 0.25, "one")


def test_a_check_may_be_a_plain_function(told: Told) -> None:
    assert told.result("sync-fails")["summary"] == "one is not more than two"


def test_a_bug_in_a_check_is_the_harness_s_fault(told: Told) -> None:
    result = told.result("bug")
    assert (result["outcome"], result["fault"]) == ("not_assessed", "harness")
    assert "KeyError: 'missing'" in result["reason"]


@pytest.mark.parametrize(
    ("check", "outcome", "fault"),
    [
        ("not-for-this", "not_applicable", None),
        ("unsure", "not_assessed", "harness"),
        ("environment", "not_assessed", "environment"),
        ("after-unsure", "not_assessed", "harness"),
        ("after-environment", "not_assessed", "environment"),
        ("after-partly", "pass", None),
    ],
)
def test_each_outcome_has_its_fault(told: Told, check: str, outcome: str, fault: str | None) -> None:
    assert (told.result(check)["outcome"], told.result(check)["fault"]) == (outcome, fault)


def test_a_failure_inside_a_task_group_is_a_failure(told: Told) -> None:
    assert told.result("grouped")["outcome"] == "fail"


def test_a_check_that_takes_too_long_is_not_assessed(told: Told) -> None:
    result = told.result("too-slow")
    assert (result["outcome"], result["fault"]) == ("not_assessed", "harness")
    assert "0.3 s" in result["reason"]


def test_what_needs_a_failed_check_is_blocked_by_it(told: Told) -> None:
    result = told.result("blocked")
    assert (result["outcome"], result["blocked_by"]) == ("blocked", ["fails"])
    assert told.result("blocked-in-turn")["blocked_by"] == ["blocked"]


def test_a_failure_in_a_fixture_of_the_suite_is_the_check_s_failure(told: Told) -> None:
    assert told.result("fixture-fails")["outcome"] == "fail"


def test_a_fixture_that_breaks_on_the_way_out_changes_no_result(told: Told) -> None:
    assert told.result("fixture-works")["outcome"] == "pass"


def test_a_task_whose_error_nobody_looks_at_changes_no_result(told: Told) -> None:
    assert told.result("task-left-behind")["outcome"] == "pass"
