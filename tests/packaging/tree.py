"""What the tests of this folder know about the checkout."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

from harness.parsing import PARSING

ROOT = Path(__file__).resolve().parents[2]
DATA_FOLDERS = ("challenges", "graders", "reports")
CACHES = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".venv", ".DS_Store"})
BUILT = frozenset({".git", ".tools", "build", "dist"})


def is_cache(path: Path) -> bool:
    return bool(CACHES.intersection(path.parts)) or path.suffix in {".pyc", ".pyo"}


def parsed(path: Path) -> ast.Module:
    """A module's syntax tree; other threads of the suite may be reading submissions."""
    with PARSING:
        return ast.parse(path.read_bytes(), str(path))


def project_files() -> list[Path]:
    """Every file of the project, relative to ROOT: git's list, or in a plain copy all but caches."""
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        paths = [Path(name) for name in listed.split("\0") if name]
    else:
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        paths = [path for path in paths if path.parts[0] not in BUILT and not is_cache(path)]
    return sorted(path for path in paths if (ROOT / path).is_file())
