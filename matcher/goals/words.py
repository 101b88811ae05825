"""The answers in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from matcher.formulation.values import Value
from matcher.goals.budget import Budgeted
from matcher.goals.reach import OPEN, OUT_OF_REACH, Added, Reached
from matcher.messages import N_, Message, mask_numbers, message

_SHOWN = 30
_WHY = {
    "no_permitted_cadre": N_("{count} households: no cadre is permitted"),
    "bottleneck": N_("{count} households: too few places with those who may serve them, and these are not among what may be raised"),
    "everyone": N_("{count} households: they have every cadre that is permitted"),
    "township_capacity": N_("{count} households: their township's quota"),
    "earlier_objective": N_("{count} households: serving them would cost an objective that comes before coverage"),
}
_ADDED = {
    "cadre": N_("cadre {name}: places +{steps}"),
    "unit": N_("unit {name}: limit higher by {steps}"),
    "township": N_("township {name}: quota higher by {steps}"),
    "rank": N_("rank {name}: capacity higher by {steps} ({places} places)"),
    "new_cadre": N_("township {name}: new cadres +{steps} ({places} places)"),
}
_OBJECTIVES = {
    "continuity_first": N_("pairs of the poorest kept"), "coverage": N_("pairings, the poorest first"), "duty": N_("duties met"),
    "continuity": N_("pairs of last month's kept"), "village_link": N_("pairs in linked villages"), "fit": N_("needs met"),
    "affinity": N_("scores of pairs"), "rank_match": N_("rank and poverty matched"), "waiting": N_("months of waiting served"),
    "balance": N_("unevenness of loads (sum of squares, or largest loads)"),
}


def reached_in_words(found: Reached, language: str) -> str:
    """Return the answer to a goal for the terminal."""
    lines = [message(N_("Goal: {target} of the {wanted} pairings that are wanted ({percent} %); now there are {now}."), target=found.target,
                     wanted=found.wanted, percent=found.goal.percent, now=found.now)]
    if found.status == OUT_OF_REACH:
        lines.append(message(N_("Out of reach: whatever is added in this way, there are {most} at most."), most=found.after))
        counted = Counter("everyone" if b.everyone else b.reason for b in found.barred)
        lines += [message(_WHY[reason], count=count) for reason, count in sorted(counted.items())]
    elif found.status == OPEN:
        lines.append(message(N_("Not settled: at least {bound} more are needed; the search was given up."), bound=found.bound))
    elif not found.added:
        lines.append(message(N_("The goal is reached already.")))
    else:
        lines += [_total(found), *map(_added, found.added[:_SHOWN])]
        if len(found.added) > _SHOWN:
            lines.append(message(N_("and {more} others (all of them with --json)"), more=len(found.added) - _SHOWN))
        text = N_("Solved again with them: {after} pairings, {more} more than now: {served} households get {gained} cadres more.")
        if found.fewer:
            text = N_("Solved again with them: {after} pairings, {more} more than now: {served} households get {gained} cadres more, "
                      "{fewer} households have {lost} fewer.")
        lines.append(message(text, after=found.after, more=found.after - found.now, served=len(found.served), gained=found.gained,
                             fewer=len(found.fewer), lost=found.lost))
    return _written(lines, language)


def _total(found: Reached) -> Message:
    if found.total > found.bound:
        text = N_("Enough: {total}; whether fewer would do is not settled (at least {bound}).")
        return message(text, total=found.total, bound=found.bound)
    if found.others:
        return message(N_("Smallest addition: {total}. Others are as small; this one was chosen by the written rule."), total=found.total)
    if found.others is False:
        return message(N_("Smallest addition: {total}. No other is as small."), total=found.total)
    return message(N_("Smallest addition: {total}."), total=found.total)


def _added(one: Added) -> Message:
    return message(_ADDED[one.kind], name=one.name, steps=one.steps, places=one.places)


def budgets_in_words(found: Sequence[Budgeted], language: str) -> str:
    """Return the price of continuity for the terminal: for every budget what the objectives are."""
    lines = [message(N_("Of last month's pairs {keepable} could stand today; at least {least} of them have to change."),
                     keepable=found[0].keepable, least=found[0].least)] if found else []
    for one in found:
        if one.changes < 0:
            lines.append(message(N_("At most {budget} changes: there is no such roster."), budget=one.budget))
            continue
        lines.append(message(N_("At most {budget} changes: {changes} made, {pairs} pairings."), budget=one.budget, changes=one.changes,
                             pairs=len(one.pairs)))
        for stage in one.stages:
            text = N_("  {name}: {value}") if stage.optimal else N_("  {name}: {value} (the best found, not proved the best)")
            lines.append(message(text, name=message(_OBJECTIVES[stage.name]), value=_value(stage.value)))
    return _written(lines, language)


def _value(value: Value) -> str:
    return str(value) if isinstance(value, int) else ", ".join(map(str, value))


def _written(lines: Sequence[Message], language: str) -> str:
    return mask_numbers("\n".join(line.render(language) for line in lines))
