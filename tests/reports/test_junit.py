"""`junit.xml`, read back with another library and held against both schemas."""

import tracemalloc
from collections import Counter
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from testgate.errors import PlatformError
from testgate.model import Conclusion, Counts, Earlier, Outcome, TestResult
from testgate.reports.junit import JUnit
from testgate.results import Gate
from testgate.text import clean
from tests.reports import samples
from tests.reports.readers import cases
from tests.reports.readers import read_junit as read
from tests.reports.strategies import TESTS, TEXTS, gates

SCHEMAS = Path(__file__).parent / "schemas"
ELEMENTS = {
    Outcome.PASSED: (None, None),
    Outcome.FAILED: ("failure", "TestFailure"),
    Outcome.ERROR: ("error", "TestError"),
    Outcome.NOT_RUN: ("error", "NotExecuted"),
    Outcome.SKIPPED: ("skipped", None),
}


class Schemas(NamedTuple):
    """Two schemas of JUnit: Jenkins' knows the elements of reruns, Ant's does not."""

    jenkins: etree.XMLSchema
    ant: etree.XMLSchema


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """Both of them."""
    names = ("junit-10.xsd", "JUnit-windyroad.xsd")
    return Schemas(*(etree.XMLSchema(etree.parse(SCHEMAS / name)) for name in names))


def gate_of(*tests: TestResult, conclusion: Conclusion = Conclusion.FAILED) -> Gate:
    """A gate over one run of these tests."""
    return samples.gate(conclusion, "The reason.", samples.judged(conclusion, "The reason.", tests))


def made(name: str = "Pay", outcome: Outcome = Outcome.FAILED, **more: object) -> TestResult:
    """A test's result."""
    return TestResult("1", name, outcome)._replace(**more)  # type: ignore[arg-type]  # the fields that a test names


def without_reruns(gate: Gate) -> Gate:
    """The same gate, had every test been run once."""
    runs = []
    for run in gate.runs:
        tests = [test._replace(earlier=()) for test in run.report.tests]
        runs.append(run._replace(report=run.report._replace(tests=tests)))
    return gate._replace(runs=runs)


@given(gate=gates())
def test_any_gate_without_reruns_makes_a_file_that_both_schemas_take(schemas: Schemas, gate: Gate) -> None:
    """The strict form holds for quarantine, failing steps and whatever text."""
    root = read(without_reruns(gate))
    schemas.jenkins.assertValid(root)
    schemas.ant.assertValid(root)


def test_reruns_are_beyond_the_stricter_schema(schemas: Schemas) -> None:
    """Ant's schema knows no element of Surefire's for reruns; Jenkins' does, and so do the readers."""
    root = read(samples.rerun())
    assert schemas.jenkins.validate(root)
    assert not schemas.ant.validate(root)


@given(gate=gates())
def test_any_gate_makes_a_file_that_jenkins_takes(schemas: Schemas, gate: Gate) -> None:
    """Well-formed, valid, no suite without a case, counters right, pairs unique, times to three decimals."""
    root = read(gate)
    schemas.jenkins.assertValid(root)
    suites = root.findall("testsuite")
    assert suites
    assert not root.attrib
    assert [suite.get("id") for suite in suites] == [str(index) for index in range(len(suites))]
    for suite in suites:
        assert_counters(suite)
    pairs = Counter((case.get("classname"), case.get("name")) for case in cases(root))
    assert max(pairs.values()) == 1
    assert all(name and classname and name.strip() and classname.strip() for classname, name in pairs)


def assert_counters(suite: etree._Element) -> None:
    """The suite's attributes say what the suite holds."""
    held = suite.findall("testcase")
    assert held
    assert suite.get("tests") == str(len(held))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(name) == str(len(suite.findall(f"testcase/{tag}")))
    times = [str(case.get("time")) for case in held]
    assert all(len(time.partition(".")[2]) == 3 for time in times)
    assert Decimal(str(suite.get("time"))) == sum(map(Decimal, times))


