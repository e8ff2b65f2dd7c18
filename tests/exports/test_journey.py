"""A candidate's whole way, from an empty folder to a green run in CI."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from junitparser import JUnitXml

from tests.cli.command import Done, takehome

PACK = Path(__file__).parents[1] / "packaging" / "catalogue" / "counting_pack" / "counting_challenges"
GENEROUS_S = 240.0


def check(kit: Path, *more: str) -> Done:
    arguments = ("check", ".", "-c", PACK / "count_words", "--runtime", "process")
    env = {
        "GITHUB_WORKSPACE": str(kit),
        "GITHUB_STEP_SUMMARY": str(kit.parent / "summary"),
        "GITHUB_OUTPUT": str(kit.parent / "outputs"),
    }
    return takehome(*arguments, *more, cwd=kit, env=env)


@pytest.mark.integration
def test_a_candidate_starts_is_told_what_fails_mends_it_and_ci_turns_green(tmp_path: Path) -> None:
    kit, results = tmp_path / "kit", tmp_path / "results"
    assert takehome("init", "count_words", kit, "--challenges", PACK).code == 0
    assert {"BRIEF.md", "CHECKS.md", ".gitignore", ".github", "app"} <= {path.name for path in kit.iterdir()}

    ci = ("--ci", "github", "--out", str(results), "--fail-under", "90")
    lost = check(kit, *ci)
    assert lost.code == 1
    for said in ("error[counting]", "sent POST /v1/counts", "expected 200", "hint Ask the dictionary", "try curl -i"):
        assert said in lost.text
    assert "::error file=app/main.py" in lost.out
    assert json.loads((results / "takehome.sarif").read_text())["runs"][0]["results"]

    for part in ("app", "tests"):
        shutil.copytree(PACK / "count_words" / "reference" / part, kit / part, dirs_exist_ok=True)
    won = check(kit, *ci)
    assert won.code == 0, won.text
    assert "100 / 100" in won.out
    assert re.findall(r"^::(?!stop-commands::|[0-9a-f]{32}::)", won.out, re.M) == []
    assert json.loads((results / "takehome.sarif").read_text())["runs"][0]["results"] == []
    assert sum(suite.failures for suite in JUnitXml.fromstring((results / "junit.xml").read_bytes())) == 0
    assert (tmp_path / "outputs").read_text().endswith("score=100.0\ngradable=true\n")


def until(out: Path, text: str, times: int, run: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + GENEROUS_S
    while out.read_text().count(text) < times:
        assert run.poll() is None, out.read_text()
        assert time.monotonic() < limit, out.read_text()
        time.sleep(0.1)


@pytest.mark.extended
def test_watching_checks_what_was_lost_first_when_a_file_has_changed_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    kit, log = tmp_path / "kit", tmp_path / "log"
    assert takehome("init", "count_words", kit, "--challenges", PACK).code == 0
    command = ["check", str(kit), "-c", str(PACK / "count_words"), "--runtime", "process", "--watch", "-q"]
    with log.open("wb") as file:
        run = subprocess.Popen(
            [sys.executable, "-c", "from harness.cli import main; main()", *command],
            stdout=file,
            stderr=file,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
        )
    try:
        until(log, "waiting for a change", 1, run)
        assert "error[counting]" in log.read_text()
        (kit / "app" / "main.py").open("a").write("# later\n")
        until(log, "waiting for a change", 2, run)
        assert "that were lost pass now; the others are checked once these pass" in log.read_text()
        assert log.read_text().count(" / 100") == 1
        # In one go: a turn must not begin with half of it.
        shutil.copytree(PACK / "count_words" / "reference" / "app", tmp_path / "app")
        shutil.copytree(PACK / "count_words" / "reference" / "tests", tmp_path / "tests")
        (kit / "app").rename(tmp_path / "old")
        (tmp_path / "tests").rename(kit / "tests")
        (tmp_path / "app").rename(kit / "app")
        until(log, "waiting for a change", 3, run)
        assert "that were lost pass now; now all the others" in log.read_text()
        assert "100 / 100" in log.read_text()
        assert "changed: app/main.py\n" in log.read_text()
        assert "counting, own-tests pass now\n+100 points\n" in log.read_text()
        run.send_signal(signal.SIGINT)
        assert run.wait(GENEROUS_S) == 0
    finally:
        run.kill()
        run.wait()
