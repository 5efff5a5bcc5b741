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
from tests.support.marks import full

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
    """A gate with one run of these tests."""
    return samples.gate(conclusion, "The reason.", samples.judged(conclusion, "The reason.", tests))


def made(name: str = "Pay", outcome: Outcome = Outcome.FAILED, **more: object) -> TestResult:
    """A test's result."""
    return TestResult("1", name, outcome)._replace(**more)  # type: ignore[arg-type]  # the fields that a test names


def plain_results(gate: Gate) -> Gate:
    """The same gate, as if every test had run once and nothing had been recorded."""
    runs = []
    for run in gate.runs:
        tests = [test._replace(earlier=(), video="") for test in run.report.tests]
        runs.append(run._replace(report=run.report._replace(tests=tests)))
    return gate._replace(runs=runs)


@given(gate=gates())
def test_without_reruns_and_videos_both_schemas_accept_any_gate(schemas: Schemas, gate: Gate) -> None:
    """The strict form holds for quarantine, failing steps and whatever text."""
    root = read(plain_results(gate))
    schemas.jenkins.assertValid(root)
    schemas.ant.assertValid(root)


def test_reruns_are_beyond_the_stricter_schema(schemas: Schemas) -> None:
    """Ant's schema has no elements for reruns, nor output of a test case; Jenkins' has, and so have the readers."""
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
    """The suite's counters match its cases."""
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
    """Each test's outcome, message and failing step are in the file, in the order of the suites."""
    tests = [test._replace(earlier=(), quarantine="", tolerated=False) for test in tests]
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
    """The visible part of a name; "" if there is none."""
    line = " ".join(clean(text).split())
    return line if any(char.isprintable() and char != " " for char in line) else ""


def assert_outcome(case: etree._Element, test: TestResult) -> None:
    """The case has the test's outcome once, with its message; its video is in another element."""
    tag, kind = ELEMENTS[test.outcome]
    children = [child for child in case if child.tag != "system-out"]
    assert [child.tag for child in children] == ([tag] if tag else [])
    for child in children:
        assert child.get("type") == kind
        text, message = str(child.text), str(child.get("message"))
        assert text.partition("\n")[0] == message != ""
        assert clean(test.message).strip() in text
        assert seen(test.step) in seen(text)


@given(text=TEXTS)
def test_any_message_is_read_back_letter_by_letter(text: str) -> None:
    """The text is exactly the cleaned message."""
    (case,) = cases(read(gate_of(made(message=f"First\n{text}|"))))
    assert case[0].text == clean(f"First\n{text}|").strip()
    assert case[0].get("message") == "First"


def test_classname_and_name_do_not_change_from_run_to_run() -> None:
    """Another run, order, plan name and reason give the same pairs."""
    twins = (made(case_id="11", suite="S.1", machine="M"), made(case_id="2", suite="S.1", machine="M"))
    one = gate_of(*twins)
    judged = samples.judged(Conclusion.FAILED, "Other.", tuple(reversed(twins)), name="Renamed")
    other = samples.gate(Conclusion.FAILED, "Other.", judged)
    for gate, marks in ((one, ["Pay (2)", "Pay"]), (other, ["Pay", "Pay (2)"])):
        found = cases(read(gate))
        assert [case.get("name") for case in found] == marks
        assert {case.get("classname") for case in found} == {"Test plan 274.S_1.M"}


def test_an_ordinal_never_makes_the_name_of_another_test() -> None:
    """The second of two equal names skips an ordinal that would collide with a third."""
    found = cases(read(gate_of(made(), made(), made(name="Pay (2)"))))
    assert [case.get("name") for case in found] == ["Pay", "Pay (3)", "Pay (2)"]


def test_suites_keep_their_order_and_machine() -> None:
    """There is one suite per test suite and machine, in order of first appearance."""
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
    """The platform's word for the result replaces a missing message."""
    (case,) = cases(read(gate_of(made(outcome=outcome, message=message, word="BROKEN_PIPE"))))
    assert "BROKEN_PIPE" in str(case[0].text)
    (case,) = cases(read(gate_of(made(outcome=outcome, message=message))))
    assert str(case[0].text).strip()


def verdicts(gate: Gate) -> list[tuple[str, str, str]]:
    """The cases for verdicts: name, element and type."""
    found = [case for case in cases(read(gate)) if str(case.get("name")).startswith("Gate")]
    return [
        (str(case.get("name")), str(case[0].tag) if len(case) else "", str(case[0].get("type")) if len(case) else "")
        for case in found
    ]


