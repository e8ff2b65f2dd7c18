"""The export."""

from fastapi import APIRouter, HTTPException, status
from fastapi.responses import StreamingResponse

from app.dependencies import SourceDep, User
from app.export import SourceError

router = APIRouter(prefix="/v1", tags=["export"])


@router.get("/export")
async def export(_user: User, source: SourceDep) -> StreamingResponse:
    """Pass on what the source streams, as it comes."""
    try:
        response = await source.open()
    except SourceError as error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "the source can't be read") from error
    return StreamingResponse(source.passed_on(response), media_type="application/x-ndjson")
