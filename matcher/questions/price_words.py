"""Prices and gains in words that can be counted: "pairs kept from last month: 2 fewer; needs met: 1 fewer"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from matcher.formulation.values import Value
from matcher.messages import N_, Message, message

_WORSE = {
    "continuity_first": N_("pairs kept before all else: {n} fewer"),
    "coverage": N_("pairings: {n} fewer"),
    "duty": N_("least loads filled: {n} fewer"),
    "continuity": N_("pairs kept from last month: {n} fewer"),
    "village_link": N_("pairs in linked villages: {n} fewer"),
    "fit": N_("needs met: {n} fewer"),
    "affinity": N_("scores: {n} lower"),
    "waiting": N_("months of waiting ended: {n} fewer"),
    "rank_match": N_("senior cadres with the poorest: {n} points fewer"),
    "balance": N_("loads: less even (sum of squares {n} more)"),
}
_BETTER = {
    "continuity_first": N_("pairs kept before all else: {n} more"),
    "coverage": N_("pairings: {n} more"),
    "duty": N_("least loads filled: {n} more"),
    "continuity": N_("pairs kept from last month: {n} more"),
    "village_link": N_("pairs in linked villages: {n} more"),
    "fit": N_("needs met: {n} more"),
    "affinity": N_("scores: {n} higher"),
    "waiting": N_("months of waiting ended: {n} more"),
    "rank_match": N_("senior cadres with the poorest: {n} points more"),
    "balance": N_("loads: more even (sum of squares {n} less)"),
}
_FIRST_FEWER, _FIRST_MORE = N_("households with a cadre ({band}): {n} fewer"), N_("households with a cadre ({band}): {n} more")
_FEWER, _MORE = N_("households with {nth} cadres ({band}): {n} fewer"), N_("households with {nth} cadres ({band}): {n} more")
_UNEVEN, _EVEN = N_("loads: less even, from {load} households on"), N_("loads: more even, from {load} households on")
WITHOUT_FIGURE = N_("no figure becomes worse, but a household gives way to one that comes later")
WITHOUT_GAIN = N_("no figure becomes better, but a household comes before one that comes later")
"""Who comes first by income, or by lot, is no figure."""
_UP_TO, _BETWEEN, _ABOVE, _ALL = N_("income up to {b}"), N_("income above {a} up to {b}"), N_("income above {a}"), N_("all incomes")


def in_words(change: dict[str, Value], bands: Sequence[str], language: str, worse: bool = True) -> str:
    """Return a change of the objectives in words, the most important first; empty if nothing changes.

    Parameters
    ----------
    bands : sequence of str
        The figures of the income bands.
    worse : bool
        Whether positive figures mean worse (a price) or better (a gain).
    """
    return _joined((text for _, text in _parts(change, bands, worse)), language)


def weighed(change: dict[str, Value], bands: Sequence[str], language: str, worse: bool = True) -> str:
    """Return a price with what it brings apart, or a gain with what it costs apart; else as :func:`in_words`."""
    parts = list(_parts(change, bands, worse))
    own, against = (_joined((text for bad, text in parts if (bad == worse) is same), language) for same in (True, False))
    if not against:
        return own
    none = message(N_("no figure becomes worse") if worse else N_("no figure becomes better"))
    text = N_("{first}; in return {gain}") if worse else N_("{first}; at the price of {price}")
    return message(text, first=own or none, gain=against, price=against).render(language)


_Part = tuple[bool, Message]
"""Whether it is worse, and the words."""


def _joined(parts: Iterable[Message], language: str) -> str:
    return message(N_("; ")).render(language).join(p.render(language) for p in parts)


def _parts(change: dict[str, Value], bands: Sequence[str], worse: bool) -> Iterator[_Part]:
    sign = 1 if worse else -1
    for name, value in change.items():
        if isinstance(value, int):
            yield from _number(name, sign * value)
        elif name == "coverage":
            yield from (_covered(sign * n, *divmod(k, len(bands) + 1), bands) for k, n in enumerate(value) if n)
        else:
            yield from _loads([sign * n for n in value])


def _number(name: str, worse: int) -> list[_Part]:
    return [(worse > 0, message((_WORSE if worse > 0 else _BETTER)[name], n=abs(worse)))] if worse else []


def _covered(worse: int, nth: int, band: int, bands: Sequence[str]) -> _Part:
    texts = (_FIRST_FEWER, _FIRST_MORE) if nth == 0 else (_FEWER, _MORE)
    return worse > 0, message(texts[worse < 0], n=abs(worse), nth=nth + 1, band=band_in_words(band, bands))


def _loads(vector: Sequence[int]) -> list[_Part]:
    """Return which way the loads go, by the largest load where they differ."""
    first = next((k for k, n in enumerate(vector) if n), None)
    if first is None:
        return []
    uneven = vector[first] > 0
    return [(uneven, message(_UNEVEN if uneven else _EVEN, load=len(vector) - first))]


def band_in_words(band: int, bands: Sequence[str]) -> Message:
    """Return what a band means: 0 is the poorest."""
    if not bands:
        return message(_ALL)
    if band == 0:
        return message(_UP_TO, b=bands[0])
    return message(_ABOVE, a=bands[-1]) if band == len(bands) else message(_BETWEEN, a=bands[band - 1], b=bands[band])