@given(tests=st.lists(TESTS, min_size=1, max_size=8))
def test_every_test_is_read_back(tests: list[TestResult]) -> None:
    """Outcome, message and failing step of each test are found again, in the order of their suites."""
    tests = [test._replace(earlier=(), quarantine="") for test in tests]
    places = [(test.suite, test.machine) for test in tests]
    shown = {place: tuple(seen(part) for part in place) for place in places}
    first = {shown[place]: index for index, place in reversed(list(enumerate(places)))}
    ordered = sorted(tests, key=lambda test: first[shown[test.suite, test.machine]])
    found = [case for case in cases(read(gate_of(*tests))) if not str(case.get("name")).startswith("Gate: f")]
    expected = [test for test in ordered if not seen(test.name).startswith("Gate: f")]
    assert len(found) == len(expected)
    for case, test in zip(found, expected, strict=True):
        assert str(case.get("name")).startswith(seen(test.name) or "Unnamed test")
        assert_outcome(case, test)


def seen(text: str) -> str:
    """What a reader sees of a name; empty for what nobody can see."""
    line = " ".join(clean(text).split())
    return line if any(char.isprintable() and char != " " for char in line) else ""


def assert_outcome(case: etree._Element, test: TestResult) -> None:
    """The case tells the test's outcome, once, with its message."""
    tag, kind = ELEMENTS[test.outcome]
    assert [child.tag for child in case] == ([tag] if tag else [])
    for child in case:
        assert child.get("type") == kind
        text, message = str(child.text), str(child.get("message"))
        assert text.partition("\n")[0] == message != ""
        assert clean(test.message).strip() in text
        assert seen(test.step) in seen(text)


@given(text=TEXTS)
def test_any_message_is_read_back_letter_by_letter(text: str) -> None:
    """After the repeated first line, the text is the cleaned message, no more and no less."""
    (case,) = cases(read(gate_of(made(message=f"First\n{text}|"))))
    assert case[0].text == clean(f"First\n{text}|").strip()
    assert case[0].get("message") == "First"


def test_classname_and_name_do_not_change_from_run_to_run() -> None:
    """Another run, another order, another name of the plan, other results: the same pairs."""
    twins = (made(case_id="11", suite="S.1", machine="M"), made(case_id="2", suite="S.1", machine="M"))
    one = gate_of(*twins)
    judged = samples.judged(Conclusion.FAILED, "Other.", tuple(reversed(twins)), name="Renamed")
    other = samples.gate(Conclusion.FAILED, "Other.", judged)
    for gate, marks in ((one, ["Pay (2)", "Pay"]), (other, ["Pay", "Pay (2)"])):
        found = cases(read(gate))
        assert [case.get("name") for case in found] == marks
        assert {case.get("classname") for case in found} == {"Test plan 274.S_1.M"}


def test_a_made_ordinal_never_takes_a_real_name() -> None:
    """The second of two equal names passes over the name that a third test bears."""
    found = cases(read(gate_of(made(), made(), made(name="Pay (2)"))))
    assert [case.get("name") for case in found] == ["Pay", "Pay (3)", "Pay (2)"]


def test_suites_keep_order_and_their_machine() -> None:
    """One suite for each test suite and machine, in order of first appearance, tests gathered."""
    root = read(samples.failing())
    names = [suite.get("name") for suite in root]
    assert names == [
        "Nightly regression / Accounts / Chrome 131 on Windows 11",
        "Nightly regression / Checkout / Chrome 131 on Windows 11",
        "Nightly regression / Checkout / Safari 18 on macOS",
        "Nightly regression / Orders / Safari 18 on macOS",
    ]
    assert [suite.get("hostname") for suite in root] == [samples.CHROME] * 2 + [samples.SAFARI] * 2
    assert {suite.get("timestamp") for suite in root} == {"2025-01-02T03:04:05"}
    order = [case.get("classname") for case in cases(root)]
    assert len([key for key, _ in groupby(order)]) == len(set(order))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN])
