"""What sends a request again: a command to be pasted into a shell, and a few lines of Python.

What the checks made up is in it as it was sent; what is secret is not. The port is that of the starters' README: the
service that was probed is gone by the time that anybody reads this.
"""

from __future__ import annotations

import re
import shlex

from harness.authoring.redact import Redactor
from harness.authoring.transcript import BODY_SHOWN, Exchange

# What curl and httpx say by themselves.
_LEFT_OUT = frozenset({"host", "accept-encoding", "connection", "user-agent", "content-length"})
_PROBED = re.compile(r"\A(\w+://)127\.0\.0\.1:\d+")
_AT_HOME = r"\g<1>127.0.0.1:8000"


def curl(exchange: Exchange, redactor: Redactor) -> str:
    """The exchange as a curl command. Tokens are `$TOKEN`, to be filled in by whoever runs it."""
    parts = ["curl", "-i", "-X", exchange.method, shlex.quote(_url(exchange, redactor))]
    for name, value in _telling(exchange):
        if name.lower() == "authorization" and value.lower().startswith("bearer "):
            parts += ["-H", '"Authorization: Bearer $TOKEN"']
        else:
            parts += ["-H", shlex.quote(f"{name}: {redactor.header(name, value)}")]
    if exchange.body:
        parts += ["--data-raw", shlex.quote(_shown(exchange.body, redactor))]
    return " ".join(parts)


def _telling(exchange: Exchange) -> list[tuple[str, str]]:
    """The headers that have to be named."""
    return [
        (name, value)
        for name, value in exchange.headers
        if name.lower() not in _LEFT_OUT and (name.lower(), value) != ("accept", "*/*")
    ]


def _url(exchange: Exchange, redactor: Redactor) -> str:
    return _PROBED.sub(_AT_HOME, redactor.own(exchange.url))


def _shown(body: bytes, redactor: Redactor) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > BODY_SHOWN or "\0" in text:
        return f"(a body of {len(body)} bytes, not shown)"
    return redactor.own(text)


def httpx_script(exchange: Exchange, redactor: Redactor) -> str:
    """The exchange as a Python script with httpx, run by `python -`. Tokens are read from the variable TOKEN."""
    headers, token = [], False
    for name, value in _telling(exchange):
        if name.lower() == "authorization" and value.lower().startswith("bearer "):
            token = True
            headers.append('    "Authorization": f"Bearer {os.environ[\'TOKEN\']}",')
        else:
            headers.append(f"    {name!r}: {redactor.header(name, value)!r},")
    lines = ["import os", "", "import httpx"] if token else ["import httpx"]
    lines += ["", *(["headers = {", *headers, "}"] if headers else [])]
    arguments = [repr(exchange.method), repr(_url(exchange, redactor))]
    arguments += ["headers=headers"] if headers else []
    arguments += [f"content={_shown(exchange.body, redactor)!r}.encode()"] if exchange.body else []
    return "\n".join([*lines, f"reply = httpx.request({', '.join(arguments)})", "print(reply.status_code, reply.text)"])
