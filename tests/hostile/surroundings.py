"""What a submission could reach, change or leave behind: listeners on the host, the engine's containers and images."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
from docker import DockerClient

from harness.runtime.docker.engine import LABEL, OWNER
from harness.runtime.docker.environment import REPOSITORY

_CHUNK = bytes(2**20)
_EVENT_S = 30.0


@dataclass
class Sentinel:
    """Listens on every address of the host; a connection shows that something has reached out."""

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
        """What attacks read: where to connect to."""
        return json.dumps({"hosts": self.hosts, "port": self.port})

    def close(self) -> None:
        self._socket.close()


def find_gateway(client: DockerClient) -> str:
    """The address at which containers on the engine's own network reach the host."""
    found = client.networks.get("bridge").attrs
    if gateway := found["IPAM"]["Config"][0].get("Gateway"):
        return str(gateway)
    # An engine that found its bridge there when it first started names no gateway: it is the bridge's own address.
    addresses = psutil.net_if_addrs()[found["Options"]["com.docker.network.bridge.name"]]
    return next(one.address for one in addresses if one.family == socket.AF_INET)


def wheel(name: str, files: Mapping[str, bytes | int]) -> bytes:
    """A wheel of version 1.0 with these files; a number stands for as many zeros."""
    info = f"{name}-1.0.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**files, **metadata}.items():
            with archive.open(path, "w") as target:
                if isinstance(content, bytes):
                    target.write(content)
                else:
                    for _ in range(content // len(_CHUNK)):
                        target.write(_CHUNK)
        archive.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in [*files, *metadata, f"{info}/RECORD"]))
    return out.getvalue()


class PackageIndex:
    """A package index with a few wheels of its own; it redirects to PyPI for all others.

    A wheel is made when it is first downloaded. `requests` are the method and path of what was asked for.
    """

    def __init__(self, host: str, wheels: Mapping[str, Callable[[], bytes]]) -> None:
        self.requests: list[str] = []
        requests, made, lock = self.requests, dict[str, bytes](), threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                requests.append(f"{self.command} {self.path}")
                name = self.path.rstrip("/").rpartition("/")[2]
                if name in wheels:
                    body = f'<a href="/files/{name}-1.0-py3-none-any.whl">{name}-1.0-py3-none-any.whl</a>'.encode()
                    self._send(body, "text/html")
                elif self.path.startswith("/files/"):
                    self._send(self._make(name.partition("-")[0]), "application/octet-stream")
                else:
                    self.send_response(302)
                    self.send_header("location", f"https://pypi.org{self.path}")
                    self.end_headers()

            def _make(self, name: str) -> bytes:
                with lock:
                    if name not in made:
                        made[name] = wheels[name]()
                return made[name]

            def _send(self, body: bytes, kind: str) -> None:
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self.url = f"http://{host}:{self._server.server_port}/simple"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class ContainerWatch:
    """Notes the containers that are made from now on, with the process ids of the grades that make them."""

    def __init__(self, client: DockerClient) -> None:
        self._events = client.events(decode=True, filters={"type": "container", "event": "create", "label": LABEL})
        self._made: list[tuple[str, str]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for event in self._events:
            owner = str(event["Actor"]["Attributes"].get(OWNER, ""))
            self._made.append((str(event["id"]), owner.rpartition(":")[0].rpartition(":")[2]))

    def containers_of(self, pid: int) -> set[str]:
        """The containers that a grade has made, by its process id; at least one is expected.

        Raises:
            TimeoutError: the engine reported none.
        """
        limit = time.monotonic() + _EVENT_S
        while not (found := {id_ for id_, owner in list(self._made) if owner == str(pid)}):
            if time.monotonic() > limit:
                raise TimeoutError(f"no container was made by {pid}")
            time.sleep(0.05)
        return found

    def close(self) -> None:
        self._events.close()


def list_leftovers(client: DockerClient, pid: int) -> list[str]:
    """Containers, volumes and networks that a grade has left in the engine, by its process id."""
    labelled: dict[str, Any] = {"label": LABEL}
    found: list[tuple[str, str | None, dict[str, str] | None]] = [
        ("container", c.name, c.labels) for c in client.containers.list(all=True, filters=labelled, ignore_removed=True)
    ]
    found += [("volume", v.name, v.attrs.get("Labels")) for v in client.volumes.list(filters=labelled)]
    found += [("network", n.name, n.attrs.get("Labels")) for n in client.networks.list(filters=labelled)]
    owner = f"{socket.gethostname()}:{pid}"
    return sorted(
        f"{kind} {name}" for kind, name, labels in found if (labels or {}).get(OWNER, "").rpartition(":")[0] == owner
    )


def list_processes_in(containers: set[str]) -> list[str]:
    """Processes that have outlived their containers."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if any(id_ in (folder / "cgroup").read_text() for id_ in containers):
                    found.append(f"process {folder.name}")
    return found


class Images:
    """The images that grades share: the base image, and each environment that a grade was seen to use."""

    def __init__(self, client: DockerClient, base_image: str) -> None:
        self._client = client
        self._first = {base_image: self._read_id(base_image)}

    def _read_id(self, name: str) -> str:
        return str(self._client.images.get(name).id)

    def list_changed(self, environment: str = "") -> list[str]:
        """The names that mean another image than when they were first seen; `environment` is a key of one more."""
        if environment:
            name = f"{REPOSITORY}:{environment}"
            self._first.setdefault(name, self._read_id(name))
        return [name for name, id_ in self._first.items() if self._read_id(name) != id_]


@dataclass(frozen=True)
class Surroundings:
    """What all attacks of one process of tests are graded in."""

    client: DockerClient
    base_image: str
    sentinel: Sentinel
    index: PackageIndex
    watch: ContainerWatch
    images: Images
