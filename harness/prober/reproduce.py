"""What sends a request again: a command to be pasted into a shell, and a few lines of Python."""

from __future__ import annotations

import shlex

from harness.authoring.redact import Redactor
from harness.authoring.transcript import BODY_SHOWN, Exchange

# What curl says by itself.
_LEFT_OUT = frozenset({"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"})


def curl(exchange: Exchange, redactor: Redactor) -> str:
    """The exchange as a curl command. Tokens are `$TOKEN`, to be filled in by whoever runs it."""
    parts = ["curl", "-i", "-X", exchange.method, shlex.quote(redactor.text(exchange.url))]
    for name, value in exchange.headers:
        if name.lower() in _LEFT_OUT:
            continue
        if name.lower() == "authorization" and value.lower().startswith("bearer "):
            parts += ["-H", '"Authorization: Bearer $TOKEN"']
        else:
            parts += ["-H", shlex.quote(f"{name}: {redactor.header(name, value)}")]
    if exchange.body:
        parts += ["--data-raw", shlex.quote(_shown(exchange.body, redactor))]
    return " ".join(parts)


def _shown(body: bytes, redactor: Redactor) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > BODY_SHOWN or "\0" in text:
        return f"(a body of {len(body)} bytes, not shown)"
    return redactor.text(text)


def httpx_script(exchange: Exchange, redactor: Redactor) -> str:
    """The exchange as a Python script with httpx, run by `python -`. Tokens are read from the variable TOKEN."""
    headers, token = [], False
    for name, value in exchange.headers:
        if name.lower() in _LEFT_OUT:
            continue
        if name.lower() == "authorization" and value.lower().startswith("bearer "):
            token = True
            headers.append('    "Authorization": f"Bearer {os.environ[\'TOKEN\']}",')
        else:
            headers.append(f"    {name!r}: {redactor.header(name, value)!r},")
    lines = ["import os", "", "import httpx"] if token else ["import httpx"]
    lines += ["", *(["headers = {", *headers, "}"] if headers else [])]
    arguments = [repr(exchange.method), repr(redactor.text(exchange.url))]
    arguments += ["headers=headers"] if headers else []
    arguments += [f"content={_shown(exchange.body, redactor)!r}.encode()"] if exchange.body else []
    return "\n".join([*lines, f"reply = httpx.request({', '.join(arguments)})", "print(reply.status_code, reply.text)"])
