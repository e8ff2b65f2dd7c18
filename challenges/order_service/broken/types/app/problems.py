"""Errors as problem details (RFC 9457), for every way in which a request can fail."""

import logging
from http import HTTPStatus
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    type: str = Field("about:blank", max_length=200)
    title: str = Field(max_length=100)
    status: int = Field(ge=400, le=599)
    detail: str = Field(max_length=2000)


class ProblemError(Exception):
    """Raise it to answer with a problem."""

    def __init__(self, status, detail, headers=None):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def problem_response(status, detail, headers=None):
    """The answer to a request that failed."""
    problem = Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail[:2000])
    return JSONResponse(problem.model_dump(), status, headers, media_type=MEDIA_TYPE)


def problems(*statuses: int):
    """The `responses` of an operation that can fail in these ways."""
    return {status: {"description": HTTPStatus(status).phrase, "model": Problem} for status in statuses}


async def _on_problem(_request, error):
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error.status, error.detail, error.headers)


async def _on_http_exception(_request, error):
    if not isinstance(error, HTTPException):
        raise error
    return problem_response(error.status_code, str(error.detail), error.headers)


async def _on_invalid_request(_request, error):
    if not isinstance(error, RequestValidationError):
        raise error
    found = [f"{'.'.join((str(part) for part in item['loc']))}: {item['msg']}" for item in error.errors()[:10]]
    return problem_response(422, "; ".join(found))


async def _on_crash(_request, error):
    logger.error("unhandled error", exc_info=error)
    return problem_response(500, "Something went wrong on our side.")


def install(app):
    """Let every error of the app be answered with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(Exception, _on_crash)
