"""The candidate's own Dockerfile, built when the hiring team asks for it: strangers' commands, with a network.

Built without BuildKit, whose builds know no memory limit. The result is looked at and removed; it is never run.
"""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound
from docker.utils.json_stream import json_stream
from urllib3.exceptions import HTTPError, ReadTimeoutError

from harness.errors import EnvironmentFault
from harness.record import OwnImage
from harness.runtime.docker.containers import remove_container
from harness.runtime.docker.engine import BUILD, LABEL, engine_faults, labels
from harness.runtime.docker.watch import watched

# As in harness.analysis.dockerfile, which reads it.
DOCKERFILES = ("Dockerfile", "docker/Dockerfile", "deploy/Dockerfile", "Containerfile")
_MEMORY = 2 * 1024**3
_BUILD_S, _SILENT_S = 600.0, 240
_MOST_BYTES = 4 * 1024**3
_LOG_LINES, _LINE = 40, 300
_LOOK_S = 1.0
# For a build to end once its step was killed. One that doesn't (a download of ADD) is given up without its last word.
_END_S = 60
_FROM = re.compile(r"\s*FROM\s", re.IGNORECASE)
_NAME = "Dockerfile.takehome"


def build_own(client: DockerClient, source: Path, key: str) -> OwnImage:
    """Build the submission's Dockerfile, the first that is there.

    Memory is limited to 2 GiB, what a step may write to about 4 GiB, the time to 600 s (and 240 s without a word).
    Nothing of it stays in the engine.

    Raises:
        EnvironmentFault: the engine can't be asked, or the Dockerfile can't be read.
    """
    place = next((name for name in DOCKERFILES if (source / name).is_file()), None)
    if place is None:
        return OwnImage(path="", problem="the submission has no Dockerfile")
    owned = labels(f"image-{key}", BUILD)
    try:
        text = (source / place).read_text("utf-8", "replace")
        context = _context(source, labelled(text, owned))
    except OSError as error:
        raise EnvironmentFault("the Dockerfile can't be read", where=place, detail=str(error)) from error
    start = time.monotonic()
    tag = f"takehome-own:{key}"
    pace = _Pace()
    try:
        found = {"label": f"{LABEL}={owned[LABEL]}"}
        with watched(client, found, _MOST_BYTES, _LOOK_S, lambda: bool(pace.late())) as watch:
            log, problem = _build(client, context, tag, pace)
        if watch.exceeded:
            problem = f"it was stopped: one step wrote more than {_MOST_BYTES // 1024**2} MiB"
        with engine_faults("looking at an image"):
            attrs: dict[str, Any] = {} if problem else client.images.get(tag).attrs
    finally:
        _remove(client, tag, owned[LABEL])
    return OwnImage(
        path=place,
        problem=problem,
        seconds=round(time.monotonic() - start, 1),
        bytes=attrs.get("Size"),
        user=str((attrs.get("Config") or {}).get("User") or "") if attrs else "",
        log=log,
    )


class _Pace:
    """How long a build has run, and since when it has said nothing; thread-safe, since a float is set at once."""

    def __init__(self) -> None:
        self._begun = self._word = time.monotonic()
        self._late, self._since = "", 0.0

    def word(self) -> None:
        self._word = time.monotonic()

    def late(self) -> str:
        """Why it has to end, once it has to. That stays: what a killed step says last is no sign of life."""
        now = time.monotonic()
        if not self._late and now - self._begun > _BUILD_S:
            self._late, self._since = f"it was stopped after {_BUILD_S:.0f} s", now
        elif not self._late and now - self._word > _SILENT_S:
            self._late, self._since = f"it was stopped after {_SILENT_S} s without a word", now
        return self._late

    def given_up(self) -> bool:
        """Whether it is too late to wait for the end of what had to end."""
        return bool(self.late()) and time.monotonic() - self._since > _END_S


def labelled(text: str, owned: Mapping[str, str]) -> str:
    """A Dockerfile whose stages, and so the containers of their steps, carry labels: they can be found and removed."""
    label = "LABEL " + " ".join(f'"{name}"="{value}"' for name, value in owned.items())
    out: list[str] = []
    inside = begun = False
    for line in text.replace("\r\n", "\n").split("\n"):
        begun = begun or (not inside and _FROM.match(line) is not None)
        out.append(line)
        comment = line.lstrip().startswith("#")
        inside = (inside and comment) or (not comment and line.rstrip().endswith("\\"))
        if begun and not inside:
            out.append(label)
            begun = False
    return "\n".join(out)


def _context(source: Path, dockerfile: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(source.rglob("*")):
            if not path.is_symlink():
                tar.add(path, path.relative_to(source).as_posix(), recursive=False)
        info = tarfile.TarInfo(_NAME)
        content = dockerfile.encode()
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _build(client: DockerClient, context: bytes, tag: str, pace: _Pace) -> tuple[list[str], str]:
    """The end of what was printed, and why there is no image.

    It reads until the engine has ended the build, also one whose step was killed for being late: the engine goes on
    with one that nobody listens to, and what it makes then would stay.
    """
    log: list[str] = []
    try:
        stream = client.api.build(
            fileobj=io.BytesIO(context),
            custom_context=True,
            dockerfile=_NAME,
            tag=tag,
            nocache=True,
            rm=True,
            forcerm=True,
            timeout=_SILENT_S + _END_S,
            container_limits={"memory": _MEMORY, "memswap": _MEMORY, "cpushares": 256},
        )
        frames: Iterator[Any] = json_stream(stream)
        for told in frames:
            late = pace.late()
            pace.word()
            for line in str(told.get("stream") or told.get("error") or "").split("\n"):
                if line.strip() and LABEL not in line:
                    log = [*log, line.strip()[:_LINE]][-_LOG_LINES:]
            if "error" in told:
                return log, late or str(told["error"])[:_LINE]
            if pace.given_up():
                stream.close()
                return log, late
    except APIError as error:
        return log, str(error.explanation or error)[:_LINE]
    except (requests.Timeout, ReadTimeoutError):
        return log, pace.late()
    except (DockerException, requests.RequestException, HTTPError, ValueError) as error:
        raise EnvironmentFault("the Docker engine failed: building an image", detail=str(error)[:600]) from error
    return log, pace.late()


def _remove(client: DockerClient, tag: str, label: str) -> None:
    with suppress(ImageNotFound, APIError, requests.RequestException):
        client.images.remove(tag, force=True)
    filters: dict[str, Any] = {"label": f"{LABEL}={label}"}
    with suppress(APIError, requests.RequestException):
        for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
            remove_container(container)
    with suppress(APIError, requests.RequestException):
        client.images.prune(filters={"dangling": True, "label": f"{LABEL}={label}"})
