"""Who asked: trace and request id, handed explicitly to everything that calls upstream."""

import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def _hex_id(size: int) -> str:
    """Random hex digits, never all zeros."""
    while True:
        value = secrets.token_hex(size)
        if value.strip("0"):
            return value


@dataclass(frozen=True, slots=True)
class RequestContext:
    trace_id: str
    trace_flags: str
    request_id: str

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[bytes, bytes]]) -> "RequestContext":
        traceparents: list[str] = []
        request_ids: list[str] = []
        for name, value in headers:
            if name == b"traceparent":
                traceparents.append(value.decode("latin-1"))
            elif name == b"x-request-id":
                request_ids.append(value.decode("latin-1"))
        trace_id, flags = _parse_traceparent(traceparents) or (_hex_id(16), "01")
        request_id = request_ids[0] if len(request_ids) == 1 else ""
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = str(uuid.uuid4())
        return cls(trace_id=trace_id, trace_flags=flags, request_id=request_id)

    def upstream_headers(self) -> dict[str, str]:
        """Headers for one attempt: the same trace, a span of our own."""
        return {
            "traceparent": f"00-{self.trace_id}-{_hex_id(8)}-{self.trace_flags}",
            "X-Request-ID": self.request_id,
        }


def _parse_traceparent(values: list[str]) -> tuple[str, str] | None:
    if len(values) != 1:
        return None
    match = _TRACEPARENT.fullmatch(values[0])
    if match is None:
        return None
    trace_id, parent_id, flags = match.groups()
    if not trace_id.strip("0") or not parent_id.strip("0"):
        return None
    return trace_id, flags
