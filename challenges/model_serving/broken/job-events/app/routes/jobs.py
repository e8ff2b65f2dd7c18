"""Jobs: started, watched, fetched."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import StreamingResponse

from app.batching import OverloadedError
from app.dependencies import ReadyServing, model_of
from app.errors import unavailable
from app.jobs import Job
from app.schemas import JobInfo, JobRequest, PredictionResponse
from app.serving import Serving

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses={404: {"description": "No such version or job."}})


def _job_of(serving: Serving, id_: str) -> Job:
    job = serving.jobs.get(id_)
    if job is None:
        raise HTTPException(404, "There is no such job.")
    return job


async def _events(job: Job) -> AsyncIterator[str]:
    told = [f"event: progress\ndata: {info.model_dump_json()}\n\n" async for info in job.progress()]
    for event in told:
        yield event


@router.post("", status_code=202, responses={503: {"description": "Not ready, or too busy."}})
async def start(body: JobRequest, serving: ReadyServing, response: Response) -> JobInfo:
    """Start a job; it goes on whether or not somebody waits."""
    model = model_of(serving, body.version)
    try:
        job = serving.jobs.start(model, body.inputs)
    except OverloadedError as error:
        raise unavailable("Too many jobs are waiting.") from error
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job.info()


@router.get("/{job_id}")
async def show(job_id: str, serving: ReadyServing) -> JobInfo:
    """How far it is."""
    return _job_of(serving, job_id).info()


@router.get("/{job_id}/events", response_class=StreamingResponse)
async def events(job_id: str, serving: ReadyServing) -> StreamingResponse:
    """How far it is, as it goes on, in server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(_job_of(serving, job_id)), media_type="text/event-stream", headers=headers)


@router.get("/{job_id}/results", responses={409: {"description": "Not done."}})
async def results(job_id: str, serving: ReadyServing) -> PredictionResponse:
    """What was found, in the order of the inputs."""
    job = _job_of(serving, job_id)
    if job.status != "done":
        raise HTTPException(409, f"The job is {job.status}.")
    return PredictionResponse(version=job.model.version, predictions=job.found)
