"""Small things about containers that the pod needs and that know nothing of pods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.utils.socket import frames_iter

_REMOVAL_S = 30.0
_AGAIN_S = 0.3
_ATTEMPTS = 3
_CONFLICT = 409


def remove_container(container: Container) -> None:
    """Remove a container, also one that is being removed already; never raises."""
    remove_surely(partial(container.remove, force=True, v=True))


def remove_surely(remove: Callable[[], object], deadline_s: float = _REMOVAL_S) -> None:
    """Ask for a removal until it is done; never raises.

    A conflict ends by itself: somebody removes it already, or removes the container that has a volume in use. It is
    waited for up to `deadline_s` seconds, an engine that is briefly busy for a few attempts.
    """
    limit, failures = time.monotonic() + deadline_s, 0
    while True:
        try:
            remove()
        except NotFound:
            return
        except (APIError, requests.RequestException) as error:
            conflict = isinstance(error, APIError) and error.status_code == _CONFLICT
            failures += not conflict
            if failures == _ATTEMPTS or time.monotonic() > limit:
                return
            time.sleep(_AGAIN_S)
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
