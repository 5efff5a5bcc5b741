"""Placeholders of a provider file: lists of tables."""

from typing import Any

import pytest

from testgate.errors import PlatformError
from testgate.providers.described.templates import filled, placeholders

EACH = {"*": "{ids}", "id": "{each}", "at": "{where?}"}


@pytest.mark.parametrize(
    ("table", "scope", "found"),
    [
        (
            [{"*": "{map?}", "key": "{each.name}", "value": "{each.value}"}],
            {"map": {"USER": "ci", "N": "1"}},
            [{"key": "USER", "value": "ci"}, {"key": "N", "value": "1"}],
        ),
        ([{"*": "{map?}", "key": "{each.name}"}], {}, []),
        ([EACH], {"ids": ["7", 9]}, [{"id": "7"}, {"id": 9}]),
        ([EACH], {"ids": ["7"], "where": "here"}, [{"id": "7", "at": "here"}]),
        ([EACH], {"ids": "7"}, [{"id": "7"}]),
        ([{"*": "{ids?}", "id": "{each}"}], {}, []),
        ([{"id": 1}, EACH], {"ids": ["2"]}, [{"id": 1}, {"id": "2"}]),
        (
            [{"*": "{ids}", "in": {"id": "no {each}"}}],
            {"ids": ["1", "2"]},
            [{"in": {"id": "no 1"}}, {"in": {"id": "no 2"}}],
        ),
    ],
)
def test_a_table_is_repeated_for_each_item(table: list[Any], scope: dict[str, Any], found: list[Any]) -> None:
    """`{each}` is the item, and keeps its type. A list that becomes empty is left out, as a table is."""
    assert filled({"tests": table}, scope) == ({"tests": found} if found else {})


def test_a_list_that_is_needed_must_be_known() -> None:
    """Nothing is started without the tests that were meant."""
    with pytest.raises(PlatformError, match="needs `ids`"):
        filled([EACH], {})


def test_each_means_something_only_beside_a_list() -> None:
    """Elsewhere it is a placeholder like others, which nobody knows."""
    assert [name for name, _alone in placeholders([EACH])] == ["ids", "where"]
    assert [name for name, _alone in placeholders([{"id": "{each}"}])] == ["each"]
