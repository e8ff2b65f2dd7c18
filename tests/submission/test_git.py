"""Git repositories on this machine: committed objects alone, and nobody's configuration."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.errors import EnvironmentFault, UsageError
from harness.submission import ingest
from tests.submission.trees import SERVICE, commit, git, repository, write


def test_a_folder_with_git_is_graded_as_it_lies_unless_a_reference_is_given(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    (source / "README.md").write_text("not committed")
    with ingest(source, ref=None, workdir=tmp_path / "w1") as snapshot:
        assert (snapshot.path / "README.md").read_text() == "not committed"
    with ingest(source, ref="HEAD", workdir=tmp_path / "w2") as snapshot:
        assert (snapshot.path / "README.md").read_text() == "ü\n"
        assert snapshot.source == f"{source}@{git(source, 'rev-parse', 'HEAD')}"


@pytest.mark.parametrize("packed", [False, True])
def test_branches_tags_commits_and_ancestors_are_found(packed: bool, tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    first = git(source, "rev-parse", "HEAD")
    git(source, "tag", "-a", "v1", "-m", "v1")
    git(source, "branch", "feature/one")
    write(source, {"second.txt": "2"})
    commit(source, "two")
    if packed:
        git(source, "gc", "--quiet")
    for number, ref in enumerate(["v1", "feature/one", "refs/heads/feature/one", first, first[:10], "main~1"]):
        with ingest(source, ref=ref, workdir=tmp_path / f"w{number}") as snapshot:
            assert not (snapshot.path / "second.txt").exists(), ref
    with ingest(source, ref="main", workdir=tmp_path / "w") as snapshot:
        assert (snapshot.path / "second.txt").read_text() == "2"


def test_a_bare_repository_needs_no_reference(tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository(tmp_path / "jane")), "jane.git")
    with ingest(tmp_path / "jane.git", ref=None, workdir=tmp_path / "w") as snapshot:
        assert (snapshot.id, snapshot.files) == ("jane", len(SERVICE))


def test_nothing_that_a_repository_configures_is_run_or_obeyed(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    run = f"touch {proof}; cat"
    source = repository(
        tmp_path / "jane",
        {
            **SERVICE,
            "data.bin": "stored",
            "secret.txt": "$Id$",
            ".gitattributes": "*.bin filter=evil diff=evil\nsecret.txt export-ignore ident\n"
            "*.md export-subst eol=crlf\n",
        },
    )
    for name, value in {
        "filter.evil.smudge": run,
        "filter.evil.process": run,
        "filter.evil.required": "true",
        "core.fsmonitor": run,
        "core.sshCommand": run,
        "uploadpack.packObjectsHook": run,
        "diff.evil.textconv": run,
        "core.pager": run,
        "remote.origin.url": str(source),
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": run,
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
        "alias.ls-tree": f"!{run}",
        "core.hooksPath": str(source / "hooks"),
        "core.attributesFile": "/dev/zero",
        "credential.helper": run,
    }.items():
        with (source / ".git" / "config").open("a") as file:
            section, _, key = name.rpartition(".")
            head, _, tail = section.partition(".")
            file.write(f'[{head}{f" {chr(34)}{tail}{chr(34)}" if tail else ""}]\n\t{key} = "{value}"\n')
    for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        path = source / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{run}\n")
        path.chmod(0o755)
    with ingest(source, ref="main", workdir=tmp_path / "w") as snapshot:
        assert (snapshot.path / "data.bin").read_text() == "stored"
        assert (snapshot.path / "secret.txt").read_text() == "$Id$"
        assert (snapshot.path / "README.md").read_bytes() == "ü\n".encode()
    assert not proof.exists()


def test_the_configuration_of_whoever_grades_takes_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = tmp_path / "proof"
    hooks = write(tmp_path / "templates", {"hooks/reference-transaction": f"#!/bin/sh\ntouch {proof}\n"})
    (hooks / "hooks" / "reference-transaction").chmod(0o755)
    configured = tmp_path / "config"
    configured.write_text(f"[init]\n\ttemplateDir = {hooks}\n[core]\n\thooksPath = {hooks}/hooks\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configured))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(hooks))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    source = repository_elsewhere(tmp_path)
    with ingest(source, ref="main", workdir=tmp_path / "w") as snapshot:
        assert snapshot.files == len(SERVICE)
    assert not proof.exists()


def repository_elsewhere(tmp_path: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GIT_DIR")
        patch.delenv("GIT_TEMPLATE_DIR")
        return repository(tmp_path / "jane")


def test_a_replaced_object_does_not_stand_in_for_the_committed_one(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    honest = git(source, "rev-parse", "HEAD")
    write(source, {"README.md": "replaced"})
    other = commit(source, "two")
    git(source, "replace", honest, other)
    with ingest(source, ref=honest, workdir=tmp_path / "w") as snapshot:
        assert (snapshot.path / "README.md").read_text() == "ü\n"


def test_a_committed_symlink_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "jane", SERVICE)
    (source / "link.py").symlink_to("/etc/passwd")
    repository(source, {})
    with pytest.raises(UsageError, match="symbolic link") as refused:
        ingest(source, ref="main", workdir=tmp_path / "w")
    assert "link.py" in refused.value.where


def test_a_submodule_is_refused_and_not_fetched(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", {"x.py": "x"})
    source = repository(tmp_path / "jane")
    git(source, "submodule", "--quiet", "add", str(library), "library")
    commit(source, "two")
    with pytest.raises(UsageError, match="a submodule"):
        ingest(source, ref="main", workdir=tmp_path / "w")


def test_a_tree_entry_that_climbs_out_is_refused(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    blob = git(source, "rev-parse", "HEAD:README.md")
    tree = raw_object(source, "tree", b"100644 ..\0" + bytes.fromhex(blob))
    bad = git(source, "commit-tree", "-m", "bad", raw_object(source, "tree", b"40000 a\0" + bytes.fromhex(tree)))
    with pytest.raises(UsageError, match="climbs out"):
        ingest(source, ref=bad, workdir=tmp_path / "w")


def raw_object(folder: Path, kind: str, content: bytes) -> str:
    command = ["git", "-C", str(folder), "hash-object", "-w", "-t", kind, "--stdin", "--literally"]
    done = subprocess.run(command, input=content, check=True, capture_output=True, timeout=60)
    return done.stdout.decode().strip()


def test_a_tree_that_multiplies_itself_is_stopped_while_it_is_listed(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    inner = git(source, "rev-parse", "HEAD:app")
    for _ in range(8):
        records = b"".join(b"40000 %c\0" % (97 + n) + bytes.fromhex(inner) for n in range(20))
        inner = raw_object(source, "tree", records)
    bomb = git(source, "commit-tree", "-m", "bomb", inner)
    with pytest.raises(UsageError, match="more than 50,000 entries"):
        ingest(source, ref=bomb, workdir=tmp_path / "w")


def test_a_large_blob_is_refused_before_it_is_read(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane", {**SERVICE, "big": bytes(11 * 1024 * 1024)})
    with pytest.raises(UsageError, match="larger than 10 MiB") as refused:
        ingest(source, ref="main", workdir=tmp_path / "w")
    assert "big" in refused.value.where


def test_a_repository_that_lacks_an_object_is_refused(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    blob = git(source, "rev-parse", "HEAD:README.md")
    (source / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match="lacks objects"):
        ingest(source, ref="main", workdir=tmp_path / "w")


def test_objects_are_not_borrowed_from_a_third_repository(tmp_path: Path) -> None:
    private = repository(tmp_path / "private", {"secret": "s"})
    source = repository(tmp_path / "jane")
    (source / ".git" / "objects" / "info" / "alternates").write_text(f"{private}/.git/objects\n")
    with pytest.raises(UsageError, match="stands alone"):
        ingest(source, ref=git(private, "rev-parse", "HEAD"), workdir=tmp_path / "w")


def test_a_git_file_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    private = repository(tmp_path / "private", {"secret": "s"})
    source = write(tmp_path / "jane", {**SERVICE, ".git": f"gitdir: {private}/.git\n"})
    with pytest.raises(UsageError, match="stands alone"):
        ingest(source, ref="main", workdir=tmp_path / "w")


@pytest.mark.parametrize("ref", ["nope", "v9~3", "0" * 40])
def test_an_unknown_reference_is_named(ref: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no such branch, tag or commit: '{ref}'"):
        ingest(repository(tmp_path / "jane"), ref=ref, workdir=tmp_path / "w")


@pytest.mark.parametrize("ref", ["--upload-pack=x", "-x", "", "a..b", "a b", "a:b", "+a", "x@{0}", "a\n", "*"])
def test_a_reference_that_git_could_misread_is_refused(ref: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a branch, tag or commit"):
        ingest(repository(tmp_path / "jane"), ref=ref, workdir=tmp_path / "w")


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "jane.git")
    with pytest.raises(UsageError, match="no commit"):
        ingest(tmp_path / "jane.git", ref=None, workdir=tmp_path / "w")


def test_a_machine_without_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = repository(tmp_path / "jane")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(EnvironmentFault, match="git is not installed"):
        ingest(source, ref="main", workdir=tmp_path / "w")
