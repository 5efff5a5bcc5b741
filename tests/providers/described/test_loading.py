"""Faults of a provider file: each is told with its line, its key and what to write instead, all at once."""

import contextlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.providers import VENDORS
from testgate.providers.described.lines import line_of, lines_of
from testgate.providers.described.loading import load
from testgate.providers.described.reading import FileFault, opening_of
from testgate.providers.described.scopes import uses
from tests.support.both import FILE

SCHEMA = Path(__file__).parents[3] / "docs" / "provider-1.schema.json"
GOOD = """\
format = 1
name = "Kestrel"

[auth]
headers = { X-Token = "{key}" }

[values.suite]
list = true
about = "The suites."
example = "a"

[values.password]
secret = true
about = "A password."
example = "x"

[[targets]]
each = "suite"
name = "Suite {it}"

[trigger]
request = "POST /suites/{it}/runs"
id = "id"

[poll]
request = "GET /runs/{run.id}"
status = "state"

[poll.states]
passed = ["green"]
failed = ["red"]

[results]
request = "GET /runs/{run.id}/tests"
rows = "tests"
test = { name = "name", status = "state" }

[results.outcomes]
passed = ["green"]

[[checks]]
name = "key"
request = "GET /me"
"""


def problems(text: str, *, bundled: bool = False) -> Sequence[str]:
    """Return what is wrong with a file."""
    with pytest.raises(FileFault) as caught:
        load(text, "k.toml", bundled=bundled)
    return caught.value.problems


