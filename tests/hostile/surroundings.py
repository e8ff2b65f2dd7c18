"""What a submission could reach, change or leave behind: listeners on the host, and counts before and after."""

from __future__ import annotations

import io
import json
import socket
import threading
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
from docker import DockerClient

from harness.runtime.docker.engine import LABEL, OWNER


@dataclass
class Sentinel:
    """Listens on every address of the host; whoever connects has reached out."""

    hosts: list[str]
    reached: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("0.0.0.0", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, address = self._socket.accept()
                self.reached.append(str(address))
                connection.close()

    def target(self) -> str:
        """What a submission is told about it."""
        return json.dumps({"hosts": self.hosts, "port": self.port})

    def close(self) -> None:
        self._socket.close()


def gateway(client: DockerClient) -> str:
    """Where containers on the engine's own network find the host."""
    found = client.networks.get("bridge").attrs
    told = found["IPAM"]["Config"][0].get("Gateway")
    if told:
        return str(told)
    # An engine that found its bridge there when it first started tells no gateway: it is the bridge's own address.
    addresses = psutil.net_if_addrs()[found["Options"]["com.docker.network.bridge.name"]]
    return next(one.address for one in addresses if one.family == socket.AF_INET)


def wheel(name: str, files: dict[str, bytes]) -> bytes:
    """A wheel of version 1.0 that brings the files."""
    info = f"{name}-1.0.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**files, **metadata}.items():
            archive.writestr(path, content)
        archive.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in [*files, *metadata, f"{info}/RECORD"]))
    return out.getvalue()


class Index:
    """A package index with a few wheels of its own; for everything else it points to PyPI."""

    def __init__(self, host: str, wheels: dict[str, bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rstrip("/").rpartition("/")[2]
                if name in wheels:
                    body = f'<a href="/files/{name}-1.0-py3-none-any.whl">{name}-1.0-py3-none-any.whl</a>'.encode()
                    self._send(body, "text/html")
                elif self.path.startswith("/files/"):
                    self._send(wheels[name.partition("-")[0]], "application/octet-stream")
                else:
                    self.send_response(302)
                    self.send_header("location", f"https://pypi.org{self.path}")
                    self.end_headers()

            def _send(self, body: bytes, kind: str) -> None:
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self.url = f"http://{host}:{self._server.server_port}/simple"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def left_in(client: DockerClient, pids: set[int]) -> list[str]:
    """What runs of these process ids have left in the engine."""
    labelled: dict[str, Any] = {"label": LABEL}
    found: list[tuple[str, str | None, dict[str, str] | None]] = [
        ("container", c.name, c.labels) for c in client.containers.list(all=True, filters=labelled, ignore_removed=True)
    ]
    found += [("volume", v.name, v.attrs.get("Labels")) for v in client.volumes.list(filters=labelled)]
    found += [("network", n.name, n.attrs.get("Labels")) for n in client.networks.list(filters=labelled)]
    owned = {f"{socket.gethostname()}:{pid}" for pid in pids}
    return sorted(
        f"{kind} {name}" for kind, name, told in found if (told or {}).get(OWNER, "").rpartition(":")[0] in owned
    )


class Births:
    """The containers that are made from now on, by the process ids of the runs that make them."""

    def __init__(self, client: DockerClient) -> None:
        self._events = client.events(decode=True, filters={"type": "container", "event": "create", "label": LABEL})
        self._born: list[tuple[str, str]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for event in self._events:
            owner = str(event["Actor"]["Attributes"].get(OWNER, ""))
            self._born.append((str(event["id"]), owner.rpartition(":")[0].rpartition(":")[2]))

    def of(self, pids: set[int]) -> set[str]:
        return {id_ for id_, pid in self._born if pid.isdigit() and int(pid) in pids}

    def close(self) -> None:
        self._events.close()


def alive_in(containers: set[str]) -> list[str]:
    """Processes that have outlived their containers."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if any(id_ in (folder / "cgroup").read_text() for id_ in containers):
                    found.append(f"process {folder.name}")
    return found
