"""Dockerfile: read, never built. What an operator looks for in one, as signals.

After the Dockerfile reference and Docker's build best practices (docs.docker.com/build/building/best-practices).
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.analysis.references import CodeRef, code_ref

PLACES = ("Dockerfile", "docker/Dockerfile", "deploy/Dockerfile", "Containerfile")
_MOST_BYTES = 64 * 1024
_SECRET = re.compile(
    r"(?:^|_)(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS)(?:_|$)|SECRET_?KEY", re.I
)
_ENV_FILE = re.compile(r"(?:^|/)\.env(?:\.(?!example|sample|template|dist)\w+)?$")
_ROOT = {"root", "0"}
_TITLES = {
    "image-floating": "The base image is not pinned",
    "image-root": "The container runs as root",
    "image-shell": "The process is started by a shell, which keeps signals from it",
    "image-secret": "A secret is built into the image",
}
_GOOD = ("image", "A Dockerfile with a pinned base, a user of its own, and a process that gets its signals")


@dataclass(frozen=True)
class Instruction:
    """`name` is in upper case, `line` its first line, counted from 1."""

    name: str
    value: str
    line: int


def read_dockerfile(root: Path) -> list[dict[str, Any]]:
    """The signals of the first Dockerfile that is there; none without one."""
    for place in PLACES:
        text = _text(root / place)
        if text is not None:
            return _signals(place, list(instructions(text)))
    return []


def instructions(text: str) -> Iterator[Instruction]:
    """Each instruction with its continuation lines joined; comments and here-documents' lines left out."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        start, joined = at, ""
        while at < len(lines):
            line = lines[at].strip()
            at += 1
            if line.startswith("#") or not line:
                continue
            start = start if joined else at - 1
            joined += line.removesuffix("\\") + " "
            if not line.endswith("\\"):
                break
        name, _, value = joined.strip().partition(" ")
        if name.isalpha():
            yield Instruction(name.upper(), value.strip(), start + 1)
        for word in re.findall(r"<<-?[\"']?(\w+)[\"']?", value):
            while at < len(lines) and lines[at].strip() != word:
                at += 1
            at += 1


def _text(path: Path) -> str | None:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _signals(path: str, found: list[Instruction]) -> list[dict[str, Any]]:
    if not any(one.name == "FROM" for one in found):
        return []
    concerns = {
        "image-floating": list(_floating(path, found)),
        "image-root": list(_root(path, found)),
        "image-shell": list(_shell(path, found)),
        "image-secret": list(_secrets(path, found)),
    }
    seen = [_signal(id_, False, _TITLES[id_], places) for id_, places in concerns.items() if places]
    return seen or [_signal(_GOOD[0], True, _GOOD[1], [code_ref(path, 1, "nothing to object to", rule=_GOOD[0])])]


def _signal(id_: str, good: bool, title: str, places: list[CodeRef]) -> dict[str, Any]:
    return {"id": id_, "good": good, "title": title, "count": len(places), "places": places[:20]}


def _floating(path: str, found: list[Instruction]) -> Iterator[CodeRef]:
    stages: set[str] = set()
    for one in found:
        if one.name != "FROM":
            continue
        words = [word for word in one.value.split() if not word.startswith("--")]
        image = words[0] if words else ""
        named = image.rpartition("/")[2]
        floats = "@" not in named and (":" not in named or named.endswith(":latest"))
        # What an argument brings can't be told.
        if floats and image not in stages and image != "scratch" and "$" not in image:
            yield code_ref(path, one.line, f"{image} is another image tomorrow", rule="image-floating")
        if len(words) == 3 and words[1].upper() == "AS":
            stages.add(words[2])


def _last_stage(found: list[Instruction]) -> list[Instruction]:
    last = max(number for number, one in enumerate(found) if one.name == "FROM")
    return found[last:]


def _root(path: str, found: list[Instruction]) -> Iterator[CodeRef]:
    stage = _last_stage(found)
    users = [one for one in stage if one.name == "USER"]
    if not users:
        yield code_ref(path, stage[0].line, "no USER: whatever breaks out is root", rule="image-root")
    elif users[-1].value.split(":")[0] in _ROOT:
        yield code_ref(path, users[-1].line, "the last USER is root", rule="image-root")


def _shell(path: str, found: list[Instruction]) -> Iterator[CodeRef]:
    for one in _last_stage(found):
        if one.name in {"CMD", "ENTRYPOINT"} and not _is_exec(one.value) and not one.value.startswith("exec "):
            yield code_ref(path, one.line, f"{one.name} in shell form: SIGTERM goes to sh", rule="image-shell")


def _is_exec(value: str) -> bool:
    try:
        return isinstance(json.loads(value), list)
    except (ValueError, RecursionError):
        return False


def _secrets(path: str, found: list[Instruction]) -> Iterator[CodeRef]:
    for one in found:
        if one.name in {"ENV", "ARG"}:
            for name, value in _pairs(one):
                if value and not value.startswith("$") and _SECRET.search(name):
                    yield code_ref(path, one.line, f"{name} is in the image for everybody", rule="image-secret")
        elif one.name in {"COPY", "ADD"} and any(_ENV_FILE.search(word) for word in one.value.split()[:-1]):
            yield code_ref(path, one.line, "the file of secrets is copied into the image", rule="image-secret")


def _pairs(one: Instruction) -> Iterator[tuple[str, str]]:
    if one.name == "ENV" and "=" not in one.value.split(" ")[0]:
        name, _, value = one.value.partition(" ")
        yield name, value.strip()
        return
    for name, value in re.findall(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)", one.value):
        yield name, value.strip("\"'")
