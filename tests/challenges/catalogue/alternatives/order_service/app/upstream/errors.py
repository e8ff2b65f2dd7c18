"""How a call upstream can end when it does not end well."""


class UpstreamError(Exception):
    """`maybe_done`: an attempt may have had its effect, so that it has to be undone.
    `sent`: at least one attempt was made.
    """

    def __init__(self, detail: str, *, maybe_done: bool, sent: bool = True) -> None:
        super().__init__(detail)
        self.detail = detail
        self.maybe_done = maybe_done
        self.sent = sent


class InsufficientStockError(UpstreamError):
    pass


class PaymentDeclinedError(UpstreamError):
    pass


class UnknownSkuError(UpstreamError):
    pass


class UpstreamTroubleError(UpstreamError):
    """Answered with `status` (502, 503 or 504)."""

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        maybe_done: bool,
        sent: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail, maybe_done=maybe_done, sent=sent)
        self.status = status
        self.retry_after = retry_after
