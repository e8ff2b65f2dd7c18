"""What a grader is written with: everything public is named here, and nothing else is.

A check is a pytest function, `async` or not, decorated with `@check`. Returning is a pass; every other outcome is
raised. Its arguments are fixtures: `api`, `rng`, `settings`, `pod`, `database`, `lock_gate`, `gate`, `stubs`,
`fuzzer` and `evidence`, and whatever the suite's own conftest.py defines.
"""

from harness.authoring.answers import StubAnswer, StubStream
from harness.authoring.api import Api
from harness.authoring.checks import Question, check
from harness.authoring.claims import Claims
from harness.authoring.crowd import Crowd
from harness.authoring.database import Database, LockGate, Session
from harness.authoring.evidence import Evidence
from harness.authoring.fuzzing import Fuzzed, Fuzzer, Undocumented
from harness.authoring.gate import CapacityGate, Stubs, quiescent
from harness.authoring.lifecycle import Lifecycle, State, Stopped
from harness.authoring.outcomes import (
    EnvironmentBroken,
    Fail,
    Inconclusive,
    NoAnswer,
    NotApplicable,
    Partial,
    expect,
)
from harness.authoring.racing import Call, Race, racing, until
from harness.authoring.reply import Reply
from harness.authoring.settings import Settings
from harness.authoring.streaming import StreamReply
from harness.authoring.stub import StubRequest
from harness.authoring.websocket import Closed, WebSocket, WebSocketClosed, WebSocketRefused

__all__ = [
    "Api",
    "Call",
    "CapacityGate",
    "Claims",
    "Closed",
    "Crowd",
    "Database",
    "EnvironmentBroken",
    "Evidence",
    "Fail",
    "Fuzzed",
    "Fuzzer",
    "Inconclusive",
    "Lifecycle",
    "LockGate",
    "NoAnswer",
    "NotApplicable",
    "Partial",
    "Question",
    "Race",
    "Reply",
    "Session",
    "Settings",
    "State",
    "Stopped",
    "StreamReply",
    "StubAnswer",
    "StubRequest",
    "StubStream",
    "Stubs",
    "Undocumented",
    "WebSocket",
    "WebSocketClosed",
    "WebSocketRefused",
    "check",
    "expect",
    "quiescent",
    "racing",
    "until",
]
