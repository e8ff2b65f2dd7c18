"""mypy --strict over the copy, in the candidate's environment, without a line of the candidate's configuration."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from harness.analysis.framework import UNTYPED_LIBRARY, Framework
from harness.analysis.process import Done, run
from harness.analysis.references import CodeRef, code_ref, in_order
from harness.analysis.sources import Source, Sources

DEADLINE_S = 200.0
_ATTEMPTS = 4
_BLOCKED = 2
_URL = "https://mypy.readthedocs.io/en/stable/_refs.html#code-{}"


@dataclass
class Strict:
    """`problem` says why there is no verdict; then the rest means nothing. `dropped` are paths mypy stopped at."""

    findings: list[CodeRef] = field(default_factory=list)
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


def start(python: Path, cache: Path, folder: Path, paths: list[str], deadline_s: float = DEADLINE_S) -> Done:
    """Run mypy in `folder` over `paths`."""
    with tempfile.TemporaryDirectory(prefix="takehome-list-") as scratch:
        listing = Path(scratch) / "paths"
        listing.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        return run(command(python, cache, listing), cwd=folder, deadline_s=deadline_s)


def check_types(sources: Sources, python: Path, cache: Path, copy: Path) -> Strict:
    """Every error that is the submission's. A file that stops mypy is dropped, and mypy asked again without it."""
    found = Strict()
    by_copy = {source.copy: source for source in sources.files}
    for _ in range(_ATTEMPTS):
        paths = [name for name, source in by_copy.items() if source.path not in found.dropped]
        if not paths:
            return found
        done = start(python, cache, copy, paths)
        errors = _errors(done.output)
        if done.problem or done.code not in {0, 1, _BLOCKED}:
            found.problem = done.problem or f"mypy ended with code {done.code}: {done.errors[-500:]}"
            return found
        if done.code != _BLOCKED:
            _keep(found, errors, by_copy, Framework(source.tree for source in sources.files))
            return found
        blockers = {str(item["file"]) for item in errors if item["file"] in by_copy}
        if not blockers:
            break
        for name in blockers:
            found.dropped.add(by_copy[name].path)
            line, message = next((item["line"], item["message"]) for item in errors if item["file"] == name)
            found.findings.append(code_ref(by_copy[name].path, int(line), f"stops mypy: {message}", rule="syntax"))
    found.problem = f"mypy could not go on: {(done.errors or done.output)[-500:]}"
    return found


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
    for item in errors:
        source = by_copy.get(str(item["file"]))
        if source is None:
            continue
        code, message = str(item.get("code") or ""), str(item["message"])
        if framework.is_false(code, message, beside_untyped=item["file"] in untyped):
            found.left_out += 1
        else:
            url = _URL.format(code) if code else ""
            found.findings.append(code_ref(source.path, int(item["line"]), message, rule=code, url=url))
    found.findings = in_order(found.findings)
