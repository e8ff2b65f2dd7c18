"""A user's profile, which another service has."""

import asyncio
import uuid

import httpx
from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError

from app.dependencies import BearerDep, ResourcesDep, caller_of, visible_user
from app.problems import ProblemError, problems
from app.schemas import LONGEST_TEXT, ProfileOut

router = APIRouter(prefix="/v1/users")

DEADLINE_SECONDS = 60


class UpstreamProfile(BaseModel):
    headline: str = Field(max_length=LONGEST_TEXT)
    avatar_url: str = Field(max_length=LONGEST_TEXT)


@router.get(
    "/{user_id}/profile",
    operation_id="read_profile",
    summary="Read a user's profile",
    responses=problems(401, 404, 422, 502, 503, 504),
)
async def read_profile(user_id: uuid.UUID, credentials: BearerDep, resources: ResourcesDep) -> ProfileOut:
    """Ask the profile service. It is slow, so no database connection is held meanwhile."""
    async with resources.database.session() as session:
        caller = await caller_of(credentials, resources.settings, session)
        user = await visible_user(session, caller, user_id)
    profile = await fetch(resources.profiles, user.id)
    return ProfileOut(user_id=user.id, headline=profile.headline, avatar_url=profile.avatar_url)


async def fetch(client: httpx.AsyncClient, user_id: uuid.UUID) -> UpstreamProfile:
    """The upstream's answer; 504 when there is none in time, 502 when it is no profile."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            answer = await client.get(f"/profiles/{user_id}")
        if answer.status_code == httpx.codes.OK:
            return UpstreamProfile.model_validate_json(answer.content)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ProblemError(504, "The profile service does not answer.") from error
    except (httpx.HTTPError, ValidationError) as error:
        raise ProblemError(502, "The profile service gave no usable answer.") from error
    raise ProblemError(502, f"The profile service answered {answer.status_code}.")
