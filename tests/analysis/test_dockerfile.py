"""What is said of a Dockerfile that is read and never built."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.dockerfile import instructions, read_dockerfile

GOOD = """\
# syntax=docker/dockerfile:1
ARG PYTHON=3.12
FROM python:3.12-slim AS build
RUN pip install \\
    # why this is here
    uv

RUN <<EOF
USER root
CMD nothing
EOF
FROM python:3.12-slim
COPY --from=build /app /app
COPY .env.example /app/
ENV PORT=8000 SECRET_KEY=$SECRET_KEY
USER app:app
CMD ["python", "-m", "uvicorn", "app.main:app"]
"""


def seen(folder: Path, text: str, place: str = "Dockerfile") -> dict[str, dict[str, Any]]:
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).write_text(text)
    return {signal["id"]: signal for signal in read_dockerfile(folder)}


def test_a_good_one_is_a_good_habit(tmp_path: Path) -> None:
    assert list(seen(tmp_path, GOOD)) == ["image"]


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    assert read_dockerfile(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "signal", "line"),
    [
        ("FROM python:3.12-slim\n", "FROM python\n", "image-floating", 12),
        ("FROM python:3.12-slim\n", "FROM registry:5000/python:latest\n", "image-floating", 12),
        ("USER app:app\n", "", "image-root", 12),
        ("USER app:app", "USER root", "image-root", 16),
        ("USER app:app", "USER 0:0", "image-root", 16),
        ('CMD ["python", "-m", "uvicorn", "app.main:app"]', "CMD uvicorn app.main:app", "image-shell", 17),
        ("SECRET_KEY=$SECRET_KEY", "SECRET_KEY=hunter2", "image-secret", 15),
        ("ENV PORT=8000 SECRET_KEY=$SECRET_KEY", "ENV DB_PASSWORD hunter2", "image-secret", 15),
        ("ARG PYTHON=3.12", "ARG API_TOKEN=abc", "image-secret", 2),
        ("COPY .env.example /app/", "COPY .env /app/", "image-secret", 14),
    ],
)
def test_a_concern_is_seen_on_its_line(tmp_path: Path, old: str, new: str, signal: str, line: int) -> None:
    assert old in GOOD
    found = seen(tmp_path, GOOD.replace(old, new))
    assert list(found) == [signal]
    assert [place["line"] for place in found[signal]["places"]] == [line]


@pytest.mark.parametrize("image", ["scratch", "build", "${BASE}", "python@sha256:0123", "registry:5000/python:3.12"])
def test_a_base_that_is_pinned_or_cannot_be_told_is_no_concern(tmp_path: Path, image: str) -> None:
    text = GOOD.replace("FROM python:3.12-slim\n", f"FROM {image}\n")
    assert list(seen(tmp_path, text)) == ["image"]


def test_a_process_that_replaces_its_shell_gets_its_signals(tmp_path: Path) -> None:
    text = GOOD.replace('CMD ["python", "-m", "uvicorn", "app.main:app"]', "CMD exec uvicorn app.main:app --port $PORT")
    assert list(seen(tmp_path, text)) == ["image"]


def test_one_in_its_own_folder_is_found(tmp_path: Path) -> None:
    assert seen(tmp_path, "FROM python\n", "docker/Dockerfile")["image-floating"]["places"][0]["path"] == (
        "docker/Dockerfile"
    )


@pytest.mark.parametrize(
    "text", ["", "FROM", "\\\n" * 1000, "RUN <<EOF\n", "FROM a:1\nENV\nCMD\nUSER", "\x00\xff", "from a:1"]
)
def test_a_broken_one_is_read_to_its_end(tmp_path: Path, text: str) -> None:
    seen(tmp_path, text)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    os.symlink("/etc/passwd", tmp_path / "Dockerfile")
    assert read_dockerfile(tmp_path) == []


def test_continuation_lines_are_one_instruction() -> None:
    (one,) = instructions("RUN a \\\n  b \\\n  c\n")
    assert (one.name, one.value.split(), one.line) == ("RUN", ["a", "b", "c"], 1)
