"""The app and its routes.

Plain functions run in Starlette's threads and never wait for the model. Asynchronous is only what waits: for a body, for
a prediction (and for the client to hang up), for a job's progress.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from app.batching import PredictionFailedError, Ticket
from app.bodies import job_work, prediction_work
from app.errors import busy
from app.jobs import Job
from app.models import Scores
from app.schemas import JobOut, ModelOut, ModelsOut, PredictionsOut, State, Work
from app.service import service
from app.settings import DEFAULT_VERSION


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    service.start()
    yield


def require_ready() -> None:
    if not service.store.ready:
        raise busy("the models are being loaded")


def find_job(job_id: str) -> Job:
    job = service.jobs.get(job_id)
    if job is None:
        raise HTTPException(404, "no such job")
    return job


AJob = Annotated[Job, Depends(find_job)]

app = FastAPI(title="Digits", lifespan=lifespan)
v1 = APIRouter(prefix="/v1", dependencies=[Depends(require_ready)])


@app.get("/healthz")
def healthz() -> State:
    return State(status="alive")


@app.get("/readyz")
def readyz() -> State:
    require_ready()
    return State(status="ready")


@v1.get("/models")
def list_models() -> ModelsOut:
    models = [model for version in service.store.versions if (model := service.store.get(version))]
    return ModelsOut(default=DEFAULT_VERSION, models=[ModelOut.of(model) for model in models])


@v1.get("/models/{version}")
def get_model(version: str) -> ModelOut:
    model = service.store.get(version)
    if model is None:
        raise HTTPException(404, "no such version")
    return ModelOut.of(model)


@v1.post("/predictions")
async def predict(request: Request, work: Annotated[Work, Depends(prediction_work)]) -> PredictionsOut:
    """Asynchronous, as hundreds may wait: in Starlette's 40 threads they would be in everybody's way."""
    ticket = service.batcher.submit(work.version, work.rows)
    if ticket is None:
        raise busy("there is no room for so many rows")
    try:
        return PredictionsOut.of(work.version, await _scores(request, ticket))
    finally:
        service.batcher.close(ticket)


async def _scores(request: Request, ticket: Ticket) -> Scores:
    answer = asyncio.wrap_future(ticket.answer)
    gone = asyncio.create_task(_hung_up(request))
    first: set[asyncio.Future[Scores] | asyncio.Future[None]] = {answer, gone}
    try:
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise HTTPException(499, "the client hung up")
        return answer.result()
    except PredictionFailedError as error:
        raise HTTPException(500, "the model failed") from error
    finally:
        gone.cancel()
        answer.cancel()


async def _hung_up(request: Request) -> None:
    """The body was read, so all that can come is the end of the connection."""
    while True:
        message: Mapping[str, object] = await request.receive()
        if message["type"] == "http.disconnect":
            return


@v1.post("/jobs", status_code=202)
def create_job(response: Response, work: Annotated[Work, Depends(job_work)]) -> JobOut:
    job = service.jobs.submit(work.version, work.rows)
    if job is None:
        raise busy("too many jobs wait")
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobOut.of(job.snapshot())


@v1.get("/jobs/{job_id}")
def get_job(job: AJob) -> JobOut:
    return JobOut.of(job.snapshot())


@v1.get("/jobs/{job_id}/results")
def get_results(job: AJob) -> PredictionsOut:
    scores = job.results()
    if scores is None:
        raise HTTPException(409, "the job is not done")
    return PredictionsOut.of(job.version, scores)


@v1.get("/jobs/{job_id}/events")
def get_events(job: AJob) -> StreamingResponse:
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(job), media_type="text/event-stream", headers=headers)


async def _events(job: Job) -> AsyncIterator[str]:
    while True:
        snapshot, changed = job.watch()
        yield f"event: progress\ndata: {JobOut.of(snapshot).model_dump_json()}\n\n"
        if snapshot.finished:
            return
        await asyncio.wrap_future(changed)


app.include_router(v1)
