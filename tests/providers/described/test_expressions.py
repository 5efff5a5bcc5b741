"""Expressions of a provider file, where JMESPath says something else than it seems to."""

import pytest

from testgate.providers.described.expressions import Expression

RUNS = {"runs": [{"ended": 1, "ok": True}, {"ended": None, "ok": False}], "state": {"over": False}}


@pytest.mark.parametrize(
    "text",
    ["!runs[?!ended]", "runs && !runs[?!ended]", "!state.over", "!runs[]", "runs[?!state.over]", "[!state.over]"],
)
def test_a_negation_of_less_than_it_seems_is_refused(text: str) -> None:
    """JMESPath reads `!a.b` as `(!a).b`, which finds nothing, ever."""
    with pytest.raises(ValueError, match=r"parentheses"):
        Expression(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("!(runs[?!ended])", False),
        ("runs && !(runs[?ok && !ended])", True),
        ("!(state.over)", True),
        ("!other", True),
        ("length(runs[?!ok])", 1),
    ],
)
def test_a_negation_in_parentheses_is_that_of_all(text: str, found: object) -> None:
    """So it is what people mean."""
    assert Expression(text)(RUNS) == found
