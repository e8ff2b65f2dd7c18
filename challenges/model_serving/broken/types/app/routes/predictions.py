"""Predictions: answered when they are there, given up when nobody waits for them."""

import asyncio

from fastapi import APIRouter, Request, Response

from app.batching import OverloadedError
from app.dependencies import ReadyServing, model_of
from app.errors import unavailable
from app.schemas import Digit, PredictionRequest, PredictionResponse

router = APIRouter(prefix="/v1/predictions", tags=["predictions"])

CLIENT_CLOSED_REQUEST = 499


async def _hung_up(request):
    """Wait until the client is gone. The body has been read: nothing else can come."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _unless_gone(request, answer):
    """The answer, or None when the client leaves before it is there; it is taken out of the queue then."""
    gone = asyncio.ensure_future(_hung_up(request))
    either: list[asyncio.Future[list[Digit]] | asyncio.Future[None]] = [answer, gone]
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else None
    finally:
        gone.cancel()
        answer.cancel()


@router.post(
    "",
    response_model=PredictionResponse,
    responses={
        404: {"description": "No such version."},
        413: {"description": "The body is too large."},
        503: {"description": "Not ready, or too busy."},
    },
)
async def predict(request: Request, body: PredictionRequest, serving: ReadyServing):
    """Read some digits."""
    model = model_of(serving, body.version)
    try:
        with serving.admission.of(len(body.inputs)):
            found = await _unless_gone(request, serving.batchers[model.version].submit(body.inputs))
    except OverloadedError as error:
        raise unavailable("Too many digits are waiting.") from error
    if found is None:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    return PredictionResponse(version=model.version, predictions=found)
