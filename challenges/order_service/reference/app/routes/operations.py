"""For those who run the service."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from app.breaker import State
from app.dependencies import ResourcesDep
from app.problems import ProblemError, problems
from app.schemas import Health

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process lives. What else is down is no reason to restart it."""
    return Health()


@router.get("/readyz", responses=problems(503))
async def readyz(resources: ResourcesDep) -> Health:
    """Orders can be made. A breaker that may be probed counts as ready: without traffic nobody would ever probe it."""
    for upstream in (resources.inventory.upstream, resources.payments.upstream):
        if upstream.breaker.state is State.OPEN:
            raise ProblemError(503, f"The {upstream.name} service is down.", {"Retry-After": "2"})
    if not await resources.store.answers():
        raise ProblemError(503, "The database does not answer.", {"Retry-After": "2"})
    return Health()


@router.get("/metrics", response_class=Response)
async def metrics(resources: ResourcesDep) -> Response:
    """In Prometheus's text format."""
    return Response(generate_latest(resources.metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
