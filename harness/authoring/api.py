"""Api: HTTP calls to the candidate's service, each with a deadline, a cap and a place in the transcript."""

from __future__ import annotations

import json as json_codec
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

from harness.authoring.http import DEADLINE_S, Connections, Request
from harness.authoring.outcomes import NoAnswer
from harness.authoring.reply import Reply
from harness.authoring.transcript import Exchange, Transcript


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
        request = Request(method.upper(), self.base_url + path, sent, body, params)
        exchange = Exchange(request.method, path, request.url, [], body or b"")
        try:
            return await self._connections.exchange(request, exchange, deadline_s)
        except NoAnswer as silence:
            silence.about(exchange)
            raise
        finally:
            # Also of a call that was cancelled: hanging up is part of the story.
            self._transcript.add(exchange)

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


def _encoded(value: object) -> bytes:
    try:
        return json_codec.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a surrogate pair: only its escape can be sent
        return json_codec.dumps(value, separators=(",", ":")).encode()
