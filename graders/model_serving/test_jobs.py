"""Many rows, scored in the background."""

from __future__ import annotations

import asyncio
import json
import uuid

from harness.authoring import CapacityGate, Claims, Fail, Question, StreamReply, check, expect, until

from .support.digits import NEW, OLD, Digits, digest
from .support.jobs import Job, forward_only, job_of, look, results, start, watched
from .support.service import JOBS, Service, mapping, silent_or, wrong
from .support.telemetry import begun, holding

_ROWS = 300
_MARK = 150
_QUEUED = 10
_MOST_ROWS = 64
_LARGE = 2000
_LATE = 1500
_EVENTS = 3000
_TOLD_S = 25.0
_TICK_S = 0.05


@check(
    "jobs",
    skill="api-design",
    level="mid",
    after=("predict",),
    visible=True,
    deadline_s=300,
    passed="Jobs run in the background, tell how far they are, and find what direct requests would",
    failed="Jobs don't run as they should",
    why="Work that takes longer than a client waits needs a name of its own: accepted, looked at, fetched.",
    hint="Keep jobs in a dict, queue them for a task that lives as long as the app, and let it go chunk by chunk.",
    question=Question(
        ask="Your process is restarted in the middle of a job. What do its clients see, and what would you change?",
        junior="The job has to be sent again.",
        senior="Job state and input outside the process, chunks that may run twice, leases for who works on what; and "
        "says when memory alone is good enough.",
    ),
)
async def test_jobs_run_in_the_background(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """A job whose client has left, looked at while it is held in the middle; its results; ten more behind it; 404s."""
    rows = digits.rows(_ROWS)
    stub.reset()
    with stub.hold(only=holding(digest(rows[_MARK]))):
        job = await start(service, rows)
        seen = [await _halfway(service, stub, job, digest(rows[_MARK]))]
        early = await results(service, job.id)
        early.expect_status(409)
        small = [(digits.rows(2), version) for version in (OLD, NEW) * (_QUEUED // 2)]
        queued = [await start(service, few, version) for few, version in small]
    seen += await watched(service, job.id, _ROWS)
    forward_only(seen)
    expect(seen[-1].status == "done", "A job fails", expected="done", actual=seen[-1].status)
    found = await results(service, job.id)
    if problem := wrong(found, rows):
        found.fail(
            f"The results of a job are wrong: {problem}", "what direct requests give, in the order of the inputs"
        )
    largest = max(len(call.rows) for call in begun(stub, "predict"))
    expect(
        largest <= _MOST_ROWS,
        "A job gives predict too many rows at a time",
        expected=f"at most {_MOST_ROWS}",
        actual=f"{largest} rows in a call",
    )
    for each, (few, version) in zip(queued, small, strict=True):
        await watched(service, each.id, len(few), version)
        reply = await results(service, each.id)
        if problem := wrong(reply, few, version):
            reply.fail(f"The results of a job that had to wait are wrong: {problem}", "what direct requests give")
    await _refused(service, digits)


async def _halfway(service: Service, stub: CapacityGate, job: Job, mark: str) -> Job:
    """Once the job is seen held in the middle, how far it says it is."""
    arrived = await until(lambda: any(mark in call.rows for call in begun(stub, "predict")))
    shown = await look(service, job.id, _ROWS)
    expect(
        arrived,
        "A job isn't done in the background",
        expected="its rows are predicted, whether or not its client stays",
        actual=f"25 s after it was started: {shown.status}, {shown.completed} completed",
    )
    clock = asyncio.get_running_loop().time
    limit = clock() + _TOLD_S
    while not shown.completed and clock() < limit:
        await asyncio.sleep(_TICK_S)
        shown = await look(service, job.id, _ROWS)
    expect(
        shown.status == "running" and 0 < shown.completed < _ROWS,
        "A job doesn't tell how far it is",
        expected=f"running, with more than 0 and fewer than {_ROWS} completed, while row {_MARK} is being predicted",
        actual=f"{shown.status}, {shown.completed} completed",
    )
    return shown


async def _refused(service: Service, digits: Digits) -> None:
    claims = Claims()
    for id_ in (str(uuid.UUID(int=digits.rng.getrandbits(128))), "nope", "0"):
        for tail in ("", "/results"):
            reply = await silent_or(service.api.get(f"{JOBS}/{id_}{tail}"))
            claims.status(reply, f"an unknown job: GET {JOBS}/{id_}{tail}", 404)
    claims.verdict("Jobs", 0.7)


@check(
    "job-events",
    skill="realtime",
    level="mid",
    after=("predict", "jobs"),
    deadline_s=300,
    passed="Progress is told as it happens, and the stream ends with the job",
    failed="Progress isn't told as it happens",
    why="A stream that is buffered until its end is a slow poll; one that keeps the job alive ends it with the client.",
    hint="An async generator that yields the state, waits for the job to change, and ends when it has; the job knows "
    "nothing of who listens.",
    question=Question(
        ask="A thousand browsers watch one job. What does each step cost you, and what happens to the slow ones?",
        junior="Each gets its event.",
        senior="Keeps the last state rather than a queue per client, lets slow ones skip steps, and knows what proxies "
        "do to streams without heartbeats.",
    ),
)
async def test_progress_is_a_stream(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """A job held at its first row, then at a late one: each client hears of it then, and the end ends the stream."""
    rows = digits.rows(_LARGE)
    first, late = holding(digest(rows[0])), holding(digest(rows[_LATE]))
    stub.reset()
    with stub.hold(only=first):
        job = await start(service, rows)
        place = f"{JOBS}/{job.id}/events"
        async with service.api.stream("GET", place) as events:
            expect(events.status == 200, "There is no stream of events", expected="200", actual=f"{events.status}")
            seen = [await _progress(events)]
            async with service.api.stream("GET", place) as quitter:
                await _progress(quitter)
            # Far away, so that it can't be reached before it is held as well.
            stub.release()
            with stub.hold(only=late):
                await _until_late(events, seen, stub, digest(rows[_LATE]))
            while not seen[-1].ended and len(seen) < _EVENTS:
                seen.append(await _progress(events))
            end = await events.event()
    forward_only(seen)
    expect(
        seen[-1].status == "done" and end is None,
        "The stream doesn't end with the job",
        expected="the last event says done, then the stream ends",
        actual=f"{seen[-1].status}, then {'the end' if end is None else end.data[:200]}",
    )
    await _after(service, job)


async def _progress(events: StreamReply) -> Job:
    event = await events.event()
    if event is None:
        raise Fail("The stream ends before the job", expected="an event named progress", actual="the end")
    expect(event.event == "progress", "An event has another name", expected="progress", actual=event.event)
    try:
        body = json.loads(event.data)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Fail("An event's data is no JSON object", expected="the job", actual=event.data[:300])
    return job_of(body, _LARGE)


async def _until_late(events: StreamReply, seen: list[Job], stub: CapacityGate, mark: str) -> None:
    """With the late row held the job can't end: that rows were completed has to be told now."""
    arrived = await until(lambda: any(mark in call.rows for call in begun(stub, "predict")), cap_s=60)
    expect(arrived, "A job doesn't go on", expected=f"row {_LATE} of {_LARGE} is predicted", actual="not within 60 s")
    clock = asyncio.get_running_loop().time
    limit = clock() + _TOLD_S
    while seen[-1].completed <= seen[0].completed and clock() < limit:
        seen.append(await _progress(events))
    expect(
        seen[0].completed < seen[-1].completed < _LARGE and not seen[-1].ended,
        "Progress isn't told while the job runs",
        expected=f"running, with more than {seen[0].completed} and fewer than {_LARGE} completed",
        actual=f"{seen[-1].status}, {seen[-1].completed} completed",
    )


async def _after(service: Service, job: Job) -> None:
    async with service.api.stream("GET", f"{JOBS}/{job.id}/events") as events:
        told = await _progress(events)
        end = await events.event()
    expect(
        told.status == "done" and end is None,
        "The stream of a job that is done is not one event",
        expected="done, then the end",
        actual=f"{told.status}, then {'the end' if end is None else end.data[:200]}",
    )
    reply = await service.api.get(f"{JOBS}/nope/events")
    reply.expect_status(404)
    mapping(await results(service, job.id))
