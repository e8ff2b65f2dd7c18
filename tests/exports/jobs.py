"""The action, the GitLab component and the kit's workflow: read, and run as their services run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
SPEC, COMPONENT = yaml.safe_load_all((ROOT / "templates" / "takehome.yml").read_text())
JOB = COMPONENT["$[[ inputs.job-name ]]"]
KIT = yaml.safe_load(
    re.sub(r"@(PACKAGE|CHALLENGE)@", r"\1", (ROOT / "challenges" / "_kit" / "workflow.yml").read_text())
)

# As GitHub runs a step, and as GitLab runs a job in an image without bash.
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
SH = ("sh", "-e")


def run(script: str, cwd: Path, env: dict[str, str], shell: tuple[str, ...] = BASH) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder, without the variables of the CI that these tests run in."""
    file = cwd.parent / "step.sh"
    file.write_text(script)
    kept = {name: os.environ[name] for name in os.environ if not name.startswith(("GITHUB_", "CI_", "TAKEHOME_"))}
    return subprocess.run(
        [*shell, file],
        cwd=cwd,
        env={**kept, **env},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def wheel(folder: Path) -> Path:
    """A package that pip installs without a network, and whose `takehome` is this checkout's."""
    path = folder / "takehome-1-py3-none-any.whl"
    metadata = {"METADATA": "Metadata-Version: 2.1\nName: takehome\nVersion: 1\n",
                "WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}  # fmt: skip
    files = {f"takehome-1.dist-info/{name}": text for name, text in metadata.items()}
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from harness.cli import main; main()"
    files["takehome-1.data/scripts/takehome"] = f'#!/bin/sh\nexec "{sys.executable}" -c "{start}" "$@"\n'
    files["takehome-1.dist-info/RECORD"] = "".join(f"{name},,\n" for name in files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
    return path


def lay_traps(checkout: Path) -> list[Path]:
    """Files of a checkout that stand for modules of Python's own and of pip, and leave a mark when they are run."""
    traps = [checkout / f"{name}.py" for name in ("logging", "pip", "venv", "ensurepip")]
    for trap in traps:
        trap.write_text(
            f'open({str(checkout / "sprung")!r}, "a").close()\nraise SystemExit("a module of the checkout")\n'
        )
    return traps


def install_script(name: str) -> str:
    """The lines of a job that install takehome."""
    if name == "component":
        return "\n".join(JOB["before_script"])
    steps: list[dict[str, Any]] = ACTION["runs"]["steps"] if name == "action" else KIT["jobs"]["check"]["steps"]
    (found,) = [step["run"] for step in steps if step.get("name") == "Install takehome"]
    return str(found)
