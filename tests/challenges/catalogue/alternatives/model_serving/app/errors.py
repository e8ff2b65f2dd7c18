"""Refused: an answer that is an error."""


class Refused(Exception):
    """`status` and a sentence for people; `retry_after` in seconds where trying again makes sense."""

    def __init__(self, status: int, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
