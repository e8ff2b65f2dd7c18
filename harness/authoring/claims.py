"""Several claims of one check, so that a reader learns of all that is wrong at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase
from typing import NoReturn

from harness.authoring.outcomes import Fail, Partial
from harness.authoring.reply import Reply
from harness.authoring.transcript import Exchange

_SHOWN = 8
_NAMED = 3


@dataclass(frozen=True)
class Broken:
    """A claim that doesn't hold; `fatal` when it leaves nothing to be weighed."""

    summary: str
    expected: str
    actual: str
    shown: Reply | None = None
    fatal: bool = False


class Claims:
    """Counts claims and remembers the broken ones."""

    def __init__(self) -> None:
        self.count = 0
        self.broken: list[Broken] = []

    def holds(
        self,
        condition: object,
        summary: str,
        *,
        expected: str = "",
        actual: str = "",
        shown: Reply | None = None,
        fatal: bool = False,
    ) -> bool:
        """Whether the claim holds; `shown` is the answer that proves it, `fatal` leaves `verdict` nothing to weigh."""
        self.count += 1
        if not condition:
            self.broken.append(Broken(summary, expected, actual, shown, fatal))
        return bool(condition)

    def status(self, reply: Reply | Fail, summary: str, *codes: int) -> bool:
        """Whether an answer has one of the statuses. Silence and a 5xx that isn't asked for are fatal."""
        expected = " or ".join(map(str, codes))
        if isinstance(reply, Fail):
            return self.holds(False, summary, expected=expected, actual=reply.actual or reply.summary, fatal=True)
        return self.holds(
            reply.status in codes,
            summary,
            expected=expected,
            actual=reply.describe(),
            shown=reply,
            fatal=reply.status >= 500,
        )

    def fail(self, what: str) -> None:
        """Fail when anything is broken."""
        if self.broken:
            summary, expected, actual = self._told(what)
            raise Fail(summary, expected=expected, actual=actual).about(self._exchange())

    def partial(self, what: str, *, at_most: float = 0.9) -> None:
        """Partial marks for the share that holds, when anything is broken."""
        if self.broken:
            summary, expected, actual = self._told(what)
            fraction = min(at_most, 1 - len(self.broken) / self.count)
            raise Partial(round(fraction, 2), summary, expected=expected, actual=actual).about(self._exchange())

    def verdict(self, what: str, fraction: float | None = None) -> None:
        """Fail when something fatal is broken, else partial marks: `fraction`, or the share that holds."""
        if any(broken.fatal for broken in self.broken):
            self.fail(what)
        if self.broken and fraction is not None:
            self.worth(fraction, what)
        self.partial(what)

    def worth(self, fraction: float, what: str) -> NoReturn:
        """Partial marks of a given size."""
        summary, expected, actual = self._told(what)
        raise Partial(fraction, summary, expected=expected, actual=actual).about(self._exchange())

    def _exchange(self) -> Exchange | None:
        """The exchange that proves the worst broken claim that has one."""
        return next((b.shown.exchange for b in self._worst_first() if b.shown is not None), None)

    def _worst_first(self) -> list[Broken]:
        return sorted(self.broken, key=lambda broken: not broken.fatal)

    def _more(self, shown: int) -> list[str]:
        more = len(self.broken) - shown
        return [f"... and {more} more"] if more > 0 else []

    def _told(self, what: str) -> tuple[str, str, str]:
        worst = self._worst_first()
        shown = worst[:_SHOWN]
        if len(worst) == 1:
            only = worst[0]
            return f"{what}: {only.summary}", only.expected, only.actual
        return (
            f"{what}: {len(self.broken)} of {self.count} claims don't hold: "
            + "; ".join([b.summary for b in worst[:_NAMED]] + self._more(_NAMED)),
            # What is wrong stands beside what came, not beside what was expected, which would read as its opposite.
            "\n".join(_lettered(b.expected for b in shown) + self._more(_SHOWN)),
            "\n".join(_lettered(f"{b.summary}: {b.actual}" for b in shown) + self._more(_SHOWN)),
        )


def _lettered(texts: Iterable[str]) -> list[str]:
    """Lines that are told apart by letters: numbers are what answers hold."""
    return [f"({letter}) {text or 'as the brief says'}" for letter, text in zip(ascii_lowercase, texts, strict=False)]
