"""Errors: answers without the input in them, which may hold what JSON can't carry."""

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.limits import RETRY_AFTER_S

_SHOWN = 20


def unavailable(detail):
    """Not now: try again soon."""
    return HTTPException(503, detail, {"Retry-After": str(RETRY_AFTER_S)})


async def _on_invalid_request(_request, error):
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [
        {"field": ".".join(str(part) for part in item["loc"]), "detail": item["msg"]}
        for item in error.errors()[:_SHOWN]
    ]
    return JSONResponse({"detail": "The request does not fit.", "errors": fields}, 422)


def install(app):
    """Let the app answer so."""
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
