"""Inputs that hold several values, and the care that maps of secrets need."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from testgate.inputs.lists import identifiers, items, names_of, pairs, secret_pairs, texts, write_list
from testgate.inputs.values import Fault, Given


def step(value: str) -> Given:
    """The text as it would come from a step."""
    return Given(value, "INPUT_X")


def plugin(value: str) -> Given:
    """The text as it would come from a plugin's settings."""
    return Given(value, "PLUGIN_X")


def test_list_is_split_at_commas_and_lines() -> None:
    """Items are trimmed, empty ones and repetitions dropped, and their order is kept."""
    assert items(step(" b, a\r\n,\n\n c ,a,b\rd")) == ("b", "a", "c", "d")


def test_plugin_list_may_be_json() -> None:
    """A plugin's settings come as JSON lists, of numbers too."""
    assert items(plugin('["a, b", 274, true, 1.50]')) == ("a, b", "274", "true", "1.50")
    assert items(plugin("a,b")) == ("a", "b")


def test_json_list_of_a_step_is_no_json() -> None:
    """Only plugins are handed JSON; elsewhere a bracket is part of a name."""
    assert items(step("[smoke] login,[x]")) == ("[smoke] login", "[x]")


@pytest.mark.parametrize("value", ["[1, ", "[null]", "[[1]]", '[{"a": 1}]', "[1] x", "[" * 100_000, "[]", '[" "]'])
def test_unusable_json_list_is_a_fault(value: str) -> None:
    """Broken, nested, too deep or empty: all told, none raised as something else."""
    with pytest.raises(Fault):
        items(plugin(value))


def test_list_of_nothing_is_a_fault() -> None:
    """Something was given, so an empty list is a mistake."""
    with pytest.raises(Fault, match="no item"):
        items(step(",\n,"))


def test_ids_are_numbers_each_once() -> None:
    """The same id in two spellings is one id."""
    assert identifiers(step("274, 275\n0274")) == (274, 275)
    assert identifiers(plugin("[274, 275]")) == (274, 275)
    assert write_list((274, 275)) == "274, 275"


def test_wrong_id_is_the_part_that_is_shown() -> None:
    """In a long list only the wrong item matters."""
    with pytest.raises(Fault) as caught:
        identifiers(step("274, plan, 275"))
    assert caught.value.shown == "plan"


def test_texts_are_harmless_lines() -> None:
    """Each item is held to the rules of text."""
    assert texts(step("a, ü")) == ("a", "ü")
    with pytest.raises(Fault, match="control characters"):
        texts(step("a, \x1b[1mb"))


def test_map_is_split_at_the_last_equals_sign() -> None:
    """Keys may hold `=`, values may be empty, and blanks around both are dropped."""
    assert pairs(step("a = 1\r\n\n b=c=2\nempty=\n")) == {"a": "1", "b=c": "2", "empty": ""}


def test_map_may_be_json() -> None:
    """A JSON object keeps numbers as they are written and may hold any text as a value."""
    assert pairs(step('{"a": 1.50, "b": "x=\\ny", "c": false, "d": ""}')) == {
        "a": "1.50",
        "b": "x=\ny",
        "c": "false",
        "d": "",
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a=1\ns3cret", "line 2 is not key=value"),
        ("a=1\n\n=s3cret", "line 3 is not key=value"),
        ("a=1\na=s3cret", "line 2 repeats a key"),
        ('{"a": "s3cret", "a": "s3cret"}', "has a key twice"),
        ('{"a": "s3cret"', "not valid JSON .line 1"),
        ('{"a": ["s3cret"]}', "must be a text"),
        ('{"a": null}', "must be a text"),
        ('{" ": "s3cret"}', "empty key"),
        ('{"a": "s3cret\\ud800"}', "not valid UTF-8"),
        ("a=s3cret\udc80", "not valid UTF-8"),
        ('{"a":' * 100_000, "nested too deeply|not valid JSON"),
    ],
)
def test_faulty_map_is_told_without_its_values(value: str, said: str) -> None:
    """The line's number is enough to find it, and its text may be a secret."""
    with pytest.raises(Fault, match=said) as caught:
        pairs(step(value))
    assert caught.value.shown == ""
    assert "s3cret" not in str(caught.value)


def test_secret_map_hides_its_values() -> None:
    """Values are there for the one who asks, and do not show."""
    found = secret_pairs(step("user=ann\npassword=s3cret\nempty="))
    assert found["password"].get_secret_value() == "s3cret"
    assert found["empty"].get_secret_value() == ""
    assert "s3cret" not in repr(found)


def test_secret_that_ends_with_equals_is_refused_on_a_line() -> None:
    """Split at its last `=` it would become a key, and keys are shown."""
    with pytest.raises(Fault, match="as a JSON object") as caught:
        secret_pairs(step("token=s3cret=="))
    assert caught.value.shown == ""
    assert secret_pairs(step('{"token": "s3cret=="}'))["token"].get_secret_value() == "s3cret=="


def test_set_of_names() -> None:
    """Names make a set, `all` stands for every name and `none` for the empty set."""
    read = names_of("failed", "stopped")
    assert read(step("Failed, stopped, failed")) == frozenset({"failed", "stopped"})
    assert read(step("ALL")) is None
    assert read(step("none")) == frozenset()


@pytest.mark.parametrize("value", ["none, failed", "all\nstopped", "all,none"])
def test_all_and_none_stand_alone(value: str) -> None:
    """Together with names they contradict themselves."""
    with pytest.raises(Fault, match="alone"):
        names_of("failed", "stopped")(step(value))


def test_unknown_name_in_a_set_is_shown_with_a_suggestion() -> None:
    """Only the wrong name is shown."""
    with pytest.raises(Fault, match="failed, stopped, all, none") as caught:
        names_of("failed", "stopped")(step("failed, stoped"))
    assert (caught.value.shown, caught.value.hint) == ("stoped", "stopped")


@drawn(st.dictionaries(st.text("abc=", min_size=1), st.text("xyz ", max_size=5)))
def test_lines_of_a_map_read_back(wanted: dict[str, str]) -> None:
    """Every map whose values hold no `=` can be written as lines."""
    lines = "\n".join(f"{name}={value}" for name, value in wanted.items())
    assert pairs(step(lines)) == {name: value.strip() for name, value in wanted.items()}


@drawn(
    st.sampled_from([texts, identifiers, pairs, secret_pairs, names_of("a", "b")]),
    st.sampled_from(["", "[", "{", '{"', "a="]),
    st.text(st.characters(codec=None)),
    st.sampled_from([step, plugin]),
)
def test_any_text_is_read_or_a_fault(
    read: Callable[[Given], object], start: str, rest: str, source: Callable[[str], Given]
) -> None:
    """No text makes a list or map fail in another way."""
    with suppress(Fault):
        read(source(start + rest))
