"""Answers in words, for the terminal: short, with ids and names, every figure one that can be counted."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.export.book_codes import DECISION, UNMATCHED, WHY_NOT, fix_in_words
from matcher.messages import N_, Message, mask_numbers, message
from matcher.questions.answers import CadreAnswer, Gap, HouseholdAnswer, Lack, Option, Pair, Person, Step
from matcher.questions.price_words import WITHOUT_FIGURE, WITHOUT_GAIN, weighed

_SHOWN = 10
_LISTED = 12


class Words:
    """Puts answers into a language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def household(self, answer: HouseholdAnswer) -> str:
        """Return what there is to say of a household."""
        say = self._say
        lines = [
            say(N_("Household {who}, income {income}"), who=self._person(answer.who), income=answer.income or "—"),
            say(N_("Decision: {decision}. {evidence}."), decision=message(DECISION[answer.decision]), evidence=answer.evidence),
        ]
        if answer.rule:
            lines.append(answer.rule.render(self._language))
        lines += [say(N_("Its cadre: {who}. {why}"), who=self._person(p.who), why=self._why(p)) for p in answer.pairs]
        if answer.drawn:
            text = N_("Among equals the public lot decided whether it has a cadre.")
            if len(answer.pairs) + (answer.lack.lacking if answer.lack else 0) > 1:
                text = N_("Among equals the public lot decided how many cadres it has.")
            lines.append(say(text))
        if answer.lack:
            lines += self._lack(answer.lack, answer.who.at)
        if answer.decision == "eligible":
            title = N_("With another cadre instead ({count} may be paired with it), the cheapest first:")
            if answer.lack:
                title = N_("If it were given to another cadre ({count} may be paired with it; other households may lose a cadre by it), "
                           "the cheapest first:")
            lines += self._options(answer.alternatives, answer.bands, title)
        return mask_numbers("\n".join(lines))

    def cadre(self, answer: CadreAnswer) -> str:
        """Return what there is to say of a cadre."""
        say = self._say
        lines = [say(N_("Cadre {who}"), who=self._person(answer.who))]
        if answer.why_not:
            lines.append(say(N_("Takes no part: {why}."), why=message(WHY_NOT[answer.why_not])))
            return mask_numbers("\n".join(lines))
        lines.append(say(N_("Has {load} households; at most {capacity}, should have at least {duty}."), load=len(answer.pairs),
                         capacity=answer.capacity, duty=answer.duty))
        lines += [f"  {self._person(p.who)}  {self._why(p)}" for p in answer.pairs]
        lines += [self._more(answer.more, answer.bands), self._fewer(answer.fewer, answer.bands)]
        title = N_("With another household as well or instead ({count} may be paired), the cheapest first:")
        lines += self._options(answer.alternatives, answer.bands, title)
        return mask_numbers("\n".join(lines))

    def _say(self, text: str, **values: object) -> str:
        return message(text, **values).render(self._language)

    def _person(self, who: Person) -> str:
        return f"{who.id} {who.name} ({who.at})"

    def _why(self, pair: Pair) -> str:
        parts = []
        if pair.fixed == "required":
            parts.append(message(N_("the pair is fixed (required)")))
        if pair.fixed == "pinned":
            parts.append(message(N_("the pair is fixed (not to be changed)")))
        if pair.kept:
            parts.append(message(N_("kept from last month")))
        if pair.linked:
            parts.append(message(N_("the unit is linked to the village")))
        if pair.needs:
            met = "、".join(pair.met) or "—"
            parts.append(message(N_("meets {met} of {all} needs: {words}"), met=len(pair.met), all=len(pair.needs), words=met))
        if pair.score:
            parts.append(message(N_("score {score}"), score=pair.score))
        return self._joined(parts) or self._say(N_("permitted, nothing special"))

    def _joined(self, parts: Sequence[Message]) -> str:
        return self._say(N_("; ")).join(p.render(self._language) for p in parts)

    def _options(self, options: Sequence[Option], bands: Sequence[str], title: str) -> list[str]:
        if not options:
            return []
        lines = [self._say(title, count=len(options))]
        lines += [f"  {self._person(o.who)}: {self._price(o, bands)}" for o in options[:_SHOWN]]
        if len(options) > _SHOWN:
            lines.append(self._say(N_("… and {count} more (all of them with --json)."), count=len(options) - _SHOWN))
        return lines

    def _price(self, option: Option, bands: Sequence[str]) -> str:
        if option.price is None:
            return self._say(N_("not possible: the limits and fixed pairs leave no room"))
        words = [self._say(N_("just as good; the lot decided")) if option.equal else weighed(option.price, bands, self._language)]
        if option.others_lose:
            words.insert(0, self._say(N_("cadres that other households lose together: {count}"), count=option.others_lose))
        if option.over:
            texts = {"coverage": N_("a household would give way to one that comes later (richer, or with a cadre already)"),
                     "household_draw": N_("another household's lot would be passed over")}
            words.insert(0, self._say(texts[option.over]))
        return self._say(N_("; ")).join(filter(None, words))

    def _lack(self, lack: Lack, place: str) -> list[str]:
        everyone = lack.change is None and lack.gap is not None
        reason = N_("it has every cadre that may be paired with it") if everyone else UNMATCHED[lack.reason]
        lines = [self._say(N_("Cadres that it lacks: {count}. Why: {reason}."), count=lack.lacking, reason=message(reason))]
        if lack.reason == "no_permitted_cadre":
            text = N_("Of the cadres who take part nobody else may serve {place}: their townships (or their units' villages) do not name "
                      "it, or the pairs to avoid forbid it. Is the name written alike in all tables?")
            lines.append(self._say(text, place=place))
        lines += self.gap(lack.gap) if lack.gap and not everyone else []
        return [*lines, self._change(lack)]

    def gap(self, gap: Gap) -> list[str]:
        """Return a bottleneck in words: who shares how many places."""
        if gap.quota and gap.besides:
            text = N_("Bottleneck {number}: besides fixed pairs these {households} households of {township} need {needed} places; the "
                      "township may have {places} besides them: {shortfall} too few.")
        elif gap.quota:
            text = N_("Bottleneck {number}: these {households} households of {township} need {needed} places; the township may have "
                      "{places}: {shortfall} too few.")
        elif not gap.cadres:
            text = N_("Bottleneck {number}: these {households} households have every cadre that may be paired with them; they lack "
                      "{shortfall} more.")
        elif gap.besides:
            text = N_("Bottleneck {number}: besides fixed pairs and other cadres that they have, these {households} households can only go "
                      "to these {cadres} cadres, who have {places} places left for the {needed} needed: {shortfall} too few.")
        else:
            text = N_("Bottleneck {number}: these {households} households can only go to these {cadres} cadres, who have {places} places "
                      "for the {needed} needed: {shortfall} too few.")
        lines = [self._say(text, number=gap.number, households=len(gap.households), cadres=len(gap.cadres), township=gap.quota,
                           needed=gap.needed, places=gap.places, shortfall=gap.shortfall)]
        if gap.cadres:
            lines.append("  " + self._say(N_("Cadres: {ids}"), ids=self._listed(gap.cadres)))
        return [*lines, "  " + self._say(N_("Households: {ids}"), ids=self._listed(gap.households))]

    def _listed(self, ids: Sequence[str]) -> str:
        return " ".join(ids[:_LISTED]) + (" …" if len(ids) > _LISTED else "")

    def _change(self, lack: Lack) -> str:
        if lack.change is None:
            return self._say(N_("No place more would serve it: there is no other cadre that it may have."))
        kinds = {"cadre": N_("one more place for cadre {name}"), "unit": N_("one more place for unit {name}"),
                 "township": N_("one more place for township {name}")}
        steps = [message(kinds[kind], name=name) for kind, name in lack.change.where]
        if lack.change.pairs:
            text = (N_("require {pair}, because others come first") if lack.change.others else
                    N_("require {pair}, which an objective ranked before coverage stands against"))
            steps.append(message(text, pair=self._say(N_(", ")).join(map(" = ".join, lack.change.pairs))))
        said = self._say(N_("What would serve it: {steps}. (Solved again: households with one cadre more: {count}.)"),
                         steps=self._joined(steps), count=len(lack.change.served))
        if lack.change.turn:
            text = N_("The smallest remedy in unmatched.csv ({fix}) is for one household, whichever's turn it is: now {ids}, not this one.")
            listed = self._say(text, fix=fix_in_words(lack.listed, self._language), ids=self._listed(lack.change.turn))
            return f"{listed}\n{said}"
        return said

    def _more(self, step: Step, bands: Sequence[str]) -> str:
        told = weighed(step.price or {}, bands, self._language) or self._say(WITHOUT_FIGURE if step.behind else N_("nothing"))
        gain = weighed(step.gain or {}, bands, self._language, worse=False) or self._say(WITHOUT_GAIN if step.behind else N_("nothing"))
        texts = {
            "nobody_left": N_("Why not more: no other household may be paired with this cadre."),
            "capacity": N_("Why not more: the upper limit is reached. One more place would bring: {gain}."),
            "unit_capacity": N_("Why not more: the unit's places are used up. One more place of the unit would bring: {gain}."),
            "no_room": N_("Why not more: the limits and fixed pairs leave no room for another household."),
            "price": N_("Why not more: one household more would cost: {price}."),
            "no_part": N_("Why not more: no household lives where this cadre may go."),
        }
        return self._say(texts[step.reason], price=told, gain=gain)

    def _fewer(self, step: Step, bands: Sequence[str]) -> str:
        told = weighed(step.price or {}, bands, self._language) or self._say(WITHOUT_FIGURE if step.behind else N_("nothing"))
        texts = {
            "no_load": N_("Why not fewer: there is none."),
            "fixed": N_("Why not fewer: the pairs are fixed."),
            "price": N_("Why not fewer: one household fewer would cost: {price}."),
            "no_part": N_("Why not fewer: there is none."),
        }
        return self._say(texts[step.reason], price=told)
