"""A prober whose host goes away in the middle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.prober.host import ROOT, SERVICE, free_port


def abandoned(folder: Path) -> int:
    """Start a prober on `folder`, close its stdin in the first check, and return its exit code."""
    port = free_port()
    service = subprocess.Popen([sys.executable, "-P", str(SERVICE), str(port)], stdout=subprocess.DEVNULL)
    prober = subprocess.Popen(
        [sys.executable, "-P", "-m", "harness.prober"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert prober.stdin is not None
    assert prober.stdout is not None
    try:
        hello = {
            "kind": "hello",
            "challenge": "x",
            "seed": 1,
            "graders": [str(folder)],
            "base_url": f"http://127.0.0.1:{port}",
        }
        prober.stdin.write(json.dumps(hello).encode() + b'\n{"kind":"go"}\n')
        prober.stdin.flush()
        for line in prober.stdout:
            if json.loads(line)["kind"] == "started":
                break
        prober.stdin.close()
        return prober.wait(60)
    finally:
        for process in (prober, service):
            process.kill()
            process.wait()
