"""The Docker engine: one client, its failures told in our words, and everything we make labelled."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
import requests
from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from harness.errors import EnvironmentFault, TakehomeError
from harness.runtime.processes import process_start

LABEL = "takehome.pod"
OWNER = "takehome.owner"
KIND = "takehome.kind"
# An image of this kind is on the way to another, or to being looked at: it goes when its owner does.
BUILD = "build"
_TIMEOUT_S = 60


def connect(timeout_s: int = _TIMEOUT_S) -> DockerClient:
    """A client of the engine that the environment names (`DOCKER_HOST`, else the local socket).

    Raises:
        EnvironmentFault: none answers.
    """
    try:
        client = docker.from_env(timeout=timeout_s)
        client.ping()
    except (DockerException, requests.RequestException, OSError) as error:
        raise EnvironmentFault(
            "no Docker engine answers",
            where=os.environ.get("DOCKER_HOST", "the local socket"),
            detail=str(error).splitlines()[0][:300],
            next_step="start one; `takehome doctor` tells more. `--runtime process` isolates nothing: for trusted code",
        ) from error
    return client


@contextmanager
def engine_faults(what: str) -> Iterator[None]:
    """Turns whatever the engine raises into an EnvironmentFault that says what we were doing."""
    try:
        yield
    except TakehomeError:
        raise
    except (APIError, ImageNotFound, NotFound, DockerException, requests.RequestException) as error:
        text = str(getattr(error, "explanation", None) or error)
        raise EnvironmentFault(
            f"the Docker engine failed: {what}", detail=text[:600], next_step=_next_step(text)
        ) from error


def _next_step(text: str) -> str:
    if "no space left" in text.lower():
        return "make room on the engine's disk (`takehome images prune`, `docker system df`), then run again"
    return "`takehome doctor` checks the engine; then run again"


def owner() -> str:
    """Who made a thing: host, process and the process's start, so that a reused pid is not taken for its owner."""
    return f"{socket.gethostname()}:{os.getpid()}:{process_start(os.getpid())}"


def owner_is_gone(label: str) -> bool:
    """Whether the owner named by a label has ended; one on another host is never taken for gone."""
    host, _, rest = label.partition(":")
    pid, _, start = rest.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return process_start(int(pid)) != start


def labels(pod: str, kind: str) -> dict[str, str]:
    """The labels that everything of a pod carries."""
    return {LABEL: pod, OWNER: owner(), KIND: kind}


def describe(client: DockerClient) -> dict[str, Any]:
    """The engine's own words about itself."""
    with engine_faults("asking for its version"):
        return dict(client.version())
