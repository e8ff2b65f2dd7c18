"""Several claims of one check, so that a reader learns of all that is wrong at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from harness.authoring import Fail, Partial, Reply

_SHOWN = 8


@dataclass(frozen=True)
class Broken:
    """A claim that doesn't hold; `fatal` when it leaves nothing to be weighed."""

    summary: str
    expected: str
    actual: str
    shown: Reply | None
    fatal: bool


class Claims:
    """Counts claims and remembers the broken ones."""

    def __init__(self) -> None:
        self.count = 0
        self.broken: list[Broken] = []

    def holds(
        self,
        condition: bool,
        summary: str,
        *,
        expected: str = "",
        actual: str = "",
        shown: Reply | None = None,
        fatal: bool = False,
    ) -> bool:
        """Whether the claim holds; `shown` is the answer that proves it."""
        self.count += 1
        if not condition:
            self.broken.append(Broken(summary, expected, actual, shown, fatal))
        return condition

    def status(self, reply: Reply | Fail, summary: str, *codes: int) -> bool:
        """Whether an answer has one of the statuses. Silence and a 5xx are fatal."""
        expected = " or ".join(map(str, codes))
        if isinstance(reply, Fail):
            return self.holds(False, summary, expected=expected, actual=reply.actual or reply.summary, fatal=True)
        fatal = reply.status >= 500
        return self.holds(
            reply.status in codes, summary, expected=expected, actual=reply.describe(), shown=reply, fatal=fatal
        )

    def verdict(self, what: str, fraction: float | None = None) -> None:
        """Fail when something fatal is broken, else part of the points: `fraction`, or the share that holds."""
        if not self.broken:
            return
        if any(broken.fatal for broken in self.broken):
            self._fail(what)
        share = min(0.9, 1 - len(self.broken) / self.count)
        summary, expected, actual = self._told(what)
        partial = Partial(round(share if fraction is None else fraction, 2), summary, expected=expected, actual=actual)
        raise self._about(partial)

    def fail(self, what: str) -> None:
        """Fail when anything is broken."""
        if self.broken:
            self._fail(what)

    def _fail(self, what: str) -> NoReturn:
        summary, expected, actual = self._told(what)
        raise self._about(Fail(summary, expected=expected, actual=actual))

    def _about(self, outcome: Fail | Partial) -> Fail | Partial:
        shown = next((b.shown for b in self._worst_first() if b.shown is not None), None)
        if shown is not None:
            outcome.about(shown.exchange)
        return outcome

    def _worst_first(self) -> list[Broken]:
        return sorted(self.broken, key=lambda broken: not broken.fatal)

    def _told(self, what: str) -> tuple[str, str, str]:
        worst = self._worst_first()
        if len(worst) == 1:
            return f"{what}: {worst[0].summary}", worst[0].expected, worst[0].actual
        shown, more = worst[:_SHOWN], len(worst) - _SHOWN
        rest = [f"... and {more} more"] if more > 0 else []
        return (
            f"{what}: {len(worst)} of {self.count} claims don't hold, such as: {worst[0].summary}",
            "\n".join([f"{b.summary}: {b.expected}" for b in shown] + rest),
            "\n".join([f"{b.summary}: {b.actual}" for b in shown] + rest),
        )
