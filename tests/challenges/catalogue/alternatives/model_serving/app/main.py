"""The app. Routes are plain functions, except where a client is waited for: a thread that waits is a thread lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import digit_model
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.answers import JobOut, ModelOut, ModelsOut, PredictionsOut, job_out, model_out, predictions_out
from app.asked import Asked, read_asked
from app.batcher import Batcher, Ticket
from app.errors import Refused
from app.jobs import Job, Jobs
from app.limits import BODY_BYTES, DRAINED_BYTES, RETRY_AFTER_SECONDS, ROWS_PER_JOB, ROWS_PER_PREDICTION
from app.models import Models

_LOOK_SECONDS = 0.02

models = Models()
batcher = Batcher(models)
jobs = Jobs(models)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    models.start()
    batcher.start()
    jobs.start()
    yield
    batcher.stop()
    jobs.stop()


app = FastAPI(title="Digits", version="1.0.0", lifespan=lifespan)


@app.exception_handler(Refused)
def refused(_request: Request, error: Refused) -> JSONResponse:
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse({"detail": error.detail}, error.status, headers)


def need_models() -> None:
    """For every route under /v1."""
    if not models.ready:
        raise Refused(503, "the models are being loaded", RETRY_AFTER_SECONDS)


async def body_of(request: Request) -> bytes:
    """The body, up to its limit."""
    need_models()
    kept, length = bytearray(), 0
    async for chunk in request.stream():
        length += len(chunk)
        if length <= BODY_BYTES:
            kept += chunk
        elif length > DRAINED_BYTES:
            break
    if length > BODY_BYTES:
        raise Refused(413, f"a body of more than {BODY_BYTES} bytes")
    return bytes(kept)


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readyz")
def readyz(response: Response) -> dict[str, str]:
    response.status_code = 200 if models.ready else 503
    return {"status": "ready" if models.ready else "loading"}


@app.get("/v1/models", dependencies=[Depends(need_models)])
def list_models() -> ModelsOut:
    return ModelsOut(default=digit_model.versions()[-1], models=[model_out(model) for model in models.all()])


@app.get("/v1/models/{version}", dependencies=[Depends(need_models)])
def read_model(version: str) -> ModelOut:
    if version not in digit_model.versions():
        raise Refused(404, "there is no such version")
    return model_out(models.get(version))


@app.post("/v1/predictions")
async def predict(request: Request) -> PredictionsOut:
    asked: Asked = await run_in_threadpool(read_asked, await body_of(request), ROWS_PER_PREDICTION)
    ticket = batcher.admit(asked)
    answer = asyncio.wrap_future(ticket.answer)
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Refused(499, "nobody is there any more")
        return predictions_out(asked.version, answer.result())
    finally:
        leaving.cancel()
        _forget(ticket, answer)


async def _left(request: Request) -> None:
    """Until the client has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _forget(ticket: Ticket, answer: asyncio.Future[digit_model.Prediction]) -> None:
    if not answer.done():
        batcher.forget(ticket)


@app.post("/v1/jobs", status_code=202)
async def start_job(request: Request, response: Response) -> JobOut:
    asked: Asked = await run_in_threadpool(read_asked, await body_of(request), ROWS_PER_JOB)
    job = jobs.add(asked)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job_out(job)


@app.get("/v1/jobs/{job_id}", dependencies=[Depends(need_models)])
def read_job(job_id: str) -> JobOut:
    return job_out(jobs.get(job_id))


@app.get("/v1/jobs/{job_id}/results", dependencies=[Depends(need_models)])
def read_results(job_id: str) -> PredictionsOut:
    job = jobs.get(job_id)
    if job.status != "done":
        raise Refused(409, f"the job is {job.status}")
    return predictions_out(job.asked.version, job.results())


@app.get("/v1/jobs/{job_id}/events", dependencies=[Depends(need_models)])
def read_events(job_id: str) -> StreamingResponse:
    return StreamingResponse(_progress(jobs.get(job_id)), media_type="text/event-stream")


async def _progress(job: Job) -> AsyncIterator[str]:
    """Looked at from the loop: a thread for each listener would soon be all threads."""
    told: JobOut | None = None
    while told is None or told.status not in ("done", "failed"):
        now = job_out(job)
        if now != told:
            told = now
            yield f"event: progress\ndata: {now.model_dump_json()}\n\n"
        else:
            await asyncio.sleep(_LOOK_SECONDS)
