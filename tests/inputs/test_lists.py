"""Inputs with several values, and maps of secrets."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from testgate.inputs.lists import (
    identifiers,
    items,
    named_pairs,
    names_of,
    pairs,
    path_ids,
    secret_pairs,
    texts,
    write_list,
)
from testgate.inputs.values import Fault, Given
from testgate.model import Conclusion


def step(value: str) -> Given:
    """The text as a step gives it."""
    return Given(value, "INPUT_X")


def plugin(value: str) -> Given:
    """The text as the settings of a plugin give it."""
    return Given(value, "PLUGIN_X")


def test_list_is_split_at_commas_and_lines() -> None:
    """Items are trimmed, empty ones and duplicates are dropped, and the order is kept."""
    assert items(step(" b, a\r\n,\n\n c ,a,b\rd")) == ("b", "a", "c", "d")


def test_plugin_list_may_be_json() -> None:
    """The settings of a plugin arrive as JSON lists, which can contain numbers."""
    assert items(plugin('["a, b", 274, true, 1.50]')) == ("a, b", "274", "true", "1.50")
    assert items(plugin("a,b")) == ("a", "b")


def test_list_of_a_step_is_not_parsed_as_json() -> None:
    """Outside plugins, a bracket is part of a name."""
    assert items(step("[smoke] login,[x]")) == ("[smoke] login", "[x]")


@pytest.mark.parametrize("value", ["[1, ", "[null]", "[[1]]", '[{"a": 1}]', "[1] x", "[" * 100_000, "[]", '[" "]'])
def test_invalid_json_list_is_a_fault(value: str) -> None:
    """A broken, nested, too deep or empty list is a fault, and raises nothing else."""
    with pytest.raises(Fault):
        items(plugin(value))


def test_empty_list_is_a_fault() -> None:
    """Something was given, so an empty list is a mistake."""
    with pytest.raises(Fault, match="no items"):
        items(step(",\n,"))


def test_ids_are_numbers_without_duplicates() -> None:
    """Two spellings of the same id are one id."""
    assert identifiers(step("274, 275\n0274")) == (274, 275)
    assert identifiers(plugin("[274, 275]")) == (274, 275)
    assert write_list((274, 275)) == "274, 275"


def test_ids_for_a_path_are_checked_one_by_one() -> None:
    """Duplicates are dropped, and only the invalid one is shown."""
    assert path_ids(step("j-1, j-2\nj-1")) == ("j-1", "j-2")
    with pytest.raises(Fault, match="must be an id") as caught:
        path_ids(step("j-1, ../j-2"))
    assert caught.value.shown == "../j-2"


def test_only_the_invalid_id_is_shown() -> None:
    """In a long list, only the invalid item matters."""
    with pytest.raises(Fault) as caught:
        identifiers(step("274, plan, 275"))
    assert caught.value.shown == "plan"


def test_texts_are_harmless_lines() -> None:
    """Every item follows the rules for text."""
    assert texts(step("a, ü")) == ("a", "ü")
    with pytest.raises(Fault, match="control characters"):
        texts(step("a, \x1b[1mb"))


def test_map_is_split_at_the_first_equals_sign() -> None:
    """Values can contain `=` or be empty, and spaces around both are dropped."""
    lines = "a = 1\r\n\n b=c=2\nempty=\nurl=https://x/?tenant=acme\ntoken=abc=="
    assert pairs(step(lines)) == {
        "a": "1",
        "b": "c=2",
        "empty": "",
        "url": "https://x/?tenant=acme",
        "token": "abc==",
    }


def test_map_of_names_is_split_at_the_last_equals_sign() -> None:
    """A test can be called anything."""
    lines = "1 + 1 = 2=id-1\nOpens https://x/?a=b, twice=id-2"
    assert named_pairs(step(lines)) == {"1 + 1 = 2": "id-1", "Opens https://x/?a=b, twice": "id-2"}


@pytest.mark.parametrize("line", ["https://x/?tenant=acme", "a, b=1", "user=ann,password=x\nb,c=d", "x://=1"])
def test_a_name_that_is_none_is_refused(line: str) -> None:
    """A URL or a list was meant as a value, and a JSON object says what is what."""
    with pytest.raises(Fault, match="JSON object") as caught:
        pairs(step(line))
    assert caught.value.shown == ""
    assert pairs(step('{"https://x/?tenant": "acme", "a, b": "1"}')) == {"https://x/?tenant": "acme", "a, b": "1"}


def test_map_may_be_json() -> None:
    """A JSON object keeps numbers as they are written, and its values can be any text."""
    assert pairs(step('{"a": 1.50, "b": "x=\\ny", "c": false, "d": ""}')) == {
        "a": "1.50",
        "b": "x=\ny",
        "c": "false",
        "d": "",
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a=1\ns3cret", "line 2 is not key=value"),
        ("a=1\n\n=s3cret", "line 3 is not key=value"),
        ("a=1\na=s3cret", "line 2 repeats a key"),
        ('{"a": "s3cret", "a": "s3cret"}', "contains a key twice"),
        ('{"a": "s3cret"', "not valid JSON .line 1"),
        ('{"a": ["s3cret"]}', "must be a string"),
        ('{"a": null}', "must be a string"),
        ('{" ": "s3cret"}', "empty key"),
        ('{"a": "s3cret\\ud800"}', "not valid UTF-8"),
        ("a=s3cret\udc80", "not valid UTF-8"),
        ('{"a":' * 100_000, "nested too deeply|not valid JSON"),
    ],
)
def test_fault_of_a_map_shows_no_values(value: str, message: str) -> None:
    """The number of the line is enough to find it, and its text could be a secret."""
    with pytest.raises(Fault, match=message) as caught:
        pairs(step(value))
    assert caught.value.shown == ""
    assert "s3cret" not in str(caught.value)


def test_secret_map_hides_its_values() -> None:
    """Values can be read, but a repr doesn't show them."""
    found = secret_pairs(step("user=ann\npassword=s3cret\nempty="))
    assert found["password"].reveal() == "s3cret"
    assert found["empty"].reveal() == ""
    assert "s3cret" not in repr(found)


