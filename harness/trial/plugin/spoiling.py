"""Every FastAPI app of this process answers with a fault."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from .faults import Answer, Fault

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_MARK = "takehome.spoiled"


class Spoiler:
    """Puts one fault into answers, or none; `met` names the faults that some answer could have had."""

    def __init__(self, faults: Mapping[str, Fault], active: str | None) -> None:
        self._faults, self.active = faults, active
        self.met: set[str] = set()

    def install(self) -> None:
        """From now on; without FastAPI there is nothing to do."""
        try:
            application: Any = importlib.import_module("fastapi").FastAPI
        except (ImportError, AttributeError):
            return
        original = application.__call__

        async def call(app: object, scope: Message, receive: Receive, send: Send) -> None:
            # A mounted app is one more FastAPI inside of the first.
            if scope["type"] == "http" and not scope.get(_MARK):
                scope[_MARK] = True
                send = _Spoiled(send, self)
            await original(app, scope, receive, send)

        application.__call__ = call

    def apply(self, answer: Answer) -> Answer:
        """The answer with the fault, when it can have it."""
        spoiled = answer
        for name, fault in self._faults.items():
            if self.active not in (None, name):
                continue
            try:
                found = fault(answer)
            except (ValueError, TypeError, RecursionError):
                continue
            if found is not None:
                self.met.add(name)
                spoiled = found if name == self.active else spoiled
        return spoiled


class _Spoiled:
    """A `send` that holds a JSON answer until it is whole, and lets everything else through as it comes.

    Without an active fault nothing is held or changed.
    """

    def __init__(self, send: Send, spoiler: Spoiler) -> None:
        self._send, self._spoiler = send, spoiler
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if self._spoiler.active is None:
            self._watch(message)
            await self._send(message)
        else:
            await self._change(message)

    def _watch(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            start, json = self._start, _is_json(self._start)
            self._body += message.get("body", b"") if json else b""
            if not (json and message.get("more_body")):
                self._start = None
                self._spoiler.apply((start["status"], list(start.get("headers", [])), self._body))

    async def _change(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start" and _is_json(message):
            self._start = message
        elif kind == "http.response.start":
            status, headers, _ = self._spoiler.apply((message["status"], list(message.get("headers", [])), b""))
            await self._send({**message, "status": status, "headers": headers})
        elif kind == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        status, headers, body = self._spoiler.apply((start["status"], list(start.get("headers", [])), self._body))
        headers = [(n, str(len(body)).encode() if n.lower() == b"content-length" else v) for n, v in headers]
        await self._send({**start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_json(message: Message) -> bool:
    kinds = [value.lower() for name, value in message.get("headers", []) if name.lower() == b"content-type"]
    return any(b"json" in kind and b"ndjson" not in kind for kind in kinds)
