"""The warm runtime: what pods share is started once, and nothing of one pod is left for the next."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from harness.challenge import Challenge
from harness.errors import EnvironmentFault
from harness.events import ignore
from harness.evidence import Evidence
from harness.plan import Plan, candidate_dsn, make_plan
from harness.runtime.forked import ForkServer
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.runtime.warm import WarmRuntime
from harness.session import Session
from tests.runtime.conftest import PlanMaker

SCRIPT = """
import os, sys, time
print("said", *sys.argv[1:], os.environ.get("WORD"), os.getcwd() == os.environ["HERE"], flush=True)
print(sys.stdin.readline().strip() if "ask" in sys.argv else "", file=sys.stderr, flush=True)
if "wait" in sys.argv:
    time.sleep(600)
sys.exit(int(os.environ.get("CODE", "0")))
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ForkServer]:
    (tmp_path / "script.py").write_text(SCRIPT)
    made = ForkServer(sys.executable, tmp_path, {"PATH": "/usr/bin:/bin"})
    yield made
    made.close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"HERE": str(folder), **more}


def test_a_forked_process_runs_a_module_with_arguments_environment_and_folder(
    server: ForkServer, tmp_path: Path
) -> None:
    process = server.start("script", ["a", "b"], tmp_path, environment(tmp_path, WORD="w"), path=True, piped=False)
    assert process.popen.wait(30) == 0
    process.kill()
    assert process.lines[0] == "said a b w True"


def test_its_exit_code_is_told(server: ForkServer, tmp_path: Path) -> None:
    process = server.start("script", [], tmp_path, environment(tmp_path, CODE="7"), path=True, piped=False)
    assert process.popen.wait(30) == 7


def test_a_piped_process_reads_and_answers_and_logs_apart(server: ForkServer, tmp_path: Path) -> None:
    process = server.start("script", ["ask"], tmp_path, environment(tmp_path), path=True, piped=True)
    assert process.popen.stdin is not None
    assert process.popen.stdout is not None
    process.popen.stdin.write(b"hello\n")
    assert process.popen.stdout.readline() == b"said ask None True\n"
    assert process.popen.wait(30) == 0
    process.kill()
    assert "hello" in process.lines


def test_it_leads_a_session_of_its_own_and_a_signal_ends_it(server: ForkServer, tmp_path: Path) -> None:
    process = server.start("script", ["wait"], tmp_path, environment(tmp_path), path=True, piped=False)
    assert os.getsid(process.popen.pid) == process.popen.pid
    assert process.popen.poll() is None
    assert process.stop(30) == (-signal.SIGTERM, False)


def test_what_is_preloaded_leaves_out_the_folders_own_modules(server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import decimal\nWORD = 'old'\n")
    assert server.preload(["mine"], tmp_path, environment(tmp_path), path=True) == ""
    (tmp_path / "mine.py").write_text("WORD = 'new, and longer'\n")
    (tmp_path / "asks.py").write_text("import sys\nprint('decimal' in sys.modules)\nimport mine\nprint(mine.WORD)\n")
    process = server.start("asks", [], tmp_path, environment(tmp_path), path=True, piped=False)
    assert process.popen.wait(30) == 0
    process.kill()
    assert list(process.lines) == ["True", "new, and longer"]


def test_what_can_not_be_imported_is_told_and_the_server_goes_on(server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "breaks.py").write_text("import sys\nsys.exit(3)\n")
    assert "breaks: SystemExit(3)" in server.preload(["breaks"], tmp_path, environment(tmp_path), path=True)
    process = server.start("script", [], tmp_path, environment(tmp_path), path=True, piped=False)
    assert process.popen.wait(30) == 0


def test_a_server_that_was_killed_is_an_environment_fault(server: ForkServer, tmp_path: Path) -> None:
    os.kill(server.pid, signal.SIGKILL)
    with pytest.raises(EnvironmentFault):
        server.start("script", [], tmp_path, environment(tmp_path), path=True, piped=False)


@pytest.fixture
def warm() -> Iterator[WarmRuntime]:
    runtime = WarmRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    yield runtime
    runtime.close()


def probe(runtime: WarmRuntime, plan: Plan, note: Callable[[psutil.Process], None] = lambda _process: None) -> Evidence:
    with runtime.pod(plan, runtime.environment(plan, ignore)) as pod:
        evidence = Session(plan, pod, ignore, analysis=False).run()
        for child in psutil.Process().children():
            note(child)
        return evidence


@pytest.mark.integration
def test_pods_share_what_starts_slowly_and_each_has_a_verdict_of_its_own(
    warm: WarmRuntime, plan_for: PlanMaker
) -> None:
    servers: list[set[int]] = []
    outcomes = []
    good = plan_for("curious")
    for plan in (good, plan_for("broken_import"), good):
        pids: set[int] = set()
        evidence = probe(warm, plan, lambda child, pids=pids: pids.add(child.pid))  # type: ignore[misc]
        servers.append(pids)
        outcomes.append(evidence.frames["answers"].outcome if evidence.frames else "not ready")
    assert outcomes == ["pass", "not ready", "pass"]
    # PostgreSQL, and the two interpreters.
    assert len(servers[0] & servers[1] & servers[2]) >= 3


@pytest.mark.integration
def test_each_pod_has_a_fresh_database_with_its_own_passwords(
    warm: WarmRuntime, tiny: Challenge, plan_for: PlanMaker
) -> None:
    async def tables(dsn: str, statement: str) -> list[str]:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
            rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return [str(row["tablename"]) for row in rows]
        finally:
            await connection.close()

    seen = []
    first = plan_for("curious")
    for number in range(2):
        plan = make_plan(tiny, first.snapshot, first.project, seed=number)
        with warm.pod(plan, warm.environment(plan, ignore)) as pod:
            pod.start_prober()
            pod.start_postgres()
            seen.append(asyncio.run(tables(candidate_dsn(plan, pod.addresses), f"CREATE TABLE t{number} ()")))
    assert seen == [["t0"], ["t1"]]


@pytest.mark.integration
def test_a_server_of_postgresql_that_died_is_replaced(warm: WarmRuntime, plan_for: PlanMaker) -> None:
    def kill(child: psutil.Process) -> None:
        if "harness.postgres" in child.cmdline():
            for process in [*child.children(recursive=True), child]:
                process.kill()

    plan = plan_for("curious")
    probe(warm, plan, kill)
    assert probe(warm, plan).frames["answers"].outcome == "pass"


@pytest.mark.integration
def test_nothing_is_left_when_the_runtime_is_closed(plan_for: PlanMaker) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    runtime = WarmRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    probe(runtime, plan_for("curious"))
    runtime.close()
    assert {child.pid for child in psutil.Process().children(recursive=True)} - before == set()
