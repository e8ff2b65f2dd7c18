"""How dependencies are resolved and installed, and who is to blame when that fails. Pure.

Wheels only: building an sdist runs its author's code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from packaging.specifiers import SpecifierSet

from harness.errors import EnvironmentFault, SubmissionError, TakehomeError

_ENVIRONMENT_SIGNS = (
    "error sending request",
    "failed to fetch",
    "dns error",
    "tcp connect",
    "connection refused",
    "connection reset",
    "timed out",
    "no space left on device",
    "invalid peer certificate",
    "unknownissuer",
    "certificate",
    "temporary failure in name resolution",
    "503 service unavailable",
    "502 bad gateway",
    "429 too many",
    "network is unreachable",
    "disk quota exceeded",
    "read-only file system",
    "could not connect",
)
_SUBMISSION_SIGNS = (
    "no solution found",
    "no usable wheels",
    "no wheels",
    "was not found in the package registry",
    "unsatisfiable",
    "couldn't parse requirement",
    "failed to parse",
    "no matching distribution",
    "because only",
    "no version of",
    "requires-python",
)
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;#]+)")


def compile_arguments(requirements_file: str, python: str, index_url: str | None) -> list[str]:
    """`uv` arguments that resolve a requirements file to exact pins on stdout."""
    return [
        "pip",
        "compile",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--only-binary",
        ":all:",
        "--python",
        python,
        *_index(index_url),
        requirements_file,
    ]


def install_arguments(resolved_file: str, python: str, index_url: str | None, *, compiled: bool = True) -> list[str]:
    """`uv` arguments that install exact pins, from wheels alone, and nothing besides.

    `compiled` starts the interpreter that was installed into, and so runs what the wheels' `.pth` files say.
    """
    return [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--link-mode",
        "copy",
        *(["--compile-bytecode"] if compiled else []),
        "--python",
        python,
        *_index(index_url),
        "-r",
        resolved_file,
    ]


def _index(index_url: str | None) -> list[str]:
    return ["--index-url", index_url] if index_url else []


def packages(resolved: str) -> dict[str, str]:
    """Name to version of a resolved requirements text."""
    found = (_PINNED.match(line.strip()) for line in resolved.splitlines())
    return {m.group(1).lower().replace("_", "-"): m.group(2) for m in found if m}


def content_key(parts: Iterable[str]) -> str:
    """The key of a content: 16 hex digits of a sha256 over its parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def blame(output: str, requirements: Iterable[str]) -> TakehomeError:
    """What a failed uv run was: the submission's fault when no resolution exists, else the environment's."""
    text = output.lower()
    wanted = ", ".join(requirements)[:300]
    environment = any(sign in text for sign in _ENVIRONMENT_SIGNS)
    if any(sign in text for sign in _SUBMISSION_SIGNS) and not environment:
        return SubmissionError(
            "the dependencies do not resolve",
            where=wanted,
            detail=output.strip()[-2000:],
            next_step="correct the declared dependencies; only releases with wheels can be installed",
        )
    return EnvironmentFault(
        "the dependencies could not be installed",
        where=wanted,
        detail=output.strip()[-2000:],
        next_step="`takehome doctor` checks the network, the index and the disk" if environment else "run again",
    )


def require_python(requires: str | None, version: str) -> None:
    """The Python that a submission asks for has to be the one that it is run on.

    Raises:
        SubmissionError: it isn't; the brief says which are.
    """
    if requires and version and not SpecifierSet(requires).contains(version, prereleases=True):
        raise SubmissionError(
            f"the submission asks for Python {requires} and is graded on {version}",
            where="requires-python",
            next_step="widen requires-python as the brief says",
        )


def require_server(resolved: dict[str, str], source: str) -> None:
    """The app is served by uvicorn, which the brief asks to declare.

    Raises:
        SubmissionError: it isn't declared.
    """
    if "uvicorn" not in resolved:
        raise SubmissionError(
            "uvicorn is not among the declared dependencies",
            where=source,
            next_step="declare it (`uvicorn`, or `fastapi[standard]`): the app is served by it",
        )
