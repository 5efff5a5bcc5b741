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


@pytest.mark.parametrize(
    "text", [" | ".join(["[@, @]"] * 40), "map(&[@, @, @, @], [" + ",".join("@" * 200) + "]) | [@, @]"]
)
def test_an_expression_that_makes_a_small_answer_a_huge_one_is_refused(text: str) -> None:
    """A pull request can change the file, and doubling forty times is a line."""
    with pytest.raises(ValueError, match=r"^makes more than 1000 copies"):
        Expression(text)


def test_lists_and_tables_in_an_expression() -> None:
    """A few are what people need."""
    found = Expression("runs[].{name: ended, more: [ok, ok, {a: ok, b: ok}]} | [@, @]")(RUNS)
    assert [each["name"] for each in found[1]] == [1, None]