@pytest.mark.parametrize("conclusion", [one for one in Conclusion if not one.green])
def test_a_red_run_is_never_green_in_the_file(conclusion: Conclusion) -> None:
    """Not even if all tests passed, there are no tests, or there is no run."""
    kind = "".join(word.capitalize() for word in conclusion.value.split("-"))
    expected = [(f"Gate: {conclusion.value}", "error", kind)]
    assert verdicts(gate_of(made(outcome=Outcome.PASSED), conclusion=conclusion)) == expected
    assert verdicts(gate_of(conclusion=conclusion)) == expected
    assert verdicts(samples.gate(conclusion, "No run.")) == expected


@given(gate=gates())
def test_the_file_is_red_if_the_step_is(gate: Gate) -> None:
    """A step that fails leaves a file with a failure or an error."""
    root = read(gate)
    if gate.exit_code:
        assert root.findall(".//failure") or root.findall(".//error")


def test_a_conclusion_that_fail_on_omits_is_skipped() -> None:
    """The user chose a green step, so the verdict must not turn another reader red."""
    gate = gate_of(conclusion=Conclusion.NOTHING_RAN)._replace(exit_code=0)
    assert verdicts(gate) == [("Gate: nothing-ran", "skipped", "None")]


def test_a_run_that_was_only_started_is_skipped() -> None:
    """Nothing is known about its tests."""
    assert verdicts(samples.triggered()) == [("Gate: triggered", "skipped", "None")]


def test_counts_that_are_worse_than_the_list_add_a_case() -> None:
    """Two tests failed according to the counts, but the list has only one of them."""
    judged = samples.judged(Conclusion.FAILED, "2 failed.", (made(),), counts=Counts(failed=2))
    assert verdicts(samples.gate(Conclusion.FAILED, "2 failed.", judged)) == [("Gate: failed", "error", "Failed")]
    assert verdicts(gate_of(made())) == []


def test_a_timeout_adds_a_case_to_the_failed_tests() -> None:
    """A failed test does not hide it."""
    assert verdicts(gate_of(made(), conclusion=Conclusion.TIMED_OUT)) == [("Gate: timed-out", "error", "TimedOut")]


def test_a_red_step_with_green_runs_adds_a_case() -> None:
    """If a report could not be written, the runs pass but the file is red."""
    judged = samples.judged(Conclusion.PASSED, "Passed.", (made(outcome=Outcome.PASSED),))
    gate = samples.gate(Conclusion.REPORT_ERROR, "junit.xml could not be written.", judged)
    assert verdicts(gate) == [("Gate: report-error", "error", "ReportError")]


def test_a_green_run_without_tests_is_one_passed_case() -> None:
    """A file without a case would be invalid."""
    assert verdicts(gate_of(conclusion=Conclusion.PASSED)) == [("Gate: passed", "", "")]


def test_a_fault_comes_with_its_remedy() -> None:
    """The error's text says why the run could not start and what to do about it."""
    fault = PlatformError("The key was refused (401)", remedy="Create another key.")
    judged = samples.judged(Conclusion.PLATFORM_ERROR, "It did not start.", fault=fault, started=False)
    (case,) = cases(read(samples.gate(Conclusion.PLATFORM_ERROR, "x", judged)))
    assert case[0].text == "It did not start. The key was refused (401)\nCreate another key."


def test_a_test_named_like_a_verdict_keeps_its_name() -> None:
    """The verdict's case gets the ordinal."""
    gate = gate_of(made(name="Gate: timed-out"), conclusion=Conclusion.TIMED_OUT)
    assert [name for name, _, _ in verdicts(gate)] == ["Gate: timed-out", "Gate: timed-out (2)"]


def test_the_run_can_be_found_from_the_file() -> None:
    """Id and address are properties, and the address is in the output, which most readers show."""
    suite = read(samples.failing())[0]
    properties = {str(one.get("name")): one.get("value") for one in suite.iter("property")}
    assert properties["run-id"] == "337"
    assert properties["demo"] == "true"
    assert str(suite.findtext("system-out")).endswith(str(properties["run-url"]))


@pytest.mark.parametrize(
    ("seconds", "time"),
    [(None, "0.000"), (0.0005001, "0.001"), (1.25, "1.250"), (-1.0, "0.000"), (float("nan"), "0.000"), (1e308, "1e9")],
)
def test_any_duration_has_three_decimals(seconds: float | None, time: str) -> None:
    """An invalid duration is 0, an absurd one is capped."""
    (case,) = cases(read(gate_of(made(seconds=seconds))))
    assert case.get("time") == ("1000000000.000" if time == "1e9" else time)


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), 1e300, -1e300])
def test_an_invalid_start_time_does_not_break_the_file(moment: float) -> None:
    """The start of the epoch replaces it."""
    assert read(gate_of(made())._replace(started_at=moment))[0].get("timestamp") == "1970-01-01T00:00:00"


def test_a_long_message_is_capped() -> None:
    """Readers would refuse a file with a message of 20 MB."""
    (case,) = cases(read(gate_of(made(message="x" * 20_000_000))))
    assert 100_000 < len(str(case[0].text)) < 1_000_000


