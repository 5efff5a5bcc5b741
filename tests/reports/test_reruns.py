"""The summary's words on reruns, flaky and quarantined tests, failing steps, and what goes on."""

import re

import pytest
from hypothesis import given

from testgate.model import Conclusion, Earlier, Outcome, TestResult
from testgate.reports.naming import attempts_of
from testgate.results import Gate, JudgedRun
from tests.reports import samples
from tests.reports.readers import page, read, text_of
from tests.reports.strategies import gates

BLANK = "\N{NO-BREAK SPACE}"
EARLIER = (Earlier(Outcome.FAILED, "The first\nmessage"),)


def page_of(*tests: TestResult, **more: object) -> str:
    """The page of one run with these tests."""
    run = samples.judged(Conclusion.FAILED, "x", tests)
    return page(samples.gate(Conclusion.FAILED, "x", run, **more))


def folds(text: str) -> dict[str, str]:
    """What is in each fold, by its title."""
    return {text_of(fold[0]): text_of(fold) for fold in read(text).iter("details")}


def titles(text: str) -> list[str]:
    """The table's columns."""
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
def test_columns_are_there_only_where_they_say_something(tests: tuple[TestResult, ...], shown: list[str]) -> None:
    """After the total, for these tests are counted in it already."""
    found = titles(page_of(*tests))
    assert found[found.index("Total") + 1 : found.index("Pass rate")] == shown


def test_a_failed_test_shows_its_attempts_and_its_step() -> None:
    """Without unfolding: failed in all, and where; unfolded also what it said before."""
    ((title, body),) = folds(page_of(samples.STUBBORN)).items()
    assert "failed in all 3 attempts" in title
    assert "Failing step: 7. verify that the page shows the heading: it does not (NLP_404)" in title
    assert "Thank you for your order" in title
    assert "attempt 1: No such element: #pay" in body
    assert "attempt 2" not in body  # no output


def test_a_step_is_told_where_there_is_no_message() -> None:
    """It is the only word on what happened."""
    ((title, body),) = folds(page_of(samples.TESTS[4]._replace(step="click on Pay"))).items()
    assert title.endswith("Failing step: click on Pay")
    assert "no message" not in body


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
    """One that did not run proves nothing."""
    test = samples.TESTS[2]._replace(earlier=tuple(Earlier(outcome) for outcome in earlier))
    assert attempts_of(test) == words


def test_a_flaky_test_tells_where_it_passed_and_folds_its_first_message() -> None:
    """The message is not seen before it is unfolded."""
    text = page_of(samples.FLAKY)
    assert "### 1 flaky test\n\nPassed only after a rerun.\n" in text
    title, body = next((title, body) for title, body in folds(text).items() if "🔁" in title)
    assert "passed in attempt 3" in title
    assert "Timed out" not in title
    assert "Timed out after 30 s\n  waiting for #user" in body
    assert "Session lost" not in body


def test_a_flaky_test_without_a_message_says_so() -> None:
    """A fold is never empty."""
    test = samples.FLAKY._replace(earlier=(Earlier(Outcome.FAILED, " \n"),))
    assert any("no message of its failure" in body for body in folds(page_of(test)).values())


def test_a_quarantined_test_is_folded_with_reason_and_message_and_is_no_failed_test() -> None:
    """Neither as failed nor as not run: it is told in one place."""
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
    """A line for people, whatever there is."""
    text = page_of(samples.EXCUSED._replace(message=""))
    assert "<br>Failing step: 3. click on Pay\n" in text


def test_the_chain_of_reruns_leads_to_their_pages() -> None:
    """Under the table, in order, each with its tests."""
    text = page(samples.rerun())
    (line,) = (line for line in text.splitlines() if line.startswith("Reruns"))
    at = "https://app.testsigma.com/ui/td/runs"
    assert line == (
        f"Reruns: [run 338]({at}/338) (2 tests, by the platform itself), [run 339]({at}/339) (1 test), "
        f"[run 340]({at}/340) (not seen to its end)"
    )
    assert text.index("| Run |") < text.index("Reruns:") < text.index("### 1 failed test")


def test_the_chains_of_several_runs_name_their_run() -> None:
    """Runs without a rerun have no line."""
    chained = samples.rerun().runs[0]
    plain = samples.passing().runs[0]
    text = page(samples.gate(Conclusion.FAILED, "x", chained, plain, chained))
    assert len(re.findall(r"^Reruns of Nightly regression — \[run 338\]", text, re.MULTILINE)) == 2


