"""The wheel: what is in it, and that it works where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from harness.version import __version__
from tests.packaging.tree import DATA_FOLDERS, ROOT, is_cache, project_files

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that has to succeed, in an environment that does not know the checkout."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    if not os.access(env.get("HOME", ""), os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(ROOT / ".tools" / "cache" / "uv"))
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(find_uv_bin(), "build", "--wheel", "--out-dir", out, ROOT, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[Path]:
    with zipfile.ZipFile(wheel) as archive:
        return [Path(name) for name in archive.namelist()]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel and the locked dependencies, far from the checkout."""
    home = tmp_path_factory.mktemp("installed")
    uv = find_uv_bin()
    locked = run(uv, "export", "--frozen", "--no-dev", "--no-emit-project", "--quiet", "--project", ROOT, cwd=home)
    (home / "requirements.txt").write_text(locked)
    run(uv, "venv", "--python", sys.executable, home / "venv", cwd=home)
    python = home / "venv" / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, "-r", home / "requirements.txt", cwd=home)
    run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel, cwd=home)
    return python.parent


def test_the_wheel_lands_one_import_name(names: list[Path]) -> None:
    assert {path.parts[0] for path in names} == {"harness", f"takehome-{__version__}.dist-info"}


def test_the_wheel_holds_every_file_of_the_package_and_the_three_data_folders(names: list[Path]) -> None:
    ours = [path for path in project_files() if path.parts[0] in {"harness", *DATA_FOLDERS}]
    expected = {Path("harness/data") / path if path.parts[0] in DATA_FOLDERS else path for path in ours}
    held = {path for path in names if path.parts[0] == "harness"}
    assert sorted(expected - held) == []
    assert sorted(held - expected) == []


def test_the_wheel_holds_no_caches(names: list[Path]) -> None:
    assert [path for path in names if is_cache(path)] == []


def test_an_installed_wheel_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert __version__ in run(installed / "takehome", "--version", cwd=tmp_path)


def test_an_installed_wheel_lists_every_challenge_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    listing = run(installed / "takehome", "challenge", "list", cwd=tmp_path)
    challenges = sorted(path.parent.name for path in (ROOT / "challenges").glob("[!_]*/challenge.toml"))
    assert challenges
    assert [name for name in challenges if name not in listing] == []


def test_an_installed_wheel_reads_its_own_data_and_not_a_checkout(installed: Path, tmp_path: Path) -> None:
    program = "from harness.paths import data_root; print(data_root())"
    where = Path(run(installed / "python", "-P", "-c", program, cwd=tmp_path).strip())
    assert where.is_relative_to(installed.parent.resolve())
    assert all((where / folder).is_dir() for folder in DATA_FOLDERS)


def test_an_installed_wheel_grades_the_reference_to_the_same_score(installed: Path, tmp_path: Path) -> None:
    reference = run(
        installed / "python", "-P", "-c", "from harness.paths import data_root; print(data_root())", cwd=tmp_path
    ).strip()
    submission = f"{reference}/challenges/users_api/reference"
    out = tmp_path / "out"
    run(
        installed / "takehome",
        "grade",
        submission,
        "-c",
        "users_api",
        "--runtime",
        "process",
        "--i-trust-this-code",
        "--no-baseline",
        # Unscored here, and half of the work.
        "--no-own-tests",
        "--out",
        out,
        cwd=tmp_path,
    )
    found = json.loads((out / "result.json").read_text())
    lost = {c["id"]: c["summary"] + c["reason"] for c in found["checks"] if c["outcome"] != "pass"}
    assert lost == {}
    assert (found["score"]["value"], found["band"]) == (100, "exceeds")


@pytest.mark.docker
def test_the_harness_in_the_tools_image_holds_no_grader(base_image: str) -> None:
    from harness.runtime.docker import DockerRuntime
    from harness.runtime.docker.build import BuildOptions
    from harness.runtime.docker.engine import connect
    from harness.runtime.docker.tools_image import ROOT as INSIDE
    from harness.runtime.trust import ca_bundle

    _, tools = DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None))).prepare(lambda _event: None)
    listing = connect().containers.run(tools, ["find", f"{INSIDE}/lib", "-name", "test_*.py"], remove=True)
    assert listing == b""
