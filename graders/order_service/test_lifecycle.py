"""A crash in the middle, and an end in good order. Whatever a check stops, it starts again."""

from __future__ import annotations

import asyncio
from functools import partial

from harness.authoring import (
    Api,
    Claims,
    Fail,
    Lifecycle,
    NoAnswer,
    Question,
    Race,
    Reply,
    StubRequest,
    check,
    expect,
    racing,
    until,
)

from .support.shop import ORDERS, Shop, mapping
from .support.world import Answer, Say, World, answer, key_of, loaded, posts

_SOON_S = 45.0
_AFTERWARDS_S = 6.0
_REFUSING_S = 10.0
_GRACE_S = 30.0
# uvicorn ends by the signal itself once all is done; a container tells that as 143.
_GOOD_ENDS = (0, -15, 143)


@check(
    "crash-recovery",
    skill="resilience",
    level="senior",
    after=("create-order", "compensation"),
    deadline_s=240,
    passed="What a crash has interrupted is undone after the restart, once",
    failed="A crash leaves reservations or charges behind",
    why="Processes are killed at any line: what is only in memory then is lost, and somebody's goods with it.",
    hint="Write the order before the first call upstream; at start, give up all that is still pending and undo it by "
    "its key.",
    question=Question(
        ask="Between which two lines of your order would a kill hurt most?",
        junior="It would be restarted.",
        senior="Goes through each gap, names what is durable in it, and shows why keys chosen beforehand make even "
        "a lost answer harmless.",
    ),
)
async def test_a_crash_is_cleaned_up(api: Api, shop: Shop, world: World, pod: Lifecycle) -> None:
    """Killed while one order is being charged and another one released: both are undone after the start, once."""
    kept = await shop.made()
    kept_key = key_of(world.inventory.posts()[-1])
    await world.quiet()
    charging, declined, key = shop.order(), shop.order(), shop.key()
    token = declined["payment_token"]

    def payments(request: StubRequest, say: Say) -> Answer | None:
        return answer(402) if loaded(request).get("payment_token") == token else say(request)

    world.reset()
    world.payments.play(posts(payments))
    async with api.fresh() as callers:
        calls = [partial(shop.place, charging, key=key, api=callers), partial(shop.place, declined, api=callers)]
        async with racing(calls) as race:
            held = lambda request: loaded(request).get("payment_token") == charging["payment_token"]  # noqa: E731
            with (
                world.payments.gate.hold(only=held),
                world.inventory.gate.hold(only=lambda request: request.method == "DELETE"),
            ):
                await until(lambda: len(world.payments.posts()) > 1 and world.inventory.deletes(), cap_s=_SOON_S)
                await pod.kill("candidate")
                await race.outcomes()
    under_way = _keys(world, charging, declined)
    before = len(world.inventory.deletes())
    world.payments.play(None)
    await pod.start("candidate")
    await pod.wait_ready()

    def released() -> list[str]:
        return [key_of(r) for r in world.inventory.deletes()[before:]]

    await until(
        lambda: set(under_way) <= set(released()) and world.payments.deletes(under_way[0]),
        cap_s=_SOON_S,
    )
    missing = [k for k in under_way if k not in released()]
    expect(
        not missing,
        "After a crash, reservations of orders that were under way are not released",
        expected=f"DELETE /reservations/ of {', '.join(under_way)} within {_SOON_S:g} s of the start",
        actual=f"{len(missing)} of {len(under_way)} don't come",
    )
    claims = Claims()
    claims.holds(
        world.payments.deletes(under_way[0]),
        "a charge that was under way is not voided",
        expected=f"DELETE /charges/{under_way[0]}",
        actual="it doesn't come",
    )
    await asyncio.sleep(_AFTERWARDS_S)
    await pod.restart("candidate")
    await pod.wait_ready()
    await asyncio.sleep(_AFTERWARDS_S)
    claims.holds(
        sorted(released()) == sorted(under_way),
        "what was released is released again, or something else is",
        expected="one DELETE each, answered 204",
        actual=f"{len(released())} DELETEs for {len(under_way)} orders",
    )
    claims.holds(kept_key not in released(), "a confirmed order is undone by a restart", expected="no DELETE")
    await _goes_on(claims, api, shop, world, (kept.id, key, charging))
    claims.partial("After a crash not everything is as the brief says", at_most=0.7)


def _keys(world: World, *bodies: dict[str, object]) -> list[str]:
    """The keys of these orders at the inventory."""
    keys = []
    for body in bodies:
        found = [r for r in world.inventory.posts("/reservations") if loaded(r).get("items") == body["items"]]
        expect(found, "An order does not reach the inventory", expected="POST /reservations", actual="no arrival")
        keys.append(key_of(found[0]))
    return keys


