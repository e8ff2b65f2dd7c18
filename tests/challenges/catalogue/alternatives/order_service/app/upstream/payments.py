"""The payments service's API."""

import time
from typing import Final

from app.config import RECEIPT_SECONDS, UNDO_CALL_SECONDS
from app.context import RequestContext
from app.upstream.answers import Charge, Receipt, bad_answer, check_undone, parse_good
from app.upstream.errors import PaymentDeclinedError
from app.upstream.transport import Call, Upstream

_CHARGED: Final = frozenset({200, 201})
_MAILED: Final = frozenset({200, 202})


class PaymentsClient:
    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def charge(
        self, key: str, amount_cents: int, payment_token: str, context: RequestContext, deadline: float
    ) -> None:
        body = {"amount_cents": amount_cents, "payment_token": payment_token}
        result = await self.upstream.call(
            Call("POST", "/charges", "orders", context, deadline, body=body, key=key)
        )
        if result.answer.status == 402:
            raise PaymentDeclinedError("the payment was declined", maybe_done=result.earlier_attempt_lost)
        charge = parse_good(Charge, result, _CHARGED, self.upstream.name)
        if charge.amount_cents != amount_cents:
            raise bad_answer(self.upstream.name)

    async def void(self, key: str, context: RequestContext, repeated: bool) -> None:
        deadline = time.monotonic() + UNDO_CALL_SECONDS
        result = await self.upstream.call(
            Call("DELETE", f"/charges/{key}", "undo", context, deadline, repeated=repeated)
        )
        check_undone(result, self.upstream.name)

    async def send_receipt(self, order_id: str, context: RequestContext, deadline: float) -> str:
        """Never repeated: every call sends a mail."""
        call = Call(
            "POST",
            "/receipts",
            "receipts",
            context,
            deadline,
            body={"order_id": order_id},
            attempt_seconds=RECEIPT_SECONDS,
            max_attempts=1,
        )
        result = await self.upstream.call(call)
        return parse_good(Receipt, result, _MAILED, self.upstream.name).receipt_id
