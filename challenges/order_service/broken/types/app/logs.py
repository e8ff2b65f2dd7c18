"""One JSON object per line on stdout, each with the trace and the request that it belongs to."""

import json
import logging
import sys
from datetime import UTC, datetime
from app import tracing

FIELDS = "fields"


class JsonFormatter(logging.Formatter):
    """A record as JSON. What is passed as `extra={"fields": {...}}` becomes members."""

    def format(self, record):
        trace = tracing.current()
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": trace.trace_id,
            "request_id": trace.request_id,
        }
        fields = getattr(record, FIELDS, None)
        if isinstance(fields, dict):
            entry |= fields
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def install():
    """Let the service's loggers write so; uvicorn's own lines stay as they are."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("app")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
