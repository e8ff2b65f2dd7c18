"""How many submissions a minute a batch grades, beside the pipeline that a team would script.

    python -m benchmarks.batch_throughput [--submissions N] [--jobs N] [--base-image IMAGE]

Over the same submissions, in one run: the script (for each: docker build with pip install, docker run, pytest with
httpx from the host, mypy cold), `takehome batch --jobs 1`, and with more jobs. The script asks a fraction of what
the checks ask and isolates next to nothing. It is run twice: each image built anew, as where every candidate
declares something else, and with Docker's cached layers, as where all declare the same. Each way begins without an
environment: a package that nobody needs differs, so neither Docker's layers nor ours are there from the way before.
Peak memory is that of the processes on this host; what runs inside containers is the engine's.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from harness.runtime.docker.base_image import find_base
from harness.runtime.docker.engine import connect
from harness.runtime.trust import ca_bundle

ROOT = Path(__file__).parents[1]
PACK = ROOT / "tests" / "packaging" / "catalogue" / "counting_pack" / "counting_challenges" / "count_words"
TARGET = 4.0
# Small, without dependencies, and needed by nothing here.
_EXTRA = ("toml", "wheel", "roman", "tomlkit", "zipp", "blinker")
_TESTS = """
import os, httpx, pytest
BASE = os.environ["BASE_URL"]
@pytest.mark.parametrize(("text", "words"), [("", 0), ("one", 1), ("one two", 2), ("one xyzzy two", 2), ("xyzzy", 0)])
def test_count(text, words):
    assert httpx.post(BASE + "/v1/counts", json={"text": text}).json() == {"words": words}
def test_health():
    assert httpx.get(BASE + "/healthz").status_code == 200
def test_bad_input():
    assert httpx.post(BASE + "/v1/counts", json={"text": 1}).status_code == 422
"""
_DOCKERFILE = """FROM {base}
COPY ca.pem /ca.pem
ENV PIP_CERT=/ca.pem
RUN python3 -m venv /venv
WORKDIR /srv
COPY requirements.txt .
RUN /venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
COPY . .
CMD ["/venv/bin/python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}"]
"""


class _Dictionary(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if "xyzzy" in self.path else 200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def dictionary() -> Iterator[str]:
    """The upstream of the submissions, for the script."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Dictionary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def peak() -> Iterator[list[int]]:
    """The most bytes that this process's children held together, measured twice a second."""
    seen, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            seen[0] = max(seen[0], total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def challenge(folder: Path) -> Path:
    """The challenge without its check of the candidates' own tests."""
    challenges = folder / "challenges"
    shutil.copytree(PACK, challenges / "count_words")
    (challenges / "count_words" / "mutants" / "own-tests.patch").unlink()
    file = challenges / "count_words" / "challenge.toml"
    file.write_text(re.sub(r"\n\[checks\.own-tests\].*", "\n", file.read_text(), flags=re.DOTALL))
    return challenges


def submissions(folder: Path, count: int, way: int) -> Path:
    """Submissions that differ in their code, and from those of another way in a package."""
    for number in range(count):
        target = folder / f"submissions-{way}" / f"candidate-{number}"
        shutil.copytree(PACK / "reference", target)
        with (target / "app" / "main.py").open("a") as main:
            main.write(f"\nNUMBER: int = {number}\n")
        project = target / "pyproject.toml"
        text = project.read_text()
        project.write_text(text.replace("dependencies = [", f'dependencies = ["{_EXTRA[way % len(_EXTRA)]}", ', 1))
    return folder / f"submissions-{way}"


def batch(source: Path, challenges: Path, out: Path, jobs: int, base: str) -> None:
    """One whole batch."""
    command = [sys.executable, "-c", "from harness.cli import main; main()", "batch", str(source)]
    command += ["-c", "count_words", "--challenges", str(challenges), "--out", str(out), "-j", str(jobs), "-q"]
    subprocess.run([*command, "--no-own-tests"], check=True, env={**os.environ, "TAKEHOME_BASE_IMAGE": base})


def script(folder: Path, work: Path, base: str, *, cached: bool) -> None:
    """The plain pipeline, one submission after the other."""
    work.mkdir()
    (work / "test_it.py").write_text(_TESTS)
    tags = []
    bundle = ca_bundle(None)
    with dictionary() as upstream:
        for number, source in enumerate(sorted(folder.iterdir())):
            context = work / source.name
            shutil.copytree(source, context)
            found = re.search(r"dependencies = \[(.*?)\]", (context / "pyproject.toml").read_text(), re.DOTALL)
            needed = re.findall(r'"([^"]+)"', found.group(1)) if found else []
            (context / "requirements.txt").write_text("\n".join(needed) + "\n")
            (context / "ca.pem").write_bytes(bundle.read_bytes() if bundle else b"")
            port, tag = 18000 + number, f"plain-pipeline:{number}"
            (context / "Dockerfile").write_text(_DOCKERFILE.format(base=base, port=port))
            tags.append(tag)
            try:
                _one(context, tag, port, upstream, work, cached=cached)
            finally:
                subprocess.run(["docker", "rm", "-f", f"plain-{port}"], capture_output=True, check=False)
    # Not before: with its last image, a layer goes from the cache.
    subprocess.run(["docker", "rmi", "-f", *tags], capture_output=True, check=False)


def _one(context: Path, tag: str, port: int, upstream: str, work: Path, *, cached: bool) -> None:
    build = ["docker", "build", "-q", "--network", "host", *([] if cached else ["--no-cache"]), "-t", tag, str(context)]
    subprocess.run(build, check=True, capture_output=True)
    run = [
        "docker",
        "run",
        "-d",
        "--name",
        f"plain-{port}",
        "--network",
        "host",
        "-e",
        f"DICTIONARY_URL={upstream}",
        tag,
    ]
    subprocess.run(run, check=True, capture_output=True)
    _wait(port)
    environment = {**os.environ, "BASE_URL": f"http://127.0.0.1:{port}"}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(work / "test_it.py")]
    subprocess.run(tests, check=True, capture_output=True, env=environment, cwd=work)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "app"]
    subprocess.run(mypy, check=False, capture_output=True, cwd=context)


