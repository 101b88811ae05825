"""What both READMEs quote is what the sample gives, and they say the same."""

from __future__ import annotations

import re

import pytest

from matcher.pipeline import load_month

from .months import HERE, command

SAMPLE = HERE / "data" / "sample" / "2008-07"
READMES = {"en": "README.md", "zh": "README.zh.md"}


def readme(language: str) -> str:
    """Return a README."""
    return (HERE / READMES[language]).read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "quoted"), [("en", '"(九龙乡: [^"]*)"'), ("zh", "“(九龙乡：[^”]*)”")])
def test_the_turning_point_is_the_samples(language: str, quoted: str) -> None:
    """The sweep that is quoted, run on the sample, says the sentence that is quoted."""
    found, sweep = re.search(quoted, readme(language)), re.search(r"`--sweep ([^`]+)`", readme(language))
    assert found is not None
    assert sweep is not None
    assert " ".join(found[1].split()) in command("whatif", SAMPLE, "--sweep", sweep[1], "-q", "--lang", language).out


def test_both_show_the_same_python() -> None:
    """But for remarks and names of scenarios, the blocks are one."""
    blocks = []
    for language in READMES:
        block = re.search(r"```python\n(.*?)```", readme(language), re.DOTALL)
        assert block is not None
        blocks.append([re.sub(r'\s*#.*|"[^"]*": \[', "", line) for line in block[1].splitlines()])
    assert blocks[0] == blocks[1]


def test_ids_are_the_samples() -> None:
    """Both name the same households and cadres, and each is in the sample."""
    named = [set(re.findall(r"\b[HC]\d{4,}\b", readme(language))) for language in READMES]
    tables = load_month(SAMPLE).tables
    known = {str(cell) for name, ids in (("households", "household_id"), ("cadres", "cadre_id")) for cell in tables[name].column(ids)}
    assert named[0] == named[1]
    assert named[0]
    assert named[0] <= known