@pytest.mark.parametrize("message", ["", " \n", "\x1b[0m", "\u2028"])
def test_a_red_test_without_a_message_stays_red(outcome: Outcome, message: str) -> None:
    """A stand-in that names the platform's word is written where there is no message."""
    (case,) = cases(read(gate_of(made(outcome=outcome, message=message, word="BROKEN_PIPE"))))
    assert "BROKEN_PIPE" in str(case[0].text)
    (case,) = cases(read(gate_of(made(outcome=outcome, message=message))))
    assert str(case[0].text).strip()


def verdicts(gate: Gate) -> list[tuple[str, str, str]]:
    """The cases that stand for a verdict: name, element, type."""
    found = [case for case in cases(read(gate)) if str(case.get("name")).startswith("Gate")]
    return [
        (str(case.get("name")), str(case[0].tag) if len(case) else "", str(case[0].get("type")) if len(case) else "")
        for case in found
    ]


@pytest.mark.parametrize("conclusion", [one for one in Conclusion if not one.green])
def test_a_red_run_is_never_green_in_the_file(conclusion: Conclusion) -> None:
    """Whatever the list of tests says: with all passed, with none, or with no run at all."""
    kind = "".join(word.capitalize() for word in conclusion.value.split("-"))
    told = [(f"Gate: {conclusion.value}", "error", kind)]
    assert verdicts(gate_of(made(outcome=Outcome.PASSED), conclusion=conclusion)) == told
    assert verdicts(gate_of(conclusion=conclusion)) == told
    assert verdicts(samples.gate(conclusion, "No run.")) == told


@given(gate=gates())
def test_the_file_is_red_where_the_step_is(gate: Gate) -> None:
    """A step that exits with a failure leaves a file with a failure or an error."""
    root = read(gate)
    if gate.exit_code:
        assert root.findall(".//failure") or root.findall(".//error")


def test_a_conclusion_that_fail_on_leaves_out_is_told_as_skipped() -> None:
    """The user chose a green step: the verdict's case does not turn another reader red."""
    gate = gate_of(conclusion=Conclusion.NOTHING_RAN)._replace(exit_code=0)
    assert verdicts(gate) == [("Gate: nothing-ran", "skipped", "None")]


def test_a_run_that_was_only_started_is_told_as_skipped() -> None:
    """Nothing is known of its tests."""
    assert verdicts(samples.triggered()) == [("Gate: triggered", "skipped", "None")]


def test_counts_that_say_worse_than_the_list_are_told() -> None:
    """Two failed by the counts and one in the list: one more case says so."""
    run = samples.judged(Conclusion.FAILED, "2 failed.", (made(),), counts=Counts(failed=2))
    assert verdicts(samples.gate(Conclusion.FAILED, "2 failed.", run)) == [("Gate: failed", "error", "Failed")]
    assert verdicts(gate_of(made())) == []


def test_a_run_cut_short_is_told_beside_its_failed_tests() -> None:
    """A time-out is not lost behind one failed test."""
    assert verdicts(gate_of(made(), conclusion=Conclusion.TIMED_OUT)) == [("Gate: timed-out", "error", "TimedOut")]


def test_a_step_that_is_red_over_green_runs_says_so() -> None:
    """A report that could not be written: the runs passed, the file is red."""
    run = samples.judged(Conclusion.PASSED, "Passed.", (made(outcome=Outcome.PASSED),))
    gate = samples.gate(Conclusion.REPORT_ERROR, "could not write.", run)
    assert verdicts(gate) == [("Gate: report-error", "error", "ReportError")]


def test_a_green_run_without_tests_is_one_passed_case() -> None:
    """The file is never empty."""
    assert verdicts(gate_of(conclusion=Conclusion.PASSED)) == [("Gate: passed", "", "")]


