"""What watches over the attacks notices what it is there for."""

from __future__ import annotations

import io
import socket
import time
import zipfile

import pytest

from tests.hostile.surroundings import Sentinel, Surroundings, wheel


def wait_until_reached(sentinel: Sentinel, count: int) -> None:
    limit = time.monotonic() + 60
    while len(sentinel.reached) < count and time.monotonic() < limit:
        time.sleep(0.05)
    assert len(sentinel.reached) == count


def test_the_sentinel_notices_a_connection() -> None:
    sentinel = Sentinel(["127.0.0.1"])
    try:
        assert sentinel.reached == []
        socket.create_connection(("127.0.0.1", sentinel.port), timeout=30).close()
        wait_until_reached(sentinel, 1)
    finally:
        sentinel.close()


def test_a_wheel_has_its_files_and_a_record_of_them() -> None:
    with zipfile.ZipFile(io.BytesIO(wheel("x", {"x/data": 3 * 2**20, "x.pth": b"import x"}))) as archive:
        assert archive.getinfo("x/data").file_size == 3 * 2**20
        assert archive.read("x.pth") == b"import x"
        assert "x/data,,\n" in archive.read("x-1.0.dist-info/RECORD").decode()


@pytest.mark.docker
@pytest.mark.extended
def test_a_container_with_a_network_reaches_the_sentinel(surroundings: Surroundings) -> None:
    """So an attack that reaches nothing was kept from it, by the pod."""
    sentinel = Sentinel(surroundings.sentinel.hosts)
    connect = f"import socket; socket.create_connection(({sentinel.hosts[0]!r}, {sentinel.port}), timeout=30)"
    try:
        surroundings.client.containers.run(surroundings.base_image, ["python3", "-c", connect], remove=True)
        wait_until_reached(sentinel, 1)
    finally:
        sentinel.close()
