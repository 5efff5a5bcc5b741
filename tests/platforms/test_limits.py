"""Shortening outputs that are too long for a CI."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.platforms.limits import in_bytes, shortened, shorter_ids, shorter_list
from tests.support.hostile_text import TEXTS

ITEMS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


@given(st.lists(ITEMS, max_size=8), st.integers(0, 120), st.sampled_from([None, 0, 2]))
def test_a_shorter_list_is_the_beginning_of_the_list(items: list[object], limit: int, indent: int | None) -> None:
    """It is JSON within the limit, with as many first items as fit; the list may have line breaks."""
    short = shorter_list(json.dumps(items, indent=indent), limit)
    kept = json.loads(short)
    assert len(short) <= max(limit, 2)
    assert kept == items[: len(kept)]
    if len(kept) < len(items) and indent is None:
        assert len(json.dumps(items[: len(kept) + 1])) > limit


@given(st.lists(TEXTS, max_size=8))
def test_a_short_list_stays_unchanged(items: list[str]) -> None:
    """Even its spelling."""
    text = json.dumps(items, indent=1)
    assert shorter_list(text, len(text)) == text


def test_items_keep_their_spelling() -> None:
    """An escape that the writer chose stays."""
    assert shorter_list(r'["\u0024(KEY)", "\u0025b", "long enough to go"]', 28) == r'["\u0024(KEY)", "\u0025b"]'


@pytest.mark.parametrize(
    "text", ["", "[", "[1,", '{"a": 1}', '"text"', "1", "a,b,c", "[" * 100_000, f"[{'1' * 5000}]", "[1] [2]", "[1]]"]
)
def test_an_invalid_list_becomes_an_empty_one(text: str) -> None:
    """Its reader expects JSON."""
    for limit in (0, 3, 1_000_000):
        assert shorter_list(text, limit) == "[]"


@given(st.lists(st.text("0123456789abcdef-", min_size=1, max_size=9), max_size=9), st.integers(0, 90))
def test_ids_are_never_cut(ids: list[str], limit: int) -> None:
    """As many first ids as fit, each of them complete."""
    short = shorter_ids(",".join(ids), limit)
    kept = short.split(",") if short else []
    assert len(short) <= limit
    assert kept == ids[: len(kept)]
    if len(kept) < len(ids):
        assert len(",".join(ids[: len(kept) + 1])) > limit


@given(st.sampled_from(["failed-tests", "runs", "run-ids", "left-running", "reason"]), TEXTS)
def test_a_short_output_stays_unchanged(name: str, value: str) -> None:
    """Only longer ones are shortened."""
    assert shortened(name, value, len(value)) == value


@given(st.sampled_from(["failed-tests", "runs", "run-ids", "left-running", "reason"]), TEXTS, st.integers(2, 9))
def test_every_output_gets_short(name: str, value: str, limit: int) -> None:
    """Whatever it contains."""
    assert len(shortened(name, value, limit)) <= limit


def test_each_output_is_cut_in_its_own_way() -> None:
    """Lists lose items or ids, text ends with an ellipsis."""
    assert shortened("failed-tests", '["Pay", "Ship"]', 14) == '["Pay"]'
    assert shortened("run-ids", "337,338,339", 9) == "337,338"
    assert shortened("left-running", "337,338", 6) == "337"
    assert shortened("reason", "1 test failed", 6) == "1 tes…"


@pytest.mark.parametrize("name", ["runs", "intents", "to-stop"])
def test_the_state_for_the_cleanup_stays_json(name: str) -> None:
    """With half a list, the cleanup would stop nothing."""
    items = [{"target": str(number), "mark": "m" * 20} for number in range(100)]
    kept = json.loads(shortened(name, json.dumps(items), 1000))
    assert kept
    assert kept == items[: len(kept)]


@given(TEXTS.filter(lambda text: text.isprintable()), st.integers(0, 20))
def test_bytes_are_cut_between_two_characters(text: str, limit: int) -> None:
    """The beginning of the text, as long as the limit allows."""
    short = in_bytes(text, limit)
    assert text.startswith(short)
    assert len(short.encode()) <= limit
    assert short == text or len(text[: len(short) + 1].encode()) > limit
