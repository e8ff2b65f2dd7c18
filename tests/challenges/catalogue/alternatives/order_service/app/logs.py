"""JSON logs. stdout carries exactly one line per request below /v1, stderr what happened besides.

Exception messages are left out on purpose: they may quote data (a payment token, say).
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_access = logging.getLogger("order_service.access")
_events = logging.getLogger("order_service.events")


def configure_logging() -> None:
    for logger, stream in ((_access, sys.stdout), (_events, sys.stderr)):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)


def _line(fields: dict[str, object]) -> str:
    return json.dumps({"time": datetime.now(UTC).isoformat(), **fields}, default=str)


def log_access(**fields: object) -> None:
    _access.info(_line(fields))


def log_event(event: str, **fields: object) -> None:
    _events.info(_line({"event": event, **fields}))


def log_crash(event: str, error: BaseException, **fields: object) -> None:
    """An error with its type and place, without its message."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    _events.error(_line({"event": event, "error": type(error).__name__, "frames": frames[-12:], **fields}))
