"""`summary.md`: its content, its order, and its size limit."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from testgate.errors import PlatformError
from testgate.model import Conclusion, Counts, Outcome, TestResult
from testgate.reports.ctrf import Ctrf
from testgate.reports.junit import JUnit
from testgate.results import Gate
from testgate.text import one_line
from tests.reports import samples
from tests.reports.readers import filtered, page, read, text_of
from tests.reports.samples import SAMPLES
from tests.reports.strategies import gates
from tests.support.marks import full

BLANK = "\N{NO-BREAK SPACE}"
HEADING = re.compile(
    r"^### (?:(\d[\d ]*) failed tests?)?"
    r"(?:,? ?(\d[\d ]*) errored(?: tests?)?)?"
    r"(?:, (\d[\d ]*) of them quarantined)?"
    r"(?:, (\d[\d ]*) (?:of them )?tolerated)?"
    r"(?:, (?:all |\d[\d ]* of them )?new)?$",
    re.MULTILINE,
)
TRUNCATED = "…truncated; see the JUnit report for the rest.\n"


def shown(text: str) -> tuple[int, int, int]:
    """The numbers of failed tests with a message, by name, and only counted."""
    folded = text.count("<details><summary>❌")
    named = len(re.findall(r"^- Test ", text, re.MULTILINE))
    (counted,) = re.findall(r"…and ([\d\N{NO-BREAK SPACE}]+) more failed tests?; see the JUnit", text) or ["0"]
    return folded, named, int(counted.replace(BLANK, ""))


@given(gate=gates(), limit=st.integers(0, 6_000))
def test_any_gate_stays_within_the_limit(gate: Gate, limit: int) -> None:
    """The limit is in bytes of UTF-8."""
    assert len(page(gate, limit).encode()) <= limit


@pytest.mark.parametrize(
    "limit", [*range(0, 3_000, 485), *map(full, range(97, 3_000, 97)), full(10_000), 100_000, full(1_000_000)]
)
def test_a_huge_gate_stays_within_the_limit(limit: int) -> None:
    """Thousands of runs, notes and failed tests, all with long texts."""
    gate = samples.huge(3_000)
    long = "<&>" * 2_000
    runs = [gate.runs[0], *[samples.judged(Conclusion.PLATFORM_ERROR, long, name=long)] * 3_000]
    worst = gate._replace(runs=runs, notes=[long] * 2_000, left_running=[long] * 2_000, remedy=long, title=long)
    assert len(page(worst, limit).encode()) <= limit


@pytest.mark.parametrize("limit", [1_000, 5_000, 50_000, 400_000, None])
def test_every_failed_test_is_shown_or_counted(limit: int | None) -> None:
    """Tests with a message, tests by name and tests only counted add up."""
    text = page(samples.huge(5_000), limit)
    folded, named, counted = shown(text)
    assert folded + named + counted == 5_000
    assert f"5{BLANK}000 failed tests" in text or counted == 5_000


def test_names_of_all_tests_matter_more_than_messages_of_some() -> None:
    """Of 5,000 failed tests, some have a message and all others a name."""
    folded, named, counted = shown(page(samples.huge(5_000)))
    assert (folded > 100, named > 4_000, counted) == (True, True, 0)


def test_the_page_uses_most_of_its_room() -> None:
    """5,000 failed tests of 4 kB each fill at least half of what GitHub shows."""
    text = page(samples.huge(5_000))
    assert 500_000 < len(text.encode()) <= 1_000_000


def test_a_truncated_page_is_well_formed() -> None:
    """At any limit, each fold has one title and contains no other fold, and every fence is closed."""
    for limit in range(400, 12_000, 331):
        root = read(page(samples.huge(40, "```\nx\n</details>\n" * 20), limit))
        folds = list(root.iter("details"))
        assert all([child.tag for child in fold].count("summary") == 1 for fold in folds)
        assert not any(list(fold.iterancestors("details", "pre")) for fold in folds)
        assert all(text_of(pre).count("</details>") == 20 for pre in root.iter("pre"))


def test_too_little_room_leaves_the_heading_or_nothing() -> None:
    """The heading is dropped last."""
    assert page(samples.failing(), 100).startswith("## ❌ Nightly regression: failed\n")
    assert page(samples.failing(), 10) == ""


def test_a_truncated_page_says_so() -> None:
    """One line replaces the sections that have no room even for a count."""
    gate = samples.failing()
    head = len(page(gate._replace(runs=(), notes=())).encode())
    assert page(gate, head + 70).endswith(TRUNCATED)
    assert TRUNCATED not in page(gate)


def test_red_runs_come_first_if_there_are_too_many() -> None:
    """One failed run after 2,000 passed ones is in the first row."""
    good = samples.judged(Conclusion.PASSED, "Fine.", samples.TESTS[:2])
    bad = samples.judged(Conclusion.FAILED, "Bad.", samples.TESTS[2:3], name="The bad one")
    text = page(samples.gate(Conclusion.FAILED, "Bad.", *[good] * 2_000, bad))
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert "The bad one" in rows[0]
    assert f"…and 1{BLANK}501 more runs." in text
    assert f"**All 2{BLANK}001 runs**" in text
    assert f"**4{BLANK}001**" in text


def test_a_hostile_gate_makes_only_our_elements() -> None:
    """No link, image, script, comment or heading of its own, and nothing for GitHub's filters."""
    gate = samples.hostile()
    root = read(page(gate, 10_000_000))
    allowed = {"div", "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "br", "b", "span", "ul"}
    allowed |= {"li", "details", "summary", "pre", "code"}
    assert {str(element.tag) for element in root.iter()} == allowed
    assert not filtered(root)
    text = text_of(root)
    assert all(one_line(hostile) in text for hostile in samples.HOSTILE)


@pytest.mark.parametrize("text", samples.HOSTILE[:-1])
def test_no_text_forms_markup_with_our_words(text: str) -> None:
    """In every field, next to whatever we write before and after it: no mention, emoji, address or formula."""
    assert not filtered(read(page(samples.everywhere(text), 10_000_000)))


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("text", samples.HOSTILE[:-1])
def test_no_field_of_an_everyday_gate_forms_markup(text: str, sample: str) -> None:
    """Each field of each part, with what stands around it on a page with or without a past, reruns, or notes."""
    assert not filtered(read(page(samples.saying(text, SAMPLES[sample]()), 10_000_000)))


def test_a_title_with_a_colon_does_not_become_an_emoji() -> None:
    """The heading adds a second colon, and `:b:` would be a blood type."""
    (heading,) = read(page(samples.passing()._replace(title="a:b"))).iter("h2")
    assert text_of(heading) == "✅ a:b: passed"
    assert not filtered(heading)


@given(gate=gates())
def test_no_two_texts_form_markup_together(gate: Gate) -> None:
    """Random texts in random combinations make no mention, emoji, address or formula either."""
    assert not filtered(read(page(gate)))


def test_a_green_page_is_short() -> None:
    """Verdict and table; no columns of zeros, no advice."""
    root = read(page(samples.passing()._replace(remedy="Nothing to do.")))
    assert [str(element.tag) for element in root] == ["h2", "p", "table"]
    titles = [text_of(cell) for cell in root.iter("th")][:7]
    assert titles == ["Run", "Result", "Passed", "Failed", "Total", f"Pass{BLANK}rate", "Duration"]


def test_a_run_that_did_not_start_shows_its_error() -> None:
    """Its row has the error and no counts."""
    fault = PlatformError("no such plan")
    refused = samples.judged(Conclusion.PLATFORM_ERROR, "It was refused:", fault=fault, started=False)
    good = samples.passing().runs[0]
    root = read(page(samples.gate(Conclusion.PLATFORM_ERROR, "x", refused, good)))
    cells = [text_of(cell) for cell in root.iter("td")]
    row = next(index for index, cell in enumerate(cells) if "It was refused: no such plan" in cell)
    assert cells[row + 1 : row + 5] == ["", "", "", ""]


def test_failed_tests_name_their_run_only_if_there_are_several() -> None:
    """The run's name is between suite and duration."""
    assert "Checkout &#124; all browsers · 42.5 s" in page(samples.several())
    assert "Nightly regression ·" not in page(samples.failing())


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        (Counts(passed=2, failed=1), "66.66"),
        (Counts(passed=99_999, failed=1), "99.99"),
        (Counts(passed=1, skipped=5), "100"),
        (Counts(passed=1, failed=1), "50"),
        (Counts(skipped=5), ""),
        (Counts(failed=3), "0"),
    ],
)
def test_the_pass_rate_is_never_rounded_up(counts: Counts, rate: str) -> None:
    """Two decimals, rounded down; skipped tests don't count, and if no others exist there is no rate."""
    judged = samples.judged(Conclusion.FAILED, "x", counts=counts)
    cells = [text_of(cell) for cell in read(page(samples.gate(Conclusion.FAILED, "x", judged))).iter("td")]
    assert cells[-2] == (f"{rate}{BLANK}%" if rate else "")


