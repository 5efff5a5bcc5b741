"""The parts of the interpreter: placeholders, paths, rows, pages, times and JUnit reports."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import BadAnswer, PlatformError
from testgate.model import Outcome
from testgate.providers.described import junit
from testgate.providers.described.amounts import moment_of, seconds_of
from testgate.providers.described.answers import said
from testgate.providers.described.asking import path_of
from testgate.providers.described.checking import checked
from testgate.providers.described.expressions import Expression
from testgate.providers.described.paging import cursor_of, next_of, scope_of
from testgate.providers.described.readings import Amount
from testgate.providers.described.results import Paging
from testgate.providers.described.rows import Rows, join
from testgate.providers.described.templates import MISSING, filled, filled_text, pieces
from testgate.wire import Reply, Request
from tests.support.replies import JSON, reply

SCOPE: Mapping[str, Any] = {"a": "x", "list": ["1", "2"], "number": 3, "on": True, "map": {"k": "v"}, "none": None}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{a}", "x"),
        ("-{a}-{number}-{on}", "-x-3-true"),
        ("{list}", ["1", "2"]),
        ("{number}", 3),
        ("{on}", True),
        ("{{a}}", "{a}"),
        ("{none?}", MISSING),
        ("id-{none?}", MISSING),
        ({"k": "{a}", "l": "{none?}"}, {"k": "x"}),
        ({"k": {"l": "{none?}"}}, {}),
        ({"k": {}}, {"k": {}}),
        ({"...": "{map}", "b": 1}, {"k": "v", "b": 1}),
        ({"...": ["{map}", "{none?}"]}, {"k": "v"}),
        (["{a}", "{none?}", 5], ["x", 5]),
    ],
)
def test_placeholders(template: object, expected: object) -> None:
    """A lone one keeps its type; an optional one leaves out what it belongs to."""
    assert filled(template, SCOPE) == expected


def test_what_is_needed_and_unknown_is_an_error() -> None:
    """It names the placeholder, and nothing is sent without it."""
    with pytest.raises(PlatformError, match="needs `none`"):
        filled("{none}", SCOPE)


def test_lists_in_texts_have_commas() -> None:
    """As queries have them."""
    assert filled_text("{list}", SCOPE) == "1,2"


@given(st.text(max_size=60))
def test_any_text_is_split_or_refused(text: str) -> None:
    """Braces are the only signs that mean something."""
    with contextlib.suppress(ValueError):
        assert all(isinstance(each, str) for each in pieces(text))


@given(st.text(max_size=40))
def test_a_value_stays_in_its_segment(text: str) -> None:
    """Whatever it holds: a path gets no further segment, query or host."""
    try:
        path = path_of("/runs/{a}/tests", {"a": text})
    except PlatformError:
        assert not text.strip(".")
        return
    assert path.startswith("/runs/")
    assert path.endswith("/tests")
    assert path.count("/") == 3
    assert not set(path) & set("?# \n\\")


@pytest.mark.parametrize("text", ["", ".", "..", "..."])
def test_a_segment_is_never_dots(text: str) -> None:
    """Servers and proxies resolve them."""
    with pytest.raises(PlatformError):
        path_of("/runs/{a}", {"a": text})


@given(JSON)
def test_any_data_is_searched(data: object) -> None:
    """A function that doesn't fit finds nothing."""
    for text in ("a.b.c", "length(a)", "a[?b > `1`].c", "join(',', @)", "sum(a)", "to_number(a) || sort_by(@, &x)"):
        Expression(text)(data)


@pytest.mark.parametrize(
    ("data", "outer", "names", "odd"),
    [
        ({"runs": [{"n": "r", "tests": [{"n": "a"}, {"n": "b"}]}]}, 1, ["r.a", "r.b"], False),
        ({"runs": [{"n": "r"}]}, 1, [], False),
        ({"runs": [{"n": "r", "tests": "none"}]}, 1, [], True),
        ({"runs": [{"n": "r", "tests": [7]}]}, 1, [], True),
        ({"runs": "none"}, None, [], True),
        ({}, None, [], True),
        ([], None, [], True),
    ],
)
def test_rows_in_levels(data: object, outer: int | None, names: Sequence[str], odd: bool) -> None:
    """Each row sees the one around it; what is no row is noticed."""
    rows = Rows([Expression("runs"), Expression("tests")], data)
    assert [f"{row['_up']['n']}.{row['n']}" for row in rows.rows] == names
    assert (rows.outer, rows.odd or rows.outer is None) == (outer, odd)


