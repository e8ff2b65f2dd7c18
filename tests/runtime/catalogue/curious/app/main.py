"""Looks around when it starts and prints what it found."""

import json
import os
import secrets
import socket
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def writable(folder: str) -> bool:
    try:
        path = Path(folder) / "probe"
        path.write_text("x")
        path.unlink()
    except OSError:
        return False
    return True


def reaches(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def holds_anything(folder: str) -> bool:
    return Path(folder).is_dir() and any(Path(folder).iterdir())


def capabilities() -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((line.split()[1] for line in lines if line.startswith("CapEff")), "")


print("FOUND " + json.dumps({
    # In memory alone: another start draws another.
    "drawn": secrets.token_hex(8),
    "uid": os.getuid(),
    "root_writable": writable("/"),
    "source_writable": writable("."),
    "tmp_writable": writable(os.environ.get("TMPDIR", "/tmp")),
    "egress": reaches("1.1.1.1", 53) or reaches("169.254.169.254", 80),
    "interfaces": sorted(name for _, name in socket.if_nameindex()),
    "capabilities": capabilities(),
    "graders": holds_anything("/srv/graders") or holds_anything("/opt/takehome"),
    "engine_socket": Path("/var/run/docker.sock").exists(),
    "processes": sum(p.name.isdigit() for p in Path("/proc").iterdir()),
    "environment": sorted(os.environ),
}), flush=True)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}
