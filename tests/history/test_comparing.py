"""What a build's tests are called in the light of earlier builds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.history.comparing import Current, expected_seconds
from testgate.history.model import History, Key, Line, keys_of
from testgate.model import Change, Outcome, Record, TestResult
from tests.history.builds import LINE, after, build, changes, compared


def main_red() -> History:
    """Two builds of main; the second is red."""
    return after(after(History(), build(1), A="P", B="F"), build(2), A="P", B="F", C="K")


def test_without_a_past_nothing_is_new() -> None:
    """A failure in the first build ever is neither new nor known."""
    found = compared(History(), build(1), A="F", B="P")
    assert (found.baseline, changes(found), found.gone, found.expected) == (None, ["", ""], (), None)


def test_each_change_has_a_name() -> None:
    """The baseline is the last build of the same series."""
    found = compared(main_red(), build(3), A="F", B="P", C="P", D="P", E="F")
    assert found.baseline == build(2)
    assert changes(found) == ["new", "fixed", "", "added", "new"]


def test_a_known_failure_has_a_first_build() -> None:
    """The oldest build of those in a row in which it failed; a build without the test is passed over."""
    history = after(after(main_red(), build(3), A="P", C="P"), build(4), A="P", B="E", C="P")
    (past,) = compared(history, build(5), B="F").pasts
    assert (past.change, past.since) == (Change.KNOWN, build(1).shown)


def test_a_failure_after_a_pass_began_later() -> None:
    """A pass ends the row."""
    history = after(after(main_red(), build(3), B="P"), build(4), B="F")
    (past,) = compared(history, build(5), B="F").pasts
    assert past.since == build(4).shown


@pytest.mark.parametrize("before", ["S", "N"])
def test_what_did_not_run_did_not_fail(before: str) -> None:
    """A failure is known only if the baseline itself failed."""
    assert changes(compared(after(History(), build(1), A=before), build(2), A="F")) == ["new"]


@pytest.mark.parametrize("now", ["S", "N"])
def test_what_does_not_run_is_neither_new_nor_fixed(now: str) -> None:
    """It says nothing."""
    assert changes(compared(main_red(), build(3), B=now)) == [""]


def test_tests_can_be_gone_only_if_all_were_to_run() -> None:
    """A build that ran a part compares that part."""
    assert compared(main_red(), build(3), B="P").gone == [Key("", "", "a"), Key("", "", "c")]
    assert compared(main_red(), build(3), whole=False, B="P").gone == []


def test_another_attempt_of_this_build_is_no_baseline() -> None:
    """Otherwise each failure would be known as soon as the job is run again."""
    history = after(after(History(), build(1), A="P"), build(2), A="F")
    found = compared(history, build(2, attempt=2), A="F")
    assert (found.baseline, changes(found)) == (build(1), ["new"])


def test_an_unfinished_build_is_no_baseline() -> None:
    """It proves nothing about what it didn't run."""
    history = after(after(History(), build(1), A="P"), build(2), whole=False, A="F")
    assert compared(history, build(3), A="F").baseline == build(1)


def test_a_change_is_compared_with_its_target() -> None:
    """As long as it has no build of its own."""
    found = compared(main_red(), build(3, "change 7"), target="main", A="F", B="F")
    assert (found.baseline, changes(found)) == (build(2), ["new", "known"])
    history = after(main_red(), build(3, "change 7"), A="F", B="P")
    found = compared(history, build(4, "change 7"), target="main", A="F", B="F")
    assert (found.baseline, changes(found)) == (build(3, "change 7"), ["known", "new"])


def test_a_change_starts_from_a_commit() -> None:
    """If that commit of the target was built, what came later there doesn't count."""
    history = after(main_red(), build(3), A="F", B="P")
    found = compared(history, build(4, "change 7"), target="main", base="c2", A="F", B="F")
    assert (found.baseline, changes(found)) == (build(2), ["new", "known"])
    assert compared(history, build(4, "change 7"), target="main", base="unbuilt", A="F").baseline == build(3)


def test_a_change_does_not_write_its_targets_past() -> None:
    """The failure of a pull request is new on main."""
    history = after(after(History(), build(1), A="P"), build(2, "change 7"), A="F")
    found = compared(history, build(3), A="F")
    assert (found.baseline, changes(found)) == (build(1), ["new"])


def test_lines_are_apart() -> None:
    """Another environment or leg of the same plan has another past."""
    history = after(main_red(), build(3), line=LINE._replace(leg="chrome"), B="P")
    assert changes(compared(history, build(4), B="F")) == ["known"]
    assert compared(after(History(), build(1), line=Line("testifly", "274"), A="P"), build(2), A="F").baseline is None


def test_builds_and_attempts_are_counted_apart() -> None:
    """Builds add up, and so do attempts; this build is one of them."""
    history = History()
    for run, letter in enumerate("PKFPNK", 1):
        history = after(history, build(run), A=letter)
    (past,) = compared(history, build(7), A="P").pasts
    assert past.record == Record(builds=6, passed=3, flaky=2, failed=1, attempts=8, failed_attempts=3, green_since=1)


def test_only_recent_builds_count() -> None:
    """Twenty, and this one is the first of them."""
    history = History()
    for run in range(1, 31):
        history = after(history, build(run), A="F" if run < 15 else "P")
    (past,) = compared(history, build(31), A="P").pasts
    assert (past.record.builds, past.record.failed, past.record.green_since) == (20, 3, 17)


def test_the_usual_duration_is_that_of_whole_runs() -> None:
    """The median of the latest five."""
    assert expected_seconds(main_red(), Current(build(3)), LINE) == 60.0
    assert expected_seconds(after(History(), build(1), whole=False, A="P"), Current(build(2)), LINE) is None


def test_a_renamed_test_keeps_its_past() -> None:
    """The id of its case is what counts, where there is one."""
    before, now = (TestResult("1", name, Outcome.PASSED, case_id="c9") for name in ("Login", "Log in"))
    assert keys_of([before]) == keys_of([now])


def test_equal_tests_are_told_apart_by_their_order() -> None:
    """Also two rows of a data-driven test that have one name."""
    same = TestResult("1", "Login", Outcome.PASSED)
    assert [key.ordinal for key in keys_of([same, same, same._replace(suite="S"), same])] == [1, 2, 1, 3]


LETTERS = st.dictionaries(st.sampled_from("ABCD"), st.sampled_from("PKFESN"))


@given(past=st.lists(st.tuples(st.integers(1, 4), LETTERS), max_size=6), now=LETTERS)
def test_tests_with_the_same_past_share_it_and_nothing_else(
    past: list[tuple[int, dict[str, str]]], now: dict[str, str]
) -> None:
    """Each test alone has the past that it has among the others."""
    history = History()
    for attempt, (run, letters) in enumerate(past):
        history = after(history, build(run, attempt=attempt), True, LINE, **letters)
    together = compared(history, build(9), "", "", True, **now).pasts
    alone = [compared(history, build(9), "", "", True, **{name: letter}).pasts[0] for name, letter in now.items()]
    assert list(together) == alone
