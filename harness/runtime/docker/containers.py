"""Small things about containers that the pod needs and that know nothing of pods."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import requests
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.utils.socket import frames_iter


def remove_container(container: Container) -> None:
    """Remove a container, also one that is being removed already; never raises."""
    for _attempt in range(3):
        try:
            container.remove(force=True, v=True)
        except NotFound:
            return
        except (APIError, requests.RequestException):
            time.sleep(0.3)  # "removal already in progress", or the engine is briefly busy
        else:
            return


def decoded(output: Any) -> str:  # noqa: ANN401 - the client's own type is a union of what it can be asked for
    """Text of what a command in a container printed."""
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else ""


def tmpfs(uid: int, size_mb: int, *, noexec: bool = True) -> dict[str, str]:
    """A sized /tmp for a user, as the engine wants it."""
    options = f"size={size_mb}m,mode=700,uid={uid},gid={uid},nosuid,nodev"
    return {"/tmp": options + (",noexec" if noexec else ",exec")}


def stdout_chunks(stream: Any) -> Iterator[bytes]:  # noqa: ANN401
    """The stdout chunks of an attached container, demultiplexed."""
    for kind, chunk in frames_iter(stream, tty=False):  # type: ignore[no-untyped-call]
        if kind == 1:
            yield chunk
