"""Exits 0 when a Docker engine answers (at DOCKER_HOST, if set), 1 with the reason when none does."""

from __future__ import annotations

import sys

import docker
from docker.errors import DockerException


def main() -> int:
    try:
        docker.from_env(timeout=10).ping()
    except DockerException as error:
        print(f"no Docker engine answers: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
