"""Git repositories at a URL: which URLs are taken, and who is to blame when nothing comes."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from harness.errors import EnvironmentFault, TakehomeError
from harness.submission.git import Commit
from harness.submission.git_process import Git
from harness.submission.intake import Intake

_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = re.compile(r"(?:[\w.][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?![-/:])[^\s:]+\Z")
_SCHEMES = frozenset({"https", "http", "ssh"})
_HEAD = "refs/takehome/head"
_ABSENT = (
    "not found",
    "does not appear to be a git repository",
    "authentication failed",
    "could not read username",
    "could not read password",
    "terminal prompts disabled",
    "permission denied",
    "access denied",
    "returned error: 401",
    "returned error: 403",
    "returned error: 404",
    "repository is empty",
)


def is_url(text: str, *, exists: bool) -> bool:
    """Whether a source is meant as a URL; `host:path` is one only where no such file exists."""
    return bool(_HELPER.match(text) or _SCHEME.match(text) or (not exists and _SCP.match(text)))


def check_url(url: str, intake: Intake) -> None:
    """Take https, http, ssh and `user@host:path`.

    Raises:
        UsageError: a transport that runs programs or reads local files, or a part that looks like an option.
    """
    scheme = _SCHEME.match(url)
    split = None
    if scheme and scheme.group(1).lower() in _SCHEMES:
        try:
            split = urlsplit(url)
        except ValueError:
            split = None
    taken = split.hostname if split else _SCP.match(url)
    if _HELPER.match(url) or not taken or (split and re.search(r"//(?:[^/@]*@)?-", url)):
        raise intake.refused(
            "this kind of git URL is not taken",
            next_step="use https://, ssh:// or user@host:path, or the path of a local clone",
        )


def public(url: str) -> str:
    """The URL without user name and password, which may be a token."""
    if not _SCHEME.match(url):
        return url
    try:
        split = urlsplit(url)
    except ValueError:
        return "a git URL"
    return urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2]))


def remote_commit(url: str, ref: str | None, scratch: Path, intake: Intake) -> Commit:
    """Fetch one commit; the whole history only where the server can't give less.

    Raises:
        UsageError: no such repository or ref, no access, or too large.
        EnvironmentFault: the network failed or the time is up.
    """
    git = Git(scratch / "repository", intake, protocols="https:http:ssh")
    fetch = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    if git.run(*fetch, "--depth=1", "--", url, f"+{ref or 'HEAD'}:{_HEAD}") == 0:
        return Commit(git, intake, _HEAD, ref or "")
    everything = ("+HEAD:" + _HEAD, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    if git.run(*fetch, "--", url, *everything):
        raise blame(git.errors().replace(url, public(url)), intake)
    return Commit(git, intake, ref or _HEAD, ref or "")


def blame(errors: str, intake: Intake) -> TakehomeError:
    """What a failed fetch was: the URL's fault when the server says so, else the network's. Pure."""
    if any(sign in errors.lower() for sign in _ABSENT):
        return intake.refused(
            "the repository does not exist, or may not be read",
            detail=errors,
            next_step="check the URL and your access; credentials come from ssh-agent, ~/.netrc or the URL",
        )
    return EnvironmentFault(
        "the repository could not be fetched",
        where=intake.origin,
        detail=errors,
        next_step="check the network and the URL, then run again",
    )