def test_a_join_finds_the_row_with_the_same_id() -> None:
    """Or nothing."""
    rows = Rows([Expression("tests")], {"names": [{"id": 1, "name": "a"}], "tests": [{"t": "1"}, {"t": "2"}]}).rows
    joined = join(rows, Expression("_up.names"), Expression("id"), Expression("t"))
    assert [Expression("_join.name")(row) for row in joined] == ["a", None]


def test_a_list_that_an_expression_makes_belongs_to_its_row() -> None:
    """Two such lists can be at the same address, one after the other."""
    runs = [{"id": n, "tests": [{"t": 1}], "names": [{"id": 1, "name": f"name {n}"}]} for n in range(50)]
    rows = Rows([Expression("runs"), Expression("tests")], {"runs": runs}).rows
    for list_ in ("_up.names", "_up.names[?id]", "_up.names[*]", "[_up.names][]"):
        joined = join(rows, Expression(list_), Expression("id"), Expression("t"))
        assert [Expression("_join.name")(row) for row in joined] == [f"name {n}" for n in range(50)], list_


def test_a_row_without_a_value_is_not_joined() -> None:
    """Two that have none have nothing in common."""
    rows = Rows([Expression("tests")], {"names": [{"name": "a"}, {"id": None, "name": "b"}], "tests": [{"n": 1}]}).rows
    (row,) = join(rows, Expression("_up.names"), Expression("id"), Expression("t"))
    assert row["_join"] is None


@pytest.mark.parametrize("depth", [1, 21, 300, 900, 2000])
def test_what_is_nested_deeply_is_no_message(depth: int) -> None:
    """And no end of the step."""
    in_lists: object = "x"
    in_objects: object = "x"
    for _level in range(depth):
        in_lists, in_objects = [in_lists], {"a": in_objects}
    assert said(in_lists) == ("x" if depth == 1 else "")
    said(in_objects)


def paging(**given: Any) -> Paging:  # noqa: ANN401  # fields of the model
    """Build a way of paging."""
    return checked(Paging, given)


@pytest.mark.parametrize(
    ("way", "pages"),
    [
        (paging(kind="page", size=2), [2, 2, 1]),
        (paging(kind="offset", size=2), [2, 2, 1]),
        (paging(kind="page", size=50), [2, 2, 1]),  # the server caps the size
        (paging(kind="page", size=2), [1, 0]),
        (paging(kind="page", size=2, total="total"), [2, 2, 1]),
        (paging(kind="page", size=2, pages="pages"), [2, 2, 1]),
        (paging(kind="offset", size=2, last="last"), [2, 2, 1]),
        (paging(kind="cursor", next="next"), [2, 2, 1]),
        (paging(kind="link", next="link"), [2, 2, 1]),
    ],
)
def test_every_page_is_read(way: Paging, pages: Sequence[int]) -> None:
    """However the platform says that more follows, and if it gives fewer rows than were asked for."""
    cursor: str | None = None
    seen = []
    for number, rows in enumerate(pages):
        last = number + 1 == len(pages)
        data: dict[str, Any] = {"total": sum(pages), "pages": len(pages), "last": last}
        data |= {} if last else {"next": f"after {number}", "link": f"/more?page={number}"}
        seen.append(cursor_of(cursor).offset)
        assert scope_of(way, cursor)["page.size"] == way.size
        cursor = next_of(way, data, rows, cursor, reply(data))
        if cursor is None:
            break
    assert len(seen) == len(pages)
    assert cursor is None


