"""The document: everything that is known of the code without running it."""

from __future__ import annotations

import importlib.metadata
import math
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.analysis.annotations import Annotations, read_annotations
from harness.analysis.code import Code
from harness.analysis.dockerfile import read_dockerfile
from harness.analysis.handlers import read_handlers
from harness.analysis.listing import listings
from harness.analysis.mypy_run import Strict, check_types
from harness.analysis.references import CodeRef
from harness.analysis.ruff_run import Lint, check_lint
from harness.analysis.signals import read_signals
from harness.analysis.sources import Sources, read_sources

_MOST = 50
# Code that was kept from mypy counts as if it were wrong at the rate at which nothing is earned any more.
UNCHECKED_RATE = 0.08


def analyse(source: Path, python: Path, cache: Path, vendored: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Read the submission in `source`; `python` is the interpreter of its environment, `cache` a copy of its own.

    `vendored` are packages at its top that are not its own.
    """
    with tempfile.TemporaryDirectory(prefix="takehome-src-") as scratch:
        copy = Path(scratch).resolve()
        sources = read_sources(source, copy, vendored)
        with ThreadPoolExecutor(2) as pool:
            strict = pool.submit(check_types, sources, python, cache, copy)
            lint = pool.submit(check_lint, sources, copy)
            annotations = read_annotations((item.path, item.tree) for item in sources.files)
            code = Code((item.path, item.tree) for item in sources.files)
            signals, handlers = read_signals(code), read_handlers(code)
            types, rules = strict.result(), lint.result()
            return {
                **_document(sources, annotations, types, rules),
                "signals": [*signals, *read_dockerfile(source)],
                "handlers": handlers,
                "sources": listings(sources, annotations, types, rules.findings),
            }


def _document(sources: Sources, annotations: Annotations, strict: Strict, lint: Lint) -> dict[str, Any]:
    lines = sources.lines
    return {
        "types": {
            "annotated": {
                "share": round(annotations.annotated_share, 4),
                "parameters": annotations.parameters,
                "annotated": annotations.annotated,
                "missing": annotations.missing[:_MOST],
                "unused": annotations.unused[:_MOST],
            },
            "not_any": {
                "share": round(annotations.not_any_share, 4),
                "annotations": annotations.annotations,
                "any": annotations.any[:_MOST],
            },
            "strict": _strict(sources, strict),
            "suppressions": {
                "count": len(sources.type_suppressions),
                "places": sources.type_suppressions[:_MOST],
            },
            "per_file": _per_file(sources, annotations, strict.findings),
        },
        "lint": {
            "findings": lint.findings[: 4 * _MOST],
            "count": len(lint.findings),
            "weighted": lint.weighted,
            "severe": lint.severe,
            "per_100_lines": _per_100(lint.weighted, lines),
            "by_group": lint.by_group,
            "suppressions": len(sources.lint_suppressions),
            "suppressed": sources.lint_suppressions[:_MOST],
            "problem": lint.problem,
        },
        "tools": {name: _version(name) for name in ("mypy", "ruff")},
        "lines": lines,
        "files": len(sources.files) + len(sources.unread),
    }


def _strict(sources: Sources, strict: Strict) -> dict[str, Any]:
    unchecked = sources.unread_lines + sum(
        len(item.code_lines if item.path in strict.dropped else item.unchecked | strict.unreached[item.path])
        for item in sources.files
    )
    findings: list[CodeRef] = [*sources.unread, *strict.findings]
    errors = len(findings)
    return {
        "errors": errors,
        "lines": sources.lines,
        "unchecked_lines": unchecked,
        "per_100_lines": _per_100(errors + math.ceil(unchecked * UNCHECKED_RATE), sources.lines),
        "findings": findings[: 2 * _MOST],
        "left_out": strict.left_out,
        "problem": strict.problem,
    }


def _per_file(sources: Sources, annotations: Annotations, errors: list[CodeRef]) -> dict[str, dict[str, float]]:
    """The three parts for each file; `not_any` is a share, 0 where nothing is annotated."""
    found: dict[str, dict[str, float]] = {}
    counts = Counter(ref["path"] for ref in errors)
    for item in sources.files:
        parameters, annotated, count, said = annotations.per_file.get(item.path, (0, 0, 0, 0.0))
        found[item.path] = {
            "lines": len(item.code_lines),
            "parameters": parameters,
            "annotated": annotated,
            "not_any": round(said / count, 4) if count else 0.0,
            "errors": counts[item.path],
        }
    return found


def _per_100(count: int, lines: int) -> float:
    return round(100 * count / lines, 3) if lines else 0.0


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
