"""What a run of the candidate's own tests comes to in the record. Pure; the document is from beside strangers' code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.record import OwnTests, SourceFile, TestedFault, TestFailure

_PROBLEM = 2000


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    problem: str = ""
    seconds: float = 0.0
    counts: dict[str, int] = {}
    failures: list[TestFailure] = []
    coverage: dict[str, tuple[list[int], list[int]]] = {}
    faults: list[TestedFault] = []


def own_tests_of(files: int, document: dict[str, Any] | None, problem: str) -> tuple[OwnTests, dict[str, str]]:
    """What the tests say, and the letters of `SourceFile.coverage` by path.

    `problem` is why there is no document.
    """
    try:
        found = _Document.model_validate(document or {"problem": problem or "they were not run to their end"})
        return _record(files, found), {path: _letters(*lines) for path, lines in found.coverage.items()}
    except ValidationError as error:
        told = f"what was printed about them does not fit: {error.errors()[0]['msg']}"
        return OwnTests(files=files, problem=told), {}


def _record(files: int, found: _Document) -> OwnTests:
    ran = sum(len(executed) for executed, _ in found.coverage.values())
    all_lines = ran + sum(len(missing) for _, missing in found.coverage.values())
    return OwnTests(
        files=files,
        problem=found.problem[-_PROBLEM:],
        passed=found.counts.get("passed", 0),
        failed=found.counts.get("failed", 0),
        errors=found.counts.get("error", 0),
        skipped=found.counts.get("skipped", 0),
        seconds=found.seconds,
        coverage=round(100 * ran / all_lines, 1) if all_lines else None,
        failures=found.failures,
        faults=found.faults,
    )


def _letters(executed: list[int], missing: list[int]) -> str:
    last = min(max([0, *executed, *missing]), 100_000)
    ran, missed = set(executed), set(missing)
    return "".join("c" if line in ran else "m" if line in missed else "." for line in range(1, last + 1))


def with_coverage(sources: Iterable[SourceFile], letters: dict[str, str]) -> list[SourceFile]:
    """The listing with what the tests ran, a letter for each line where there is one."""
    return [
        source.model_copy(update={"coverage": letters[source.path].ljust(len(source.types), ".")[: len(source.types)]})
        if source.path in letters
        else source
        for source in sources
    ]
