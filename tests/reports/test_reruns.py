"""The summary's sections about reruns, flaky and quarantined tests, failing steps, and runs left running."""

import re

import pytest
from hypothesis import given

from testgate.model import Conclusion, Earlier, Outcome, TestResult
from testgate.reports.naming import failed_attempts
from testgate.results import Gate, JudgedRun
from tests.reports import samples
from tests.reports.readers import page, read, text_of
from tests.reports.strategies import gates
from tests.support.marks import full

BLANK = "\N{NO-BREAK SPACE}"
EARLIER = (Earlier(Outcome.FAILED, "The first\nmessage"),)


def page_of(*tests: TestResult, **more: object) -> str:
    """The page of one run with these tests."""
    judged = samples.judged(Conclusion.FAILED, "x", tests)
    return page(samples.gate(Conclusion.FAILED, "x", judged, **more))


def folds(text: str) -> dict[str, str]:
    """The text of each fold, by its title."""
    return {text_of(fold[0]): text_of(fold) for fold in read(text).iter("details")}


def titles(text: str) -> list[str]:
    """The titles of the table's columns."""
    return [text_of(cell).replace(BLANK, " ") for cell in next(iter(read(text).iter("tr"))).iter("th")]


@pytest.mark.parametrize(
    ("tests", "shown"),
    [
        ((samples.TESTS[0],), []),
        ((samples.FLAKY,), ["Flaky"]),
        ((samples.EXCUSED,), ["Quarantined"]),
        ((samples.FLAKY, samples.EXCUSED), ["Flaky", "Quarantined"]),
    ],
)
def test_columns_of_zeros_are_left_out(tests: tuple[TestResult, ...], shown: list[str]) -> None:
    """Flaky and quarantined tests follow the total, which includes them."""
    found = titles(page_of(*tests))
    assert found[found.index("Total") + 1 : found.index("Pass rate")] == shown


def test_a_failed_test_shows_its_attempts_and_its_step() -> None:
    """The number of attempts and the step are in the title, earlier messages in the fold."""
    ((title, body),) = folds(page_of(samples.STUBBORN)).items()
    assert "failed in all 3 attempts" in title
    assert "Failing step: 7. verify that the page shows the heading: it does not (NLP_404)" in title
    assert "Thank you for your order" in title
    assert "Attempt 1: No such element: #pay" in body
    assert "Attempt 2" not in body  # it has no message


def test_a_failing_step_replaces_a_missing_message() -> None:
    """It is all that is known about the failure."""
    ((title, body),) = folds(page_of(samples.TESTS[4]._replace(step="click on Pay"))).items()
    assert title.endswith("Failing step: click on Pay")
    assert "message" not in body


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ([], ""),
        ([Outcome.NOT_RUN, Outcome.SKIPPED], ""),
        ([Outcome.FAILED], "failed in all 2 attempts"),
        ([Outcome.ERROR, Outcome.FAILED], "failed in all 3 attempts"),
        ([Outcome.FAILED, Outcome.PASSED, Outcome.NOT_RUN], "failed in 2 of 3 attempts"),
    ],
)
def test_only_attempts_in_which_a_test_ran_are_counted(earlier: list[Outcome], words: str) -> None:
    """An attempt in which the test did not run proves nothing."""
    test = samples.TESTS[2]._replace(earlier=tuple(Earlier(outcome) for outcome in earlier))
    assert failed_attempts(test) == words


def test_a_flaky_test_shows_when_it_passed_and_folds_its_first_message() -> None:
    """The title has the attempt, and only the fold has the message."""
    text = page_of(samples.FLAKY)
    assert "### 1 flaky test\n\nPassed only after a rerun.\n" in text
    title, body = next((title, body) for title, body in folds(text).items() if "🔁" in title)
    assert "passed on attempt 3" in title
    assert "Timed out" not in title
    assert "Timed out after 30 s\n  waiting for #user" in body
    assert "Session lost" not in body


def test_a_flaky_test_without_a_message_says_so() -> None:
    """A fold is never empty."""
    test = samples.FLAKY._replace(earlier=(Earlier(Outcome.FAILED, " \n"),))
    assert any("The platform gave no message for the failure." in body for body in folds(page_of(test)).values())


def test_a_quarantined_test_is_shown_with_its_reason_and_not_as_failed() -> None:
    """It is in one list only: neither among the failed tests nor among those that did not run."""
    late = samples.TESTS[6]._replace(quarantine="SHOP-9: *slow*")
    text = page_of(samples.EXCUSED, late)
    assert "failed test" not in text
    assert "did not run" not in text
    (body,) = (body for title, body in folds(text).items() if title.startswith("2 quarantined tests"))
    assert "Pay by invoice" in body
    assert "Quarantined: SHOP-123: the payment sandbox is down" in body
    assert "Session lost" in body
    assert "Quarantined: SHOP-9: *slow*" in body


def test_a_quarantined_test_without_a_message_shows_its_step() -> None:
    """The step is the next best information."""
    text = page_of(samples.EXCUSED._replace(message=""))
    assert "<br>Failing step: 3. click on Pay\n" in text


def test_reruns_link_to_their_pages() -> None:
    """They follow the table, in order, each with its number of tests."""
    text = page(samples.rerun())
    (line,) = (line for line in text.splitlines() if line.startswith("Reruns"))
    at = "https://app.testsigma.com/ui/td/runs"
    assert line == (
        f"Reruns: [run 338]({at}/338) (2 tests, started by the platform), [run 339]({at}/339) (1 test), "
        f"[run 340]({at}/340) (not known to have finished)"
    )
    assert (
        text.index("| Run |")
        < text.index("Reruns:")
        < text.index("### 1 failed test, 1 errored, 1 of them quarantined")
    )