def _wait(port: int) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        done = subprocess.run(
            ["curl", "-sf", "-o", os.devnull, f"http://127.0.0.1:{port}/healthz"], capture_output=True, check=False
        )
        if done.returncode == 0:
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on {port}")


def timed(name: str, count: int, work: Callable[[], None]) -> float:
    """Submissions a minute."""
    with peak() as seen:
        start = time.monotonic()
        work()
        seconds = time.monotonic() - start
    pace = count * 60 / seconds
    print(f"{name:<28} {seconds:6.1f} s, {pace:5.1f} submissions a minute, peak memory {seen[0] >> 20} MiB", flush=True)
    return pace


def main() -> None:
    """Run all three and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=16)
    parser.add_argument("--jobs", type=int, nargs="*", default=[2, 4])
    parser.add_argument("--base-image", default=os.environ.get("TAKEHOME_BASE_IMAGE"))
    options = parser.parse_args()
    base, count = find_base(connect(), options.base_image), options.submissions
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        challenges = challenge(folder)
        plain = {}
        for way, name in enumerate(("built anew", "cached layers")):
            sources = submissions(folder, count, way)
            pipeline = partial(script, sources, folder / f"plain-{way}", base, cached=bool(way))
            plain[name] = timed(f"plain pipeline, {name}", count, pipeline)
        paces = {}
        for way, jobs in enumerate((1, *options.jobs), 2):
            grade = partial(batch, submissions(folder, count, way), challenges, folder / f"out-{jobs}", jobs, base)
            paces[jobs] = timed(f"takehome batch --jobs {jobs}", count, grade)
    best = max(paces, key=lambda jobs: paces[jobs])
    print(f"best: --jobs {best}; {paces[best] / paces[1]:.2f} times --jobs 1")
    for name, pace in plain.items():
        print(
            f"batch / plain pipeline, {name}: {paces[best] / pace:.2f}"
            + f" (at least {TARGET:g})" * (name == "built anew")
        )


if __name__ == "__main__":
    main()
