"""ruff over the copy, with a selection of our own and none of the candidate's exceptions."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.analysis.process import run
from harness.analysis.references import CodeRef, code_ref, in_order
from harness.analysis.sources import Sources

DEADLINE_S = 60.0
_SELECT = "ASYNC,FAST,B,BLE,S,UP,DTZ,RUF006,C90,PLE,PLW,PLR,PERF,F,E9"
_IGNORE = (
    "B008",  # Depends() as a default is FastAPI's own way
    "FAST001",  # a response model named twice is clear, if long
    "FAST002",  # so is the older form of a dependency
    "FAST003",  # a parameter of the path that a dependency of another module takes looks unused
    "PLR0911",
    "PLR0913",
    "PLR0917",
    "PLR2004",  # HTTP statuses
    "S101",
    "S104",  # a service listens
    "S311",  # jitter needs no cryptography
    "S404",
    "ASYNC109",  # a parameter named timeout
    *("UP009", "UP012", "UP015", "UP017", "UP030", "UP031", "UP032", "UP042", "PLW1514"),  # taste
)
_GROUPS = (
    ("style", re.compile(r"ASYNC11|B009$|B010$|S608$|S603$|S607$|PLW0603$|PLW2901$")),
    ("async", re.compile(r"ASYNC|RUF006$")),
    ("correctness", re.compile(r"S110$|S112$")),
    ("security", re.compile(r"S\d")),
    ("correctness", re.compile(r"B\d|PLE|PLW|DTZ|F\d|E9|FAST|invalid-syntax")),
)
_WEIGHTS = {"async": 3, "security": 3, "correctness": 2, "style": 1}
# Findings that a reviewer would not let through, however few: about asynchronous code, and the security rules that
# are never wrong about an honest service (eval, exec, a shell, certificates that aren't verified, yaml.load).
_SEVERE = re.compile(r"S102$|S307$|S501$|S506$|S602$|S604$|S605$")
# One habit in one file is one thing to tell its author, so it isn't counted without end.
_HABIT = 3
# Words that ruff takes for a password: `token_type`, `token_url` and their values.
_NO_SECRET = re.compile(r'"\w*(?:token_?type|token_?url|tokenurl)"|"bearer"', re.I)


@dataclass
class Lint:
    """`weighted` counts findings by how much they matter, `severe` those that none may be left of; `problem` says why
    there is no verdict.
    """

    findings: list[CodeRef] = field(default_factory=list)
    by_group: dict[str, int] = field(default_factory=dict)
    weighted: int = 0
    severe: int = 0
    problem: str = ""


def check_lint(sources: Sources, copy: Path) -> Lint:
    """What ruff finds, and what it never saw: files that are no Python or not UTF-8."""
    found = Lint()
    names = {str((copy / source.copy).resolve()): source.path for source in sources.files}
    if names:
        done = run(
            [
                str(Path(sys.executable).parent / "ruff"),
                "check",
                "--isolated",
                "--ignore-noqa",
                "--no-cache",
                "--no-respect-gitignore",
                "--config",
                "exclude=[]",
                "--output-format=json",
                "--target-version=py311",
                f"--select={_SELECT}",
                f"--ignore={','.join(_IGNORE)}",
                "--exit-zero",
                ".",
            ],
            cwd=copy,
            deadline_s=DEADLINE_S,
        )
        try:
            items = json.loads(done.output)
        except ValueError:
            found.problem = done.problem or f"ruff ended with code {done.code}: {done.errors[-500:]}"
            return found
        found.findings = [ref for item in items if (ref := _ref(item, names)) is not None]
    for place in (*sources.unread, *sources.encodings):
        found.findings.append({**place, "group": "correctness"})
    found.findings = in_order(found.findings)
    found.by_group = dict(sorted(Counter(str(ref["group"]) for ref in found.findings).items()))
    found.weighted = _weighted(found.findings)
    found.severe = sum(
        1 for ref in found.findings if ref["group"] == "async" or _SEVERE.match(str(ref["rule"])) is not None
    )
    return found


def _ref(item: dict[str, Any], names: dict[str, str]) -> CodeRef | None:
    path = names.get(str(item.get("filename")))
    rule, message = str(item.get("code") or item.get("name") or ""), str(item.get("message"))
    if path is None or (rule in {"S105", "S106", "S107"} and _NO_SECRET.search(message)):
        return None
    line = int((item.get("location") or {}).get("row") or 1)
    return code_ref(path, line, message, rule=rule, url=str(item.get("url") or ""), group=group_of(rule))


def group_of(rule: str) -> str:
    """async, security, correctness or style."""
    return next((group for group, pattern in _GROUPS if pattern.match(rule)), "style")


def _weighted(findings: Iterable[CodeRef]) -> int:
    habits = Counter((str(ref["path"]), str(ref["rule"]), str(ref["group"])) for ref in findings)
    return sum(
        _WEIGHTS[group] * (count if group == "async" else min(count, _HABIT)) for (_, _, group), count in habits.items()
    )
