"""The common checks, run by the prober on documents of the analysis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
Analyse = Callable[[Path], dict[str, Any]]
Submission = Callable[[str], Path]
Judge = Callable[..., dict[str, dict[str, Any]]]
_NO_USERS = """
from harness.authoring import Fail, Question, check


@check("create-user", skill="api-design", level="junior", visible=True, passed="It does", failed="It does not",
       why="All stands on it.", hint="Answer.", question=Question(ask="How?", junior="So.", senior="So, and so."))
async def test_users_are_made() -> None:
    \"\"\"Nothing is served.\"\"\"
    raise Fail("no")
"""


class _Alive(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[Judge]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Alive)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def run(document: dict[str, Any] | None, *graders: Path) -> dict[str, dict[str, Any]]:
        command = [sys.executable, "-P", "-m", "harness.prober.local", "--json"]
        for folder in (ROOT / "graders" / "common", *graders):
            command += ["--graders", str(folder)]
        command += ["--base-url", f"http://127.0.0.1:{server.server_port}"]
        if document is not None:
            (tmp_path / "static.json").write_text(json.dumps(document))
            command += ["--static", str(tmp_path / "static.json")]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
        )
        frames = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert frames, done.stderr
        found = {frame["id"]: frame for frame in frames if frame.get("kind", "check") == "check"}
        # The others ask a service, or a host that runs tests, and there is none.
        return {id_: frame for id_, frame in found.items() if id_ in ("types", "lint")}

    yield run
    server.shutdown()
    server.server_close()


def test_a_typed_submission_passes_both(judge: Judge, analyse: Analyse, submission: Submission) -> None:
    results = judge(analyse(submission("good")))
    assert {name: result["outcome"] for name, result in results.items()} == {"types": "pass", "lint": "pass"}
    assert results["types"]["evidence"]["numbers"]["annotated"] == 1


def test_code_without_types_fails_and_shows_where(judge: Judge, analyse: Analyse, submission: Submission) -> None:
    result = judge(analyse(submission("no_annotations")))["types"]
    assert (result["outcome"], result["fault"]) == ("fail", "submission")
    assert len(result["evidence"]["code"]) == 20
    assert result["evidence"]["code"][0]["path"] == "app/main.py"


def test_code_that_the_linter_dislikes_fails_and_shows_async_first(
    judge: Judge, analyse: Analyse, submission: Submission
) -> None:
    result = judge(analyse(submission("noqa")))["lint"]
    assert result["outcome"] == "fail"
    assert all(place["rule"].startswith("ASYNC") for place in result["evidence"]["code"])


def test_a_starter_kit_fails_both(judge: Judge, analyse: Analyse, tmp_path: Path) -> None:
    (tmp_path / "starter").mkdir()
    (tmp_path / "starter" / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    results = judge(analyse(tmp_path / "starter"))
    assert {name: result["outcome"] for name, result in results.items()} == {"types": "fail", "lint": "fail"}


def test_code_that_serves_nothing_earns_nothing_for_its_style(
    judge: Judge, analyse: Analyse, submission: Submission, tmp_path: Path
) -> None:
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "test_users.py").write_text(_NO_USERS)
    results = judge(analyse(submission("good")), suite)
    assert {name: results[name]["outcome"] for name in ("types", "lint")} == {"types": "blocked", "lint": "blocked"}


def test_a_tool_that_did_not_finish_costs_nothing(judge: Judge, analyse: Analyse, submission: Submission) -> None:
    document = analyse(submission("good"))
    document["types"]["strict"]["problem"] = "mypy ran out of time"
    assert judge(document)["types"]["outcome"] == "not_assessed"


def test_without_an_analysis_nothing_is_assessed(judge: Judge) -> None:
    assert {result["outcome"] for result in judge(None).values()} == {"not_assessed"}
