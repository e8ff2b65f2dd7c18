"""Errors that a program can read (RFC 9457)."""

from __future__ import annotations

from harness.authoring import Api, CapacityGate, Claims, Question, Reply, check

from .support.problems import check_problem
from .support.service import USERS, Service


@check(
    "problem-details",
    skill="errors",
    level="junior",
    visible=True,
    after=("create-user",),
    deadline_s=120,
    passed="Every error is a problem document",
    failed="Errors come in several shapes",
    why="A client can handle errors in one place only when all of them look the same, those of the framework too.",
    hint="Register handlers for the framework's own exceptions as well: Starlette's HTTPException (404 of unknown "
    "routes, 405) and FastAPI's RequestValidationError, and keep their headers (Allow, WWW-Authenticate).",
    question=Question(
        ask="Which errors does your framework answer before your code is reached, and how did you shape those?",
        junior="Shapes what the own handlers raise, forgets unknown routes, 405 and validation.",
        senior="One place for all exceptions, keeps the headers that a status needs, tells the client what to do "
        "next without showing the inside, and logs the cause with an id.",
    ),
)
async def test_every_error_is_a_problem_document(api: Api, service: Service, gate: CapacityGate) -> None:
    """Whatever goes wrong, the answer is application/problem+json with the status of the answer."""
    claims = Claims()
    admin = await service.admin()
    made, person = await service.make()
    unknown = f"{USERS}/{service.people.uuid()}"
    words = service.people.word
    body = service.people.person().body()
    json_text, text = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    pinned: list[tuple[str, Reply, tuple[int, ...]]] = [
        ("an unknown route", await api.get(f"/{words()}/{words()}"), (404,)),
        ("an unknown route under /v1", await api.get(f"/v1/{words()}"), (404,)),
        ("an unknown user", await api.get(unknown, token=admin), (404,)),
        ("DELETE of the list", await api.delete(USERS, token=admin), (405,)),
        ("PUT of a user", await api.put(f"{USERS}/{made}", json={}, token=admin), (405,)),
        ("GET of the login", await api.get("/v1/login"), (405,)),
        ("a text body", await api.post(USERS, content=b"hello", headers=text), (415,)),
        ("a text body to sign in with", await api.post("/v1/login", content=b"hello", headers=text), (415,)),
        ("a form to import", await api.post(f"{USERS}/import", content=b"users=1", headers=form, token=admin), (415,)),
        ("no name", await api.post(USERS, json={k: v for k, v in body.items() if k != "name"}), (422,)),
        ("an array as body", await api.post(USERS, json=[]), (422,)),
        ("broken JSON", await api.post(USERS, content=b'{"email": ', headers=json_text), (400, 422)),
        ("a limit that is no number", await api.get(USERS, params={"limit": "ten"}, token=admin), (422,)),
        ("no token", await api.get(USERS), (401,)),
    ]
    for what, reply, statuses in pinned:
        if claims.status(reply, f"{what}: not answered with {' or '.join(map(str, statuses))}", *statuses):
            check_problem(claims, reply, what)
            if reply.status == 405:
                _allow(claims, reply, what)

    # Whether these are refused is the matter of other checks; what a refusal looks like is the matter of this one.
    gate.respond = lambda _request: (500, {}, b"")
    wrong_login = {"email": person.email, "password": service.people.password()}
    tokenless = await service.account()
    for what, reply in [
        ("an address that is taken", await api.post(USERS, json=person.body())),
        ("a wrong password", await api.post("/v1/login", json=wrong_login)),
        ("no If-Match", await service.patch(made, {"name": "a"}, if_match=None)),
        ("a stale If-Match", await service.patch(made, {"name": "a"}, if_match='"stale"')),
        ("a list for admins", await api.get(USERS, token=tokenless.token)),
        ("a failing upstream", await api.get(f"{USERS}/{made}/profile", token=admin)),
        ("another version", await api.get("/v2/users", token=admin)),
    ]:
        if reply.status >= 400:
            check_problem(claims, reply, what)
    claims.fail("Not every error is a problem document")


def _allow(claims: Claims, reply: Reply, what: str) -> None:
    allow = reply.headers.get("allow", "")
    claims.holds(
        bool(allow.strip()),
        f"{what}: 405 without Allow",
        expected="Allow: GET, ...",
        actual="no Allow header",
        shown=reply,
    )
