"""The policy model: strict, every key of the contract with its default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from matcher.errors import InputError
from matcher.messages import N_, message
from matcher.policy.objectives import BALANCE, CONTINUITY_FIRST, COVERAGE, DEFAULT_ORDER, NOT_BUILT, OBJECTIVES
from matcher.tables.cells import fold


def problem(text: str, key: str = "", **values: object) -> PydanticCustomError:
    """Return an error whose message is one of the catalogue's; ``read`` renders it, and names the key inside the section."""
    return PydanticCustomError("jiedui", text.replace("{", "{{").replace("}", "}}"), {"text": text, "key": key, "values": values})


def _money(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise problem(N_("an amount in yuan is wanted, a number without quotation marks"))
    amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise problem(N_("an amount in yuan is wanted: a finite number, not negative"))
    return amount


def _word(value: object) -> str:
    if not isinstance(value, str) or not fold(value):
        raise problem(N_("a word in quotation marks is wanted, not empty"))
    return fold(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise problem(N_("a whole number of 0 or more is wanted"))
    return value


def _level(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10_000:
        raise problem(N_("a whole number between -10000 and 10000 is wanted"))
    return value


Money = Annotated[Decimal, BeforeValidator(_money)]
Word = Annotated[str, BeforeValidator(_word)]
Count = Annotated[int, BeforeValidator(_count)]
Level = Annotated[int, BeforeValidator(_level)]
_MONTH = re.compile(r"(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])")


def tuples(value: Any) -> Any:
    """Return a tree of values with tuples for its lists, which the frozen model wants."""
    if isinstance(value, Mapping):
        return {k: tuples(v) for k, v in value.items()}
    return tuple(map(tuples, value)) if isinstance(value, list | tuple) else value


class Section(BaseModel):
    """A section of the policy: frozen, no unknown key, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Programme(Section):
    """[programme]: what the helping activity is called, which month, which language the exports speak."""

    name: str = ""
    source: str = ""
    month: str = ""
    language: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _month_is_one(self) -> Programme:
        if self.month and not _MONTH.fullmatch(self.month):
            raise problem(N_("programme.month is written as 2008-07"), "month")
        return self


class Tables(Section):
    """[tables]: how the tables are written."""

    income_unit: Literal["元", "万元"] = "元"


class Eligibility(Section):
    """[eligibility]: who is paired at all."""

    income_threshold: Money
    threshold_inclusive: bool = True
    welfare_categories: tuple[Word, ...] = ("低保", "五保")
    missing_income: Literal["review", "exclude"] = "review"
    uncertain_welfare: Literal["review", "exclude", "match"] = "review"


class Priority(Section):
    """[priority]: who comes first."""

    bands: tuple[Money, ...] = (Decimal(1500),)
    by: Literal["bands", "income"] = "bands"

    @model_validator(mode="after")
    def _bands_rise(self) -> Priority:
        if any(a >= b for a, b in zip(self.bands, self.bands[1:], strict=False)):
            raise problem(N_("priority.bands must rise"), "bands")
        return self


class Cadres(Section):
    """[cadres]: who takes no part."""

    exclude_kinds: tuple[Word, ...] = ()
    exclude_ranks: tuple[Word, ...] = ()
    exclude_tags: tuple[Word, ...] = ()


class Capacity(Section):
    """[capacity]: the most households of a cadre."""

    default: Count = 3
    by_rank: dict[Word, Count] = Field(default_factory=dict)


class Duty(Section):
    """[duty]: the households that a cadre should have at least."""

    default: Count = 0
    by_rank: dict[Word, Count] = Field(default_factory=dict)


class Townships(Section):
    """[townships]: which cadre may serve where."""

    rule: Literal["listed", "units", "villages", "any"] = "listed"
    empty_means: Literal["any", "none"] = "any"
    any_ranks: tuple[Word, ...] = ()
    capacity: dict[Word, Count] = Field(default_factory=dict)


class Continuity(Section):
    """[continuity]: whose pairs of last month are kept before all else."""

    first_up_to_income: Money | None = None


class Objectives(Section):
    """[objectives]: what "best" means, in this order."""

    order: tuple[str, ...] = DEFAULT_ORDER
    balance: Literal["squares", "leximax"] = "squares"

    @model_validator(mode="after")
    def _order_makes_sense(self) -> Objectives:
        for name in self.order:
            if name == CONTINUITY_FIRST:
                raise problem(N_("objectives.order: continuity_first comes from continuity.first_up_to_income, do not list it"), "order")
            if name not in OBJECTIVES:
                text = N_("objectives.order: there is no objective {name}; known: {known}")
                raise problem(text, "order", name=name, known=", ".join(OBJECTIVES))
            if name in NOT_BUILT:
                raise problem(N_("objectives.order: {name} is not built yet; leave it out"), "order", name=name)
            if self.order.count(name) > 1:
                raise problem(N_("objectives.order: {name} stands twice"), "order", name=name)
        order = self.complete()
        if BALANCE in order and order.index(BALANCE) < order.index(COVERAGE):
            raise problem(N_("objectives.order: balance before coverage would leave everybody unserved"), "order")
        return self

    def complete(self) -> tuple[str, ...]:
        """Return the order with coverage put first where it is absent."""
        return self.order if COVERAGE in self.order else (COVERAGE, *self.order)


class Ties(Section):
    """[ties]: the public lot among equals."""

    seed: str = ""
    position: str = "last"


class Policy(Section):
    """The whole policy of a programme for a month (product.md, section 3)."""

    programme: Programme = Programme()
    tables: Tables = Tables()
    eligibility: Eligibility
    priority: Priority = Priority()
    cadres: Cadres = Cadres()
    capacity: Capacity = Capacity()
    duty: Duty = Duty()
    townships: Townships = Townships()
    continuity: Continuity = Continuity()
    objectives: Objectives = Objectives()
    rank_levels: dict[Word, Level] = Field(default_factory=dict)
    vocabulary: dict[Word, tuple[Word, ...]] = Field(default_factory=dict)
    ties: Ties = Ties()

    @model_validator(mode="before")
    @classmethod
    def _arrays_are_frozen(cls, tree: Any) -> Any:
        return tuples(tree)

    @model_validator(mode="after")
    def _is_consistent(self) -> Policy:
        if self.ties.position not in ("last", *self.order):
            raise problem(N_("ties.position is \"last\" or one of the objectives in use"), "ties.position")
        owner: dict[str, str] = {}
        for meaning, words in self.vocabulary.items():
            for word in (meaning, *words):
                if owner.setdefault(word, meaning) != meaning:
                    raise problem(N_("vocabulary: {word} stands for two meanings"), "vocabulary", word=word)
        return self

    @property
    def order(self) -> tuple[str, ...]:
        """The objectives in use, the most important first."""
        first = (CONTINUITY_FIRST,) if self.continuity.first_up_to_income is not None else ()
        return first + self.objectives.complete()

    def meaning(self) -> dict[str, str]:
        """Return word -> the need, skill or category that it stands for."""
        return {word: meaning for meaning, words in self.vocabulary.items() for word in words}

    def with_(self, path: str, value: Any) -> Policy:
        """Return a policy that differs in one key, checked again.

        Parameters
        ----------
        path : str
            Section and key, such as ``eligibility.income_threshold`` or ``capacity.by_rank.正科级``.
        value : object
            As the policy file would give it.

        Raises
        ------
        InputError
            The key does not exist or the value does not fit.
        """
        from matcher.policy.read import policy_from

        tree = self.model_dump(exclude_unset=True)
        *sections, key = path.split(".")
        node = tree
        for section in sections:
            node = node.setdefault(section, {})
            if not isinstance(node, dict):
                raise InputError(message(N_("There is no policy key {key}."), key=path))
        node[key] = value
        return policy_from(tree)
