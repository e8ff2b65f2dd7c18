"""Runs schemathesis against the service in a process of its own: it can be stopped, and its memory has an end."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import anyio

_DEADLINE_S = 110.0
_SCRIPT = Path(__file__).with_name("fuzzer.py")


@dataclass(frozen=True)
class Order:
    """What to test. `user_id` is a user that is there, for paths that name one."""

    base_url: str
    token: str
    seed: int
    user_id: str
    examples: int = 5


@dataclass(frozen=True)
class Failure:
    """An answer that the document doesn't know; `request` is a curl command without the token."""

    operation: str
    title: str
    message: str
    request: str = ""


@dataclass
class Result:
    """`unable` says why nothing could be tested, `refused` why the document can't be used."""

    operations: int = 0
    cases: int = 0
    silent: int = 0
    failures: list[Failure] = field(default_factory=list)
    unable: str = ""
    refused: str = ""


async def run(order: Order) -> Result:
    """All operations of the served document; nothing is raised, trouble of our own is `unable`."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": folder,
            "PYTHONHASHSEED": "0",
            "HYPOTHESIS_STORAGE_DIRECTORY": folder,
        }
        try:
            with anyio.fail_after(_DEADLINE_S):
                done = await anyio.run_process(
                    [sys.executable, "-P", str(_SCRIPT)],
                    input=json.dumps(asdict(order)).encode(),
                    check=False,
                    env=environment,
                    cwd=folder,
                )
        except TimeoutError:
            return Result(unable=f"schemathesis did not end within {_DEADLINE_S:.0f} s")
        except OSError as error:
            return Result(unable=f"schemathesis could not be started: {error}")
    return _read(done.stdout, done.stderr)


def _read(out: bytes, err: bytes) -> Result:
    try:
        told: dict[str, Any] = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        return Result(unable="schemathesis ended without a result: " + err.decode(errors="replace")[-1500:])
    failures = [Failure(**one) for one in told.pop("failures")]
    return Result(failures=failures, **told)
