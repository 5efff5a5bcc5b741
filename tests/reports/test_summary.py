"""`summary.md`: what it says, what it leaves out, and that it never exceeds its limit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import PlatformError
from testgate.model import Conclusion, Counts, Outcome, TestResult
from testgate.results import Gate
from testgate.text import one_line
from tests.reports import samples
from tests.reports.readers import page, read, tempting, text_of
from tests.reports.strategies import gates

BLANK = "\N{NO-BREAK SPACE}"


def told(text: str) -> tuple[int, int, int]:
    """How many failed tests are told with a message, by name, and only counted."""
    folded = text.count("<details><summary>❌")
    named = len(re.findall(r"^- Test ", text, re.MULTILINE))
    (counted,) = re.findall(r"…and ([\d\N{NO-BREAK SPACE}]+) more failed tests?; all are in junit", text) or ["0"]
    return folded, named, int(counted.replace(BLANK, ""))


@given(gate=gates(), limit=st.integers(0, 6_000))
def test_the_limit_holds_for_any_gate(gate: Gate, limit: int) -> None:
    """Bytes in UTF-8, whatever the text."""
    assert len(page(gate, limit).encode()) <= limit


@pytest.mark.parametrize("limit", [*range(0, 3_000, 97), 10_000, 100_000, 1_000_000])
def test_the_limit_holds_for_the_worst(limit: int) -> None:
    """Thousands of runs, notes and failing tests, each of them long."""
    gate = samples.huge(3_000)
    long = "<&>" * 2_000
    runs = [gate.runs[0], *[samples.judged(Conclusion.PLATFORM_ERROR, long, name=long)] * 3_000]
    worst = gate._replace(runs=runs, notes=[long] * 2_000, left_running=[long] * 2_000, remedy=long, title=long)
    assert len(page(worst, limit).encode()) <= limit


@pytest.mark.parametrize("limit", [1_000, 5_000, 50_000, 400_000, None])
def test_no_failed_test_is_lost_without_a_word(limit: int | None) -> None:
    """Those with a message, those by name and those only counted are all of them together."""
    text = page(samples.huge(5_000), limit)
    folded, named, counted = told(text)
    assert folded + named + counted == 5_000
    assert f"5{BLANK}000 failed tests" in text or counted == 5_000


def test_names_come_before_the_last_messages() -> None:
    """Of 5 000 failing tests some are told whole and the rest by name."""
    folded, named, counted = told(page(samples.huge(5_000)))
    assert (folded > 100, named > 4_000, counted) == (True, True, 0)


def test_5000_failing_tests_of_4_kb_fit() -> None:
    """Below what GitHub shows, and not far below: the room is used."""
    text = page(samples.huge(5_000))
    assert 500_000 < len(text.encode()) <= 1_000_000


def test_a_page_that_was_cut_is_still_a_page() -> None:
    """Wherever the cut falls, each fold has its own title, holds no other, and every fence has ended."""
    for limit in range(400, 12_000, 331):
        root = read(page(samples.huge(40, "```\nx\n</details>\n" * 20), limit))
        folds = list(root.iter("details"))
        assert all([child.tag for child in fold].count("summary") == 1 for fold in folds)
        assert not any(list(fold.iterancestors("details", "pre")) for fold in folds)
        assert all(text_of(pre).count("</details>") == 20 for pre in root.iter("pre"))


def test_too_little_room_leaves_the_verdict_or_nothing() -> None:
    """The heading is the last to go."""
    assert page(samples.failing(), 100).startswith("## ❌ Nightly regression: failed\n")
    assert page(samples.failing(), 10) == ""


def test_sections_left_out_whole_are_told() -> None:
    """Where not even a count of them fits, one line says that there is more."""
    gate = samples.failing()
    head = len(page(gate._replace(runs=(), notes=())).encode())
    assert page(gate, head + 70).endswith("…more did not fit here; all of it is in junit.xml.\n")


def test_of_many_runs_the_red_are_told_first() -> None:
    """One failed run behind 2 000 good ones is in the first row."""
    good = samples.judged(Conclusion.PASSED, "Fine.", samples.TESTS[:2])
    bad = samples.judged(Conclusion.FAILED, "Bad.", samples.TESTS[2:3], name="The bad one")
    text = page(samples.gate(Conclusion.FAILED, "Bad.", *[good] * 2_000, bad))
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert "The bad one" in rows[0]
    assert f"…and 1{BLANK}501 more runs." in text
    assert f"**All 2{BLANK}001 runs**" in text
    assert f"**4{BLANK}001**" in text


def test_a_hostile_gate_makes_only_our_elements() -> None:
    """No link, image, script, comment or heading but ours, and nothing for a second reader to find."""
    gate = samples.hostile()
    root = read(page(gate, 10_000_000))
    allowed = {"div", "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "br", "b", "span", "ul"}
    allowed |= {"li", "details", "summary", "pre", "code"}
    assert {str(element.tag) for element in root.iter()} == allowed | {"a"} & {str(e.tag) for e in root.iter("a")}
    assert not list(root.iter("a"))
    assert not tempting(root)
    shown = text_of(root)
    assert all(one_line(text) in shown for text in samples.HOSTILE)


@given(gate=gates())
def test_no_two_texts_together_tempt_a_second_reader(gate: Gate) -> None:
    """Where one text ends and ours or another begins, there is no mention, emoji, address or formula either."""
    assert not tempting(read(page(gate)))


def test_a_green_page_is_quiet() -> None:
    """Verdict, table and one fold; no columns of zeros, no advice."""
    root = read(page(samples.passing()._replace(remedy="Nothing to do.")))
    assert [str(element.tag) for element in root] == ["h2", "p", "table", "details"]
    titles = [text_of(cell) for cell in root.iter("th")][:7]
    assert titles == ["Run", "Result", "Passed", "Failed", "Total", f"Pass{BLANK}rate", "Duration"]


def test_a_run_that_did_not_start_shows_its_error_for_counts() -> None:
    """The row tells why; the counts are empty."""
    fault = PlatformError("no such plan")
    run = samples.judged(Conclusion.PLATFORM_ERROR, "It was refused:", fault=fault, started=False)
    good = samples.passing().runs[0]
    root = read(page(samples.gate(Conclusion.PLATFORM_ERROR, "x", run, good)))
    cells = [text_of(cell) for cell in root.iter("td")]
    assert "It was refused: no such plan" in cells[1]
    assert cells[2:6] == ["", "", "", ""]


def test_failed_tests_of_several_runs_name_their_run() -> None:
    """And those of one run do not."""
    assert "Checkout &#124; all browsers · 42.5 s" in page(samples.several())
    assert "Nightly regression ·" not in page(samples.failing())


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        (Counts(passed=2, failed=1), "66.66"),
        (Counts(passed=99_999, failed=1), "99.99"),
        (Counts(passed=1, skipped=5), "100"),
        (Counts(skipped=5), ""),
        (Counts(failed=3), "0"),
    ],
)
def test_the_pass_rate_is_never_rounded_up(counts: Counts, rate: str) -> None:
    """Two decimals, rounded down, without skipped tests; empty where nothing is weighed."""
    run = samples.judged(Conclusion.FAILED, "x", counts=counts)
    cells = [text_of(cell) for cell in read(page(samples.gate(Conclusion.FAILED, "x", run))).iter("td")]
    assert cells[-2] == (f"{rate}{BLANK}%" if rate else "")


def test_a_red_conclusion_that_does_not_fail_the_step_says_so() -> None:
    """The mark is a warning and a sentence tells why the step is green."""
    text = page(samples.failing()._replace(exit_code=0))
    assert text.startswith("## ⚠️ Nightly regression: failed")
    assert "`fail-on`" in text


def test_tests_not_run_are_condensed() -> None:
    """Twenty of one suite are a line with eight names and a number."""
    idle = tuple(samples.TESTS[6]._replace(name=f"Idle {index}", seconds=None) for index in range(20))
    text = page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", idle)))
    assert "<summary>20 tests did not run</summary>" in text
    assert "Idle 7 and 12 more tests\n" in text
    assert "failed test" not in text


def test_only_timed_tests_are_among_the_slowest() -> None:
    """Five at most, the slowest first; nonsense durations are none."""
    times = [1.0, 9.0, float("nan"), -5.0, None, 3.0, 2.0, float("inf"), 4.0, 0.5]
    tests = tuple(samples.TESTS[0]._replace(name=f"T{index}", seconds=seconds) for index, seconds in enumerate(times))
    text = page(samples.gate(Conclusion.PASSED, "x", samples.judged(Conclusion.PASSED, "x", tests)))
    slow = text[text.index("Slowest tests") :]
    assert re.findall(r"^\| (T\d)", slow, re.MULTILINE) == ["T1", "T8", "T5", "T6", "T0"]


def test_a_message_is_shown_at_a_glance_and_whole() -> None:
    """Its first line without unfolding, all of it in the fold, and what is beyond 4 000 characters counted."""
    failed = samples.TESTS[2]._replace(message="First line\nsecond\n" + "x" * 10_000, outcome=Outcome.ERROR)
    text = page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", (failed,))))
    (summary, *_) = re.findall("<summary>.*</summary>", text)
    assert "First line" in summary
    assert "second" not in summary
    assert "· error ·" in summary
    assert "(6018 more characters are in junit.xml)" in text


def test_what_goes_on_is_told_above_the_table() -> None:
    """A run left on the platform costs money: it stands before the details."""
    text = page(samples.several())
    assert text.index("**Still running on the platform:** [338](https://") < text.index("| Run |")


def test_a_failed_test_links_its_video() -> None:
    """One click from the summary; what is no web address is no link."""
    for address, linked in (("https://example.com/videos/1", True), ("javascript:alert(1)", False)):
        test = TestResult("1", "Pay", Outcome.FAILED, video=address)
        run = samples.judged(Conclusion.FAILED, "The reason.", (test,))
        text = page(samples.gate(Conclusion.FAILED, "The reason.", run))
        assert ("[Video](https://example.com/videos/1)" in text) is linked
        assert "javascript" not in text
