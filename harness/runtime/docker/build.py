"""A throw-away container in which a layer is made; its owner removes it on every way out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container
from docker.types import Mount

from harness.errors import EnvironmentFault
from harness.runtime.docker.engine import KIND, engine_faults, labels

CA_PATH = "/etc/takehome-ca.pem"
_LIFE_S = 1200


@dataclass(frozen=True)
class BuildOptions:
    """What a build needs from outside: an extra CA bundle (PEM) and a package index."""

    ca_bundle: Path | None = None
    index_url: str | None = None

    def environment(self) -> dict[str, str]:
        """The variables that make uv and pip trust the bundle."""
        if self.ca_bundle is None:
            return {}
        return {"SSL_CERT_FILE": CA_PATH, "PIP_CERT": CA_PATH, "REQUESTS_CA_BUNDLE": CA_PATH}


def archive(files: Mapping[str, bytes], *, mode: int = 0o644) -> bytes:
    """A tar of regular files, owned by root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def folder_archive(folder: Path, prefix: str = "", suffixes: tuple[str, ...] | None = None, without: str = "") -> bytes:
    """A tar of a folder's regular files, no caches; `suffixes` keeps only some, `without` leaves a subfolder out."""
    files = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if without and relative.parts[0] == without:
            continue
        if "__pycache__" in relative.parts or path.is_symlink() or not path.is_file():
            continue
        if suffixes is None or path.suffix in suffixes:
            files[f"{prefix}{relative.as_posix()}"] = path.read_bytes()
    return archive(files)


class Builder:
    """A running container to prepare a layer in. Root inside, but without capabilities that reach out."""

    def __init__(self, container: Container) -> None:
        self.container = container

    def run(
        self,
        command: list[str],
        *,
        deadline_s: int,
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
        user: str = "0",
    ) -> tuple[int, str, str]:
        """Run one command; returns its code (124 when the deadline passed), stdout and stderr."""
        with engine_faults(f"running {command[0]}"):
            result = self.container.exec_run(
                ["timeout", "--kill-after=5", str(deadline_s), *command],
                environment=dict(env or {}),
                workdir=cwd,
                demux=True,
                user=user,
            )
        output: Any = result.output  # demultiplexed: a pair of bytes or None
        out, err = (part.decode("utf-8", "replace") if part else "" for part in output)
        return result.exit_code or 0, out, err

    def must_run(self, command: list[str], *, deadline_s: int, env: Mapping[str, str] | None = None) -> str:
        """Run one command that has to succeed; EnvironmentFault when it doesn't."""
        code, out, err = self.run(command, deadline_s=deadline_s, env=env)
        if code:
            raise EnvironmentFault(
                f"{command[0]} failed with code {code} while an image was built",
                detail=(err or out)[-2000:],
                next_step="`takehome doctor` checks the network, the index and the CA bundle",
            )
        return out

    def put(self, path: str, tar: bytes) -> None:
        """Unpack a tar at `path`."""
        with engine_faults("copying files in"):
            self.container.put_archive(path, tar)

    def commit(self, repository: str, tag: str, image_labels: Mapping[str, str], **config: object) -> str:
        """Keep what was made as an image; returns its id."""
        with engine_faults("keeping an image"):
            image = self.container.commit(
                repository, tag, conf={"Labels": dict(image_labels), "Env": [], "Cmd": ["true"], **config}
            )
        return str(image.id)


@contextmanager
def builder(
    client: DockerClient,
    image: str,
    options: BuildOptions,
    *,
    mounts: list[Mount] | None = None,
    network: bool = True,
    memory: str = "3g",
) -> Iterator[Builder]:
    """A builder of `image`, removed with everything in it when the context ends."""
    container: Container | None = None
    try:
        with engine_faults("starting a build container"):
            container = client.containers.create(
                image,
                ["sleep", str(_LIFE_S)],
                labels=labels("build", "builder"),
                mounts=mounts or [],
                network_mode="bridge" if network else "none",
                user="0",
                cap_drop=["ALL"],
                init=True,
                cap_add=["CHOWN", "FOWNER", "DAC_OVERRIDE"],
                security_opt=["no-new-privileges"],
                pids_limit=512,
                mem_limit=memory,
                memswap_limit=memory,
                environment={"HOME": "/root", "LC_ALL": "C.UTF-8"},
                stop_signal="SIGKILL",
            )
            container.start()
            if options.ca_bundle is not None:
                container.put_archive("/", archive({CA_PATH.lstrip("/"): options.ca_bundle.read_bytes()}))
        yield Builder(container)
    except OSError as error:
        raise EnvironmentFault(
            "the CA bundle can't be read", where=str(options.ca_bundle), detail=str(error)
        ) from error
    finally:
        if container is not None:
            with suppress(APIError, OSError):
                container.remove(force=True, v=True)


def image_labels(kind: str, key: str) -> dict[str, str]:
    """The labels of an image that we made."""
    return {KIND: kind, "takehome.key": key}