def test_a_fault_is_told_with_its_remedy() -> None:
    """Why the run could not start, and what to do, are in the error's text."""
    fault = PlatformError("The key was refused (401)", remedy="Create another key.")
    run = samples.judged(Conclusion.PLATFORM_ERROR, "It did not start.", fault=fault, started=False)
    (case,) = cases(read(samples.gate(Conclusion.PLATFORM_ERROR, "x", run)))
    assert case[0].text == "It did not start. The key was refused (401)\nCreate another key."


def test_a_test_called_like_the_verdict_keeps_its_name() -> None:
    """The added case gives way."""
    gate = gate_of(made(name="Gate: timed-out"), conclusion=Conclusion.TIMED_OUT)
    assert [name for name, _, _ in verdicts(gate)] == ["Gate: timed-out", "Gate: timed-out (2)"]


def test_the_run_can_be_found_from_the_file() -> None:
    """Id and address are properties; the address is in the suite's output, where most readers show it."""
    suite = read(samples.failing())[0]
    properties = {str(one.get("name")): one.get("value") for one in suite.iter("property")}
    assert properties["run-id"] == "337"
    assert properties["demo"] == "true"
    assert str(suite.findtext("system-out")).endswith(str(properties["run-url"]))


@pytest.mark.parametrize(
    ("seconds", "time"),
    [(None, "0.000"), (0.0005001, "0.001"), (1.25, "1.250"), (-1.0, "0.000"), (float("nan"), "0.000"), (1e308, "1e9")],
)
def test_a_duration_has_three_decimals_whatever_it_was(seconds: float | None, time: str) -> None:
    """What is no duration is 0; what is absurd is capped."""
    (case,) = cases(read(gate_of(made(seconds=seconds))))
    assert case.get("time") == ("1000000000.000" if time == "1e9" else time)


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), 1e300, -1e300])
def test_a_start_that_is_no_time_does_not_break_the_file(moment: float) -> None:
    """The epoch's start stands in."""
    assert read(gate_of(made())._replace(started_at=moment))[0].get("timestamp") == "1970-01-01T00:00:00"


def test_one_text_is_capped() -> None:
    """A message of 20 MB does not make a file that readers refuse."""
    (case,) = cases(read(gate_of(made(message="x" * 20_000_000))))
    assert 100_000 < len(str(case[0].text)) < 1_000_000


def test_thousands_of_runs_and_equal_names_stay_unique() -> None:
    """The same plan 2 000 times, each with the same test."""
    run = samples.judged(Conclusion.FAILED, "x", (made(),))
    found = cases(read(samples.gate(Conclusion.FAILED, "x", *[run] * 2_000)))
    assert len({(case.get("classname"), case.get("name")) for case in found}) == 2_000


@pytest.mark.parametrize("attempts", [0, 4])
def test_memory_does_not_follow_the_suite(attempts: int) -> None:
    """10 000 cases of 4 kB in one suite, or 2 000 of five attempts: pieces of a few MB, made one at a time."""
    message = "x" * 4_000
    earlier = (Earlier(Outcome.FAILED, message),) * attempts
    number = 10_000 // (attempts + 1)
    tests = tuple(made(name=f"Test {index}", message=message, earlier=earlier) for index in range(number))
    gate = gate_of(*tests)
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in JUnit().render(gate))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 40_000_000
    assert peak < 15_000_000


def test_the_worst_names_are_all_there() -> None:
    """Every hostile test is a case of its own."""
    gate = samples.hostile()
    expected = sum(len(run.report.tests) for run in gate.runs)
    plain = [case for case in cases(read(gate)) if not str(case.get("name")).startswith("Gate: ")]
    assert len(plain) == expected


def test_a_video_is_in_the_cases_output() -> None:
    """Linked for people; what is no web address is left out, and so is the element."""
    addresses = ["https://example.com/videos/1?a=1&b=2", "javascript:alert(1)", ""]
    tests = [made(f"test {number}", video=address) for number, address in enumerate(addresses)]
    root = etree.fromstring("".join(JUnit().render(gate_of(*tests))).encode())
    found = [case.findtext("system-out") for case in root.iter("testcase")]
    assert found == [f"Video: {addresses[0]}", None, None]
