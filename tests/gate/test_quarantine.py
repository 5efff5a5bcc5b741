"""The quarantine file, and the tests that it covers."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.gate.quarantine import Quarantine, QuarantineEntry, QuarantineError, parse
from testgate.model import Outcome, Past, Record, TestResult

TODAY = dt.date(2026, 11, 22)
PAY = TestResult("9", "Pay by card", Outcome.FAILED, case_id="1234", suite="Checkout")


def entry(**fields: str) -> str:
    """The text of one entry."""
    whole = {"name": '"Pay*"', "reason": '"SHOP-1"', "expires": "2026-12-31", **fields}
    return "[[test]]\n" + "".join(f"{name} = {value}\n" for name, value in whole.items() if value)


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({}, True),
        ({"name": '"pay*"'}, False),
        ({"name": '"Checkout / Pay by ?ard"'}, True),
        ({"name": '"Checkout"'}, False),
        ({"name": "", "id": '"1234"'}, True),
        ({"name": "", "id": "1234"}, True),
        ({"name": "", "id": '"12*"'}, False),
    ],
)
def test_entry_covers_tests_by_id_or_name(fields: dict[str, str], covered: bool) -> None:
    """Ids must be equal; names can contain wildcards, and the suite in front."""
    quarantine = parse(entry(**fields), TODAY)
    assert bool(quarantine.label(PAY).quarantine) is covered


@pytest.mark.parametrize(("expires", "holds"), [("2026-11-21", False), ("2026-11-22", True), ("2026-11-23", True)])
def test_entry_is_valid_until_the_end_of_its_date(expires: str, holds: bool) -> None:
    """From the next day on, the failure counts, and a remark says so."""
    quarantine = parse(entry(expires=expires), TODAY)
    assert quarantine.label(PAY).quarantined is holds
    assert any("expired on" in remark for remark in quarantine.remarks([PAY])) is not holds


def test_entry_that_matches_nothing_causes_a_remark() -> None:
    """It is a leftover or a typo."""
    assert parse(entry(name='"Nothing*"'), TODAY).remarks([PAY]) == ["quarantine of 'Nothing*' matches no test"]
    assert Quarantine().remarks([PAY]) == []


@pytest.mark.parametrize(("builds", "ready"), [(0, False), (4, False), (5, True), (20, True)])
def test_a_test_that_passed_often_is_ready_to_leave(builds: int, ready: bool) -> None:
    """The remark names the owner, who is asked about it."""
    test = PAY._replace(outcome=Outcome.PASSED, past=Past(record=Record(green_since=builds)))
    (remark,) = parse(entry(owner='"@shop"'), TODAY).remarks([test])
    assert "(@shop)" in remark
    assert ("ready to leave" in remark) is ready


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[test", "is not TOML"),
        (f"test = {'1' * 5000}", "is not TOML"),
        ("[[tests]]\n", "unknown table or key: tests"),
        ("test = 7\n", "no list"),
        (entry(reason=""), "entry 1 needs a `reason`"),
        (entry(reason='" "'), "entry 1 needs a `reason`"),
        (entry(expires='"2026-12-31"'), "needs a date"),
        (entry(expires="2026-12-31T10:00:00"), "needs a date"),
        (entry(expires=""), "needs a date"),
        (entry(name=""), "either `id` or `name`"),
        (entry(id="1"), "either `id` or `name`"),
        (entry(until="2026-12-31"), "unknown key: until"),
        (entry(owner="7"), "has an `owner` that is not text"),
    ],
)
def test_invalid_file_is_refused_with_the_reason(text: str, fault: str) -> None:
    """Every problem names its entry."""
    with pytest.raises(QuarantineError, match=fault.replace("`", "`")):
        parse(text, TODAY)


def test_all_problems_are_reported_at_once() -> None:
    """Two invalid entries are two problems."""
    with pytest.raises(QuarantineError) as caught:
        parse(entry(reason="") + entry(expires=""), TODAY)
    assert len(caught.value.problems) == 2


@given(text=st.text() | st.text(alphabet='[]test="=\n,{}0123-aé').map(lambda tail: "[[test]]\n" + tail))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything else."""
    try:
        parse(text, TODAY)
    except QuarantineError as error:
        assert error.problems  # noqa: PT017  # either outcome is right


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("Login [1]", "Login [1]", True),
        ("Login [1]", "Login 1", False),
        ("Login [!1]", "Login 2", False),
        ("Login [[]*", "Login [[]x", True),
        ("[a-z]?", "[a-z]9", True),
        ("[a-z]?", "b9", False),
        ("a\\d", "a\\d", True),
        ("{a,b}", "a", False),
        ("]*[", "]x[", True),
    ],
)
def test_only_the_star_and_the_question_mark_are_special(pattern: str, name: str, covered: bool) -> None:
    """Brackets, braces and backslashes stand for themselves."""
    entry = QuarantineEntry("why", dt.date(2999, 1, 1), name=pattern)
    assert entry.covers(TestResult("1", name, Outcome.FAILED)) is covered
