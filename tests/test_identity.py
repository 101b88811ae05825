"""ID numbers against a second opinion."""

from __future__ import annotations

import random

import numpy as np
from stdnum.cn import ric

from matcher.people.identity import _due_checks as due_checks  # the array form must not part from the plain one
from matcher.people.identity import check_digit, id_key, mask_id


def test_check_digits_are_stdnums() -> None:
    """The check character of 2,000 made numbers, one by one and by array, is python-stdnum's."""
    rng = random.Random(11643)  # noqa: S311 - which numbers does not matter
    first17 = ["000000" + "".join(rng.choice("0123456789") for _ in range(11)) for _ in range(2000)]
    expected = [ric.calc_check_digit(n + "0") for n in first17]
    assert [check_digit(n) for n in first17] == expected
    array = np.frombuffer("".join(n + "0" for n in first17).encode(), np.uint8).reshape(-1, 18)
    assert bytes(due_checks(array)).decode() == "".join(expected)


def test_fifteen_digits_become_eighteen() -> None:
    """19 after the sixth digit, and the check character."""
    assert id_key("000000800101001") == "00000019800101001" + ric.calc_check_digit("000000198001010010")


def test_masks_show_no_whole_number() -> None:
    """First six and last four of an ID number, the last four of a telephone number, nothing of less."""
    assert mask_id("000000198001010014") == "000000********0014"
    assert mask_id("13800001234") == "*******1234"
    assert mask_id("1234") == "****"
