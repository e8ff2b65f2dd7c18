"""Whatever bytes a submission is made of: it is taken, or refused in words, and nothing is left outside its copy."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from harness.errors import HarnessFault, TakehomeError
from harness.parsing import PARSING
from harness.submission import Limits, ingest, read_project
from tests.fuzz.examples import examples
from tests.submission import hostile

pytestmark = pytest.mark.extended

LIMITS = Limits()
SEEDS = {
    ".zip": [hostile.zipped("app/main.py", "app/x.py"), hostile.zipped("a/b/c.py", content=b"y" * 500)],
    ".tar": [hostile.tarred("app/main.py", "app/x.py"), hostile.tar_with_negative_size()],
    ".tar.gz": [hostile.tarred("app/main.py", "pyproject.toml", mode="w:gz")],
    ".tar.xz": [hostile.tarred("app/main.py", mode="w:xz")],
}
# What a change does: to bytes at a place, others; a piece cut out; a piece doubled.
CHANGE = st.tuples(
    st.sampled_from(["set", "cut", "double"]), st.integers(0, 20_000), st.binary(min_size=1, max_size=12)
)


def changed(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for how, at, piece in changes:
        place, size = at % (len(data) + 1), len(piece)
        inner = {"set": piece, "cut": b"", "double": data[place : place + size] * 2}[how]
        data = data[:place] + inner + data[place + size :]
    return data


@examples(60)
@given(data=st.data(), suffix=st.sampled_from(sorted(SEEDS)), changes=st.lists(CHANGE, max_size=6))
def test_a_changed_archive_is_taken_or_refused(
    data: st.DataObject, suffix: str, changes: list[tuple[str, int, bytes]]
) -> None:
    seed = data.draw(st.sampled_from(SEEDS[suffix]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / f"submission{suffix}"
        source.write_bytes(changed(seed, changes))
        work = folder / "work"
        work.mkdir()
        try:
            with ingest(source, ref=None, workdir=work, limits=LIMITS) as snapshot:
                assert all(path.is_relative_to(snapshot.path) for path in snapshot.path.rglob("*"))
        except HarnessFault:
            raise
        except TakehomeError as error:
            assert str(error)
        assert sorted(path.name for path in folder.iterdir()) == sorted(["work", source.name])
        assert list(work.iterdir()) == []


TOKEN = st.sampled_from(
    [
        "fastapi",
        "uvicorn",
        "==",
        ">=",
        "1.0",
        ";",
        "python_version",
        "<",
        '"3.12"',
        "[",
        "standard",
        "]",
        ",",
        "-r",
        "-e",
        ".",
        "--index-url",
        "https://x.example/",
        "@",
        "git+https://x/y",
        "#",
        "\\",
        "\n",
        " ",
        "\t",
        "../x",
        "$X",
        "(",
        ")",
        "é",
        "\x00",
    ]
)
LINES = st.lists(TOKEN, max_size=25).map("".join) | st.text(max_size=200)
TOML = st.sampled_from(
    [
        "[project]",
        "[tool.poetry]",
        "[dependency-groups]",
        "[build-system]",
        "dependencies",
        "=",
        "[",
        "]",
        "{",
        "}",
        '"fastapi"',
        '"fastapi>=0.1"',
        "name",
        "'x'",
        "\n",
        "#",
        ",",
        "1",
        "true",
        '"""',
        "\\",
        '"x @ file:///etc"',
        "tool.uv.sources",
        ".",
        " ",
    ]
)
TEXTS = st.lists(TOML, max_size=30).map(" ".join) | st.text(max_size=300)
FILES = st.dictionaries(
    st.sampled_from(["requirements.txt", "pyproject.toml", "uv.lock", "pylock.toml", "requirements-dev.txt"]),
    (LINES | TEXTS).map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=200),
    max_size=4,
)


@examples(120)
@given(files=FILES)
def test_declared_dependencies_are_requirements_or_refused(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "app").mkdir()
        (root / "app" / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
        (root / "app" / "test_main.py").write_text("")
        for path, content in files.items():
            (root / path).write_bytes(content)
        try:
            project = read_project(root, app=None)
        except HarnessFault:
            raise
        except TakehomeError as error:
            assert str(error)
            return
        for text in (*project.dependencies.requirements, *project.own_tests.requirements):
            with PARSING:
                assert Requirement(text).url is None
            assert not text.startswith("-")
            assert "\n" not in text


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_the_seed_of_each_kind_is_read(name: str, tmp_path: Path) -> None:
    """That the properties above don't hold merely because everything is refused."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    text = (
        "fastapi\nuvicorn\n"
        if name.endswith("txt")
        else '[project]\nname = "x"\ndependencies = ["fastapi", "uvicorn"]\n'
    )
    (tmp_path / name).write_text(text)
    assert read_project(tmp_path, app=None).dependencies.requirements
