"""Git repositories at a URL: which URLs are taken, and who is to blame when nothing comes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from harness.errors import EnvironmentFault, TakehomeError
from harness.submission.git import Commit
from harness.submission.git_process import Git
from harness.submission.intake import Intake

NOT_GIVEN = "the repository does not exist, or may not be read"
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = re.compile(r"(?:[\w.][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?![-/:])[^\s:]+\Z")
_SCHEMES = frozenset({"https", "http", "ssh"})
_HEAD = "refs/takehome/head"
# The arguments of a process are for every user of a machine to read; its environment is not.
_USER, _PASSWORD = "TAKEHOME_GIT_USER", "TAKEHOME_GIT_PASSWORD"
_SAY = f"""printf 'username=%s\\npassword=%s\\n' "${_USER}" "${_PASSWORD}\""""
_HELPER_SCRIPT = f"""!f() {{ test "$1" = get && {_SAY}; }}; f"""
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
)
# Said to those alone who may read it.
_EMPTY = ("couldn't find remote ref head", "repository is empty")


def is_url(text: str, *, exists: bool) -> bool:
    """Whether a source is meant as a URL; `host:path` is one only where no such file exists."""
    return bool(_HELPER.match(text) or _SCHEME.match(text) or (not exists and _SCP.match(text)))


def check_url(url: str, intake: Intake) -> None:
    """Take https, http, ssh and `user@host:path`.

    Raises:
        UsageError: a transport that runs programs or reads local files, a part that looks like an option, or a
            password that ssh would not use and show to all.
    """
    scheme = _SCHEME.match(url)
    split = None
    if scheme and scheme.group(1).lower() in _SCHEMES:
        try:
            split = urlsplit(url)
        except ValueError:
            split = None
    taken = split.hostname if split else _SCP.match(url)
    odd = split is not None and (re.search(r"//(?:[^/@]*@)?-", url) or not all(map(_is_plain, credentials(url))))
    if _HELPER.match(url) or not taken or odd:
        raise intake.refused(
            "this kind of git URL is not taken",
            next_step="use https://, ssh:// or user@host:path, or the path of a local clone",
        )
    if split and split.scheme.lower() == "ssh" and split.password is not None:
        raise intake.refused("ssh takes no password from a URL", next_step="leave it out, and use ssh-agent")


def public(url: str) -> str:
    """The URL without user name and password, which may be a token."""
    if not _SCHEME.match(url):
        return url
    try:
        split = urlsplit(url)
    except ValueError:
        return "a git URL"
    return urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2]))


def host_of(url: str) -> str:
    """The host of a git URL with its port, if it names one; empty where the text is none."""
    if _SCHEME.match(url):
        try:
            return urlsplit(url).netloc.rpartition("@")[2].lower()
        except ValueError:
            return ""
    return url.partition(":")[0].rpartition("@")[2].lower() if is_url(url, exists=os.path.lexists(url)) else ""


def credentials(url: str) -> tuple[str, str]:
    """User name and password of an http or https URL; both empty where it has none."""
    split = urlsplit(url)
    if split.scheme.lower() not in ("http", "https"):
        return "", ""
    return unquote(split.username or ""), unquote(split.password or "")


def _is_plain(text: str) -> bool:
    """A line end would be another line of what git is told."""
    return not re.search(r"[\x00-\x1f\x7f]", text)


def _apart(url: str) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """What git is called with: the URL, options that say how to log in there and nowhere else, and with what."""
    user, password = credentials(url) if _SCHEME.match(url) else ("", "")
    if not (user or password):
        return url, (), {}
    bare = public(url)
    place = urlunsplit(urlsplit(bare)._replace(path="", query="", fragment=""))
    return bare, ("-c", f"credential.{place}.helper={_HELPER_SCRIPT}"), {_USER: user, _PASSWORD: password}


def remote_commit(url: str, ref: str | None, scratch: Path, intake: Intake) -> Commit:
    """Fetch one commit; the whole history only where the server can't give less.

    Raises:
        UsageError: no such repository or ref, no access, or too large.
        EnvironmentFault: the network failed or the time is up.
    """
    url, login, secrets = _apart(url)
    git = Git(scratch / "repository", intake, protocols="https:http:ssh", secrets=secrets)
    fetch = (*login, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    if git.run(*fetch, "--depth=1", "--", url, f"+{ref or 'HEAD'}:{_HEAD}") == 0:
        return Commit(git, intake, _HEAD, ref or "")
    everything = ("+HEAD:" + _HEAD, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    if git.run(*fetch, "--", url, *everything):
        raise blame(git.errors(), intake)
    return Commit(git, intake, ref or _HEAD, ref or "")


def blame(errors: str, intake: Intake) -> TakehomeError:
    """What a failed fetch was: the URL's fault when the server says so, else the network's. Pure."""
    if any(sign in errors.lower() for sign in _EMPTY):
        return intake.refused(
            "the repository is empty, or its default branch is",
            next_step="push the work, or name the branch that has it with --ref",
        )
    if any(sign in errors.lower() for sign in _ABSENT):
        return intake.refused(
            NOT_GIVEN,
            detail=errors,
            next_step="check the URL and your access; credentials come from ssh-agent, ~/.netrc or the URL",
        )
    return EnvironmentFault(
        "the repository could not be fetched",
        where=intake.origin,
        detail=errors,
        next_step="check the network and the URL, then run again",
    )
