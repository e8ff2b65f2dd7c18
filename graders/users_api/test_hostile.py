"""Input that nobody sane would send, and upstreams that nobody sane would run."""

from __future__ import annotations

import json
from functools import partial

from harness.authoring import Api, CapacityGate, Claims, Fail, NoAnswer, Question, Reply, Settings, check, racing

from .support import tokens
from .support.hostile import Blow, blows
from .support.service import USERS, Service
from .support.upstream import constant, hang_up, profile_of

_AT_A_TIME = 6
_PATIENCE_S = 25.0


@check(
    "hostile-input",
    skill="errors",
    level="mid",
    after=("create-user",),
    explained_by=("unbounded",),
    deadline_s=200,
    passed="Hostile input is refused, never a server error",
    failed="Some input makes the service fail",
    why="Each 500 is a path that nobody thought of: at best noise in the alarms, at worst a way in.",
    hint="Refuse NUL and lone surrogates in your text types, mind that an error answer which echoes the input can fail "
    "itself (NaN, surrogates), keep ids as UUID in the signature, and check what the upstream says with a model.",
    question=Question(
        ask="What can arrive in a str that PostgreSQL can't store, and where do you stop it?",
        junior="Hasn't met any.",
        senior="NUL and lone surrogates; stops them in one annotated type at the edge, and knows JSON's NaN, huge "
        "integers and depth as further guests.",
    ),
)
async def test_hostile_input_is_refused(api: Api, service: Service, settings: Settings, gate: CapacityGate) -> None:
    """NUL bytes, huge numbers, deep nesting, bad ids, odd tokens and a broken upstream: refused, and never a 5xx."""
    made, _ = await service.make()
    kinds: dict[str, Claims] = {}
    await _blows(kinds, api, service, made)
    await _odd_tokens(kinds.setdefault("tokens", Claims()), api, service, settings, made)
    await _broken_upstream(kinds.setdefault("upstream", Claims()), api, service, gate, made)
    alive = await api.get("/healthz")
    all_ = Claims()
    all_.status(alive, "after hostile input /healthz fails", 200)
    for claims in kinds.values():
        all_.count += claims.count
        all_.broken += claims.broken
    bad = [kind for kind, claims in kinds.items() if claims.broken]
    if len(bad) == 1 and alive.status == 200:
        all_.worth(0.5, f"Hostile input gets through ({bad[0]})")
    all_.fail(f"Hostile input gets through ({', '.join(bad)})")


async def _blows(kinds: dict[str, Claims], api: Api, service: Service, made: str) -> None:
    todo = blows(service.people, made)
    token = await service.admin()
    for start in range(0, len(todo), _AT_A_TIME):
        batch = todo[start : start + _AT_A_TIME]
        async with racing([partial(_strike, api, blow, token) for blow in batch]) as race:
            outcomes = await race.outcomes()
        for blow, outcome in zip(batch, outcomes, strict=True):
            claims = kinds.setdefault(blow.kind, Claims())
            if isinstance(outcome, Fail):
                claims.holds(False, blow.what, expected=blow.wanted, actual=f"no answer: {outcome.summary}")
            else:
                told = outcome.describe()
                claims.holds(blow.fine(outcome.status), blow.what, expected=blow.wanted, actual=told, shown=outcome)


async def _strike(api: Api, blow: Blow, token: str) -> Reply:
    return await api.request(
        blow.method,
        blow.path,
        content=blow.content,
        headers=blow.headers,
        params=blow.params or None,
        token=token if blow.signed_in else None,
        deadline_s=_PATIENCE_S,
    )


async def _odd_tokens(claims: Claims, api: Api, service: Service, settings: Settings, made: str) -> None:
    admin, key = await service.admin(), settings.environment.get("SECRET_KEY", "")
    odd: dict[str, str | None] = {
        "of a subject that is no id": tokens.about(admin, key, "nobody"),
        "of a subject with a NUL": tokens.about(admin, key, "a\0b"),
        "of two dots": "..",
        "of 8000 letters": "a" * 8000,
        "of base64 that isn't JSON": "YWJj.YWJj.YWJj",
    }
    for what, token in odd.items():
        if token is not None:
            reply = await api.get(f"{USERS}/{made}", headers={"Authorization": f"Bearer {token}"})
            claims.status(reply, f"a token {what}", 401)


async def _broken_upstream(claims: Claims, api: Api, service: Service, gate: CapacityGate, made: str) -> None:
    right = profile_of(made, "")
    answers: dict[str, tuple[int, bytes, str]] = {
        "500": (500, b"oops", "text/plain"),
        "500 with a profile": (500, json.dumps(right).encode(), "application/json"),
        "404 with a profile": (404, json.dumps(right).encode(), "application/json"),
        "204 without a body": (204, b"", "application/json"),
        "200 with HTML": (200, b"<html>login</html>", "text/html"),
        "200 with half a JSON document": (200, json.dumps(right).encode()[:-9], "application/json"),
        "200 with a member missing": (200, json.dumps({"headline": "h"}).encode(), "application/json"),
        "200 with a number for a text": (200, json.dumps({**right, "headline": 5}).encode(), "application/json"),
        "200 with an array": (200, b"[]", "application/json"),
        "200 with null": (200, b"null", "application/json"),
    }
    gate.reset()
    token = await service.admin()
    replies = {what: constant(*answer) for what, answer in answers.items()}
    for what, respond in {**replies, "nothing and hangs up": hang_up}.items():
        gate.respond = respond
        try:
            reply = await api.get(f"{USERS}/{made}/profile", token=token)
        except NoAnswer as silence:
            claims.holds(False, f"the upstream answers {what}", expected="502", actual=silence.summary)
        else:
            claims.status(reply, f"the upstream answers {what}", 502)