def test_set_of_names() -> None:
    """Names form a set; `all` means every name, and `none` the empty set."""
    read = names_of(Conclusion.FAILED, Conclusion.STOPPED)
    assert read(step("Failed, stopped, failed")) == frozenset({"failed", "stopped"})
    assert read(step("ALL")) is None
    assert read(step("none")) == frozenset()


@pytest.mark.parametrize("value", ["none, failed", "all\nstopped", "all,none"])
def test_all_and_none_cannot_be_combined(value: str) -> None:
    """Combined with names, they would contradict each other."""
    with pytest.raises(Fault, match="either all, none"):
        names_of(Conclusion.FAILED, Conclusion.STOPPED)(step(value))


def test_unknown_name_in_a_set_is_shown_with_a_suggestion() -> None:
    """Only the unknown name is shown."""
    with pytest.raises(Fault, match="failed, stopped, all, none") as caught:
        names_of(Conclusion.FAILED, Conclusion.STOPPED)(step("failed, stoped"))
    assert (caught.value.shown, caught.value.hint) == ("stoped", "stopped")


@drawn(st.dictionaries(st.text("abc", min_size=1), st.text("xyz =", max_size=5)))
def test_lines_of_a_map_read_back(wanted: dict[str, str]) -> None:
    """Every map whose names contain no `=` can be written as lines."""
    lines = "\n".join(f"{name}={value}" for name, value in wanted.items())
    assert pairs(step(lines)) == {name: value.strip() for name, value in wanted.items()}


@drawn(
    st.sampled_from([texts, identifiers, path_ids, pairs, named_pairs, secret_pairs, names_of(*Conclusion)]),
    st.sampled_from(["", "[", "{", '{"', "a="]),
    st.text(st.characters(codec=None)),
    st.sampled_from([step, plugin]),
)
def test_any_text_is_read_or_a_fault(
    read: Callable[[Given], object], start: str, rest: str, source: Callable[[str], Given]
) -> None:
    """No text makes a list or map raise anything but a fault."""
    with suppress(Fault):
        read(source(start + rest))
