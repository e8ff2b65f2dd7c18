"""What counts as a good answer."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.upstream.errors import UpstreamTroubleError
from app.upstream.transport import CallResult

Text = Annotated[str, Field(min_length=1)]
Whole = Annotated[int, Field(ge=0)]


class UpstreamModel(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class PricedItem(UpstreamModel):
    sku: Text
    quantity: Whole
    unit_price_cents: Whole


class Reservation(UpstreamModel):
    reservation_id: Text
    items: list[PricedItem]


class Stock(UpstreamModel):
    sku: Text
    available: Whole


class Charge(UpstreamModel):
    charge_id: Text
    amount_cents: Whole


class Receipt(UpstreamModel):
    receipt_id: Text


ModelT = TypeVar("ModelT", bound=UpstreamModel)


def parse_good(model: type[ModelT], result: CallResult, good: frozenset[int], upstream: str) -> ModelT:
    """The answer's content, if its status is a good one and its body is what was agreed."""
    answer = result.answer
    if answer.status not in good:
        # A complete 4xx or 5xx has had no effect (an attempt before it may have). Of a strange 2xx or 3xx
        # nobody knows.
        maybe_done = answer.status < 400 or result.earlier_attempt_lost
        raise UpstreamTroubleError(f"{upstream} answered {answer.status}", status=502, maybe_done=maybe_done)
    try:
        return model.model_validate_json(answer.body)
    except ValidationError:
        raise bad_answer(upstream) from None  # its message would quote the answer


def bad_answer(upstream: str) -> UpstreamTroubleError:
    return UpstreamTroubleError(f"{upstream} gave an answer that makes no sense", status=502, maybe_done=True)


_UNDONE = frozenset({204, 404})


def check_undone(result: CallResult, upstream: str) -> None:
    """For the DELETEs."""
    status = result.answer.status
    if status not in _UNDONE:
        raise UpstreamTroubleError(f"{upstream} answered {status} to a DELETE", status=502, maybe_done=False)
