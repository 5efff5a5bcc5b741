"""Rows of an answer with a row of another list beside them."""

from testgate.providers.described.expressions import Expression
from testgate.providers.described.rows import JOIN, KEY, Rows, join

ON, REF = Expression("id"), Expression("ref")


def test_rows_are_joined_with_a_list_that_each_row_computes() -> None:
    """Lists that are made for one row don't lend their place to those of the next."""
    data = {"groups": [{"rows": [{"ref": "x"}], "others": [{"id": "x", "name": str(n)}]} for n in range(200)]}
    rows = Rows([Expression("groups"), Expression("rows")], data).rows
    joined = join(rows, Expression("_up.others[].{id: id, name: name}"), ON, REF)
    assert [row[JOIN]["name"] for row in joined] == [str(number) for number in range(200)]


def test_rows_are_joined_with_the_values_of_an_object() -> None:
    """Its keys are what tells them apart."""
    rows = [{"ref": "a"}, {"ref": "b"}, {"ref": "c"}]
    others = {"a": {"status": "ok"}, "b": "odd"}
    joined = join([{**row, "others": others} for row in rows], Expression("others"), Expression(KEY), REF)
    assert [row[JOIN] for row in joined] == [{"status": "ok", KEY: "a"}, None, None]


def test_rows_without_a_list_beside_them_stay_alone() -> None:
    """Nothing is joined with a text or a number."""
    assert join([{"ref": "a", "others": 7}], Expression("others"), ON, REF) == [{"ref": "a", "others": 7}]
