"""Runs checks against a service that is up already, with no runtime: for those who write graders.

    python -m harness.prober.local --graders graders/users_api --base-url http://127.0.0.1:8000 --stub profile=9101 \\
        --postgres '{"host": "127.0.0.1", "port": 5432, "superuser": "postgres", "superuser_password": "...",
                     "database": "app", "role": "candidate"}' \\
        --env SECRET_KEY=... --checks create-user,merge-patch \\
        --candidate-command 'python -m uvicorn app.main:app --port 8000'

With `--candidate-command` the service is started, stopped and restarted here. `--postgres-command 'pg.sh {op}'` is
run with stop, start or restart for {op}. `--static FILE` is the document that the static checks read.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.prober.local_host import LocalHost

_TAIL = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when every check passed or was not applicable, 1 when one didn't, 2 when nothing could be run."""
    options = _parser().parse_args(arguments)
    environment = dict(_pair(text) for text in options.env)
    host = LocalHost(
        candidate=options.candidate_command,
        postgres=options.postgres_command,
        environment=environment,
        folder=options.candidate_folder,
        static=options.static,
    )
    command = [sys.executable, "-P", "-m", "harness.prober"]
    root = str(Path(__file__).resolve().parents[2])
    prober = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if options.verbose else subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": root},
    )
    try:
        return _converse(prober, host, _hello(options, environment), options)
    except KeyboardInterrupt:
        return 130
    finally:
        prober.kill()
        prober.wait()
        host.close()


def _converse(
    prober: subprocess.Popen[bytes], host: LocalHost, hello: Mapping[str, Any], options: argparse.Namespace
) -> int:
    assert prober.stdin is not None and prober.stdout is not None  # noqa: S101 - both are pipes
    stdin, turn = prober.stdin, threading.Lock()

    def send(frame: Mapping[str, Any]) -> None:
        with turn, suppress(OSError):
            stdin.write(json.dumps(frame).encode() + b"\n")
            stdin.flush()

    def answer(request: Mapping[str, Any]) -> None:
        send({"kind": "answer", "id": request["id"], **host.answer(request)})

    send(hello)
    worst = 0
    for line in prober.stdout:
        frame = json.loads(line)
        match frame["kind"]:
            case "bound":
                host.start()
                send({"kind": "go"})
            case "request":
                # On a thread: a stop may take its whole grace while a check looks at the state.
                threading.Thread(target=answer, args=(frame,), daemon=True).start()
            case "check":
                worst = max(worst, 0 if frame["outcome"] in ("pass", "not_applicable") else 1)
                print(json.dumps(frame) if options.json else told(frame), flush=True)
            case "not_ready" | "crashed":
                print(f"{frame['kind']}: {frame.get('summary', '')} {frame.get('detail', '')}", flush=True)
                print("\n".join(host.logs(_TAIL)), flush=True)
                return 2
            case "done":
                return worst
    print("the prober ended without a word (--verbose shows what it printed)", flush=True)
    return 2


def told(frame: Mapping[str, Any]) -> str:
    """One line on a check, and under it what was expected and found when it didn't pass."""
    outcome = frame["outcome"]
    share = f" {frame['fraction']:.0%}" if outcome == "partial" else ""
    lines = [f"{outcome}{share:<5} {frame['id']} ({frame['seconds']:.1f} s): {frame['summary']}"]
    if outcome not in ("pass", "not_applicable"):
        for name in ("expected", "actual", "blocked_by", "fault", "reason"):
            if frame[name]:
                lines.append(f"    {name}: " + str(frame[name]).replace("\n", "\n        "))
        if frame["evidence"].get("reproduce"):
            lines.append("    " + frame["evidence"]["reproduce"])
    return "\n".join(lines)


def _hello(options: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "hello",
        "challenge": options.graders[0].resolve().name,
        "seed": options.seed,
        "graders": [str(folder.resolve()) for folder in options.graders],
        "checks": options.checks.split(",") if options.checks else None,
        "visible_only": False,
        "base_url": options.base_url,
        "environment": environment,
        "postgres": json.loads(options.postgres) if options.postgres else None,
        "stubs": {name: int(port) for name, port in map(_pair, options.stub)},
        "budget_s": options.budget,
        "ready_s": options.ready,
        "openapi": json.loads(options.openapi.read_text()) if options.openapi else None,
    }


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SystemExit(f"NAME=VALUE, not {text!r}")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m harness.prober.local", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--graders", type=Path, action="append", required=True, help="folder with a suite; repeatable")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--stub", action="append", default=[], metavar="NAME=PORT")
    parser.add_argument("--postgres", metavar="JSON", help="host, port, superuser, superuser_password, database, role")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="what the candidate was given")
    parser.add_argument("--checks", metavar="A,B", help="all by default")
    parser.add_argument("--openapi", type=Path, help="the contract document, as JSON")
    parser.add_argument("--static", type=Path, help="the static evidence document, as JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=1800.0, help="seconds for all checks")
    parser.add_argument("--ready", type=float, default=60.0, help="seconds for the service to answer")
    parser.add_argument("--candidate-command", metavar="COMMAND")
    parser.add_argument("--candidate-folder", type=Path, metavar="FOLDER", help="where that command runs")
    parser.add_argument("--postgres-command", metavar="COMMAND", help="with {op} for stop, start or restart")
    parser.add_argument("--json", action="store_true", help="print each result as the host would get it")
    parser.add_argument("--verbose", action="store_true", help="show what the prober prints")
    return parser


if __name__ == "__main__":
    sys.exit(main())
