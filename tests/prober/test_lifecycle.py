"""Getting ready, stopping and starting, and coming back after a check that broke the service."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.authoring.api import Api
from harness.authoring.lifecycle import Lifecycle
from harness.authoring.reply import Reply
from harness.prober import readiness
from harness.prober.readiness import NotReady, wait_ready
from tests.prober.host import ROOT, SERVICE, Told, free_port, probe, suite
from tests.prober.hostile import forever, hostile

ONE = """
@check("one", **told())
async def test_one(api: Api):
    (await api.get("/healthz")).expect_status(200)
"""
SLEEPS = f'{sys.executable} -c "import time; time.sleep(600)"'


def not_ready(told: Told) -> str:
    (frame,) = told.of("not_ready")
    assert told.kinds[-1] == "not_ready"
    return str(frame["reason"])


def test_a_service_that_never_listens_is_not_ready(tmp_path: Path) -> None:
    assert not_ready(probe(suite(tmp_path / "g", ONE), command=SLEEPS, hello={"ready_s": 1})) == "never listened"


class Running:
    """A host whose service runs."""

    def request(self, op: str, target: str, args: Mapping[str, Any]) -> Future[dict[str, Any]]:
        answer: Future[dict[str, Any]] = Future()
        answer.set_result({"ok": True, "value": {"running": True, "exit_code": None, "oom": False}})
        return answer


class Hurried(Api):
    """Has time for its first attempt alone."""

    begun = 0

    async def get(self, path: str, **how: Any) -> Reply:
        Hurried.begun += 1
        return await super().get(path, **{**how, "deadline_s": 60 if Hurried.begun == 1 else 0})


def test_an_attempt_that_is_cut_short_says_nothing_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "Api", Hurried)
    base_url = f"http://127.0.0.1:{free_port()}"
    found = anyio.run(wait_ready, base_url, Lifecycle(Running(), base_url), 1.0)
    assert isinstance(found, NotReady)
    assert found.reason == "never listened"


def test_a_service_that_listens_and_never_answers_is_not_ready(tmp_path: Path) -> None:
    with hostile(forever(b"", b"")) as deaf:
        told = probe(suite(tmp_path / "g", ONE), base_url=deaf.base_url, hello={"ready_s": 1})
    assert not_ready(told) == "listens but does not answer"


def test_a_service_that_exits_is_not_waited_for(tmp_path: Path) -> None:
    command = f'{sys.executable} -c "import sys; sys.exit(9)"'
    told = probe(suite(tmp_path / "g", ONE), command=command, hello={"ready_s": 100})
    assert not_ready(told) == "exited"
    assert told.of("not_ready")[0]["detail"] == "exit code 9"


def test_any_status_of_healthz_is_ready(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with hostile(answer) as server:
        told = probe(suite(tmp_path / "g", ONE), base_url=server.base_url)
    assert told.result("one")["outcome"] == "fail"


def test_a_late_service_is_waited_for(tmp_path: Path) -> None:
    command = f'{sys.executable} -c "import time, runpy, sys; time.sleep(1.5); sys.argv = [1, {{port}}]; ' + (
        f"runpy.run_path('{SERVICE}', run_name='__main__')\""
    )
    told = probe(suite(tmp_path / "g", ONE), command=command)
    assert told.of("ready")[0]["seconds"] > 0
    assert told.result("one")["outcome"] == "pass"


def test_a_check_stops_starts_and_looks_at_the_service(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(api: Api, pod: Lifecycle):
            assert (await pod.state("candidate")).running
            stopped = await pod.stop("candidate", grace_s=5)
            assert (stopped.exit_code, stopped.killed) == (-15, False)
            assert (await pod.state("candidate")) == State(False, -15, False)
            await pod.start("candidate")
            await pod.wait_ready()
            await pod.restart("candidate")
            await pod.wait_ready()
            await pod.kill("candidate")
            assert "listening" in await pod.logs("candidate", tail=5)
        ''')  # fmt: skip
    result = probe(folder).result("one")
    assert (result["outcome"], result["reason"]) == ("pass", "")


def test_a_service_that_a_check_left_stopped_is_started_for_the_next(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("stops", **told())
        async def test_stops(pod: Lifecycle):
            await pod.stop("candidate")
        ''', ONE)  # fmt: skip
    assert [r["outcome"] for r in probe(folder).of("check")] == ["pass", "pass"]


def test_a_service_that_crashes_costs_one_check(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("crash", **told())
        async def test_crash(api: Api):
            await api.get("/exit")
        ''', ONE)  # fmt: skip
    told = probe(folder)
    crash = told.result("crash")
    assert (crash["outcome"], told.result("one")["outcome"]) == ("fail", "pass")
    assert "exited with code 3" in crash["actual"]
    assert any("about to exit" in line for line in crash["evidence"]["log"])
    assert "swordfish99" not in str(told.frames)


@pytest.mark.extended
def test_a_service_that_goes_deaf_costs_one_check(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("deaf", **told())
        async def test_deaf(api: Api):
            await api.get("/deaf", deadline_s=0.5)
        ''', ONE)  # fmt: skip
    assert [r["outcome"] for r in probe(folder).of("check")] == ["fail", "pass"]


def test_a_service_that_does_not_come_back_blocks_what_follows(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    folder = suite(tmp_path / "g", f'''
        @check("crash", **told())
        async def test_crash(api: Api):
            await api.get("/once/{str(mark).replace("/", "~")}")
        @check("two", **told())
        async def test_two(): pass
        ''', ONE)  # fmt: skip
    told = probe(folder, environment={"MARK": str(mark)}, hello={"budget_s": 4.0})
    assert [r["outcome"] for r in told.of("check")][:2] == ["fail", "blocked"]
    assert told.result("two")["blocked_by"] == ["crash"]


def test_what_the_host_can_not_do_is_not_the_submission_s_fault(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("static", **told())
        async def test_static(pod: Lifecycle):
            await pod.static()
        ''')  # fmt: skip
    result = probe(folder).result("static")
    assert (result["outcome"], result["fault"]) == ("not_assessed", "environment")


def test_the_stub_is_bound_before_the_service_starts_and_forgets_between_checks(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(api: Api, gate: CapacityGate):
            gate.respond = lambda request: (200, {}, request.path.encode())
            assert (await api.get("/profile/5")).text == "/profiles/5"
        @check("two", **told())
        async def test_two(api: Api, gate: CapacityGate, stubs: Stubs):
            assert (gate.arrivals, stubs.profile) == (0, gate)
            assert (await api.get("/profile/5")).text == "{}"
        ''')  # fmt: skip
    assert [r["outcome"] for r in probe(folder, stub=True).of("check")] == ["pass", "pass"]


def test_64_calls_through_a_service_reach_the_gate(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("capacity", **told())
        async def test_capacity(api: Api, gate: CapacityGate):
            async def pulse():
                async with api.fresh() as probe:
                    await probe.get("/healthz")
            with gate.hold():
                calls = [asyncio.ensure_future(api.get(f"/profile/{n}", deadline_s=60)) for n in range(64)]
                await quiescent(lambda: gate.arrivals, pulse)
                expect(gate.peak == 64, f"{gate.peak} at a time")
            for reply in await asyncio.gather(*calls):
                reply.expect_status(200)
        ''')  # fmt: skip
    result = probe(folder, stub=True).result("capacity")
    assert (result["outcome"], result["summary"]) == ("pass", "It holds")


def test_a_stub_s_answer_that_raises_is_not_the_submission_s_fault(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(api: Api, gate: CapacityGate):
            gate.respond = lambda request: 1 / 0
            (await api.get("/profile/5")).expect_status(418)
        ''')  # fmt: skip
    result = probe(folder, stub=True).result("one")
    assert (result["outcome"], result["fault"]) == ("not_assessed", "harness")


def test_the_developer_s_driver_prints_one_line_per_check(tmp_path: Path) -> None:
    folder, port = suite(tmp_path / "g", ONE, '''
@check("two", **told())
async def test_two(api: Api, pod: Lifecycle):
    await pod.restart("candidate")
    await pod.wait_ready()
    raise Partial(0.5, "half")
'''), free_port()  # fmt: skip
    command = [
        sys.executable, "-m", "harness.prober.local", "--graders", str(folder),
        "--base-url", f"http://127.0.0.1:{port}", "--candidate-command", f"{sys.executable} -P {SERVICE} {port}",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in lines] == ["pass", "partial"]
    assert done.returncode == 1
