"""Who asked, and as part of what: the request id and the W3C trace context of the request being answered."""

import re
import secrets
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

_TRACEPARENT = re.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{1,128}")


def _new_trace_id():
    return secrets.token_hex(16)


def _new_request_id():
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Trace:
    trace_id: str = field(default_factory=_new_trace_id)
    request_id: str = field(default_factory=_new_request_id)
    flags: str = "01"

    def headers(self):
        """For a call upstream: this trace, a span of its own."""
        return {
            "traceparent": f"00-{self.trace_id}-{secrets.token_hex(8)}-{self.flags}",
            "X-Request-ID": self.request_id,
        }


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current():
    """The trace of what is being done now; begun here when nobody has begun one."""
    trace = _current.get()
    if trace is None:
        trace = begin(Trace())
    return trace


def begin(trace):
    """Make it the current one."""
    _current.set(trace)
    return trace


def received(traceparent, request_id):
    """What a caller's headers say; what they don't say, or say wrongly, is made anew."""
    kept = request_id if _REQUEST_ID.fullmatch(request_id) else _new_request_id()
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or not (valid(found) and (found[4] is None or not traceparent.startswith("00"))):
        return Trace(request_id=kept)
    return Trace(trace_id=found[1], request_id=kept, flags=found[3])


def valid(found):
    """All zeros is no id."""
    return found[1].strip("0") != "" and found[2].strip("0") != ""