def test_a_red_conclusion_that_does_not_fail_the_step_says_so() -> None:
    """The mark is a warning, and a sentence explains why the step succeeds."""
    text = page(samples.failing()._replace(exit_code=0))
    assert text.startswith("## ⚠️ Nightly regression: failed")
    assert "The step still succeeds, because its `fail-on` doesn't include this conclusion." in text


def test_tests_that_did_not_run_are_condensed() -> None:
    """Twenty tests of one suite make one line with eight names and the number of the others."""
    idle = tuple(samples.TESTS[6]._replace(name=f"Idle {index}", seconds=None) for index in range(20))
    text = page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", idle)))
    assert "<summary>20 tests did not run</summary>" in text
    assert "Idle 7 and 12 more tests\n" in text
    assert "failed test" not in text


def test_the_slowest_tests_have_a_valid_duration() -> None:
    """At most five, the slowest first; a duration that is not a number is ignored."""
    times = [1.0, 9.0, float("nan"), -5.0, None, 3.0, 2.0, float("inf"), 4.0, 0.5]
    tests = tuple(samples.TESTS[0]._replace(name=f"T{index}", seconds=seconds) for index, seconds in enumerate(times))
    text = page(samples.gate(Conclusion.PASSED, "x", samples.judged(Conclusion.PASSED, "x", tests)))
    slow = text[text.index("Slowest tests") :]
    assert re.findall(r"^\| (T\d)", slow, re.MULTILINE) == ["T1", "T8", "T5", "T6", "T0"]


