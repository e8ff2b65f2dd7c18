"""`python -P -m harness.prober`: from the host's hello to done. Everything that prints goes to stderr."""

from __future__ import annotations

import faulthandler
import io
import os
import sys
import tempfile
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

import anyio
import pytest

from harness.authoring.gate import CapacityGate
from harness.prober.channel import Channel, ChannelClosed, take_stdio
from harness.prober.hello import Hello, read_hello
from harness.prober.hooks import Hooks
from harness.prober.readiness import NotReady, pulse_of, wait_ready
from harness.prober.result import plain
from harness.prober.run import Run
from harness.prober.watchdog import Watchdog

_HELLO_S = 60.0
_GO_S = 900.0
_DETAIL = 8000


class SuitesBroken(Exception):
    """The graders can't be run: a file that can't be imported, two checks of one name."""


class _Tee(io.TextIOBase):
    """Passes text on and remembers the end of it."""

    def __init__(self, onward: TextIO) -> None:
        self._onward = onward
        self.tail = ""

    def write(self, text: str) -> int:
        self.tail = (self.tail + text)[-_DETAIL:]
        return self._onward.write(text)

    def flush(self) -> None:
        self._onward.flush()


def main() -> int:
    """Returns the exit code: 0 when the host was told how everything ended."""
    channel = take_stdio(on_end=lambda: os._exit(3))
    hello: Hello | None = None
    try:
        hello = read_hello(channel.receive(_HELLO_S))
        serve(hello, channel)
    except ChannelClosed as error:
        print(error, file=sys.stderr)
        return 3
    except BaseException:  # noqa: BLE001 - the host must hear of everything
        detail = traceback.format_exc()[-_DETAIL:]
        text = hello.redactor().text(detail) if hello else detail
        channel.send({"kind": "crashed", "detail": plain(text)})
        return 1
    return 0


def serve(hello: Hello, channel: Channel) -> None:
    """Bind the stubs, wait for the service and run the checks."""
    gates = {name: CapacityGate(port) for name, port in hello.stubs.items()}
    channel.send({"kind": "bound"})
    frame = channel.receive(_GO_S)
    if frame.get("kind") != "go":
        raise ValueError(f"the host said {frame.get('kind')!r} instead of 'go'")
    run = Run(hello, channel, gates)
    ready = anyio.run(wait_ready, hello.base_url, run.pod, hello.ready_s)
    if isinstance(ready, NotReady):
        channel.send({"kind": "not_ready", "summary": ready.summary, "reason": ready.reason, "detail": ready.detail})
        return
    channel.send({"kind": "ready", "seconds": round(ready, 3), "pulse": anyio.run(pulse_of, hello.base_url)})
    run.start_clock()
    check_all(run)
    channel.send({"kind": "done"})


def check_all(run: Run) -> None:
    """Run the suites in this process.

    Raises:
        SuitesBroken: nothing could be run.
    """

    def bite() -> None:
        faulthandler.dump_traceback(file=2, all_threads=True)
        run.give_up("the prober got stuck in a check, or the time for the whole run was used up")
        run.channel.send({"kind": "done"})
        os._exit(0)

    hooks = Hooks(run, Watchdog(bite))
    tee = _Tee(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="prober-") as neutral, redirect_stderr(tee), redirect_stdout(tee):
        config = Path(neutral) / "pytest.ini"
        config.write_text("[pytest]\n")
        code = pytest.main(_arguments(run.hello, config), plugins=[hooks])
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise SuitesBroken("\n".join(hooks.errors) or tee.tail)
    run.give_up("the run was ended before this check")
    if run.hello.checks is None and hooks.errors:
        raise SuitesBroken("\n".join(hooks.errors))
    _missing(run, hooks.errors)


def _arguments(hello: Hello, config: Path) -> list[str]:
    _isolate(os.environ)
    sys.dont_write_bytecode = True
    folders = [str(folder) for folder in hello.graders]
    return [
        *("-c", str(config)),
        *("--rootdir", str(config.parent)),
        # Only the suites' own conftest.py, never one of a folder above them.
        *("--confcutdir", folders[0]),
        *("-p", "anyio.pytest_plugin"),
        *("-p", "harness.prober.fixtures"),
        *("-p", "no:cacheprovider"),
        "--import-mode=importlib",
        "--continue-on-collection-errors",
        "--capture=no",
        "--color=no",
        "--tb=short",
        "--quiet",
        *folders,
    ]


def _isolate(environment: os._Environ[str]) -> None:
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        environment.pop(name, None)


def _missing(run: Run, errors: list[str]) -> None:
    """A check that was asked for and that no suite has: our mistake."""
    why = "\n".join(errors)[-_DETAIL:] or "no suite has it"
    for id_ in run.hello.checks or ():
        if id_ not in run.results:
            run.unknown(id_, why)


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Not sys.exit: a thread that a grader left behind must not keep the prober.
    os._exit(status)
