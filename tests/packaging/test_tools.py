"""The tools image holds all that is imported by what runs in it."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from collections.abc import Iterator

from harness.runtime.docker.tools_image import pins
from tests.packaging.tree import ROOT, parsed

PARTS = ("harness/analysis", "harness/authoring", "harness/prober", "harness/trial", "graders")
OURS = {"harness", "graders"}
# Given out by a challenge, and installed in the candidate's environment alone.
CANDIDATES = {"numpy", "digit_model"}


def imported() -> Iterator[str]:
    for part in PARTS:
        for path in (ROOT / part).rglob("*.py"):
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    yield node.module.split(".")[0]


def test_the_tools_image_has_every_library_that_runs_in_it() -> None:
    by_module = importlib.metadata.packages_distributions()
    pinned = {pin.partition("==")[0] for pin in pins()}
    foreign = set(imported()) - set(sys.stdlib_module_names) - OURS - CANDIDATES
    assert "httpx" in foreign
    lacking = {name for name in foreign if not pinned & {d.lower().replace("_", "-") for d in by_module.get(name, [])}}
    assert lacking == set()
