"""The table in ARCHITECTURE.md that says which module of the harness may import which."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.packaging.tree import ROOT, parsed

HEADER = re.compile(r"^\|\s*module\s*\|\s*may import\s*\|", re.IGNORECASE)


def table() -> dict[str, set[str]]:
    """Module of the harness -> modules of the harness that it may import."""
    lines = (ROOT / "ARCHITECTURE.md").read_text().splitlines()
    start = next((number for number, line in enumerate(lines) if HEADER.match(line)), None)
    assert start is not None, "ARCHITECTURE.md has no table `| module | may import |`"
    rows: dict[str, set[str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        module, allowed = line.strip().strip("|").split("|")[:2]
        for name in re.findall(r"harness(?:\.\w+)*", module):
            rows[name] = set(re.findall(r"harness(?:\.\w+)*|\banything\b", allowed))
    return rows


def top_level(name: str) -> str:
    """harness.probe.client -> harness.probe; a name that is no module (harness.__version__) -> harness."""
    parts = name.split(".")[:2]
    source = ROOT.joinpath(*parts)
    return ".".join(parts) if source.is_dir() or source.with_suffix(".py").is_file() else "harness"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import from the harness, those inside functions and TYPE_CHECKING too."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (start, node.module) if part)
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == "harness")


def test_every_module_of_the_harness_has_a_row_in_the_table() -> None:
    allowed = table()
    there = {top_level(module_of(path)) for path in (ROOT / "harness").rglob("*.py")} - {"harness"}
    assert sorted(there - set(allowed)) == []
    assert sorted(set(allowed) - there - {"harness"}) == []


def test_no_module_of_the_harness_imports_more_than_its_row_allows() -> None:
    allowed = table()
    forbidden = []
    for path in sorted((ROOT / "harness").rglob("*.py")):
        here = top_level(module_of(path))
        granted = allowed.get(here, set())
        if here == "harness" or "anything" in granted:
            continue
        for line, name in imports(path):
            target = top_level(name)
            if target not in {here, "harness"} | granted:
                forbidden.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert forbidden == []
