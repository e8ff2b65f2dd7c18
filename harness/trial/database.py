"""A PostgreSQL of their own for somebody's tests: empty, and gone with them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

_READY = b"ready\n"
_TAIL = 2000
_STOP_S = 10
_CONNECT_S = 30.0


class DatabaseError(Exception):
    """The server of the tests did not start; with what it said."""


@contextmanager
def database(settings: Mapping[str, Any], work: Path) -> Iterator[Callable[[], None]]:
    """A server as `settings` say: `port`, `arguments` and `secrets` of `harness.postgres serve`.

    What is yielded empties the database, whoever is still connected.

    Raises:
        DatabaseError: it ended before it was ready.
    """
    # The server may have a user of its own, who has to get there.
    work.chmod(0o711)
    log = work / "postgres.log"
    isolated = ["-I"] if sys.flags.isolated else ["-P"]
    arguments = [
        "serve",
        "--data",
        str(work / "postgres"),
        "--port",
        str(settings["port"]),
        *map(str, settings["arguments"]),
    ]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, *isolated, "-m", "harness.postgres", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        told = json.dumps(settings["secrets"]).encode() + b"\n"
        if process.stdin is None or process.stdout is None:
            raise DatabaseError("no pipes")
        process.stdin.write(told)
        process.stdin.flush()
        # It says that it is ready, or ends: it has a deadline of its own.
        if _READY not in iter(process.stdout.readline, b""):
            raise DatabaseError(log.read_text("utf-8", "replace")[-_TAIL:])
        yield lambda: asyncio.run(_renew(int(settings["port"]), settings["secrets"]))
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _renew(port: int, secrets: Mapping[str, str]) -> None:
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=port,
        user="takehome",
        password=secrets["superuser_password"],
        database="postgres",
        timeout=_CONNECT_S,
        command_timeout=_CONNECT_S,
    )
    try:
        # Names of ours, not of theirs.
        await connection.execute(f"DROP DATABASE IF EXISTS {secrets['database']} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {secrets['database']} OWNER {secrets['role']}")
    finally:
        await connection.close(timeout=_CONNECT_S)