def test_a_good_file_has_no_faults() -> None:
    """It is what the faults below are put into."""
    assert load(GOOD, "k.toml").name == "Kestrel"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("list = true", "lst = true", "k.toml:8: `values.suite.lst` is not a key of the format. Did you mean `list`?"),
        ("format = 1", "format = 2", "k.toml:1: `format` must be 1"),
        ('id = "id"\n', "", "k.toml:21: `trigger.id` is missing"),
        ("list = true", 'list = "perhaps"', "k.toml:8: `values.suite.list` must be true or false"),
        ('failed = ["red"]', 'failed = "red"', '`poll.states.failed` must be a list. Example: ["done"]'),
        (
            'rows = "tests"',
            'rows = "tests"\nitem = { request = "GET /x/{item}" }',
            "`results` has `item`, which only `kind = ",
        ),
        ('id = "id"', 'id = "id"\nquery.a = { x = 1 }', "k.toml:24: `trigger.query.a` must be a text."),
        ('id = "id"', 'id = "id"\nform.a = "{b"', "`trigger.form.a` has a brace without its other half"),
        ("format = 1", 'format = 1\n"a\\nb" = 1', ": `a b` is not a key of the format"),
        ("format = 1", "format = 1\na" + ".a" * 2000 + " = 1", "k.toml:2: has more than 2000 characters in this line"),
        ('rows = "tests"', 'rows = "tests"\npage = "x"', "`results.page` must be a table. Example: { name"),
        ('status = "state"\n\n', "status = 1\n\n", '`poll.status` must be a text. Example: "done"'),
        (
            '"POST /suites/{it}/runs"',
            '"POST /suites/{value.siute}/runs"',
            "nothing here. Did you mean `{value.suite}`?",
        ),
        (
            'passed = ["green"]\nfailed',
            'finished = ["green"]\nfailed',
            "k.toml:30: `poll.states.finished` is not a key",
        ),
        ('failed = ["red"]', 'failed = ["Green"]', "has the word 'Green' in two lists: passed and failed"),
        ('status = "state"\n\n', 'status = "state["\n\n', "k.toml:27: `poll.status` is not a JMESPath expression"),
        ('"POST /suites/{it}/runs"', '"GET /suites/{it}/runs"', "k.toml:22: `trigger.request` must not be GET"),
        ('"POST /suites/{it}/runs"', '"POST suites"', "must be a method and a path"),
        ('"POST /suites/{it}/runs"', '"POST /suites/../runs"', "has an empty segment, `.` or `..`"),
        ('"POST /suites/{it}/runs"', '"POST //evil.example/runs"', "has an empty segment"),
        ('"POST /suites/{it}/runs"', '"POST /suites?id={it}"', "has a query in its path: write it under `query`"),
        ('"POST /suites/{it}/runs"', '"POST /suites/{run.id}/runs"', "uses `{run.id}`, which means nothing here"),
        ('"POST /suites/{it}/runs"', '"POST /suites/{it/runs"', "has a brace without its other half"),
        ('"POST /suites/{it}/runs"', '"POST /{value.password}"', "shows the secret `{value.password}`"),
        ("X-Token =", "Host =", "has the header 'Host', which a file cannot set"),
        ("X-Token =", '"X:" =', "has the header 'X:', which a file cannot set"),
        ("X-Token =", "Content_Length =", "has the header 'Content_Length', which a file cannot set"),
        ('id = "id"', 'id = "id"\nheaders = { transfer-encoding = "x" }', "which a file cannot set"),
        ('id = "id"', 'id = "id"\nheaders = { A = "x\\r\\ny" }', "has a line break or a control character"),
        ('"Suite {it}"', '"Suite {value.suite}"', "is a list or a map, inside a text: let it stand alone"),
        ('"Suite {it}"', '"Suite {value.password}"', "shows the secret"),
        ('"Suite {it}"', '"Suite {key}"', "`targets[1].name` uses `{key}`, which means nothing here"),
        ('each = "suite"', 'each = "plan"', "k.toml:18: `targets[1].each` names `plan`, which is not under `values`"),
        ('each = "suite"', 'each = "password"', "which is not a list: set `list = true`"),
        ('each = "suite"', 'each = "suite"\nany = ["suite"]', "needs exactly one of `each`, `together` and `any`"),
        ('name = "Kestrel"', 'name = "Kestrel"\nbase-url = "https://x"', "k.toml:3: `base-url` is for files that ship"),
        ('name = "Kestrel"', 'name = "Kestrel"\nlink = "https://x"', "k.toml:3: `link` is for files that ship"),
        ('rows = "tests"\n', "", "needs `rows` for the kind json"),
        ("list = true", "list = true\nmap = true", "is both a `list` and a `map`"),
        ("[values.suite]", '["values"."a b"]', "has a value with the name 'a b'"),
        (
            'rows = "tests"',
            'rows = "tests"\nquery = { after = "{page.cursor?}" }',
            "`{page.cursor}`, which means nothing",
        ),
        (
            'rows = "tests"',
            'rows = "tests"\npage = { kind = "page" }',
            'and its request does not say where. Example: query = { page = "{page.number}" }',
        ),
        (
            'rows = "tests"',
            'rows = "tests"\npage = { kind = "cursor", next = "n" }\nquery = { limit = "{page.size}" }',
            'Example: query = { cursor = "{page.cursor?}" }',
        ),
        ('id = "id"', 'id = "id"\nwhen = [{ http = [502], means = "busy" }]', "takes every answer 502 for busy"),
        ('id = "id"', 'id = "id"\nwhen = [{ http = [409, 200], means = "refused" }]', "every answer 200 for refused"),
        ('rows = "tests"', 'rows = "tests"\nitem = { request = "GET /a", page = { kind = "page" } }', "needs `rows`"),
        ('rows = "tests"', 'rows = "tests"\nitem = { request = "GET /a", keep = { a = "b" } }', "needs `id`"),
        (
            "[values.suite]",
            '[login]\nrequest = "POST /login/{key}"\ntoken = "token"\n[values.suite]',
            "`login.request` uses `{key}`, which means nothing here",
        ),
        (
            "[values.suite]",
            '[login]\nrequest = "POST /login"\nquery = { key = "{key}" }\ntoken = "token"\n[values.suite]',
            "`login.query` uses `{key}`, which means nothing here",
        ),
        ("format = 1", "format = ", "k.toml:1: is not valid TOML"),
        ('id = "id"', 'id = "id"\nid = "id"', "is not valid TOML"),
    ],
)
def test_a_fault_is_told_with_its_place(old: str, new: str, said: str) -> None:
    """File, line, key, and what is wrong there."""
    assert old in GOOD
    (problem,) = problems(GOOD.replace(old, new, 1))
    assert said in problem
    assert problem.startswith("k.toml")


