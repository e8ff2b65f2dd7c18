"""Git repositories at a URL: which are taken, what reaches their hosts, and who is to blame when nothing comes."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from shutil import which
from urllib.parse import quote

import pytest

from harness.errors import EnvironmentFault, UsageError
from harness.submission import Limits, ingest
from harness.submission.git_remote import blame, host_of, public
from harness.submission.intake import Intake
from tests.submission.server import Quiet, serve, serving
from tests.submission.trees import SERVICE, git, repository, write

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c whoami",
        "ext::sh%20-c%20whoami",
        "fd::17",
        "file:///etc",
        "FILE:///etc",
        "git://example.org/x",
        "ftp://example.org/x",
        "ssh://-oProxyCommand=x/y",
        "ssh://a@-oProxyCommand=x/y",
        "https://",
        "https:///x",
        "https::https://example.org/x",
        "jane@-oProxyCommand=x:y",
        "https://[/x",
        "https://me:a%0apassword=b@example.org/x",
        "ssh://me:hunter2@example.org/x",
    ],
)
def test_a_url_that_could_run_or_read_something_here_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        ingest(url, ref=None, workdir=tmp_path / "w")
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("smart", [True, False])
@pytest.mark.parametrize("ref", [None, "feature", "v1", "commit"])
def test_a_repository_is_fetched_over_http(smart: bool, ref: str | None, tmp_path: Path) -> None:
    source = repository(tmp_path / "jane")
    git(source, "tag", "v1")
    git(source, "branch", "feature")
    wanted = git(source, "rev-parse", "HEAD")
    git(tmp_path, "clone", "--quiet", "--bare", str(source), "served/jane.git")
    git(tmp_path / "served" / "jane.git", "update-server-info")
    with (
        serve(tmp_path / "served", smart=smart) as address,
        ingest(f"{address}/jane.git", ref=wanted if ref == "commit" else ref, workdir=tmp_path / "w") as snapshot,
    ):
        assert (snapshot.id, snapshot.files) == ("jane", len(SERVICE))
        assert snapshot.source == f"{address}/jane.git@{wanted}"
    assert list((tmp_path / "w").iterdir()) == []


def test_a_url_without_a_repository_is_the_urls_fault_and_shows_no_password(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served", smart=True) as address, pytest.raises(UsageError) as refused:
        ingest(address.replace("//", "//me:hunter2@") + "/none.git", ref=None, workdir=tmp_path / "w")
    assert "hunter2" not in str(refused.value)
    assert list((tmp_path / "w").iterdir()) == []


@pytest.mark.parametrize(("user", "password"), [("me", "hünter 2/@"), ("token", "")])
def test_a_url_may_hold_a_password_which_no_argument_of_a_process_shows(
    user: str, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository(tmp_path / "jane")), "served/jane.git")
    telling = f'#!/bin/sh\nprintf "%s\\n" "$@" >>{tmp_path}/said\nexec {which("git")} "$@"\n'
    tools = write(tmp_path / "tools", {"git": telling})
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    login = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    with serve(tmp_path / "served", smart=True, login=login) as address:
        # As in a URL: with a token alone, there is no password.
        given = quote(user) + (f":{quote(password, safe='')}" if password else "")
        url = f"{address}/jane.git".replace("//", f"//{given}@")
        with ingest(url, ref=None, workdir=tmp_path / "w") as snapshot:
            assert snapshot.files == len(SERVICE)
            assert snapshot.source.startswith(f"{address}/jane.git@")
    said = (tmp_path / "said").read_text()
    assert f"{address}/jane.git" in said
    assert given not in said
    assert "hünter" not in said


def test_a_password_goes_to_the_host_that_it_is_for_and_to_no_other(tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository(tmp_path / "jane")), "served/jane.git")
    login = "Basic " + b64encode(b"me:hunter2").decode()
    with serve(tmp_path / "served", smart=True, login=login) as other:

        class Elsewhere(Quiet):
            def do_GET(self) -> None:
                self.send_response(301)
                self.send_header("Location", other + self.path)
                self.end_headers()

        with serving(Elsewhere) as address, pytest.raises(UsageError):
            ingest(f"{address}/jane.git".replace("//", "//me:hunter2@"), ref=None, workdir=tmp_path / "w")


@pytest.mark.parametrize("smart", [True, False])
@pytest.mark.parametrize("ref", [None, "v1"])
def test_a_repository_to_which_nothing_was_pushed_is_told_as_that(smart: bool, ref: str | None, tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    git(tmp_path / "served", "init", "--quiet", "--bare", "jane.git")
    git(tmp_path / "served" / "jane.git", "update-server-info")
    with serve(tmp_path / "served", smart=smart) as address, pytest.raises(UsageError, match="repository is empty"):
        ingest(f"{address}/jane.git", ref=ref, workdir=tmp_path / "w")


def test_a_server_that_cannot_be_reached_is_nobodys_fault(tmp_path: Path) -> None:
    with serve(tmp_path, smart=False) as address:
        pass
    with pytest.raises(EnvironmentFault, match="could not be fetched"):
        ingest(f"{address}/jane.git", ref=None, workdir=tmp_path / "w")


def test_a_repository_that_outgrows_the_limit_is_stopped_while_it_is_fetched(tmp_path: Path) -> None:
    source = repository(tmp_path / "jane", {**SERVICE, "noise": os.urandom(4 * 1024 * 1024)})
    git(tmp_path, "clone", "--quiet", "--bare", str(source), "served/jane.git")
    with serve(tmp_path / "served", smart=True, stall_after=2 * 1024 * 1024) as address, pytest.raises(UsageError) as e:
        ingest(f"{address}/jane.git", ref=None, workdir=tmp_path / "w", limits=Limits(git_bytes=1024 * 1024))
    assert "larger than 1 MiB" in str(e.value)
    assert list((tmp_path / "w").iterdir()) == []


def test_a_server_that_stalls_is_left_at_the_deadline(tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository(tmp_path / "jane")), "served/jane.git")
    with serve(tmp_path / "served", smart=True, stall_after=0) as address, pytest.raises(EnvironmentFault) as error:
        ingest(f"{address}/jane.git", ref=None, workdir=tmp_path / "w", limits=Limits(seconds=2))
    assert "longer than 2 s" in str(error.value)
    assert list((tmp_path / "w").iterdir()) == []


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ("fatal: repository 'https://example.org/x/' not found", UsageError),
        ("fatal: couldn't find remote ref HEAD", UsageError),
        ("fatal: could not read Username for 'https://example.org': terminal prompts disabled", UsageError),
        ("git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.", UsageError),
        ("fatal: unable to access 'https://example.org/': Could not resolve host: example.org", EnvironmentFault),
        ("fatal: unable to access 'https://example.org/': Failed to connect to example.org port 443", EnvironmentFault),
        ("fatal: the remote end hung up unexpectedly", EnvironmentFault),
    ],
)
def test_who_is_to_blame_for_a_failed_fetch(errors: str, kind: type[Exception]) -> None:
    assert type(blame(errors, Intake("x", Limits()))) is kind


def test_a_url_is_shown_without_credentials() -> None:
    assert public("https://me:token@example.org/x.git") == "https://example.org/x.git"
    assert public("git@example.org:x.git") == "git@example.org:x.git"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://me:token@Example.org:8443/x.git", "example.org:8443"),
        ("ssh://git@example.org/x.git", "example.org"),
        ("git@example.org:x.git", "example.org"),
        ("folder/archive.zip", ""),
        ("https://[/x", ""),
    ],
)
def test_a_url_names_its_host(url: str, host: str) -> None:
    assert host_of(url) == host
