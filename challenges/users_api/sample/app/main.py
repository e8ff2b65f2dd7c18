import base64
import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException as StarletteHTTPException

from app.db import Base, IdempotencyKey, Session, User, engine, get_session
from app.schemas import Import, Login, Page, UserCreate, UserOut, UserPatch
from app.security import LIFETIME, current_user, hash_password, make_token, require_admin, unauthorized, verify_password


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        email = os.environ["ADMIN_EMAIL"].lower()
        if not (await session.execute(select(User).where(User.email == email))).scalar():
            hashed = await hash_password(os.environ["ADMIN_PASSWORD"])
            session.add(User(email=email, name="Admin", role="admin", password_hash=hashed))
            await session.commit()
    yield
    await engine.dispose()


app = FastAPI(title="Users", version="1.0.0", lifespan=lifespan)


def problem(status: int, detail, headers=None) -> JSONResponse:
    body = {"type": "about:blank", "title": "Error", "status": status, "detail": str(detail)}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


@app.exception_handler(StarletteHTTPException)
async def http_error(request: Request, error: StarletteHTTPException) -> JSONResponse:
    return problem(error.status_code, error.detail, error.headers)


@app.exception_handler(RequestValidationError)
async def validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
    return problem(422, error.errors()[0]["msg"])


@app.middleware("http")
async def check_requests(request: Request, call_next):
    if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
        return problem(415, "Send application/json")
    response = await call_next(request)
    if request.url.path.startswith("/v1/"):
        response.headers["API-Version"] = "1"
    return response


def etag(user: User) -> str:
    content = UserOut.model_validate(user).model_dump_json()
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:24]}"'


def no_nul(value: object) -> None:
    if "\x00" in str(value) or "\\x00" in repr(value):
        raise HTTPException(422, "NUL characters are not allowed")


async def visible_user(user_id: uuid.UUID, me: User, session: AsyncSession) -> User:
    if me.role != "admin" and me.id != user_id:
        raise HTTPException(404, "No such user")
    user = await session.get(User, user_id)
    if user is None:
        raise HTTPException(404, "No such user")
    return user


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readyz")
async def readyz():
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select 1"))
    except Exception:
        return problem(503, "The database does not answer")
    return {"status": "ready"}


@app.post("/v1/users", status_code=201, response_model=UserOut)
async def create_user(
    body: UserCreate,
    response: Response,
    idempotency_key: str | None = Header(None, min_length=1, max_length=255),
    session: AsyncSession = Depends(get_session),
):
    no_nul(body.model_dump())
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    if idempotency_key:
        known = await session.get(IdempotencyKey, idempotency_key)
        if known is not None:
            if known.body != fingerprint:
                raise HTTPException(422, "This key was used with another body")
            user = await session.get(User, known.user_id)
            response.headers["Location"] = f"/v1/users/{user.id}"
            response.headers["ETag"] = etag(user)
            return user
    hashed = await hash_password(body.password)
    user = User(**body.model_dump(exclude={"password"}), password_hash=hashed)
    session.add(user)
    try:
        await session.flush()
        if idempotency_key:
            session.add(IdempotencyKey(key=idempotency_key, body=fingerprint, user_id=user.id))
        await session.commit()
    except IntegrityError as error:
        raise HTTPException(409, "This email is taken") from error
    response.headers["Location"] = f"/v1/users/{user.id}"
    response.headers["ETag"] = etag(user)
    return user


@app.post("/v1/login")
async def login(body: Login, session: AsyncSession = Depends(get_session)):
    no_nul(body.model_dump())
    user = (await session.execute(select(User).where(User.email == body.email.lower()))).scalar()
    if user is None or not await verify_password(body.password, user.password_hash):
        raise unauthorized()
    return {"access_token": make_token(user), "token_type": "bearer", "expires_in": LIFETIME}


@app.get("/v1/users", response_model=Page)
async def list_users(
    limit: int = Query(20, ge=1, le=100),
    cursor: str | None = None,
    session: AsyncSession = Depends(get_session),
    me: User = Depends(require_admin),
):
    offset = 0
    if cursor:
        try:
            offset = int(base64.urlsafe_b64decode(cursor.encode()).decode())
        except ValueError as error:
            raise HTTPException(400, "Bad cursor") from error
    query = select(User).order_by(User.created_at, User.id).offset(offset).limit(limit)
    users = list((await session.execute(query)).scalars())
    total = (await session.execute(select(func.count()).select_from(User))).scalar_one()
    following = offset + limit
    next_cursor = base64.urlsafe_b64encode(str(following).encode()).decode() if following < total else None
    return {"items": users, "next_cursor": next_cursor}


@app.post("/v1/users/import", status_code=201)
async def import_users(
    body: Import, session: AsyncSession = Depends(get_session), me: User = Depends(require_admin)
):
    no_nul(body.model_dump())
    session.add_all(User(**row.model_dump()) for row in body.users)
    try:
        await session.commit()
    except IntegrityError as error:
        raise HTTPException(409, "An email is taken") from error
    return {"created": len(body.users)}


@app.get("/v1/users/{user_id}", response_model=UserOut)
async def read_user(
    user_id: uuid.UUID,
    response: Response,
    if_none_match: str | None = Header(None),
    session: AsyncSession = Depends(get_session),
    me: User = Depends(current_user),
):
    user = await visible_user(user_id, me, session)
    tag = etag(user)
    if if_none_match and tag in if_none_match:
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return user


@app.patch("/v1/users/{user_id}", response_model=UserOut)
async def patch_user(
    user_id: uuid.UUID,
    request: Request,
    response: Response,
    if_match: str | None = Header(None),
    session: AsyncSession = Depends(get_session),
    me: User = Depends(current_user),
):
    user = await visible_user(user_id, me, session)
    if request.headers.get("content-type", "").split(";")[0] != "application/merge-patch+json":
        raise HTTPException(415, "Send application/merge-patch+json")
    if if_match is None:
        raise HTTPException(428, "Send If-Match")
    try:
        patch = UserPatch.model_validate_json(await request.body())
    except ValueError as error:
        raise HTTPException(422, "Not a valid patch") from error
    changes = patch.model_dump(exclude_unset=True)
    no_nul(changes)
    if changes.get("name", "") is None:
        raise HTTPException(422, "The name can't be removed")
    if if_match != "*" and etag(user) not in if_match:
        raise HTTPException(412, "The user has changed")
    for key, value in changes.items():
        setattr(user, key, [] if key == "tags" and value is None else value)
    await session.commit()
    response.headers["ETag"] = etag(user)
    return user


@app.delete("/v1/users/{user_id}", status_code=204)
async def delete_user(
    user_id: uuid.UUID, session: AsyncSession = Depends(get_session), me: User = Depends(current_user)
):
    user = await visible_user(user_id, me, session)
    await session.delete(user)
    await session.commit()


@app.get("/v1/users/{user_id}/profile")
async def profile(
    user_id: uuid.UUID, session: AsyncSession = Depends(get_session), me: User = Depends(current_user)
):
    user = await visible_user(user_id, me, session)
    try:
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.get(f"{os.environ['PROFILE_URL']}/profiles/{user.id}")
        answer.raise_for_status()
        data = answer.json()
        return {"user_id": str(user.id), "headline": data["headline"], "avatar_url": data["avatar_url"]}
    except httpx.TimeoutException as error:
        raise HTTPException(504, "The profile service does not answer") from error
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise HTTPException(502, "The profile service failed") from error