def test_all_faults_are_told_at_once() -> None:
    """Those of the models, and those that only show once the models are right."""
    text = GOOD.replace('id = "id"\n', "").replace('rows = "tests"\n', "").replace("format = 1", "format = 3")
    assert len(problems(text)) == 3
    text = GOOD.replace("{it}/runs", "{that}/runs").replace("GET /me", "GET /{it}/{mark}")
    assert len(problems(text)) == 2


def test_a_huge_file_is_not_read() -> None:
    """Nor one that is nested without end, or has an endless number."""
    assert "larger than" in problems("#" * 300_000)[0]
    for endless in ("a = " + "[" * 5000, "a = [\n" + "[\n" * 5000, "a = " + "1" * 5000):
        assert problems(endless)


@given(st.text(max_size=200) | st.text(max_size=60).map(lambda text: GOOD.replace("green", text, 1)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """With a problem for people, and never with another error."""
    with contextlib.suppress(FileFault):
        load(text, "k.toml")


@given(st.text(max_size=120))
def test_any_expression_is_read_or_refused(text: str) -> None:
    """JMESPath has its own errors; they become problems of the file."""
    with contextlib.suppress(FileFault):
        load(GOOD.replace('status = "state"\n\n', f"status = {json.dumps(text)}\n\n", 1), "k.toml")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("format",), 1),
        (("auth", "headers"), 5),
        (("auth", "headers", "X-Token"), 5),
        (("targets", 0, "name"), 19),
        (("poll", "states", "failed", 0), 31),
        (("nowhere",), 1),
    ],
)
def test_lines(place: tuple[str | int, ...], line: int) -> None:
    """What stands inside a value has the line of its key."""
    assert line_of(lines_of(GOOD), place) == line


def test_lines_of_values_with_several_lines() -> None:
    """Keys inside texts and lists aren't keys."""
    text = 'a = """\nb = 1\n[c]\n"""\nd = [\n  "x = 1", # e = 2\n  { f = 3 },\n]\ng = 4\n[[h]]\ni = 5\n[[h]]\ni = 6\n'
    found = lines_of(text)
    assert {place: found[place] for place in [("a",), ("d",), ("g",), ("h", 0, "i"), ("h", 1, "i")]} == {
        ("a",): 1,
        ("d",): 5,
        ("g",): 9,
        ("h", 0, "i"): 11,
        ("h", 1, "i"): 13,
    }
    assert not {("b",), ("c",), ("e",), ("f",)} & found.keys()


@pytest.mark.parametrize("path", [FILE, *sorted(VENDORS.glob("*.toml"))], ids=lambda path: path.stem)
def test_files_fit_the_schema(path: Path) -> None:
    """Editors that know it mark nothing in them."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sorted(VENDORS.glob("*.toml")), ids=lambda path: path.stem)
def test_files_that_ship_say_how_surely_they_are_true(path: Path) -> None:
    """And where they come from, over TLS."""
    document = load(path.read_text(encoding="utf-8"), path.name, bundled=True)
    assert document.proof is not None
    assert document.documentation.startswith("https://")
    assert document.base_url.startswith("https://") or not document.base_url
    assert document.about.endswith(".")
    assert all(note.endswith(".") for note in document.notes)


@pytest.mark.parametrize("path", sorted(VENDORS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_opening_of_a_file_leads_to_all_of_it(path: Path) -> None:
    """A file that ships is read in two parts. Its first part says what the whole says, and nothing checks it again."""
    text = path.read_text(encoding="utf-8")
    opening, document = opening_of(text, path.name), load(text, path.name, bundled=True)
    assert all(getattr(opening, each.name) == getattr(document, each.name) for each in fields(opening))
    assert opening.whole() == document
    assert opening.needs_key is uses(document, "key")
    assert opening.joints == document.joints
