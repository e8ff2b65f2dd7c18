"""For those who run it: life, readiness, metrics."""

from __future__ import annotations

import asyncio
import time

from harness.authoring import Api, Claims, Inconclusive, Lifecycle, NoAnswer, Question, check, expect

from .support.shop import ORDERS, Shop
from .support.telemetry import Scrape
from .support.world import World, answer, at_first, failing

_THRESHOLD = 5
_RESET_S = 2.0
_TRIES = 3
_AGREE_S = 10.0
_UNREADY_S = 30.0
_BACK_S = 60.0
_MANY = 15


@check(
    "operations",
    skill="craft",
    level="mid",
    after=("create-order",),
    deadline_s=240,
    passed="Life and readiness differ, and the metrics count what was sent",
    failed="Life, readiness or metrics tell something else than what is",
    why="A service that is restarted because somebody else is down, or whose numbers lie, is worse than none to run.",
    hint="/healthz touches nothing; /readyz asks PostgreSQL with a short limit and looks at the breakers; count "
    "requests by route template and each attempt where it is made.",
    question=Question(
        ask="An upstream is down. Should your readiness probe fail?",
        junior="Yes, since the service can't work.",
        senior="Weighs it: all replicas go at once, routes that still work go too, recovery needs traffic; what the "
        "probe is for decides.",
    ),
)
async def test_it_can_be_run(api: Api, shop: Shop, world: World, pod: Lifecycle) -> None:
    """Counters agree with the stubs, ids make no series; readiness follows breakers and PostgreSQL, life doesn't."""
    claims = Claims()
    await world.quiet()
    await world.rested()
    world.reset()
    await _counts(claims, api, shop, world)
    await _few_series(claims, api, shop)
    await _upstream_down(claims, api, shop, world)
    await _database_down(claims, api, shop, pod)
    claims.partial("Life, readiness or metrics are not quite as the brief says", at_most=0.75)


async def _scrape(api: Api) -> Scrape:
    return Scrape(await api.get("/metrics"))


async def _counts(claims: Claims, api: Api, shop: Shop, world: World) -> None:
    before = await _scrape(api)
    made, missing, bad, stock = (shop.rng.randint(2, 6) for _ in range(4))
    for _ in range(made):
        await shop.made()
    for _ in range(missing):
        await api.get(f"{ORDERS}/{shop.unknown_id()}")
    for _ in range(bad):
        await shop.place({"items": []})
    for _ in range(stock):
        await shop.stock(shop.sku())
    world.payments.play(at_first(1, answer(503)))
    (await shop.place()).expect_status(201)
    world.payments.play(None)
    requests, attempts, retries = "http_requests_total", "upstream_attempts_total", "upstream_retries_total"
    one = f"{ORDERS}/{{}}"
    wanted: list[tuple[str, dict[str, str], int]] = [
        (requests, {"method": "POST", "route": ORDERS, "status": "201"}, made + 1),
        (requests, {"method": "POST", "route": ORDERS, "status": "422"}, bad),
        (requests, {"method": "GET", "route": one, "status": "404"}, missing),
        (requests, {"method": "GET", "route": "/v1/stock/{}", "status": "200"}, stock),
        (attempts, {"upstream": "inventory"}, world.inventory.gate.arrivals),
        (attempts, {"upstream": "payments"}, world.payments.gate.arrivals),
        (retries, {"upstream": "inventory"}, 0),
        (retries, {"upstream": "payments"}, 1),
    ]
    # A counter may be a moment late.
    limit = time.monotonic() + _AGREE_S
    while True:
        after = await _scrape(api)
        counted = [after.total(name, **labels) - before.total(name, **labels) for name, labels, _ in wanted]
        if counted == [value for _, _, value in wanted] or time.monotonic() > limit:
            break
        await asyncio.sleep(0.2)
    for (name, labels, value), found in zip(wanted, counted, strict=True):
        claims.holds(
            found == value,
            f"{name}{labels}",
            expected=f"{value} more than before",
            actual=f"{found:g} more",
        )


async def _few_series(claims: Claims, api: Api, shop: Shop) -> None:
    """After the first unknown order and route, the next ones are nothing new."""

    async def ask() -> int:
        await api.get(f"{ORDERS}/{shop.unknown_id()}")
        await api.get(f"/v1/{shop.sku()}")
        return (await _scrape(api)).series("http_requests_total")

    first = await ask()
    for _ in range(_MANY):
        last = await ask()
    claims.holds(
        last <= first,
        "each id or unknown route is a time series of its own",
        expected=f"{first} series of http_requests_total",
        actual=f"{last} after {_MANY} more unknown orders and routes",
    )


async def _upstream_down(claims: Claims, api: Api, shop: Shop, world: World) -> None:
    state = (await _scrape(api)).total("circuit_breaker_state", upstream="inventory")
    claims.holds(state == 0, "circuit_breaker_state of a healthy upstream", expected="0", actual=f"{state:g}")
    for _ in range(_TRIES):
        await shop.well_again()
        world.inventory.play(failing(500))
        for _ in range(_THRESHOLD):
            await shop.place()
        ready = await api.get("/readyz")
        alive = await api.get("/healthz")
        shown = await _scrape(api)
        opened = world.inventory.gate.requests[-1].at
        world.inventory.play(None)
        if time.monotonic() < opened + _RESET_S:
            break
    else:
        raise Inconclusive(f"five orders and three questions took longer than {_RESET_S:g} s, {_TRIES} times")
    claims.status(ready, "/readyz while a breaker is open", 503)
    claims.status(alive, "/healthz while a breaker is open", 200)
    states = [shown.total("circuit_breaker_state", upstream=name) for name in ("inventory", "payments")]
    claims.holds(
        states == [1, 0],
        "circuit_breaker_state while the inventory's is open",
        expected="inventory 1, payments 0",
        actual=f"inventory {states[0]:g}, payments {states[1]:g}",
    )
    back, told = await _becomes(api, "/readyz", 200)
    claims.holds(back, "/readyz after the reset, without any traffic", expected="200", actual=told)
    expect(await shop.well_again(), "No order is made once the inventory is back", expected="201", actual="no 201")


async def _database_down(claims: Claims, api: Api, shop: Shop, pod: Lifecycle) -> None:
    await pod.stop("postgres")
    try:
        async with api.fresh() as other:
            alive = await other.get("/healthz")
            ready = await other.get("/readyz", deadline_s=_UNREADY_S)
        claims.status(alive, "/healthz while PostgreSQL is stopped", 200)
        claims.status(ready, "/readyz while PostgreSQL is stopped", 503)
    finally:
        await pod.start("postgres")
    back, told = await _becomes(api, "/readyz", 200)
    claims.holds(back, "/readyz when PostgreSQL is back", expected="200", actual=told)
    back, told = await _becomes(api, ORDERS, 201, shop)
    claims.holds(back, "an order when PostgreSQL is back", expected="201", actual=told)


async def _becomes(api: Api, path: str, status: int, shop: Shop | None = None) -> tuple[bool, str]:
    """Whether GET, or an order of this shop, is answered so after a while; and the last answer in words."""
    limit = time.monotonic() + _BACK_S
    while True:
        try:
            async with api.fresh() as other:
                reply = await (other.get(path) if shop is None else shop.place(api=other))
            told, good = reply.describe(), reply.status == status
        except NoAnswer as error:
            told, good = error.summary, False
        if good or time.monotonic() > limit:
            return good, told
        await asyncio.sleep(0.2)
