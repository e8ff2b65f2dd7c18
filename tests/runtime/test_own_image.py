"""A submission's own Dockerfile: built within limits, looked at, and removed."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from docker.errors import ImageNotFound

from harness.analysis import dockerfile
from harness.record import OwnImage
from harness.runtime.docker import own_image
from harness.runtime.docker.engine import KIND, LABEL, OWNER, connect, owner_is_gone
from harness.runtime.docker.own_image import DOCKERFILES, build_own, labelled
from harness.runtime.docker.sweep import sweep


def test_the_dockerfile_that_is_read_is_the_one_that_is_built() -> None:
    assert dockerfile.PLACES == DOCKERFILES


def test_each_stage_is_labelled_and_no_other_line_that_says_from() -> None:
    text = "# FROM a\nFROM a \\\n  AS b\nRUN select \\\n  FROM x\nFrom c\n"
    assert labelled(text, {"k": "v"}).split("\n") == [
        "# FROM a",
        "FROM a \\",
        "  AS b",
        'LABEL "k"="v"',
        "RUN select \\",
        "  FROM x",
        "From c",
        'LABEL "k"="v"',
        "",
    ]


@pytest.fixture
def client() -> DockerClient:
    return connect()


def left(client: DockerClient, key: str) -> list[str]:
    filters: dict[str, Any] = {"label": f"{LABEL}=image-{key}"}
    containers = [str(c.name) for c in client.containers.list(all=True, filters=filters, ignore_removed=True)]
    return containers + [str(i.id) for i in client.images.list(all=True, filters=filters)]


def built(client: DockerClient, base: str, folder: Path, *lines: str) -> OwnImage:
    (folder / "Dockerfile").write_text("\n".join([f"FROM {base}", *lines]))
    # Other tests build at the same time, in the same engine.
    key = secrets.token_hex(5)
    found = build_own(client, folder, key)
    assert left(client, key) == []
    return found


@pytest.mark.docker
@pytest.mark.integration
def test_an_image_is_built_looked_at_and_removed(client: DockerClient, base_image: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    found = built(client, base_image, tmp_path, "COPY app.py /srv/", "RUN test -f /srv/app.py", "USER 1000")
    assert (found.path, found.problem, found.user) == ("Dockerfile", "", "1000")
    assert (found.bytes or 0) > 1e6


@pytest.mark.docker
@pytest.mark.extended
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("RUN echo no such luck >&2; exit 3", "non-zero code: 3"),
        ("RUN python3 -c 'x = b\"x\" * (3 * 1024**3)'", "non-zero code: 137"),
        ("COPY nothing.py /srv/", "nothing.py"),
        ("NONSENSE", "unknown instruction: NONSENSE"),
        ("RUN dd if=/dev/zero of=/big bs=1M count=400; sleep 60", "one step wrote more than"),
        ("RUN sleep 300", "without a word"),
    ],
    ids=["fails", "memory", "missing", "nonsense", "disk", "silent"],
)
def test_a_build_that_goes_wrong_says_how(
    client: DockerClient, base_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    monkeypatch.setattr(own_image, "_SILENT_S", 10 if "300" in line else 120)
    monkeypatch.setattr(own_image, "_MOST_BYTES", 200 * 1024**2)
    found = built(client, base_image, tmp_path, line)
    assert said in found.problem
    assert found.bytes is None


@pytest.mark.docker
@pytest.mark.extended
def test_a_build_that_is_late_before_its_first_step_leaves_nothing(
    client: DockerClient, base_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_image, "_SILENT_S", 0)
    assert "without a word" in built(client, base_image, tmp_path, "RUN sleep 300").problem


@pytest.mark.docker
@pytest.mark.extended
@pytest.mark.parametrize(("kind", "stays"), [("build", False), ("environment", True)])
def test_a_half_made_image_of_a_run_that_is_gone_is_swept(
    client: DockerClient, base_image: str, monkeypatch: pytest.MonkeyPatch, kind: str, stays: bool
) -> None:
    # Any grade in this engine sweeps what has lost its owner. So this one is on another host, which nobody takes for
    # gone, but the sweep of this thread.
    owner, here = "elsewhere:1:1.00", threading.current_thread()

    def gone(label: str) -> bool:
        return label == owner if threading.current_thread() is here else owner_is_gone(label)

    monkeypatch.setitem(sweep.__globals__, "owner_is_gone", gone)
    container = client.containers.create(base_image, ["true"], labels={OWNER: owner, LABEL: "gone"})
    image = container.commit("takehome-test", kind, changes=f"LABEL {KIND}={kind}")
    container.remove()
    try:
        removed = sweep(client)
        assert (f"image takehome-test:{kind}" in removed) != stays
        assert bool(client.images.list(filters={"reference": f"takehome-test:{kind}"})) == stays
    finally:
        with suppress(ImageNotFound):
            client.images.remove(str(image.id), force=True)


@pytest.mark.docker
@pytest.mark.extended
def test_a_submission_without_a_dockerfile_is_told_so(client: DockerClient, tmp_path: Path) -> None:
    assert "no Dockerfile" in build_own(client, tmp_path, "test").problem
