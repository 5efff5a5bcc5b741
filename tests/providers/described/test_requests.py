"""What a provider file says about requests: paths with several segments, maps as rows, lists and forms that are put
together.
"""  # noqa: D205  # one sentence too long for a line

from typing import Any

import pytest

from testgate.providers.described.asking import Asker
from testgate.providers.described.document import Document
from testgate.providers.described.given import read
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.providers.described.reading import FileFault
from testgate.wire import Request

FILE = """
format = 1
name = "Kestrel"
[auth]
headers = { X-Key = "{key}" }
[values.job]
list = true
segments = "job"
about = "The jobs."
example = "shop/e2e"
[values.tags]
list = true
about = "Tags."
example = "smoke"
[values.variables]
map = true
about = "Variables."
example = "A=b"
[values.parameters]
map = true
about = "Parameters."
example = "A=b"
[values.secret-parameters]
map = true
secret = true
about = "Secret parameters."
example = "A=b"
[[targets]]
each = "job"
name = "Job {it}"
[trigger]
request = "POST /job/{it}/build"
id = "id"
CONTENT
[poll]
request = "GET /job/{it}/{run.id}"
status = "status"
states = { passed = ["ok"] }
[results]
kind = "run"
[[checks]]
name = "key"
request = "GET /me"
"""
GIVEN = {"job": "shop/e2e", "tags": "a,b", "variables.X": "1", "variables.Y": "2", "parameters.P": "p q"}


def document(content: str = "") -> Document:
    """The file with this content of its trigger."""
    return load(FILE.replace("CONTENT", content), "kestrel.toml")


def request(content: str = "", **values: str) -> Request:
    """The trigger's request."""
    found = document(content)
    given, problems = read(found, {**GIVEN, **values}, {"secret-parameters.S": "hush"})
    assert problems == []
    provider = Described(Asker(found, "https://platform.example", "k", given))
    return provider.trigger(provider.targets()[0], "m").request


@pytest.mark.parametrize(
    ("job", "path"),
    [
        ("e2e", "/job/e2e/build"),
        ("shop/e2e", "/job/shop/job/e2e/build"),
        ("a/b c/d?e", "/job/a/job/b%20c/job/d%3Fe/build"),
    ],
)
def test_the_parts_of_a_path_are_segments(job: str, path: str) -> None:
    """Each is encoded by itself."""
    assert request(job=job).url == f"https://platform.example{path}"


@pytest.mark.parametrize("job", ["a//b", "/a", "a/", "..", "a/../b", "."])
def test_a_path_that_leads_elsewhere_is_refused(job: str) -> None:
    """Before anything is sent."""
    _given, (problem,) = read(document(), {"job": job}, {})
    assert problem == f"`values`: `job` must be names with a slash between them (given: {job}). Example: job=shop/e2e"


def test_lists_with_different_segments_are_refused() -> None:
    """`{it}` can be one kind of path only."""
    other = '[[targets]]\neach = "tags"\nname = "Tag {it}"\n[trigger]'
    with pytest.raises(FileFault, match="different `segments`"):
        load(FILE.replace("[trigger]", other, 1).replace("CONTENT", ""), "kestrel.toml")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (
            'body = { v = [{ "*" = "{value.variables?}", name = "{each.name}", value = "{each.value}" }] }',
            {"v": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]},
        ),
        ('body = { v = ["{value.tags}", "c"] }', {"v": ["a", "b", "c"]}),
        ('body = { v = ["{value.tags}", ["{value.tags}"]] }', {"v": ["a", "b", ["a", "b"]]}),
        ('body = { v = "{value.parameters}" }', {"v": {"P": "p q"}}),
        ("body = { v = [], w = {} }", {"v": [], "w": {}}),
    ],
)
def test_maps_and_lists_become_what_a_body_needs(content: str, body: dict[str, Any]) -> None:
    """A list in a list gives its items, and the entries of a map can be objects."""
    assert request(content).body == body


def test_a_list_without_items_is_left_out() -> None:
    """Like a table that becomes empty."""
    found = document('body = { a = 1, v = ["{value.tags?}"] }')
    given, _problems = read(found, {"job": "e2e"}, {})
    provider = Described(Asker(found, "https://platform.example", "k", given))
    assert provider.trigger(provider.targets()[0], "m").request.body == {"a": 1}


def test_maps_become_fields_of_a_form() -> None:
    """Those of secret ones are hidden."""
    found = request('form = { "..." = ["{value.parameters?}", "{value.secret-parameters?}"], mark = "{mark}" }')
    assert found.fields == {"P": "p q", "S": "hush", "mark": "m"}
    assert "S" in found.private
    assert "P" not in found.private
