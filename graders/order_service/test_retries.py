"""What is tried again, how often, and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import pairwise

from harness.authoring import Claims, Evidence, Question, Reply, StubRequest, check, expect

from .support.shop import UNAVAILABLE, Shop
from .support.world import Upstream, World, answer, at_first, failing, hang_up, posts

_ORDERS = 9
_FIRST_S = 0.1
_SECOND_S = 0.2
# A timer may fire a little early.
_GRAIN_S = 0.005
# Seven of nine waits that are drawn at random lie in less than 15 % of the range once in 1,600 times; of both waits,
# once in two million. A fixed wait spreads by what the machine is late, and the two latest are left out.
_ALIKE = 0.15
_COUNTED = 7
_ASKED_S = 1


@check(
    "retries",
    skill="resilience",
    level="mid",
    after=("create-order",),
    deadline_s=200,
    passed="What can be repeated is, three times at most, with growing waits that differ",
    failed="Calls are not repeated when they should be, or when they should not be",
    why="Most failures of a network are over in a moment; but blind repetition doubles charges and load.",
    hint="Three attempts, on 502, 503, 504 and lost connections only; wait between half and all of 200 ms times 2^n, "
    "at least Retry-After; never repeat a POST without a key.",
    question=Question(
        ask="Which calls do you repeat, which don't you, and where does the number of attempts come from?",
        junior="Repeats on errors.",
        senior="Only what is idempotent and only errors that may pass; deadlines bound it, jitter spreads it, and only "
        "one layer of a call chain retries.",
    ),
)
async def test_calls_are_repeated_by_the_rules(shop: Shop, world: World, evidence: Evidence) -> None:
    """503, 503, 201 is a 201 after three arrivals; always 503 is three; 409 and a receipt are one; waits grow."""
    order = await shop.made()
    await world.rested()
    await _third_time_lucky(shop, world, evidence)
    claims = Claims()
    await _bounded(claims, shop, world)
    await _not_repeated(claims, shop, world, order.id)
    await _after_what_was_asked(claims, shop, world)
    claims.partial("Not all calls are repeated as the brief says", at_most=0.8)


async def _third_time_lucky(shop: Shop, world: World, evidence: Evidence) -> None:
    """Must work; only how long is waited may cost a part."""
    world.inventory.play(at_first(2, answer(503, {"error": "not now"})))
    waits: list[tuple[float, float]] = []
    for _ in range(_ORDERS):
        before = len(world.inventory.posts())
        reply = await shop.place()
        calls = world.inventory.posts()[before:]
        expect(
            reply.status == 201 and len(calls) == 3,
            "A call that fails twice and would then succeed is not repeated as it should be",
            expected="503, 503, 201 from the inventory: three arrivals and an order",
            actual=f"{len(calls)} arrivals and {reply.describe()}",
        )
        first, second = (later.at - earlier.at for earlier, later in pairwise(calls))
        waits.append((first, second))
    world.inventory.play(None)
    _waits(waits, evidence)


def _waits(waits: list[tuple[float, float]], evidence: Evidence) -> None:
    claims = Claims()
    firsts, seconds = [w[0] for w in waits], [w[1] for w in waits]
    shown = ", ".join(f"{a * 1000:.0f}/{b * 1000:.0f}" for a, b in waits)
    evidence.number("shortest first wait, ms", round(min(firsts) * 1000))
    evidence.number("shortest second wait, ms", round(min(seconds) * 1000))
    claims.holds(
        min(firsts) >= _FIRST_S - _GRAIN_S and min(seconds) >= _SECOND_S - _GRAIN_S,
        "a retry comes sooner than the brief allows",
        expected="at least 100 ms before the second attempt and 200 ms before the third",
        actual=f"waits in ms: {shown}",
    )
    claims.holds(
        sum(seconds) > sum(firsts),
        "the waits don't grow",
        expected="longer waits before the third attempt than before the second",
        actual=f"waits in ms: {shown}",
    )
    claims.holds(
        _spread(firsts) > _ALIKE * _FIRST_S or _spread(seconds) > _ALIKE * _SECOND_S,
        "the waits have no jitter",
        expected="waits that differ from call to call",
        actual=f"waits in ms: {shown}",
    )
    claims.fail("The waits between attempts are not as they should be")


def _spread(waits: list[float]) -> float:
    """How far apart most of them are."""
    return sorted(waits)[_COUNTED - 1] - min(waits)


async def _bounded(claims: Claims, shop: Shop, world: World) -> None:
    payments = world.payments
    payments.play(posts(failing(503)))
    await _told(claims, "503 for ever", payments, shop.place, UNAVAILABLE, 3)
    payments.play(at_first(1, None))
    await _told(claims, "a connection that ends without an answer, once", payments, shop.place, (201,), 2)
    payments.play(None)


async def _not_repeated(claims: Claims, shop: Shop, world: World, order: str) -> None:
    for status, wanted in ((409, (409,)), (422, UNAVAILABLE), (500, UNAVAILABLE)):
        world.inventory.play(posts(failing(status)))
        await _told(claims, f"a {status}", world.inventory, shop.place, wanted, 1)
    world.inventory.play(None)
    receipt = partial(shop.receipt, order)
    for what, script in (("503", failing(503)), ("a lost connection", hang_up)):
        world.payments.play(script)
        await _told(claims, f"{what} for a receipt, which has no key", world.payments, receipt, UNAVAILABLE, 1)
    world.payments.play(None)
    await _told(claims, "a receipt when payments is well again", world.payments, receipt, (202,), 1)


async def _after_what_was_asked(claims: Claims, shop: Shop, world: World) -> None:
    inventory = world.inventory
    inventory.play(at_first(1, answer(503, Retry_After=str(_ASKED_S))))
    calls = await _told(claims, "503 with Retry-After: 1, once", inventory, shop.place, (201,), 2)
    if len(calls) > 1:
        wait = calls[1].at - calls[0].at
        claims.holds(
            wait >= _ASKED_S - _GRAIN_S,
            "Retry-After is not waited for",
            expected=f"at least {_ASKED_S} s",
            actual=f"{wait:.2f} s",
        )
    inventory.play(at_first(1, answer(503, Retry_After="60")))
    await _told(claims, "503 with Retry-After: 60, beyond the deadline", inventory, shop.place, UNAVAILABLE, 1)
    inventory.play(None)


async def _told(
    claims: Claims,
    what: str,
    upstream: Upstream,
    call: Callable[[], Awaitable[Reply]],
    wanted: tuple[int, ...],
    arrivals: int,
) -> list[StubRequest]:
    """Claim how often a call arrives upstream, and how it is answered then; returns the arrivals."""
    before = len(upstream.posts())
    reply = await call()
    came = upstream.posts()[before:]
    claims.holds(
        reply.status in wanted and len(came) == arrivals,
        f"{what}: {len(came)} arrivals and a {reply.status}",
        expected=f"{arrivals} arrivals and {' or '.join(map(str, wanted))}",
        actual=f"{len(came)} arrivals and {reply.describe()}",
        shown=reply,
    )
    return came
