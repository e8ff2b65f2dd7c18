"""One version of the interface, and where it can be seen."""

from __future__ import annotations

import re

from harness.authoring import Api, Claims, Question, Reply, check

from .support.service import USERS, Service, mapping

_SEMVER_1 = re.compile(r"1\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_UNVERSIONED = ("/healthz", "/readyz", "/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect")


@check(
    "versioning",
    skill="api-design",
    level="junior",
    visible=True,
    after=("create-user",),
    deadline_s=90,
    passed="The interface has one version, said in path, header and document",
    failed="The version of the interface is not what the brief says",
    why="Clients that pin a version need to know which one answered, errors included, and that no other path works "
    "by accident.",
    hint="Mount one router under /v1 and set API-Version in a middleware, so that 401, 404 and 422 carry it too.",
    question=Question(
        ask="You have to rename a member of the user. How do clients of /v1 live on?",
        junior="Starts /v2 for everything.",
        senior="Adds before removing, tells what is deprecated and until when, versions only what breaks, and keeps "
        "one core behind both.",
    ),
)
async def test_there_is_one_version_and_every_answer_says_so(api: Api, service: Service) -> None:
    """Only /v1 exists, each of its answers carries API-Version: 1, and the document is version 1.x.y."""
    claims = Claims()
    admin = await service.admin()
    made, person = await service.make()
    for path in ("/v2/users", f"/v2/users/{made}", "/v2/login", "/users", f"/users/{made}", "/login"):
        claims.status(await api.get(path, token=admin), f"GET {path.replace(made, '{id}')} is not unknown", 404)
    for path in ("/v2/users", "/users"):
        reply = await api.post(path, json=service.people.person().body())
        claims.status(reply, f"POST {path} is not unknown", 404)
    answers: list[tuple[str, Reply]] = [
        ("a user", await service.get(made)),
        ("the list", await service.page(limit=1)),
        ("a wrong login", await api.post("/v1/login", json={"email": person.email, "password": "x" * 12})),
        ("no token", await api.get(USERS)),
        ("an invalid user", await api.post(USERS, json={})),
        ("an unknown user", await service.get(service.people.uuid())),
        ("a method that isn't there", await api.put(USERS, json={}, token=admin)),
        ("a text body", await api.post(USERS, content=b"x", headers={"Content-Type": "text/plain"})),
        ("an unknown route under /v1", await api.get(f"/v1/{service.people.word()}", token=admin)),
    ]
    for what, reply in answers:
        said = reply.headers.get("api-version", "")
        claims.holds(
            said == "1",
            f"the answer to {what} ({reply.status}) doesn't name the version",
            expected="API-Version: 1",
            actual=f"API-Version: {said}" if said else "no API-Version header",
            shown=reply,
        )
    await _document(claims, api)
    claims.fail("The version is not what the brief says")


async def _document(claims: Claims, api: Api) -> None:
    document = mapping((await api.get("/openapi.json")).expect_status(200))
    info, paths = document.get("info"), document.get("paths")
    version = str(info.get("version")) if isinstance(info, dict) else "none"
    claims.holds(
        bool(_SEMVER_1.fullmatch(version)),
        "info.version of the OpenAPI document is not 1.x.y",
        expected="a semantic version that begins with 1.",
        actual=version,
    )
    stray = [p for p in paths if not p.startswith("/v1/") and p not in _UNVERSIONED] if isinstance(paths, dict) else []
    claims.holds(
        not [p for p in stray if re.search(r"users|login", p)],
        "the OpenAPI document has resource paths outside /v1",
        expected="all under /v1",
        actual=", ".join(stray),
    )