def test_equal_names_in_thousands_of_runs_stay_unique() -> None:
    """The same plan runs 2,000 times with the same test."""
    judged = samples.judged(Conclusion.FAILED, "x", (made(),))
    found = cases(read(samples.gate(Conclusion.FAILED, "x", *[judged] * 2_000)))
    assert len({(case.get("classname"), case.get("name")) for case in found}) == 2_000


@pytest.mark.parametrize("attempts", [full(0), 4])
def test_memory_does_not_grow_with_the_suite(attempts: int) -> None:
    """10,000 cases of 4 kB, or 2,000 with five attempts, are written in pieces of a few MB."""
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
    assert 20_000_000 < size < 28_000_000
    assert peak < 16_000_000


def test_every_hostile_test_has_a_case() -> None:
    """No name is lost or merged with another."""
    gate = samples.hostile()
    expected = sum(len(run.report.tests) for run in gate.runs)
    plain = [case for case in cases(read(gate)) if not str(case.get("name")).startswith("Gate: ")]
    assert len(plain) == expected


def test_a_video_is_in_the_output_of_its_case() -> None:
    """Only a web address is; otherwise there is no output."""
    addresses = ["https://example.com/videos/1?a=1&b=2", "javascript:alert(1)", ""]
    tests = [made(f"test {number}", video=address) for number, address in enumerate(addresses)]
    root = etree.fromstring("".join(JUnit().render(gate_of(*tests))).encode())
    found = [case.findtext("system-out") for case in root.iter("testcase")]
    assert found == [f"Video: {addresses[0]}", None, None]


@pytest.mark.parametrize("message", ["x" * 10_000, "<&>" * 3_000, "é" * 9_000])
def test_a_large_file_stays_readable(message: str) -> None:
    """Below 28 MB: what makes the file red gives way last, and says that it did."""
    earlier = (Earlier(Outcome.FAILED, message),)
    red = [made(name=f"Red {index}", message=message) for index in range(400)]
    flaky = [made(name=f"Flaky {index}", outcome=Outcome.PASSED, earlier=earlier) for index in range(3_000)]
    found = cases(read(gate_of(*red, *flaky)))
    text = "".join(JUnit().render(gate_of(*red, *flaky)))
    assert len(text.encode()) < 28_000_000
    shown = {str(case.get("name")): str(case[0][0].text if len(case[0]) else case[0].text) for case in found}
    assert message in shown["Red 0"]
    assert shown["Flaky 0"].endswith("too large]")


def test_a_file_of_failures_only_is_shortened_too() -> None:
    """Evenly, as none is more important."""
    tests = [made(name=f"Red {index}", message=f"{index} " + "x" * 15_000) for index in range(5_000)]
    text = "".join(JUnit().render(gate_of(*tests)))
    assert 10_000_000 < len(text.encode()) < 28_000_000
    assert text.count("too large]") == 5_000


@given(st.lists(st.text(min_size=200, max_size=400), min_size=2, max_size=6))
def test_long_names_are_unique_and_stable(names: list[str]) -> None:
    """At most 255 characters, in any order of the tests."""
    tests = [made(name=name, case_id=str(index), suite=name * 2) for index, name in enumerate(names)]
    found = cases(read(gate_of(*tests)))
    keys = [(str(case.get("classname")), str(case.get("name"))) for case in found]
    assert len({*keys}) == len(keys)
    assert max(len(part) for key in keys for part in key) <= 255
    again = cases(read(gate_of(*reversed(tests))))
    assert {(str(case.get("classname")), str(case.get("name"))) for case in again} == {*keys}


def test_two_steps_of_one_plan_have_names_of_their_own() -> None:
    """The environment and the leg that were given tell them apart; the title does not."""
    judged = samples.judged(Conclusion.FAILED, "x", (made(),))
    ninth = judged._replace(report=judged.report._replace(target=judged.report.target._replace(environment="9")))
    tenth = judged._replace(report=judged.report._replace(target=judged.report.target._replace(environment="10")))
    gates = [
        samples.gate(Conclusion.FAILED, "x", ninth),
        samples.gate(Conclusion.FAILED, "x", tenth),
        samples.gate(Conclusion.FAILED, "x", ninth)._replace(leg="chrome"),
        samples.gate(Conclusion.FAILED, "x", ninth)._replace(leg="firefox"),
        samples.gate(Conclusion.FAILED, "x", judged),
    ]
    suites = [suite for gate in gates for suite in read(gate)]
    found = {(suite.get("name"), case.get("classname")) for suite in suites for case in cases(suite)}
    assert len(found) == len(gates)
    titled = samples.gate(Conclusion.FAILED, "x", ninth)._replace(title="Build 77")
    assert cases(read(titled))[0].get("classname") == cases(read(gates[0]))[0].get("classname")
