"""The supervisor of PostgreSQL: what is asked of it is done, whoever was faster."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import postgres
from harness.errors import EnvironmentFault


@pytest.fixture
def port() -> Iterator[int]:
    """Something that answers, as the server would."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def ready(data: Path, pid: int) -> None:
    (data / "postmaster.pid").write_text("\n".join([str(pid), *"abcdef", "ready"]) + "\n")


def test_a_start_that_is_over_before_it_is_waited_for_has_happened(tmp_path: Path, port: int) -> None:
    ready(tmp_path, 41)
    postgres.control(tmp_path, port, "start")


def test_a_server_that_was_there_before_a_restart_is_not_the_one_after_it(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(tmp_path, 41)
    monkeypatch.setattr("harness.postgres.os.kill", lambda _pid, _signal: (tmp_path / "postmaster.pid").unlink())
    successor = threading.Timer(0.3, ready, (tmp_path, 42))
    successor.start()
    postgres.control(tmp_path, port, "restart")
    assert (tmp_path / "postmaster.pid").read_text().startswith("42")


def test_a_server_that_never_gets_ready_is_told(tmp_path: Path, port: int) -> None:
    with pytest.raises(EnvironmentFault, match="did not get ready"):
        postgres.wait_ready(tmp_path, port, deadline_s=0.1)