def test_a_fold_shows_the_first_line_of_its_message() -> None:
    """The whole message is inside the fold, up to 4,000 characters; the number of the others follows."""
    failed = samples.TESTS[2]._replace(message="First line\nsecond\n" + "x" * 10_000, outcome=Outcome.ERROR)
    text = page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", (failed,))))
    (summary, *_) = re.findall("<summary>.*</summary>", text)
    assert "First line" in summary
    assert "second" not in summary
    assert "· error ·" in summary
    assert "(6018 more characters in the JUnit report)" in text


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("ABORTED", "The platform reported ABORTED without a message."),
        (" ", "The platform gave no message."),
    ],
)
def test_a_failed_test_without_a_message_says_so(word: str, sentence: str) -> None:
    """The platform's own word for the result replaces the message."""
    test = TestResult("1", "Pay", Outcome.FAILED, word)
    text = page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", (test,))))
    assert f"\n\n{sentence}\n\n</details>" in text


def test_runs_that_may_still_be_running_come_before_the_table() -> None:
    """They cost money, so nobody should miss them."""
    text = page(samples.several())
    assert text.index("**May still be running on the platform:** [338](https://") < text.index("| Run |")


def test_a_failed_test_links_to_its_video() -> None:
    """Only a web address becomes a link."""
    for address, linked in (("https://example.com/videos/1", True), ("javascript:alert(1)", False)):
        test = TestResult("1", "Pay", Outcome.FAILED, video=address)
        judged = samples.judged(Conclusion.FAILED, "The reason.", (test,))
        text = page(samples.gate(Conclusion.FAILED, "The reason.", judged))
        assert ("[Video](https://example.com/videos/1)" in text) is linked
        assert "javascript" not in text


def test_failures_with_one_cause_are_one_line() -> None:
    """Numbers and ids aside, their messages are the same; a fold has all names."""
    tests = [
        TestResult(str(n), f"Test {n}", Outcome.FAILED, message=f"Timeout after {n} s at 0x{n:08x}\nmore {n}")
        for n in range(60)
    ]
    alone = TestResult("x", "Alone", Outcome.FAILED, message="No button")
    text = page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", (alone, *tests))))
    assert "### 61 failed tests\n" in text
    assert text.count("<details><summary>❌") == 2
    assert text.index("<b>60 tests</b> — Timeout after 0 s") < text.index("<b>Alone</b>")
    assert len(re.findall(r"^- Test ", text, re.MULTILINE)) == 60


def test_several_runs_are_summed_first_and_the_reason_is_told_once() -> None:
    """The sentence of the verdict is not repeated in the row of its run."""
    test = TestResult("1", "Login", Outcome.FAILED)
    runs = [samples.judged(Conclusion.FAILED, f"Plan {n} failed", (test,)) for n in (1, 2)]
    text = page(samples.gate(Conclusion.FAILED, "2 of 2 runs ended as failed: Plan 1 failed", *runs))
    assert text.count("Plan 1 failed") == 1
    assert text.count("Plan 2 failed") == 1


@given(gate=gates())
def test_all_reports_count_alike(gate: Gate) -> None:
    """The verdict's sentence, the page, JUnit and CTRF agree on what failed and what of it is excused."""
    tests = [test for run in gate.runs for test in run.report.tests]
    only, errors = (sum(test.outcome is each for test in tests) for each in (Outcome.FAILED, Outcome.ERROR))
    failed = only + errors
    quarantined = sum(test.quarantined and test.outcome is not Outcome.NOT_RUN for test in tests)
    tolerated = sum(test.tolerated for test in tests)
    text = page(gate, 50_000_000).replace(BLANK, " ")
    heading = HEADING.search(text)
    if failed - quarantined - tolerated:
        assert heading is not None
        found = [int((each or "0").replace(" ", "")) for each in heading.groups()]
        assert found == [only, errors, quarantined, tolerated]
    else:
        assert heading is None
    suites = etree.fromstring("".join(JUnit().render(gate)).encode())
    verdicts = sum(str(case.get("name")).startswith("Gate: ") and len(case) > 0 for case in suites.iter("testcase"))
    red = sum(int(suite.get(name, "0")) for suite in suites for name in ("failures", "errors"))
    marks = [each for each in suites.iter("property") if each.get("name") in {"quarantined", "tolerated"}]
    marked = sum(int(each.get("value", "0")) for each in marks)
    assert marked == sum(test.bad and test.excused for test in tests)
    assert red - verdicts <= failed + sum(test.outcome is Outcome.NOT_RUN for test in tests) - marked <= red
    summary = json.loads("".join(Ctrf().render(gate)))["results"]["summary"]
    assert summary["failed"] == failed
