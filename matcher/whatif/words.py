"""A comparison in words, short enough for a terminal: what a clerk reads out while the leader waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from matcher.errors import JieduiError
from matcher.export.book_codes import naming
from matcher.export.book_text import text_width
from matcher.messages import N_, Message, mask_numbers, message
from matcher.questions.price_words import in_words
from matcher.roster.served import Served
from matcher.whatif.compare import Comparison, Gap
from matcher.whatif.facts import Facts
from matcher.whatif.reasons import REASONS
from matcher.whatif.sweep import Sweep
from matcher.whatif.titles import title

_SHOWN = 5
_FIGURES = ("eligible", *Served._fields)
_LESS_IS_BETTER = ("balance", "compactness")
RELEASE = N_("A pair that need not stand any more can be let go: --release HOUSEHOLD=CADRE.")
_NO_CADRE_BEFORE = N_("without a cadre before")
_NO_CADRE_NOW = N_("without a cadre now")


def base_line(facts: Facts) -> Message:
    """Return the figures of the month as it is."""
    text = N_("As it is: {eligible} eligible households: {fully_served} have all the cadres they need, {partly_served} some of them, "
              "{unserved} none.")
    return message(text, **{name: facts.counts[name] for name in _FIGURES})


def lines_of(found: Comparison, language: str) -> list[str]:
    """Return a comparison, line by line."""
    base, facts = found.base, found.facts
    text = N_("  {eligible} eligible: {fully_served} have all the cadres they need, {partly_served} some of them, {unserved} none.")
    figures = {name: message(N_("{figure} ({more})"), figure=facts.counts[name], more=_signed(facts.counts[name] - base.counts[name]))
               for name in _FIGURES}
    lines = [
        title(found.scenario, language),
        message(text, **figures).render(language),
        message(N_("  newly with a cadre: {count}{why}"), count=len(found.newly_served),
                why=_reasons((s.reason for s in found.newly_served), _NO_CADRE_BEFORE, language)).render(language),
        message(N_("  no longer with a cadre: {count}{why}"), count=len(found.no_longer_served),
                why=_reasons((s.reason for s in found.no_longer_served), _NO_CADRE_NOW, language)).render(language),
        message(N_("  with another cadre: {count}{why}"), count=len({m.household for m in found.changed}),
                why=_reasons((m.reason for m in found.changed), "", language)).render(language),
    ]
    lines += _townships(found, language)
    lines += [_gap(gap, language) for gap in _most(found.gaps)]
    worth = objectives_in_words(found, language)
    if worth:
        lines.append(message(N_("  objectives: {changes}"), changes=worth).render(language))
    if not worth and _quiet(found):
        lines = [title(found.scenario, language), message(N_("  nothing changes.")).render(language)]
    return lines


def objectives_in_words(found: Comparison, language: str) -> str:
    """Return which objectives are better or worse, the most important first; empty if none."""
    return in_words(difference(found.base, found.facts), _figures(found.facts), language)


def sweep_lines(sweep: Sweep, language: str) -> list[str]:
    """Return a sweep as a small table, and its kinks."""
    heads = [N_("eligible"), N_("all their cadres"), N_("some of them"), N_("none of them"), N_("townships short of places")]
    rows = [[*(a.key for a in sweep.axes), *(message(h).render(language) for h in heads)]]
    impossible = message(N_("fixed pairs contradict the policy")).render(language)
    for point in sweep.points:
        values = [f"{v:f}" for v in point.values]
        f = point.found
        rows.append([*values, impossible] if isinstance(f, JieduiError) else [
            *values, *(str(f.counts[name]) for name in _FIGURES), str(len(f.short_townships))])
    widths = [max(text_width(row[k]) for row in rows if len(row) == len(rows[0])) for k in range(len(rows[0]))]
    lines = ["  ".join(" " * (w - text_width(cell)) + cell for cell, w in zip(row, widths, strict=False)) for row in rows]
    lines += _why_impossible(sweep, language)
    said = [f"  {text}" for text in dict.fromkeys(_kinks(sweep, language))]
    return [*lines, "", message(N_("Turning points:")).render(language), *said] if said else lines


def _why_impossible(sweep: Sweep, language: str) -> list[str]:
    """Return which fixed pairs are in the way at the last value that cannot be run, and how to let them go."""
    last = next((p for p in reversed(sweep.points) if isinstance(p.found, JieduiError)), None)
    if last is None or not isinstance(last.found, JieduiError):
        return []
    text = message(N_("At {name}: {why}"), name=last.scenario.name, why=last.found.summary).render(language)
    pairs = [f"  {f.message.render(language)}" for f in last.found.findings[:_SHOWN]]
    return ["", mask_numbers(text), *map(mask_numbers, pairs), message(RELEASE).render(language)]


def _kinks(sweep: Sweep, language: str) -> Iterator[str]:
    """Yield the kinks in words; townships to which the same happens at once share a line."""
    comma = message(N_(", ")).render(language)
    for _, group in groupby(sweep.kinks, lambda k: (k.until, k.from_, k.what)):
        every = list(group)
        joined = replace(every[0], township=comma.join(k.township for k in every), nobody=sum(k.nobody for k in every),
                         earlier=sum(k.earlier for k in every))
        yield joined.message().render(language)


def _quiet(found: Comparison) -> bool:
    """Return whether nothing else that a comparison tells is different: nobody, no figure, no bottleneck."""
    people = found.newly_served or found.no_longer_served or found.changed
    short = found.base.short == found.facts.short and all(gap.kind == "same" for gap in found.gaps)
    return not people and short and found.base.counts == found.facts.counts


def _signed(number: int) -> str:
    return f"{number:+d}" if number else "±0"


def _reasons(codes: Iterable[str], when: str, language: str) -> str:
    """Return how many have each reason, the most frequent first, in brackets; empty if there is nobody."""
    counted = Counter(codes)
    if not counted:
        return ""
    called = naming(REASONS, language)
    each = [f"{called(code) or code} {n}" for code, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]
    listed = message(N_("; ")).render(language).join(each)
    before = message(when).render(language) if when else ""
    text = N_(" ({when}: {reasons})") if when else N_(" ({reasons})")
    return message(text, when=before, reasons=listed).render(language)


def _townships(found: Comparison, language: str) -> list[str]:
    """Return the townships where most households gain or lose a cadre."""
    change: Counter[str] = Counter()
    for row in found.coverage:
        change[row.township] += row.served[1] - row.served[0]
    moved = sorted(((n, t) for t, n in change.items() if n), key=lambda item: (-abs(item[0]), item[1]))
    if not moved:
        return []
    comma = message(N_(", ")).render(language)
    listed = comma.join(f"{town} {_signed(n)}" for n, town in moved[:_SHOWN])
    rest = message(N_(" and {count} more"), count=len(moved) - _SHOWN).render(language) if len(moved) > _SHOWN else ""
    return [message(N_("  with a cadre, by township: {townships}{rest}"), townships=listed, rest=rest).render(language)]


def _most(gaps: Sequence[Gap]) -> list[Gap]:
    """Return the bottlenecks that open, close or change most."""
    moved = [g for g in gaps if g.kind != "same"]
    return sorted(moved, key=lambda g: (-abs(_short(g)[1] - _short(g)[0]), _where(g)))[:_SHOWN]


def _short(gap: Gap) -> tuple[int, int]:
    return gap.before.shortfall if gap.before else 0, gap.after.shortfall if gap.after else 0


def _where(gap: Gap) -> tuple[str, ...]:
    narrow = gap.after or gap.before
    return narrow.townships if narrow else ()


_GAPS = {
    "opened": N_("  places run out: {where}, too few by {after}"),
    "closed": N_("  no longer the limit: {where} (before too few by {before})"),
    "changed": N_("  places too few: {where}, by {after}, before by {before}"),
}


def _gap(gap: Gap, language: str) -> str:
    before, after = _short(gap)
    narrow = gap.after or gap.before
    places = _where(gap)
    comma = message(N_(", ")).render(language)
    listed = comma.join(places[:3])
    where: Message | str = listed
    if len(places) > 3:
        where = message(N_("{places} and {count} more townships"), places=listed, count=len(places) - 3)
    if narrow is not None and narrow.quota:
        where = message(N_("{township} (its quota)"), township=narrow.quota)
    return message(_GAPS[gap.kind], where=where, before=before, after=after).render(language)


def difference(base: Facts, facts: Facts) -> dict[str, Any]:
    """Return how much worse every objective of both runs is in the scenario; vectors of different meaning are left out."""
    before = {o["name"]: o["value"] for o in base.objectives}
    found: dict[str, Any] = {}
    for objective in facts.objectives:
        name, value = objective["name"], objective["value"]
        if name not in before:
            continue
        sign = -1 if name in _LESS_IS_BETTER else 1
        if isinstance(value, int) and isinstance(before[name], int):
            found[name] = sign * (before[name] - value)
        elif not isinstance(value, int) and not isinstance(before[name], int):
            one, other = _aligned(before[name], value, name)
            if base.bands == facts.bands or name != "coverage":
                found[name] = [sign * (a - b) for a, b in zip(one, other, strict=True)]
    return found


def _aligned(one: Sequence[int], other: Sequence[int], name: str) -> tuple[list[int], list[int]]:
    """Return two vectors of one length: loads end at load 1, coverage begins with the first cadres."""
    size = max(len(one), len(other))

    def padded(values: Sequence[int]) -> list[int]:
        blank = [0] * (size - len(values))
        return [*values, *blank] if name == "coverage" else [*blank, *values]

    return padded(one), padded(other)


def _figures(facts: Facts) -> list[str]:
    """Return the figures that part the bands."""
    return [band.removeprefix("≤") for band in facts.bands[:-1]]
