"""Fork server: imports once what many processes need, then starts each of them as a copy of itself.

Run by any interpreter, with nothing but the standard library: `python -P fork_server.py FD`. Requests come over the
socket FD, a line of JSON each; one that starts a process brings along its stdin, stdout and stderr. A process that was
started this way runs a module as `python -m` does, in a session of its own.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_LINE = 1024 * 1024
_STANDARD = 3


def main() -> None:
    """Serve until the other side closes the socket; in a copy: run the module that was asked for."""
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        sys.argv = [request["module"], *request["arguments"]]
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


def serve(requests: socket.socket) -> dict[str, Any] | None:
    """None when the other side is gone; in a copy, the request that it was made for."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([requests.fileno(), woken], [], [])
        if woken in ready:
            with suppress(BlockingIOError):
                os.read(woken, 4096)
            _tell_ended(requests)
        if requests.fileno() not in ready:
            continue
        line, files = _received(requests)
        if not line:
            return None
        request = json.loads(line)
        if request["kind"] == "preload":
            _send(requests, {"kind": "loaded", "problem": _preload(request)})
        elif os.fork() == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(woken)
            os.close(wake)
            _become(request, files)
            _send(requests, {"kind": "started", "pid": os.getpid()})
            requests.close()
            return dict(request)
        for file in files:
            os.close(file)


def _received(requests: socket.socket) -> tuple[bytes, list[int]]:
    line, files, _, _ = socket.recv_fds(requests, _LINE, _STANDARD)
    while line and not line.endswith(b"\n"):
        more = requests.recv(_LINE)
        if not more:
            return b"", files
        line += more
    return line, list(files)


def _send(requests: socket.socket, answer: dict[str, Any]) -> None:
    with suppress(OSError):
        requests.sendall(json.dumps(answer).encode() + b"\n")


def _tell_ended(requests: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _send(requests, {"kind": "ended", "pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _become(request: dict[str, Any], files: list[int]) -> None:
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    _settle(request)


def _settle(request: dict[str, Any]) -> None:
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if request["path"]:
        sys.path.insert(0, request["folder"])


def _preload(request: dict[str, Any]) -> str:
    """Import the modules that are named, and all that each imports from outside its folder; returns what failed.

    A copy of us looks what those are: the folder's own modules, which change, must not be imported here.
    """
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 0
        try:
            os.close(out)
            _settle(request)
            names, problem = _survey(request)
            with os.fdopen(into, "w") as pipe:
                json.dump({"names": names, "problem": problem}, pipe)
        except BaseException:  # noqa: BLE001 - whatever it is, this copy must not go on as the server
            code = 1
        os._exit(code)
    os.close(into)
    with os.fdopen(out) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    found = json.loads(text) if text else {"names": [], "problem": "the imports ended the process"}
    for name in found["names"]:
        with suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    return str(found["problem"])


def _survey(request: dict[str, Any]) -> tuple[list[str], str]:
    problem = ""
    for name in request["modules"]:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - a module may even exit
            problem = problem or f"{name}: {error!r}"
    own = Path(request["folder"]).resolve()
    names = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and not (request["path"] and file and Path(file).resolve().is_relative_to(own)):
            names.append(name)
    return names, problem


if __name__ == "__main__":
    main()
