"""The areas of the extended tier: which tests, which inputs, and whether these have changed since the tests passed.

    python -m tests.areas run [AREA ...]   run all areas (or those named), and keep the digest of each that passed
    python -m tests.areas changed          run those whose digest is another than the kept one; keep nothing

Both print for each area how many tests passed, and how long it took. Exit code 1: a test failed.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.totals import format_totals

ROOT = Path(__file__).parents[1]
DECLARED = "tests/areas.toml"
KEPT = "tests/areas.lock"
# What pytest exits with when no test was selected.
_NONE = 5


@dataclass(frozen=True)
class Area:
    """Extended tests that prove something of the same inputs."""

    name: str
    tests: tuple[str, ...]
    inputs: tuple[str, ...]

    def covers(self, file: str) -> bool:
        """Whether the tests of a file belong to it."""
        return any(file == path or file.startswith(f"{path}/") for path in self.tests)


@dataclass(frozen=True)
class Outcome:
    """What a run of an area came to."""

    area: str
    counts: Mapping[str, int]
    seconds: float
    core_seconds: float
    passed: bool

    def __str__(self) -> str:
        """A row of the table."""
        word = "passed" if self.passed else "FAILED"
        counts = format_totals(self.counts)
        return f"{self.area:<12} {word}  {self.seconds:7.1f} s {self.core_seconds:8.1f} core-s  {counts}"


def read_areas(root: Path = ROOT) -> list[Area]:
    """The areas as they are declared, in that order."""
    document = tomllib.loads((root / DECLARED).read_text("utf-8"))
    common = (*document["common"], DECLARED)
    return [
        Area(name, tuple(area["tests"]), (*common, *area["tests"], *area["inputs"]))
        for name, area in document["areas"].items()
    ]


def list_files(root: Path = ROOT) -> list[str]:
    """The files of the repository, those that are not committed yet too, without what git ignores."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    return sorted(path for path in set(listed.split("\0")) - {"", KEPT} if (root / path).is_file())


def digest_inputs(area: Area, files: Sequence[str], root: Path = ROOT) -> str:
    """A digest of the names and contents of all inputs.

    Raises:
        ValueError: an input is declared that matches no file.
    """
    chosen: set[str] = set()
    for pattern in area.inputs:
        matching = [path for path in files if _matches(path, pattern)]
        if not matching:
            raise ValueError(f"{DECLARED}: {area.name} names {pattern}, which is no file of the repository")
        chosen.update(matching)
    digest = hashlib.sha256()
    for path in sorted(chosen):
        digest.update(f"{path}\0{hashlib.sha256((root / path).read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:32]


def read_kept(root: Path = ROOT) -> dict[str, str]:
    """The digest of each area when its tests last passed."""
    path = root / KEPT
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return dict(line.split(" ") for line in lines if line)


def keep_digest(name: str, digest: str, root: Path = ROOT) -> None:
    """Note that the tests of an area have passed with these inputs: one line per area, sorted."""
    kept = {**read_kept(root), name: digest}
    (root / KEPT).write_text("".join(f"{area} {kept[area]}\n" for area in sorted(kept)), encoding="utf-8")


def run_area(area: Area) -> Outcome:
    """Run the extended tests of an area in processes of their own."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        totals = Path(folder) / "totals"
        command = [str(ROOT / "scripts" / "pytest"), "-m", "extended", *area.tests]
        environment = {**os.environ, "TAKEHOME_TOTALS": str(totals)}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        counts: Counter[str] = Counter()
        for line in totals.read_text("utf-8").splitlines() if totals.exists() else []:
            counts.update(json.loads(line))
    if shared := os.environ.get("TAKEHOME_TOTALS"):
        with Path(shared).open("a", encoding="utf-8") as file:
            file.write(json.dumps(counts) + "\n")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    core_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Outcome(area.name, counts, time.monotonic() - start, core_s, code in (0, _NONE))


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """See the module's own description."""
    what, *names = arguments or [""]
    areas = {area.name: area for area in read_areas(root)}
    if what not in ("run", "changed") or not set(names) <= set(areas):
        print(f"usage: python -m tests.areas run|changed [AREA ...], where AREA is one of {', '.join(areas)}")
        return 2
    files, kept = list_files(root), read_kept(root)
    outcomes = []
    for area in (areas[name] for name in names or areas):
        digest = digest_inputs(area, files, root)
        if what == "changed" and kept.get(area.name) == digest:
            print(f"==> {area.name}: nothing has changed since it passed", flush=True)
            continue
        print(f"==> {area.name}", flush=True)
        outcomes.append(run_area(area))
        # Skipped tests (no engine, no browser) have proven nothing.
        complete = outcomes[-1].passed and not outcomes[-1].counts.get("skipped")
        # Not when a file has been changed in the meantime.
        if what == "run" and complete and digest_inputs(area, list_files(root), root) == digest:
            keep_digest(area.name, digest, root)
    for outcome in outcomes:
        print(outcome)
    if not outcomes:
        print(f"nothing to run; all {len(names or areas)} areas are as they were when they passed")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _matches(path: str, pattern: str) -> bool:
    """Whether a file is what a pattern names, or is in a folder of that name; a `*` stands within one name."""
    names, parts = path.split("/"), pattern.split("/")
    return len(parts) <= len(names) and Path(*names[: len(parts)]).match(pattern)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
