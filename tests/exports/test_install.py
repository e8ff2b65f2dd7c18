"""Jobs install takehome in a stranger's checkout, and nothing of that takes part in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.exports.jobs import BASH, SH, install_script, lay_traps, run, wheel


@pytest.mark.parametrize("name", ["action", "component", "kit"])
def test_no_interpreter_looks_for_modules_in_the_checkout(name: str) -> None:
    started = re.findall(r'\bpython3?"? (\S+) -m (\w+)', install_script(name))
    assert started == [("-I", "venv"), ("-I", "pip")]
    assert len(re.findall(r"\bpython3?\b", install_script(name))) == 2


@pytest.mark.extended
@pytest.mark.parametrize(("name", "shell"), [("component", SH), ("kit", BASH)])
def test_modules_in_the_checkout_are_not_run_when_takehome_is_installed(
    tmp_path: Path, name: str, shell: tuple[str, ...]
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    lay_traps(checkout)
    package = str(wheel(tmp_path))
    home = tmp_path / "home"
    home.mkdir()
    env = {"RUNNER_TEMP": str(home), "TMPDIR": str(home), "PIP_NO_INDEX": "1",
           "TAKEHOME": package, "TAKEHOME_PACKAGE": package}  # fmt: skip
    done = run(install_script(name), checkout, env, shell)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (checkout / "sprung").exists()
    assert len(list(home.glob("*/bin/takehome")) + list(home.glob("*/venv/bin/takehome"))) == 1


def test_nothing_is_installed_where_another_job_may_find_it() -> None:
    assert "CI_BUILDS_DIR" not in install_script("component")
    assert "mktemp -d" in install_script("component")
