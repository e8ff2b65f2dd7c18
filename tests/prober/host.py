"""The host's side of a conversation with a real prober process, for tests."""

from __future__ import annotations

import json
import os
import socket
import sys
import textwrap
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.prober.local_host import LocalHost
from tests.forkserver import ForkedProcess, Warmth, start_forked

ROOT = Path(__file__).resolve().parents[2]
SERVICE = Path(__file__).with_name("service.py")
_KILL_S = 120.0
# pytest wants to import its plugins itself, and `-m` runs the main module anew.
PROBER = Warmth(
    ("harness.prober.__main__", "harness.prober.fixtures", "harness.authoring", "anyio.pytest_plugin"),
    ("harness.prober.__main__", "harness.prober.fixtures", "anyio.pytest_plugin"),
)

PREAMBLE = """
from __future__ import annotations
import asyncio, json, os, random, sys, time
from harness.authoring import *

def told(**more):
    return {"skill": "craft", "level": "junior", "passed": "It holds", "failed": "It doesn't hold", **more}

"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def suite(folder: Path, *sources: str, name: str = "test_suite.py") -> Path:
    """A folder with one file of checks, made of sources that may be indented differently."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(PREAMBLE + "".join(map(textwrap.dedent, sources)))
    return folder


@dataclass
class Told:
    """All that a prober said, and its own prints."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    printed: str = ""
    exit_code: int | None = None

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["kind"] == kind]

    def result(self, check_id: str) -> dict[str, Any]:
        (frame,) = [frame for frame in self.of("check") if frame["id"] == check_id]
        return frame

    def order(self) -> list[str]:
        return [frame["id"] for frame in self.of("check")]

    @property
    def kinds(self) -> list[str]:
        return [frame["kind"] for frame in self.frames]


def probe(
    *graders: Path,
    checks: list[str] | None = None,
    command: str | None = None,
    base_url: str | None = None,
    stub: bool = False,
    hello: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Told:
    """Run a prober to its end. By default the candidate is service.py; `command` {port} is another one."""
    port, stub_port = free_port(), free_port()
    given = {"PROFILE_URL": f"http://127.0.0.1:{stub_port}", **(environment or {})}
    command = command or f"{sys.executable} -P {SERVICE} {{port}}"
    host = LocalHost(candidate=None if base_url else command.format(port=port), environment=given)
    brief = {
        "kind": "hello",
        "challenge": "demo",
        "seed": 7,
        "graders": [str(folder) for folder in graders],
        "checks": checks,
        "visible_only": False,
        "base_url": base_url or f"http://127.0.0.1:{port}",
        "environment": given,
        "postgres": None,
        "stubs": {"profile": stub_port} if stub else {},
        "budget_s": 100.0,
        "ready_s": 20.0,
        "openapi": None,
        **(hello or {}),
    }
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(variables or {})}
    prober = start_forked(PROBER, "harness.prober", [], cwd="/", env=variables)
    killer = threading.Timer(_KILL_S, prober.kill)
    killer.start()
    try:
        return _converse(prober, host, brief)
    finally:
        killer.cancel()
        prober.kill()
        prober.wait()
        host.close()


def _converse(prober: ForkedProcess, host: LocalHost, brief: Mapping[str, Any]) -> Told:
    assert prober.stdin is not None
    assert prober.stdout is not None
    assert prober.stderr is not None
    stdin, stderr, told, printed = prober.stdin, prober.stderr, Told(), bytearray()
    reader = threading.Thread(target=lambda: printed.extend(stderr.read()), daemon=True)
    reader.start()

    def send(frame: Mapping[str, Any]) -> None:
        stdin.write(json.dumps(frame).encode() + b"\n")
        stdin.flush()

    send(brief)
    for line in prober.stdout:
        frame = json.loads(line)
        told.frames.append(frame)
        if frame["kind"] == "bound":
            host.start()
            send({"kind": "go"})
        elif frame["kind"] == "request":
            send({"kind": "answer", "id": frame["id"], **host.answer(frame)})
    told.exit_code = prober.wait()
    reader.join(5)
    told.printed = printed.decode("utf-8", "replace")
    return told