def test_a_chain_without_end_is_cut_with_a_word() -> None:
    """Ten are shown."""
    run = samples.rerun().runs[0]
    many = run._replace(report=run.report._replace(attempts=[run.report.attempts[1]] * 40))
    text = page(samples.gate(Conclusion.FAILED, "x", many))
    assert text.count("[run 338]") == 10
    assert " and 29 more reruns\n" in text


def test_what_goes_on_leads_to_its_page_where_that_is_known() -> None:
    """Each run once; an id alone is enough where nothing else is known."""
    gate = samples.rerun()
    text = page(gate._replace(left_running=[*gate.left_running, "340"]))
    line = "**Still running on the platform:** [340](https://app.testsigma.com/ui/td/runs/340), 77\n"
    assert line in text


def test_notes_of_runs_are_told_once_and_name_their_run() -> None:
    """A sentence that stands in the verdict or in the table is not repeated."""
    plain = samples.failing().runs[0]
    one = plain._replace(report=plain.report._replace(notes=("It went on.", plain.verdict.reason, "It went on.")))
    assert page(samples.gate(Conclusion.FAILED, "x", one)).count("- It went on.\n") == 1
    two = page(samples.gate(Conclusion.FAILED, "x", one, samples.passing().runs[0]))
    assert two.count("- Nightly regression — It went on.\n") == 1
    assert two.count(plain.verdict.reason) == 1


def test_a_stop_tells_what_became_of_each_run() -> None:
    """No column of numbers, no row of sums, and no note that says it again."""
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
    """Heading and reason are all there is."""
    assert [str(element.tag) for element in read(page(gate))] == ["h2", "p"]
    assert page(gate).startswith(("## ✅", "## 📝", "## ⏹️"))


def test_flaky_tests_leave_the_room_to_failed_ones() -> None:
    """Thousands of both: most of the page is for failures, and none of either is lost without a word."""
    failed = samples.huge(2_000).runs[0]
    text = page(samples.gate(Conclusion.FAILED, "x", failed, many_flaky(2_000)))
    told, more = text.count("<summary>🔁"), re.findall(r"…and ([\d\N{NO-BREAK SPACE}]+) more flaky", text)
    assert told + int(more[0].replace(BLANK, "")) == 2_000
    assert told > 50
    cut = text.index("### 2")
    assert text.index("flaky tests", cut) - cut > 600_000


def test_flaky_tests_alone_have_the_page() -> None:
    """No room is kept for failures that are not there."""
    text = page(samples.gate(Conclusion.PASSED, "x", many_flaky(3_000)))
    assert 900_000 < len(text.encode()) <= 1_000_000


def many_flaky(number: int) -> JudgedRun:
    """A run of so many flaky tests with long messages."""
    long = (Earlier(Outcome.FAILED, "y" * 4_000),)
    run: JudgedRun = samples.huge(number, "", outcome=Outcome.PASSED, earlier=long).runs[0]
    return run


@pytest.mark.parametrize("limit", [600, 2_000, 8_000, 40_000, 1_000_000])
def test_the_limit_holds_with_reruns_of_everything(limit: int) -> None:
    """Thousands of chains, notes, flaky and quarantined tests, each of them long."""
    long = "<&>" * 500
    run = samples.rerun().runs[0]
    tests = [test._replace(name=long, quarantine=test.quarantine and long, step=long) for test in run.report.tests]
    notes = [f"{number} {long}" for number in range(50)]
    whole = run._replace(report=run.report._replace(tests=tests * 20, notes=notes))
    text = page(samples.gate(Conclusion.FAILED, "x", *[whole] * 60), limit)
    assert len(text.encode()) <= limit


@given(gate=gates())
def test_every_test_that_is_flaky_or_quarantined_is_counted_on_the_page(gate: Gate) -> None:
    """The headings hold the numbers, and a fold is there for each flaky test."""
    text = page(gate, 10_000_000)
    tests = [test for run in gate.runs for test in run.report.tests]
    for number, noun in (
        (sum(test.flaky for test in tests), "flaky test"),
        (sum(test.quarantined for test in tests), "quarantined test"),
    ):
        heading = rf"(### |<summary>){number} {noun}{'' if number == 1 else 's'}\b"
        assert bool(re.search(heading, text)) == bool(number)
    assert text.count("<details><summary>🔁") == sum(test.flaky for test in tests)
