"""A command that sends a request again, to be pasted into a shell."""

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
        parts += ["--data-raw", _body(exchange.body, redactor)]
    return " ".join(parts)


def _body(body: bytes, redactor: Redactor) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > BODY_SHOWN or "\0" in text:
        return shlex.quote(f"(a body of {len(body)} bytes, not shown)")
    return shlex.quote(redactor.text(text))
