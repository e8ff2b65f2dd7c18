"""The users themselves."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from app import cursors, idempotency, users
from app.dependencies import AdminDep, ResourcesDep, SessionDep, UserDep, get_user, media_type
from app.etags import etag, is_known, matches
from app.passwords import hash_password
from app.problems import ProblemError, problems
from app.schemas import Imported, UserCreate, UserOut, UserPage, UserPatch, UsersImport
from app.tables import User

router = APIRouter(prefix="/v1/users")

IdempotencyKeyHeader = Annotated[
    str | None,
    Header(min_length=1, max_length=255, description="The same key and body get the same answer again."),
]
_ETAG: dict[str, Any] = {"ETag": {"description": "The version of the user", "schema": {"type": "string"}}}
_LOCATION: dict[str, Any] = {"Location": {"description": "Where the user is", "schema": {"type": "string"}}}


def _location(user_id: uuid.UUID) -> str:
    return f"/v1/users/{user_id}"


@router.post(
    "",
    operation_id="create_user",
    summary="Create a user",
    status_code=201,
    response_model=UserOut,
    responses={201: {"headers": {**_LOCATION, **_ETAG}}, **problems(400, 409, 415, 422, 503)},
    dependencies=[media_type("application/json")],
)
async def create_user(
    new: UserCreate,
    request: Request,
    resources: ResourcesDep,
    idempotency_key: IdempotencyKeyHeader = None,
) -> JSONResponse:
    """Anybody may create a user. Its role is `user`, whatever the body says."""
    # Before a connection is borrowed: hashing is slow.
    password_hash = await hash_password(new.password)
    async with resources.database.session() as session:
        if idempotency_key is not None:
            print_ = idempotency.fingerprint(await request.json(), resources.settings.secret_key)
            known = await idempotency.claim(session, idempotency_key, print_)
            if known is not None:
                return _created(known)
        user = await users.add(session, new, password_hash)
        answer: dict[str, object] = {
            "body": UserOut.model_validate(user).model_dump(mode="json"),
            "location": _location(user.id),
            "etag": etag(user),
        }
        if idempotency_key is not None:
            await idempotency.keep(session, idempotency_key, answer)
        await session.commit()
    return _created(answer)


def _created(answer: dict[str, object]) -> JSONResponse:
    headers = {"Location": str(answer["location"]), "ETag": str(answer["etag"])}
    return JSONResponse(answer["body"], 201, headers)


@router.get(
    "",
    operation_id="list_users",
    summary="List users",
    responses=problems(400, 401, 403, 422, 503),
)
async def list_users(
    resources: ResourcesDep,
    session: SessionDep,
    _admin: AdminDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before")] = None,
) -> UserPage:
    """All users in the order of their creation, page by page. For admins."""
    secret = resources.settings.secret_key
    after = 0 if cursor is None else cursors.decode(cursor, secret)
    if after is None:
        raise ProblemError(400, "This is no cursor of ours.")
    found = await users.page(session, after=after, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return UserPage(
        items=[UserOut.model_validate(user) for user in shown],
        next_cursor=cursors.encode(shown[-1].position, secret) if more else None,
    )


@router.post(
    "/import",
    operation_id="import_users",
    summary="Import users, all or none",
    status_code=201,
    responses=problems(400, 401, 403, 409, 415, 422, 503),
    dependencies=[media_type("application/json")],
)
async def import_users(rows: UsersImport, session: SessionDep, _admin: AdminDep) -> Imported:
    """Import up to 500 users without passwords. For admins."""
    await users.add_all(session, rows.users)
    return Imported(created=len(rows.users))


@router.get(
    "/{user_id}",
    operation_id="read_user",
    summary="Read a user",
    response_model=UserOut,
    responses={
        200: {"headers": _ETAG},
        304: {"description": "Not Modified", "headers": _ETAG},
        **problems(401, 404, 422, 503),
    },
)
async def read_user(
    user: UserDep, response: Response, if_none_match: Annotated[str | None, Header()] = None
) -> User | Response:
    """Oneself, or anybody for an admin."""
    tag = etag(user)
    if is_known(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return user


@router.patch(
    "/{user_id}",
    operation_id="change_user",
    summary="Change a user by a merge patch",
    response_model=UserOut,
    responses={200: {"headers": _ETAG}, **problems(400, 401, 404, 412, 415, 422, 428, 503)},
    dependencies=[media_type("application/merge-patch+json")],
)
async def change_user(
    patch: Annotated[UserPatch, Body(media_type="application/merge-patch+json")],
    user: UserDep,
    session: SessionDep,
    response: Response,
    if_match: Annotated[str | None, Header(description="The ETag that was seen, or `*`. Required.")] = None,
) -> User:
    """Name the version that you saw; 412 when somebody was faster."""
    if if_match is None:
        raise ProblemError(428, "Send If-Match with the ETag that you saw.")
    if not matches(if_match, etag(user)):
        raise ProblemError(412, "The user has been changed since.")
    expected = None if if_match.strip() == "*" else user.version
    changed = await users.change(session, user, patch, expected_version=expected)
    response.headers["ETag"] = etag(changed)
    return changed


@router.delete(
    "/{user_id}",
    operation_id="delete_user",
    summary="Delete a user",
    status_code=204,
    responses=problems(401, 404, 422, 503),
    dependencies=[Depends(get_user)],
)
async def delete_user(user_id: uuid.UUID, session: SessionDep) -> None:
    """Oneself, or anybody for an admin."""
    await users.remove(session, user_id)
