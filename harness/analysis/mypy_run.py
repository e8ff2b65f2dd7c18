"""mypy --strict over the copy, in the candidate's environment, without a line of the candidate's configuration."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from harness.analysis.framework import UNTYPED_LIBRARY, Framework
from harness.analysis.process import Done, run
from harness.analysis.references import CodeRef, code_ref, in_order
from harness.analysis.sources import Source, Sources

DEADLINE_S = 160.0
# Of processor time, so that a busy machine is not taken for code that mypy can't cope with.
CPU_S = 50
_ATTEMPTS = 4
_BLOCKED = 2
_CRASH = re.compile(r"^(.+?):(\d+): error: INTERNAL ERROR", re.M)
_URL = "https://mypy.readthedocs.io/en/stable/_refs.html#code-{}"


@dataclass
class Strict:
    """`problem` says why there is no verdict; then the rest means nothing. `dropped` are paths mypy stopped at.

    `unreached`: for each path the lines of code that mypy takes for unreachable and doesn't look at.
    """

    findings: list[CodeRef] = field(default_factory=list)
    unreached: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    dropped: set[str] = field(default_factory=set)
    left_out: int = 0
    problem: str = ""


def command(python: Path, cache: Path, listing: Path) -> list[str]:
    """The same flags for warming a cache and for using it: mypy drops one that was made with others.

    A cache is a copy, so its times say nothing; what it was made from is compared by content.
    """
    return [
        sys.executable,
        "-I",
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--warn-unreachable",  # not judged: it tells what was not
        "--python-executable",
        str(python),
        "--cache-dir",
        str(cache),
        "--sqlite-cache",
        "--skip-cache-mtime-checks",
        "--explicit-package-bases",
        "--namespace-packages",
        "--no-error-summary",
        "--no-pretty",
        "--output=json",
        f"@{listing}",
    ]


def start(
    python: Path, cache: Path, folder: Path, paths: list[str], deadline_s: float, cpu_s: int | None = None
) -> Done:
    """Run mypy in `folder` over `paths`; both limits in seconds, `cpu_s` of processor time."""
    with tempfile.TemporaryDirectory(prefix="takehome-list-") as scratch:
        listing = Path(scratch) / "paths"
        listing.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        return run(command(python, cache, listing), cwd=folder, deadline_s=deadline_s, cpu_s=cpu_s)


def check_types(sources: Sources, python: Path, cache: Path, copy: Path) -> Strict:
    """Every error that is the submission's. A file that stops mypy is dropped, and mypy asked again without it."""
    found = Strict()
    by_copy = {source.copy: source for source in sources.files}
    end = time.monotonic() + DEADLINE_S
    for _ in range(_ATTEMPTS):
        paths = [name for name, source in by_copy.items() if source.path not in found.dropped]
        if not paths:
            return found
        done = start(python, cache, copy, paths, max(end - time.monotonic(), 1.0), CPU_S)
        errors = _errors(done.output)
        if done.costly:
            _drop(found, by_copy, dict.fromkeys(paths, (1, f"mypy was not done after {CPU_S} s of processor time")))
            return found
        if done.problem or done.code not in {0, 1, _BLOCKED}:
            found.problem = done.problem or f"mypy ended with code {done.code}: {done.errors[-500:]}"
            return found
        if done.code != _BLOCKED:
            _keep(found, errors, by_copy, Framework(source.tree for source in sources.files))
            return found
        stops = {str(item["file"]): (int(item["line"]), f"stops mypy: {item['message']}") for item in errors}
        stops |= {name: (int(line), "mypy breaks down here") for name, line in _CRASH.findall(done.errors)}
        if not stops.keys() & by_copy.keys():
            found.problem = f"mypy could not go on: {(done.errors or done.output)[-500:]}"
            return found
        _drop(found, by_copy, stops)
    # Files that keep stopping it are no accident.
    left = {name: (1, "not checked: too many files stop mypy") for name in by_copy}
    _drop(found, by_copy, {name: why for name, why in left.items() if by_copy[name].path not in found.dropped})
    return found


def _drop(found: Strict, by_copy: dict[str, Source], stops: dict[str, tuple[int, str]]) -> None:
    for name, (line, why) in stops.items():
        if name in by_copy:
            found.dropped.add(by_copy[name].path)
            found.findings.append(code_ref(by_copy[name].path, line, why, rule="syntax"))


def _errors(output: str) -> list[dict[str, str | int]]:
    found = []
    for line in output.splitlines():
        try:
            item = json.loads(line)
        except ValueError:
            continue
        if isinstance(item, dict) and item.get("severity") == "error":
            found.append(item)
    return found


def _keep(found: Strict, errors: list[dict[str, str | int]], by_copy: dict[str, Source], framework: Framework) -> None:
    untyped = {str(item["file"]) for item in errors if item.get("code") in UNTYPED_LIBRARY}
    excused: set[tuple[str, int]] = set()
    # A value whose error is left out is Any to mypy, which then says so where it is returned.
    for item in sorted(errors, key=lambda item: item.get("code") == "no-any-return"):
        source, line = by_copy.get(str(item["file"])), int(item["line"])
        if source is None:
            continue
        code, message = str(item.get("code") or ""), str(item["message"])
        if code == "unreachable":
            found.unreached[source.path] |= source.rest_of_block(line)
        elif (code == "no-any-return" and (source.path, line) in excused) or framework.is_false(
            code, message, line=source.line(line), beside_untyped=item["file"] in untyped
        ):
            found.left_out += 1
            excused.add((source.path, line))
        else:
            url = _URL.format(code) if code else ""
            found.findings.append(code_ref(source.path, line, message, rule=code, url=url))
    found.findings = in_order(found.findings)
