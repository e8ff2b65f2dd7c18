"""A Docker engine of the tests' own, on a disk of its own, that may be killed, stopped and filled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
import psutil
from docker import DockerClient
from docker.errors import DockerException

_DISK = "8G"
_ANSWER_S = 120.0
_CALL_S = 600


class PrivateEngine:
    """In a network namespace of its own: a dockerd without a bridge removes the one that it finds, so also another's.

    Below `folder`, whose path has to be short, as sockets' paths are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self._data, self._log = folder / "data", folder / "dockerd.log"
        self._filler = self._data / "filler"

    def mount(self) -> None:
        """Give it a disk: a sparse file, so that it is large on paper alone until somebody fills it."""
        disk = self.folder / "disk.img"
        self._data.mkdir()
        for command in (
            ["truncate", "-s", _DISK, str(disk)],
            ["mkfs.ext4", "-q", "-F", "-m", "0", str(disk)],
            ["mount", "-o", "loop", str(disk), str(self._data)],
        ):
            subprocess.run(command, check=True, capture_output=True, timeout=120)

    def start(self) -> DockerClient:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("unshare", "--net", "dockerd", "--host", self.host, "--data-root", str(self._data)),
                    *("--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "docker.pid")),
                    *("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        limit = time.monotonic() + _ANSWER_S
        while True:
            with suppress(DockerException):
                client = DockerClient(self.host, timeout=_CALL_S)
                client.ping()
                return client
            if self._process.poll() is not None or time.monotonic() > limit:
                raise OSError(f"the private engine does not answer: {self._log.read_text()[-1500:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to dockerd alone: its containers go on, as when it crashes."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._bury_containerd()

    def _bury_containerd(self) -> None:
        """It dies with its dockerd, a moment later; the next one must neither take it for alive nor its number."""
        pidfile = self.folder / "exec" / "containerd" / "containerd.pid"
        with suppress(OSError, ValueError, psutil.NoSuchProcess):
            process = psutil.Process(int(pidfile.read_text()))
            # The command line of one that is dead and not yet buried is empty.
            while any(str(self.folder) in part for part in process.cmdline()):
                process.kill()
                time.sleep(0.1)
        pidfile.unlink(missing_ok=True)

    def fill(self) -> None:
        """Take up what is left of its disk."""
        free = os.statvfs(self._data).f_bavail * os.statvfs(self._data).f_frsize
        with self._filler.open("wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, max(free - 2**21, 1))
            file.seek(0, os.SEEK_END)
            with suppress(OSError):
                while file.write(bytes(4096)):
                    pass

    def make_room(self) -> None:
        self._filler.unlink(missing_ok=True)

    def remove(self) -> None:
        """End it with all that it started, and give the disk back; never raises for what is gone already."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
            self.kill()
        # containerd and the containers' keepers name our folder in their command lines, and outlive a killed dockerd.
        for process in psutil.process_iter(["cmdline"]):
            if any(str(self.folder) in part for part in process.info["cmdline"] or []):
                for one in [*_children(process), process]:
                    with suppress(psutil.Error):
                        one.send_signal(signal.SIGKILL)
        points = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for point in reversed([p for p in points if p.startswith(f"{self.folder}/")]):
            subprocess.run(["umount", "-l", point], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def why_none() -> str:
    """Why there can be no private engine here; empty when there can."""
    if os.geteuid() != 0:
        return "a private engine needs root"
    tools = ("dockerd", "unshare", "mkfs.ext4", "mount")
    missing = [name for name in tools if shutil.which(name) is None]
    return f"a private engine needs {', '.join(missing)}" if missing else ""


@contextmanager
def private_engine() -> Iterator[PrivateEngine]:
    """One that has been started, and is gone in the end."""
    engine = PrivateEngine(Path(tempfile.mkdtemp(prefix="e-", dir="/tmp")))
    try:
        engine.mount()
        engine.start().close()
        yield engine
    finally:
        engine.remove()


def copy_images(source: DockerClient, target: DockerClient, names: Sequence[str]) -> None:
    """Carry images over with their names and ids, as `docker save` and `docker load` do."""
    # The client saves one at a time, and would send the layers that they share once for each.
    url = f"{source.api.base_url}/v{source.api.api_version}/images/get"
    answer = source.api.get(url, params={"names": list(names)}, stream=True, timeout=_CALL_S)
    answer.raise_for_status()
    load: Any = target.api.load_image
    for _line in load(answer.iter_content(1024 * 1024)):
        pass


def connect_normal() -> DockerClient:
    """The engine that the other tests use, with patience."""
    return docker.from_env(timeout=_CALL_S)
