"""Run mutmut on some modules and print the mutants that survive, each with its file, line and diff."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FOLDER, LOG = Path("mutants"), Path("build/mutation.log")
MUTMUT = Path(sys.executable).with_name("mutmut")
# How mutmut writes down what pytest answered for a mutant; everything else means that a test failed or never ended.
SURVIVED, UNTESTED = 0, 33


@dataclass(frozen=True)
class Module:
    """A module and pytest's exit code for each of its mutants, by name."""

    path: Path
    codes: dict[str, int | None]


def main(names: list[str]) -> int:
    """Run the mutants of the named modules, print the survivors and a table; return the exit code."""
    known = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]["only_mutate"]
    by_name = {path.removesuffix(".py").replace("/", "."): Path(path) for path in known}
    chosen = [name.removesuffix(".py").replace("/", ".") for name in names] or list(by_name)
    if unknown := [name for name in chosen if name not in by_name]:
        print(f"error: no mutation tests for {', '.join(unknown)}\n  next: name some of {', '.join(by_name)}")
        return 2
    if not run_mutmut(chosen):
        print(f"error: mutmut failed; see {LOG}")
        return 1
    modules = [read_module(by_name[name]) for name in chosen]
    if skipped := sum(code is None for module in modules for code in module.codes.values()):
        print(f"error: mutmut left out {skipped} mutants; see {LOG}")
        return 1
    for module in modules:
        print_survivors(module)
    print_table(modules)
    shutil.rmtree(FOLDER)
    return 0


def run_mutmut(modules: list[str]) -> bool:
    """Make and run the mutants, from nothing: what mutmut keeps does not notice every changed test."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    LOG.parent.mkdir(exist_ok=True)
    print(f"running the mutants of {', '.join(modules)}; progress: {LOG}", flush=True)
    with LOG.open("w") as log:
        patterns = [f"{module}.*" for module in modules]
        command = [str(MUTMUT), "run", "--max-children", "2", *patterns]
        return subprocess.run(command, stdout=log, stderr=log, check=False).returncode == 0


def read_module(path: Path) -> Module:
    """Read mutmut's results for one module."""
    results = FOLDER / path.with_name(path.name + ".meta")
    return Module(path, json.loads(results.read_text("utf-8"))["exit_code_by_key"])


def print_survivors(module: Module) -> None:
    """Print each surviving mutant: its name, where it is, and the lines that it changes."""
    lines = module.path.read_text("utf-8").splitlines()
    for name, code in module.codes.items():
        if code not in (SURVIVED, UNTESTED):
            continue
        shown = subprocess.run([MUTMUT, "show", name], capture_output=True, text=True, check=True).stdout
        diff = [line for line in shown.splitlines() if line.startswith(("-", "+", " "))][2:]
        line = find_line(lines, diff, name)
        print(f"{module.path}:{line}  {name}{'  (no test runs this function)' if code == UNTESTED else ''}")
        print("\n".join(f"    {text}" for text in diff if text[0] != " ") + "\n")


def find_line(lines: list[str], diff: list[str], name: str) -> int:
    """The line of the file that a diff changes first; the diff's own numbers count from the start of the function."""
    before = [text[1:].strip() for text in diff if text[0] != "+"]
    changed = next((at for at, text in enumerate(diff) if text[0] != " "), 0)
    function = name.rpartition(".")[2].partition("__mutmut_")[0].removeprefix("x_").rpartition("ǁ")[2]
    stripped = [line.strip() for line in lines]
    start = next((at for at, line in enumerate(stripped) if line.startswith(f"def {function}(")), 0)
    blocks = (at for at in range(start, len(lines)) if stripped[at : at + len(before)] == before)
    return next(blocks, start) + changed + 1


def print_table(modules: list[Module]) -> None:
    """Print how many mutants each module has and what became of them."""
    width = max(len(str(module.path)) for module in modules)
    print(f"{'':<{width}}  mutants  killed  survived  without a test")
    for module in modules:
        counts = Counter(module.codes.values())
        total, survived, untested = len(module.codes), counts[SURVIVED], counts[UNTESTED]
        row = f"{total:>7}  {total - survived - untested:>6}  {survived:>8}  {untested:>14}"
        print(f"{module.path!s:<{width}}  {row}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
