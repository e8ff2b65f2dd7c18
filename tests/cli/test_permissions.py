"""Folders that may not be looked into: told in words, whichever command meets them first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import takehome

# Root may look into everything, unless it gives that up.
_GIVEN_UP = "-dac_override,-dac_read_search"
AS_OTHERS = ["setpriv", "--bounding-set", _GIVEN_UP, "--inh-caps", _GIVEN_UP, "--"] if os.geteuid() == 0 else []


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    if AS_OTHERS and shutil.which(AS_OTHERS[0]) is None:
        pytest.skip("root without setpriv may look into everything")
    folder = tmp_path / "closed"
    folder.mkdir(mode=0)
    yield folder
    folder.chmod(0o700)


@pytest.mark.parametrize(
    "command",
    [
        ["show", "closed/x"],
        ["export", "closed/x", "--format", "junit"],
        ["compare", "closed/x", "closed/y"],
        ["cohort", "closed"],
        ["cohort", "closed/x"],
        ["review", "closed/x"],
        ["rerun", "a-check", "closed/x"],
        ["init", "users_api", "closed/x"],
        ["batch", "closed", "-c", "users_api"],
        ["batch", "closed/x", "-c", "users_api"],
        ["check", "closed", "-c", "users_api"],
        ["check", "closed/x", "-c", "users_api"],
        ["challenge", "list", "--challenges", "closed/x"],
    ],
    ids=" ".join,
)
def test_a_folder_that_may_not_be_looked_into_is_bad_input(command: list[str], closed: Path) -> None:
    done = takehome(*command, cwd=closed.parent, by=AS_OTHERS)
    assert (done.code, "closed" in done.text) == (2, True), done.text
    assert "fault of its own" not in done.text


def test_one_that_no_command_expects_is_bad_input_as_well(closed: Path) -> None:
    work = "import harness.cli.app as a; a.app = lambda **_: open('closed/x'); a.main()"
    done = subprocess.run(
        [*AS_OTHERS, sys.executable, "-c", work], cwd=closed.parent, capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "closed/x" in done.stderr
