"""Api: HTTP calls to the candidate's service, each with a deadline, a cap and a place in the transcript."""

from __future__ import annotations

import json as json_codec
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, Final

from harness.authoring.crowd import Crowd, crowded
from harness.authoring.http import BODY_CAP, DEADLINE_S, Connections, Request
from harness.authoring.outcomes import NoAnswer
from harness.authoring.reply import Reply
from harness.authoring.streaming import StreamReply, opened
from harness.authoring.transcript import Exchange, Transcript
from harness.authoring.websocket import WebSocket, websocket


class _Unset:
    """Stands for "no JSON body", which None can't: it is `null`."""


UNSET: Final = _Unset()


class Api:
    """A client of one base URL. Calls may run at the same time; the connections are its own.

    All of get, post, patch, put and delete take the keywords of `request`.
    """

    def __init__(self, base_url: str, transcript: Transcript | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._transcript = transcript if transcript is not None else Transcript()
        self._connections = Connections()

    def fresh(self) -> Api:
        """Another client on connections of its own, for `async with`."""
        return Api(self.base_url, self._transcript)

    @property
    def unsent(self) -> int:
        """How many requests of this client and its fresh ones are not written in full yet: they can't have arrived."""
        return self._transcript.unsent()

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = UNSET,  # noqa: ANN401 - any JSON value
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        params: Mapping[str, Any] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Reply:
        """Send a request and read the whole answer. Redirects are not followed, nothing is decompressed.

        `json` (None is `null`) or `content` is the body; `token` goes as a bearer token; `deadline_s` is for the
        whole exchange, in seconds.

        Raises:
            NoAnswer: no complete answer of at most 4 MiB came within the deadline.
            Inconclusive: this machine had no socket left.
        """
        sent = self._made(method, path, json, content, headers, token, params)
        exchange = _exchange(sent, path)
        self._transcript.begin(exchange)
        try:
            return await self._connections.exchange(sent, exchange, deadline_s)
        except NoAnswer as silence:
            silence.about(exchange)
            raise
        finally:
            # Also of a call that was cancelled: hanging up is part of the story.
            self._transcript.add(exchange)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        json: Any = UNSET,  # noqa: ANN401 - any JSON value
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        params: Mapping[str, Any] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> AsyncIterator[StreamReply]:
        """Send a request and read the answer piece by piece; `deadline_s` is for its headers, in seconds.

            async with api.stream("GET", "/v1/events", token=token) as events:
                first = await events.event()

        Raises:
            NoAnswer: no headers came within the deadline.
            Inconclusive: this machine had no socket left.
        """
        sent = self._made(method, path, json, content, headers, token, params)
        exchange = _exchange(sent, path)
        self._transcript.begin(exchange)
        try:
            async with opened(self._connections, sent, exchange, deadline_s) as reply:
                yield reply
        except NoAnswer as silence:
            silence.about(silence.exchange or exchange)
            raise
        finally:
            self._transcript.add(exchange)

    def websocket(
        self,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        origin: str | None = None,
        deadline_s: float = DEADLINE_S,
        max_size: int | None = BODY_CAP,
        receive_buffer: int | None = None,
    ) -> AbstractAsyncContextManager[WebSocket]:
        """A WebSocket, for `async with`; `path` holds the query, too. `deadline_s` is for the handshake, in seconds.

        `max_size` is the longest message taken, `receive_buffer` the size of the socket's receive buffer, in bytes.

        Raises:
            WebSocketRefused: the handshake was answered with another status than 101, or not at all.
            Inconclusive: this machine had no socket left.
        """
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token}")
        if origin is not None:
            sent["Origin"] = origin
        return websocket(
            self.base_url,
            path,
            self._transcript,
            headers=sent,
            deadline_s=deadline_s,
            max_size=max_size,
            receive_buffer=receive_buffer,
        )

    def crowd(self, *, headers: Mapping[str, str] | None = None) -> AbstractAsyncContextManager[Crowd]:
        """WebSockets by the thousand that only listen, for `async with`; the headers go with each handshake."""
        return crowded(self.base_url, dict(headers or {}), self._transcript)

    def _made(
        self,
        method: str,
        path: str,
        json: Any,  # noqa: ANN401 - any JSON value
        content: bytes | str | None,
        headers: Mapping[str, str] | None,
        token: str | None,
        params: Mapping[str, Any] | None,
    ) -> Request:
        if not path.startswith("/"):
            raise ValueError(f"a path begins with a slash: {path!r}")
        sent = dict(headers or {})
        given = {name.lower() for name in sent}
        body = content.encode() if isinstance(content, str) else content
        if not isinstance(json, _Unset):
            if content is not None:
                raise ValueError("json and content are both a body")
            body = _encoded(json)
            if "content-type" not in given:
                sent["Content-Type"] = "application/json"
        if token is not None and "authorization" not in given:
            sent["Authorization"] = f"Bearer {token}"
        return Request(method.upper(), self.base_url + path, sent, body, params)

    async def get(self, path: str, **how: Any) -> Reply:  # noqa: ANN401 - see request
        return await self.request("GET", path, **how)

    async def post(self, path: str, **how: Any) -> Reply:  # noqa: ANN401
        return await self.request("POST", path, **how)

    async def patch(self, path: str, **how: Any) -> Reply:  # noqa: ANN401
        return await self.request("PATCH", path, **how)

    async def put(self, path: str, **how: Any) -> Reply:  # noqa: ANN401
        return await self.request("PUT", path, **how)

    async def delete(self, path: str, **how: Any) -> Reply:  # noqa: ANN401
        return await self.request("DELETE", path, **how)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def __aenter__(self) -> Api:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _exchange(request: Request, path: str) -> Exchange:
    return Exchange(request.method, path, request.url, [], request.body or b"")


def _encoded(value: object) -> bytes:
    try:
        return json_codec.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a surrogate pair: only its escape can be sent
        return json_codec.dumps(value, separators=(",", ":")).encode()