@pytest.mark.parametrize(
    "link", ["https://evil.example/x", "//evil.example/x", "x", "/../x", "http://platform.example/x"]
)
def test_a_link_to_another_server_is_refused(link: str) -> None:
    """The key would go along."""
    way = paging(kind="link", next="link")
    with pytest.raises(BadAnswer, match="another server"):
        next_of(way, {"link": link}, 1, None, reply({"link": link}))


@pytest.mark.parametrize(
    ("rows", "asked", "words", "last"),
    [
        (1, "a", "a", False),  # the page of the cursor, again
        (0, "a", "a", True),  # a feed that has nothing new
        (1, "", "x" * 5000, False),
        (1, "", {"after": "x"}, False),
        (1, "", True, False),
        (1, "", False, True),
        (1, "", None, True),
        (1, "", "", True),
        (1, "", [], True),
    ],
)
def test_a_list_ends_only_if_the_answer_says_so(rows: int, asked: str, words: object, last: bool) -> None:
    """What cannot be followed is an error: the tests behind it may have failed."""
    way, cursor = paging(kind="cursor", next="next"), f"1:1:1:{asked}"
    if last:
        assert next_of(way, {"next": words}, rows, cursor, reply({})) is None
        return
    with pytest.raises(BadAnswer):
        next_of(way, {"next": words}, rows, cursor, reply({}))


@pytest.mark.parametrize("way", [paging(kind="page"), paging(kind="cursor", next="next")])
def test_a_list_without_end_is_an_error(way: Paging) -> None:
    """And not a list that ends there."""
    with pytest.raises(BadAnswer, match="more than 10000 pages"):
        next_of(way, {"next": "b"}, 1, "10000:1:1:a", reply({}))


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("s", 2, 2.0),
        ("ms", 1500, 1.5),
        ("min", "2", 120.0),
        ("s", "x", None),
        ("s", -1, None),
        ("s", True, None),
        ("s", None, None),
        ("s", float("inf"), None),
    ],
)
def test_durations(unit: str, value: object, expected: float | None) -> None:
    """In seconds; anything else is none."""
    assert seconds_of(checked(Amount, {"path": "v", "unit": unit}), {"v": value}) == expected


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("s", 1_700_000_000, 1_700_000_000.0),
        ("ms", 1_700_000_000_000, 1_700_000_000.0),
        ("s", "2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("s", "yesterday", None),
        ("s", 10**400, None),
        ("s", False, None),
    ],
)
def test_times(unit: str, value: object, expected: float | None) -> None:
    """Numbers in a unit, or ISO 8601."""
    assert moment_of(checked(Amount, {"path": "v", "unit": unit}), {"v": value}) == expected


def xml(text: str, status: int = 200) -> Reply:
    """Build an answer with XML."""
    return Reply(status, {}, text.encode(), Request("GET", "https://platform.example/junit"))


def test_a_junit_report() -> None:
    """Each outcome, with its message and duration."""
    page = junit.page_of(
        xml(
            '<testsuites><testsuite><testcase name="a" classname="s" time="1.5"/>'
            '<testcase name="b"><failure message="no">at 3</failure></testcase>'
            '<testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase></testsuite></testsuites>'
        )
    )
    assert [(test.name, test.outcome, test.message) for test in page.tests] == [
        ("a", Outcome.PASSED, ""),
        ("b", Outcome.FAILED, "no\nat 3"),
        ("c", Outcome.ERROR, ""),
        ("d", Outcome.SKIPPED, ""),
    ]
    assert (page.tests[0].suite, page.tests[0].seconds) == ("s", 1.5)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><testsuite><testcase name="&x;"/></testsuite>',
        '<!DOCTYPE testsuite SYSTEM "file:///etc/passwd"><testsuite/>',
        "<html/>",
        "<testsuite>",
        "{}",
        "",
    ],
)
def test_other_xml_is_refused(text: str) -> None:
    """Entities are never expanded, and nothing else is taken for a report."""
    with pytest.raises(BadAnswer):
        junit.page_of(xml(text))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_report_or_refused(body: bytes) -> None:
    """And nothing else."""
    with contextlib.suppress(PlatformError):
        junit.page_of(Reply(200, {}, body, Request("GET", "https://platform.example/junit")))
