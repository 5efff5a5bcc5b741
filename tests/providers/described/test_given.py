"""The values that a workflow gives: checked against the file, with a message for each mistake."""

from collections.abc import Mapping, Sequence

import pytest

from testgate.providers.described.given import read, selection_problems
from testgate.providers.described.loading import load
from tests.providers.described.test_loading import GOOD

MORE = """
[values.count]
type = "number"
about = "How many."
example = "3"

[values.fast]
type = "boolean"
about = "Whether to hurry."
example = "true"

[values.browser]
choices = ["chrome", "firefox"]
default = "chrome"
about = "The browser."
example = "chrome"

[values.variables]
map = true
about = "Variables."
example = "user=ci"

[values.project]
required = true
about = "The project."
example = "p1"
"""
DOCUMENT = load(GOOD + MORE, "k.toml")


def test_values_have_their_types() -> None:
    """Lists, numbers, switches, maps and defaults."""
    plain = {"suite": "a, b,a", "count": "3", "fast": "TRUE", "variables.user": "ci", "project": "p1"}
    found, problems = read(DOCUMENT, plain, {"password": "s3cret"})
    assert problems == []
    assert found.values == {
        "suite": ["a", "b"],
        "count": 3,
        "fast": True,
        "variables": {"user": "ci"},
        "project": "p1",
        "password": "s3cret",
        "browser": "chrome",
    }
    assert "s3cret" not in repr(found)
    assert "ci" not in repr(found)


@pytest.mark.parametrize(
    ("plain", "secret", "said"),
    [
        ({"suites": "a"}, {}, "'suites' is not a value of Kestrel; did you mean suite?"),
        ({"password": "hunter2"}, {}, "`password` belongs into `secret-values`"),
        ({}, {"suite": "a"}, "`suite` belongs into `values`"),
        ({"count": "many"}, {}, "`count` must be a number (given: many). Example: count=3"),
        ({"fast": "yes"}, {}, "must be true or false"),
        ({"browser": "opera"}, {}, "must be one of chrome, firefox"),
        ({"variables": "x"}, {}, "It is a map: write variables.NAME="),
        ({"suite.a": "x"}, {}, "'suite.a' is not a value"),
        ({"suite": ","}, {}, "contains no items"),
        ({"suite": "a\x07"}, {}, "must be one line of text without control characters"),
    ],
)
def test_a_mistake_is_told(plain: Mapping[str, str], secret: Mapping[str, str], said: str) -> None:
    """With the input, the value's name, and an example."""
    _found, problems = read(DOCUMENT, {"project": "p1", **plain}, secret)
    assert len(problems) == 1
    assert said in problems[0]
    assert problems[0].startswith(("`values`: ", "`secret-values`: "))
    assert "hunter2" not in problems[0]


def test_what_is_required_is_missed() -> None:
    """Together with every other mistake."""
    _found, problems = read(DOCUMENT, {"count": "x"}, {})
    assert len(problems) == 2
    assert "`project` is required for Kestrel: The project. Example: project=p1" in problems[1]


@pytest.mark.parametrize(("plain", "said"), [({}, ["`suite` is required for command run"]), ({"suite": "a"}, [])])
def test_a_run_needs_a_selection(plain: Mapping[str, str], said: Sequence[str]) -> None:
    """Other commands don't."""
    found, _problems = read(DOCUMENT, {"project": "p1", **plain}, {})
    problems = selection_problems(DOCUMENT, found)
    assert len(problems) == len(said)
    assert all(text in problem for text, problem in zip(said, problems, strict=True))
