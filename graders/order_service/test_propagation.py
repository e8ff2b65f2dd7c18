"""One trace and one request id, from the client through to both upstreams and the log."""

from __future__ import annotations

from functools import partial
from typing import Any

from harness.authoring import Api, Claims, Lifecycle, Question, Reply, StubRequest, check, expect, racing

from .support.shop import ORDERS, Shop
from .support.telemetry import Parent, logged, parent, random_parent
from .support.world import World, loaded

_AT_ONCE = 12
_MALFORMED = (
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6-00f067aa0ba902b7-01",
    "garbage",
)


@check(
    "propagation",
    skill="craft",
    level="mid",
    after=("create-order",),
    deadline_s=150,
    passed="Trace and request id reach both upstreams, the answer and the log",
    failed="Trace or request id are lost on the way",
    why="At three in the night, one id that finds everything about one request is worth more than any dashboard.",
    hint="Read both headers in a pure ASGI middleware, keep them in a context variable, add them to each call upstream "
    "and to each log line; a new span id per call.",
    question=Question(
        ask="How does the id of a request get from the middleware into a log line four functions below?",
        junior="It is passed as a parameter.",
        senior="Context variables, and where they are lost: threads, background tasks, BaseHTTPMiddleware; and why a "
        "trace needs a new parent id per hop.",
    ),
)
async def test_trace_and_request_id_go_through(api: Api, shop: Shop, world: World, pod: Lifecycle) -> None:
    """Given ids are kept, upstream, in the answer and in the log; missing and malformed ones are made anew."""
    claims = Claims()
    await _kept(claims, shop, world, pod)
    await _each_its_own(claims, api, shop, world)
    await _made(claims, shop, world)
    await _on_errors(claims, api, shop)
    claims.partial("Trace and request id don't get everywhere", at_most=0.7)


def _request_id(shop: Shop) -> str:
    return f"req-{shop.rng.getrandbits(64):016x}"


async def _kept(claims: Claims, shop: Shop, world: World, pod: Lifecycle) -> None:
    given, request_id, body = random_parent(shop.rng, "00"), _request_id(shop), shop.order()
    reply = await shop.place(body, headers={"traceparent": given.header(), "X-Request-ID": request_id})
    calls = _calls(world, reply)
    _goes_on(claims, calls, given, request_id)
    _answered(claims, reply, request_id, "an order")
    entries = await logged(pod, request_id)
    entry = next((e for e in entries if "status" in e), {})
    wanted: dict[str, Any] = {"trace_id": given.trace_id, "method": "POST", "path": ORDERS, "status": 201}
    claims.holds(
        {name: entry.get(name) for name in wanted} == wanted,
        "the log has no line for a request",
        expected=str({**wanted, "request_id": request_id}),
        actual=str(entry or entries[:1] or "no JSON line with that request_id")[:400],
    )
    logs = "\n".join(await pod.logs("candidate", tail=100))
    claims.holds(
        body["payment_token"] not in logs,
        "a payment token is in the log",
        expected="no payment_token in any line",
        actual=next((line for line in logs.splitlines() if body["payment_token"] in line), "")[:300],
    )


def _calls(world: World, reply: Reply) -> list[StubRequest]:
    """The calls upstream for the one order that there was."""
    calls = world.inventory.posts() + world.payments.posts()
    expect(
        reply.status == 201 and len(calls) == 2,
        "An order with trace headers is not made",
        expected="201, one call of each upstream",
        actual=f"{len(calls)} calls; {reply.describe()}",
    )
    world.reset()
    return calls


def _goes_on(claims: Claims, calls: list[StubRequest], given: Parent, request_id: str) -> None:
    sent = [call.headers.get("traceparent", "") for call in calls]
    found = [parent(text) for text in sent]
    claims.holds(
        all(p and p.trace_id == given.trace_id and p.flags == given.flags for p in found),
        "the trace does not go on upstream",
        expected=f"traceparent 00-{given.trace_id}-(a new id)-{given.flags} on both calls",
        actual=", ".join(text or "none" for text in sent),
    )
    claims.holds(
        all(p and p.span_id != given.span_id for p in found),
        "a call upstream has the client's parent id",
        expected=f"a parent id other than {given.span_id}",
        actual=", ".join(text or "none" for text in sent),
    )
    ids = [call.headers.get("x-request-id", "none") for call in calls]
    claims.holds(
        ids == [request_id] * len(calls),
        "the request id does not go upstream",
        expected=f"X-Request-ID: {request_id}",
        actual=", ".join(ids),
    )


