"""Answers of an app on their way out: spoiled, watched, or let through as they come."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType
from typing import Any

import pytest

from harness.trial.plugin.faults import FAULTS
from harness.trial.plugin.spoiling import Message, Receive, Send, Spoiler

JSON = [(b"content-type", b"application/json"), (b"content-length", b"16")]


class Application:
    """Answers with the messages that its scope holds, the way FastAPI does: through its class's __call__."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope.get("mounted"):
            await type(self).__call__(self, {**scope, "mounted": False}, receive, send)
            return
        for message in scope["messages"]:
            await send(message)


def answered(spoiler: Spoiler, monkeypatch: pytest.MonkeyPatch, *messages: Message, **scope: Any) -> list[Message]:
    module = ModuleType("fastapi")
    fresh = type("FastAPI", (Application,), {"__call__": Application.__call__})
    vars(module)["FastAPI"] = fresh
    monkeypatch.setitem(sys.modules, "fastapi", module)
    spoiler.install()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(fresh()({"type": "http", "messages": messages, **scope}, receive, send))
    return sent


def start(status: int, headers: list[tuple[bytes, bytes]] | None = None) -> Message:
    return {"type": "http.response.start", "status": status, "headers": JSON if headers is None else headers}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def spoiler(active: str | None) -> Spoiler:
    return Spoiler({name: fault for name, (_, fault) in FAULTS.items()}, active)


def test_a_body_in_pieces_is_spoiled_whole_and_its_length_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answered(spoiler("field"), monkeypatch, start(200), body(b'{"id": 1, ', more=True), body(b'"a": 2}'))
    assert [message.get("body") for message in found] == [None, b'{"id": 1}']
    assert dict(found[0]["headers"])[b"content-length"] == b"9"


def test_what_is_no_json_passes_as_it_comes_with_another_status(monkeypatch: pytest.MonkeyPatch) -> None:
    text = start(200, [(b"content-type", b"text/event-stream")])
    found = answered(spoiler("success-status"), monkeypatch, text, body(b"a", more=True), body(b"b"))
    assert [message.get("status") for message in found] == [202, None, None]
    assert [message.get("body") for message in found] == [None, b"a", b"b"]


def test_a_mounted_app_is_spoiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answered(spoiler("row"), monkeypatch, start(200), body(b"[1, 2, 3]"), mounted=True)
    assert found[-1]["body"] == b"[1, 2]"


def test_without_a_fault_nothing_changes_and_what_could_have_been_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    watching = spoiler(None)
    messages = [start(404), body(b'{"title": ', more=True), body(b'"none"}')]
    assert answered(watching, monkeypatch, *messages) == messages
    assert watching.met == {"accepted", "error-status", "error-body"}


def test_what_is_called_json_and_is_none_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answered(spoiler("field"), monkeypatch, start(200), body(b"{not json"))
    assert found[-1]["body"] == b"{not json"


def test_a_websocket_is_none_of_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    message = {"type": "websocket.accept"}
    assert answered(spoiler("accepted"), monkeypatch, message, type="websocket") == [message]
