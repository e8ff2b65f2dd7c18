"""What mypy says by itself of submissions that try to look typed, and what the check `types` says.

    python -m benchmarks.type_traps [--write]

mypy's own percentage is its any-exprs report, asked for as a reader would: in the submission's folder, with the
submission's configuration. Ours are the three parts of the score. `--write` puts the table into docs/type-traps.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from graders.common.test_types import types_score
from harness.analysis.document import analyse

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "tests" / "analysis" / "catalogue"
DOCUMENT = ROOT / "docs" / "type-traps.md"
TRAPS = {
    "good": "Honest types",
    "no_annotations": "No annotation anywhere",
    "all_any": "`Any` in every spelling there is",
    "any_alias": "`JSON = Any`, and `JSON` everywhere",
    "any_object": "`object` everywhere",
    "any_dict": "Bare `dict` everywhere",
    "ignored": "`# type: ignore` on each line",
    "ignored_file": "`# mypy: ignore-errors` at the top",
    "plugin": "A configuration and a plugin of their own",
    "stubs": "Stubs beside the code that say what it doesn't",
    "dead": "Typed functions that nothing calls",
    "unchecked": "`@no_type_check` and `if not TYPE_CHECKING`",
    "hidden_in_tests": "The service in `tests/`, where nobody looks",
    "shadows": "Modules named like mypy and typing",
}
_HEAD = """# Types that look like types

Each row is a submission in `tests/analysis/catalogue`. *mypy alone* is what its own report of precise expressions
says, run in the submission's folder with the submission's configuration, and the errors that it prints there. The
rest is what the check `types` makes of it: how much is annotated, how much of that says something, errors of `mypy
--strict` (without their configuration and comments) per 100 lines, and the score, of which 0.95 is all points and 0.5
none.
Made by `python -m benchmarks.type_traps --write`.

| submission | | mypy alone | errors | annotated | not Any | strict errors | score |
|---|---|---|---|---|---|---|---|
"""


def mypy_alone(folder: Path) -> tuple[str, str]:
    """The total of mypy's own report, and its count of errors; a dash where it comes to no end."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [
                *(sys.executable, "-P", "-m", "mypy", "--any-exprs-report", f"{scratch}/report"),
                *("--cache-dir", f"{scratch}/cache", "--no-pretty", "app"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        report = Path(scratch, "report", "any-exprs.txt")
        total = re.search(r"^ *Total .* ([\d.]+)%", report.read_text(), re.M) if report.is_file() else None
    errors = re.search(r"Found (\d+) error", done.stdout)
    count = errors[1] if errors else "0" if "Success" in done.stdout else "-"
    return (f"{float(total[1]):.0f} %" if total else "-"), count


def ours(folder: Path) -> dict[str, Any]:
    """The types of the analysis document."""
    with tempfile.TemporaryDirectory() as cache:
        types: dict[str, Any] = analyse(folder, Path(sys.executable), Path(cache))["types"]
        return types


def row(name: str) -> str:
    """One line of the table."""
    types = ours(CATALOGUE / name)
    annotated, not_any = types["annotated"]["share"], types["not_any"]["share"]
    errors = types["strict"]["per_100_lines"]
    percentage, count = mypy_alone(CATALOGUE / name)
    score = types_score(annotated, not_any, errors)
    cells = [f"`{name}`", TRAPS[name], percentage, count, f"{annotated:.0%}", f"{not_any:.0%}", f"{errors:.1f}"]
    return "| " + " | ".join([*cells, f"{score:.2f}"]) + " |"


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.type_traps")
    parser.add_argument("--write", action="store_true")
    text = _HEAD + "".join(f"{row(name)}\n" for name in TRAPS)
    if parser.parse_args().write:
        DOCUMENT.write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