def _answered(claims: Claims, reply: Reply, request_id: str, what: str) -> None:
    got = reply.headers.get("x-request-id", "none")
    claims.holds(
        got == request_id,
        f"{what} is answered without its request id",
        expected=f"X-Request-ID: {request_id}",
        actual=got,
        shown=reply,
    )


async def _each_its_own(claims: Claims, api: Api, shop: Shop, world: World) -> None:
    """Several at once: nobody gets another's ids."""
    given = [(random_parent(shop.rng), _request_id(shop), shop.order()) for _ in range(_AT_ONCE)]
    async with (
        api.fresh() as callers,
        racing(
            [
                partial(shop.place, body, api=callers, headers={"traceparent": p.header(), "X-Request-ID": id_})
                for p, id_, body in given
            ]
        ) as race,
    ):
        await race.replies()
    wanted = {body["items"][0]["sku"]: (p.trace_id, id_) for p, id_, body in given}
    mixed = []
    for call in world.inventory.posts():
        items = loaded(call).get("items") or [{}]
        found = parent(call.headers.get("traceparent", ""))
        told = (found.trace_id if found else "none", call.headers.get("x-request-id", "none"))
        if told != wanted.get(items[0].get("sku")):
            mixed.append(told)
    claims.holds(
        not mixed,
        "with several requests at once, ids are mixed up",
        expected="each call upstream has the ids of its own request",
        actual=f"{len(mixed)} of {_AT_ONCE} have not",
    )
    world.reset()


async def _made(claims: Claims, shop: Shop, world: World) -> None:
    """Without ids, or with bad ones: new ones, the same upstream as in the answer."""
    cases: list[dict[str, str]] = [{}]
    cases += [{"traceparent": bad, "X-Request-ID": worse} for bad, worse in zip(_MALFORMED, _bad_ids(), strict=False)]
    seen: set[str] = set()
    for headers in cases:
        reply = await shop.place(headers=headers)
        calls = _calls(world, reply)
        found = [parent(call.headers.get("traceparent", "")) for call in calls]
        traces = {p.trace_id if p else "none" for p in found}
        old = headers.get("traceparent", "").lower()
        claims.holds(
            len(traces) == 1 and "none" not in traces and not any(t in old for t in traces) and not traces & seen,
            f"no new trace with traceparent {headers.get('traceparent', 'missing')}",
            expected="one new, valid trace id on both calls",
            actual=", ".join(call.headers.get("traceparent", "none") for call in calls),
        )
        seen |= traces
        ids = {call.headers.get("x-request-id", "none") for call in calls}
        claims.holds(
            ids == {reply.headers.get("x-request-id", "")} and headers.get("X-Request-ID", "none") not in ids,
            f"no new request id with X-Request-ID {headers.get('X-Request-ID', 'missing')[:40]!r}",
            expected="one new id, upstream and in the answer",
            actual=f"{', '.join(sorted(ids))[:200]}; {reply.headers.get('x-request-id', 'none')[:200]}",
            shown=reply,
        )


def _bad_ids() -> tuple[str, ...]:
    return "two words", "x" * 129, 'quote"', "semi;colon", "<b>"


async def _on_errors(claims: Claims, api: Api, shop: Shop) -> None:
    for what, path in (("an unknown order", f"{ORDERS}/{shop.unknown_id()}"), ("an unknown route", "/v1/nothing")):
        request_id = _request_id(shop)
        _answered(claims, await api.get(path, headers={"X-Request-ID": request_id}), request_id, what)
    request_id = _request_id(shop)
    _answered(claims, await shop.place({}, headers={"X-Request-ID": request_id}), request_id, "a bad order")