def test_reruns_name_their_run_if_there_are_several() -> None:
    """A run without a rerun has no line."""
    rerun = samples.rerun().runs[0]
    plain = samples.passing().runs[0]
    text = page(samples.gate(Conclusion.FAILED, "x", rerun, plain, rerun))
    assert len(re.findall(r"^Reruns of Nightly regression: \[run 338\]", text, re.MULTILINE)) == 2


def test_too_many_reruns_are_counted() -> None:
    """Ten of a run are shown, and the number of the others."""
    judged = samples.rerun().runs[0]
    many = judged._replace(report=judged.report._replace(attempts=[judged.report.attempts[1]] * 40))
    text = page(samples.gate(Conclusion.FAILED, "x", many))
    assert text.count("[run 338]") == 10
    assert " and 29 more reruns\n" in text


def test_runs_left_running_link_to_their_pages() -> None:
    """Each run is there once; if its page is unknown, it has only its id."""
    gate = samples.rerun()
    text = page(gate._replace(left_running=[*gate.left_running, "340"]))
    line = "**May still be running on the platform:** [340](https://app.testsigma.com/ui/td/runs/340), 77\n"
    assert line in text


def test_notes_of_runs_appear_once_and_name_their_run() -> None:
    """A sentence from the verdict or the table is not repeated."""
    plain = samples.failing().runs[0]
    one = plain._replace(report=plain.report._replace(notes=("Still going.", plain.verdict.reason, "Still going.")))
    assert page(samples.gate(Conclusion.FAILED, "x", one)).count("- Still going.\n") == 1
    two = page(samples.gate(Conclusion.FAILED, "x", one, samples.passing().runs[0]))
    assert two.count("- Nightly regression — Still going.\n") == 1
    assert two.count(plain.verdict.reason) == 1


def test_a_stop_shows_the_state_of_each_run() -> None:
    """Without columns of numbers, a row of sums, or notes that repeat it."""
    root = read(page(samples.stopped()))
    rows = [[text_of(cell).replace(BLANK, " ") for cell in row] for row in root.iter("tr")]
    assert rows == [
        ["Run", "Result", "Duration"],
        ["Test plan 274", "⏹️ stop-confirmedrun 337 was stopped (STOPPED)", "12 min 34 s"],
        ["Test plan 275", "⏹️ stop-confirmedrun 338 had already ended (SUCCESS)", "12 min 34 s"],
    ]
    assert not list(root.iter("h3"))


@pytest.mark.parametrize("gate", [samples.checked(), samples.dry(), samples.gate(Conclusion.STOP_CONFIRMED, "done")])
def test_a_step_without_runs_has_no_table(gate: Gate) -> None:
    """The page is only heading and reason."""
    assert [str(element.tag) for element in read(page(gate))] == ["h2", "p"]
    assert page(gate).startswith(("## ✅", "## 📝", "## ⏹️"))


def test_failed_tests_get_most_of_the_room() -> None:
    """Of thousands of failed and flaky tests each is shown or counted, and failed ones fill most of the page."""
    failed = samples.huge(2_000).runs[0]
    text = page(samples.gate(Conclusion.FAILED, "x", failed, many_flaky(2_000)))
    shown, more = text.count("<summary>🔁"), re.findall(r"…and ([\d\N{NO-BREAK SPACE}]+) more flaky", text)
    assert shown + int(more[0].replace(BLANK, "")) == 2_000
    assert shown > 50
    start = text.index("### 2")
    assert text.index("flaky tests", start) - start > 600_000


def test_flaky_tests_fill_a_page_without_failed_ones() -> None:
    """No room is reserved for failures that don't exist."""
    text = page(samples.gate(Conclusion.PASSED, "x", many_flaky(3_000)))
    assert 900_000 < len(text.encode()) <= 1_000_000


def many_flaky(number: int) -> JudgedRun:
    """A run with this number of flaky tests, all with long messages."""
    long = (Earlier(Outcome.FAILED, "y" * 4_000),)
    judged: JudgedRun = samples.huge(number, "", outcome=Outcome.PASSED, earlier=long).runs[0]
    return judged


@pytest.mark.parametrize("limit", [600, full(2_000), full(8_000), 40_000, full(1_000_000)])
def test_a_gate_full_of_reruns_stays_within_the_limit(limit: int) -> None:
    """Many reruns, notes, flaky and quarantined tests, all with long texts."""
    long = "<&>" * 500
    judged = samples.rerun().runs[0]
    tests = [test._replace(name=long, quarantine=test.quarantine and long, step=long) for test in judged.report.tests]
    notes = [f"{number} {long}" for number in range(50)]
    whole = judged._replace(report=judged.report._replace(tests=tests * 20, notes=notes))
    text = page(samples.gate(Conclusion.FAILED, "x", *[whole] * 60), limit)
    assert len(text.encode()) <= limit


@given(gate=gates())
def test_every_flaky_or_quarantined_test_is_counted(gate: Gate) -> None:
    """The headings have the numbers, and each flaky test has a fold."""
    text = page(gate, 10_000_000)
    tests = [test for run in gate.runs for test in run.report.tests]
    for number, noun in (
        (sum(test.flaky for test in tests), "flaky test"),
        (sum(test.quarantined for test in tests), "quarantined test"),
    ):
        heading = rf"(### |<summary>){number} {noun}{'' if number == 1 else 's'}\b"
        assert bool(re.search(heading, text)) == bool(number)
    assert text.count("<details><summary>🔁") == sum(test.flaky for test in tests)