async def _goes_on(
    claims: Claims, api: Api, shop: Shop, world: World, before: tuple[str, str, dict[str, object]]
) -> None:
    """What was confirmed can be read, and the key of what was interrupted is free."""
    kept, key, body = before
    async with api.fresh() as after:
        claims.status(await after.get(f"{ORDERS}/{kept}"), "an order that was confirmed before the crash", 200)
        reservations = len(world.inventory.posts())
        again = await shop.place(body, key=key, api=after)
        claims.status(again, "the key of an order that the crash interrupted", 201)
        used = [key_of(r) for r in world.inventory.posts()[reservations:]]
        old = [key_of(r) for r in world.inventory.posts()[:reservations]]
        claims.holds(
            not set(used) & set(old),
            "a new order uses a key upstream that was given up",
            expected="a new key",
            actual=", ".join(used),
        )


@check(
    "graceful-shutdown",
    skill="resilience",
    level="senior",
    after=("create-order",),
    explained_by=("dangling-task", "swallowed-cancellation"),
    deadline_s=200,
    passed="SIGTERM lets requests in flight finish, then the process ends",
    failed="SIGTERM cuts requests off, or doesn't end the process",
    why="Each deployment sends SIGTERM: a service that drops what is in flight fails some users every time.",
    hint="Leave SIGTERM to uvicorn, end your background task and close clients and pools after the yield of the "
    "lifespan, and start nothing that keeps the process alive.",
    question=Question(
        ask="What happens between SIGTERM and the end of your process, and who closes what in which order?",
        junior="uvicorn handles it.",
        senior="Listener closed, requests drained with a limit, then the lifespan ends task, clients and pool; why the "
        "load balancer has to know first, and what a request that is cut off leaves behind.",
    ),
)
async def test_requests_in_flight_finish_after_sigterm(api: Api, shop: Shop, world: World, pod: Lifecycle) -> None:
    """A stock call held upstream while SIGTERM arrives gets its 200; new connections are refused; the process ends."""
    sku, gate = shop.sku(), world.inventory.gate
    try:
        async with api.fresh() as caller, racing([partial(shop.stock, sku, api=caller)]) as race:
            with gate.hold():
                expect(
                    await until(lambda: gate.arrivals or race.done()) and gate.arrivals,
                    "No stock call reaches the inventory, so none can be in flight",
                    expected="GET {INVENTORY_URL}/stock/{sku}",
                    actual=race.answered()[0].describe() if race.answered() else "nothing arrived",
                )
                await pod.signal("candidate", "SIGTERM")
                refused = await _refusing(api, race)
            outcome = (await race.outcomes())[0]
        expect(
            refused,
            "New requests are still taken after SIGTERM",
            expected="new connections are refused while requests in flight finish",
            actual=f"/healthz still answers {_REFUSING_S:.0f} s later",
        )
        _finished(outcome, world.available(sku))
        await _ended(pod)
    finally:
        if (await pod.state("candidate")).running:
            await pod.stop("candidate", grace_s=2)
        await pod.start("candidate")
        await pod.wait_ready()


async def _refusing(api: Api, race: Race) -> bool:
    """Whether new connections are refused after a while, which shows that the signal is being acted on."""
    limit = asyncio.get_running_loop().time() + _REFUSING_S
    while not race.done() and asyncio.get_running_loop().time() < limit:
        try:
            async with api.fresh() as probe:
                await probe.get("/healthz", deadline_s=1)
        except NoAnswer:
            return True
        await asyncio.sleep(0.05)
    return race.done() > 0


def _finished(outcome: Reply | Fail, available: int) -> None:
    told = (outcome.actual or outcome.summary) if isinstance(outcome, Fail) else outcome.describe()
    expect(
        isinstance(outcome, Reply) and outcome.status == 200 and mapping(outcome).get("available") == available,
        "SIGTERM cuts off a request in flight",
        expected="200 once the inventory answers",
        actual=told,
    )


async def _ended(pod: Lifecycle) -> None:
    limit = asyncio.get_running_loop().time() + _GRACE_S
    while (state := await pod.state("candidate")).running:
        expect(
            asyncio.get_running_loop().time() < limit,
            "The process doesn't end after SIGTERM",
            expected=f"it ends within {_GRACE_S:.0f} s once nothing is in flight",
            actual="still running",
        )
        await asyncio.sleep(0.1)
    expect(
        state.exit_code in _GOOD_ENDS,
        "The process ends in disorder after SIGTERM",
        expected="exit code 0, or ended by SIGTERM",
        actual=f"exit code {state.exit_code}",
    )
