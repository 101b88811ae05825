"""A sweep's turning points: where places run out or suffice again, and who lacks a cadre although places are enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from matcher.explain.bottlenecks import EARLIER, NOBODY
from matcher.messages import N_, Message, message


@dataclass(frozen=True)
class Kink:
    """Between two values, with none between them that could make a difference, places run out or suffice again.

    Attributes
    ----------
    until, from_ : Decimal
        Both were run: at ``until`` it is still as before, at ``from_`` it has changed.
    what : str
        ``runs_out``, ``suffices``, ``impossible`` or ``possible``.
    township : str
        Empty for the month as a whole.
    exact : bool
        False where the search was cut short and values between the two may make a difference.
    nobody, earlier : int
        Households of the township that lack a cadre although places are enough: nobody may serve them, or nobody but those whom they
        have, or an earlier objective leaves them out.
    """

    key: str
    until: Decimal
    from_: Decimal
    what: str
    township: str
    exact: bool = True
    nobody: int = 0
    earlier: int = 0

    def record(self) -> dict[str, Any]:
        """Return the kink as JSON has it."""
        return {"key": self.key, "until": number(self.until), "from": number(self.from_), "what": self.what,
                "township": self.township or None, "exact": self.exact, "no_permitted_cadre": self.nobody,
                "earlier_objective": self.earlier}

    def message(self) -> Message:
        """Return the kink in words."""
        but: Message | str = ""
        if self.nobody or self.earlier:
            but = message(_BUT[self.nobody > 0, self.earlier > 0], nobody=self.nobody, earlier=self.earlier)
        return message(_SAID[self.what, self.exact], township=self.township, until=f"{self.until:f}", above=f"{self.from_:f}", but=but)


_SAID = {
    ("runs_out", True): N_("{township}: enough places up to {until}{but}, too few from {above} on"),
    ("suffices", True): N_("{township}: too few places up to {until}, enough from {above} on{but}"),
    ("impossible", True): N_("possible up to {until}, from {above} on fixed pairs contradict the policy"),
    ("possible", True): N_("fixed pairs contradict the policy up to {until}, possible from {above} on"),
    ("runs_out", False): N_("{township}: places run out somewhere between {until} and {above}"),
    ("suffices", False): N_("{township}: places suffice again somewhere between {until} and {above}"),
    ("impossible", False): N_("somewhere between {until} and {above} fixed pairs begin to contradict the policy"),
    ("possible", False): N_("somewhere between {until} and {above} fixed pairs cease to contradict the policy"),
}


_BUT = {
    (True, False): N_(" (but for the {nobody} whom nobody (else) may serve)"),
    (False, True): N_(" (but for the {earlier} whom an earlier objective leaves out)"),
    (True, True): N_(" (but for the {nobody} whom nobody (else) may serve and the {earlier} whom an earlier objective leaves out)"),
}


def with_besides(kink: Kink, besides: Mapping[Decimal, Mapping[tuple[str, str], int]]) -> Kink:
    """Return a kink with those who lack a cadre on its side of enough places, given how many do, value by value, by township and reason."""
    side = {"runs_out": kink.until, "suffices": kink.from_}.get(kink.what)
    found = besides.get(side, {}) if side is not None else {}
    return replace(kink, nobody=found.get((kink.township, NOBODY), 0), earlier=found.get((kink.township, EARLIER), 0))


def number(value: Decimal) -> int | float:
    """Return a value as JSON has it."""
    return int(value) if value == value.to_integral_value() else float(value)
