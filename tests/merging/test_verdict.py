"""Which legs are merged, and what the verdict is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.gate.assembly import Merged
from testgate.inputs.reports import Expected
from testgate.merging.choosing import choose
from testgate.merging.leg import Leg
from testgate.merging.verdict import merge
from testgate.model import Conclusion
from testgate.results import Origin
from tests.merging.legs import HERE, leg


def merged(*legs: Leg, expected: Expected | None = None, here: Origin = HERE) -> Merged:
    """The legs, merged."""
    return merge(choose(legs, expected or Expected(), here))


def test_all_legs_passed() -> None:
    """The counts are added, and each run keeps its leg."""
    found = merged(leg("chrome"), leg("safari", "PS"))
    assert (found.verdict.conclusion, found.exit_code) == ("passed", 0)
    assert found.verdict.reason == "all 2 legs passed: chrome, safari"
    assert (found.verdict.counts.total, found.verdict.counts.passed) == (4, 3)
    assert [run.label for run in found.runs] == ["Web shop (chrome)", "Web shop (safari)"]


def test_the_worst_leg_decides() -> None:
    """With its reason and its exit code."""
    found = merged(leg("chrome"), leg("edge", "PF"), leg("safari", "PP", Conclusion.TIMED_OUT))
    assert (found.verdict.conclusion, found.exit_code) == ("timed-out", 4)
    assert found.verdict.reason == "1 of 3 legs ended as timed-out (safari): because of safari; also red: edge failed"


def test_a_leg_that_fail_on_tolerates_does_not_turn_the_whole_red() -> None:
    """But another one does, and then its conclusion is the one that is told."""
    tolerated = leg("chrome", "PP", Conclusion.TIMED_OUT, exit_code=0)
    assert (merged(tolerated, leg("edge")).verdict.conclusion, merged(tolerated).exit_code) == ("timed-out", 0)
    found = merged(tolerated, leg("safari", "PF"))
    assert (found.verdict.conclusion, found.exit_code) == ("failed", 1)


def test_a_leg_without_a_run_is_shown() -> None:
    """Its inputs were invalid, say."""
    found = merged(leg("chrome"), leg("edge", "", Conclusion.INVALID_INPUT, runs=()))
    assert (found.verdict.conclusion, found.exit_code) == ("invalid-input", 2)
    assert [run.label for run in found.runs] == ["Web shop (chrome)", "Web shop (edge)"]


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        (Expected(names=("chrome", "edge")), "the leg 'edge' left no report (there: chrome)"),
        (
            Expected(names=("safari",)),
            "the leg 'safari' left no report (there: chrome); the leg 'chrome' is not one that `merge-expect` names",
        ),
        (Expected(2), "`merge-expect` wants 2 legs, and there are 1: chrome"),
        (
            Expected(names=("Chrome",)),
            "the leg 'Chrome' left no report (there: chrome); the leg 'chrome' is not one that `merge-expect` names",
        ),
    ],
)
def test_a_missing_leg_is_red_and_named(expected: Expected, reason: str) -> None:
    """Also one that is there and isn't expected."""
    found = merged(leg("chrome"), expected=expected)
    assert (found.verdict.conclusion, found.exit_code, found.verdict.reason) == ("platform-error", 3, reason)


def test_more_legs_than_expected_are_red() -> None:
    """One of them is from elsewhere."""
    assert merged(leg("a"), leg("b"), leg("c"), expected=Expected(2)).exit_code == 3


def test_nothing_to_merge_is_red() -> None:
    """Whatever is expected."""
    assert (merged().verdict.conclusion, merged().exit_code) == ("nothing-ran", 6)


def test_the_newest_attempt_of_a_leg_counts() -> None:
    """Attempt 1 failed; "re-run failed jobs" ran this leg alone again."""
    again = leg("safari", "PP", origin=HERE._replace(attempt=2))
    found = merged(leg("chrome"), leg("safari", "PF"), again, expected=Expected(2))
    assert (found.verdict.conclusion, found.exit_code) == ("passed", 0)
    assert found.notes == ["safari-1/ctrf.json is of attempt 1; a later one counts"]
    worse = leg("safari", "PF", origin=HERE._replace(attempt=2))
    assert merged(leg("safari"), worse).exit_code == 1, "also if it is worse"


def test_doubled_reports_are_red() -> None:
    """Two different ones of a leg and attempt; the same one twice is one."""
    assert merged(leg("chrome"), leg("chrome"), expected=Expected(1)).exit_code == 0
    found = merged(leg("chrome"), leg("chrome", "PPP"))
    assert (found.verdict.conclusion, found.exit_code) == ("platform-error", 3)
    assert found.verdict.reason.startswith("there are 2 different reports of the leg 'chrome'")


@pytest.mark.parametrize(
    ("origin", "clause"),
    [
        (HERE._replace(run="76"), "is of another build, 76; this one is 77"),
        (HERE._replace(workflow="Nightly"), "is of another build"),
        (HERE._replace(commit="d" * 40), "is of another commit, dddddddddddd; this one is cccccccccccc"),
    ],
)
def test_a_report_of_another_build_is_refused(origin: Origin, clause: str) -> None:
    """A cache or a folder that stays may bring one."""
    found = merged(leg("chrome"), leg("old", origin=origin))
    assert found.exit_code == 3
    assert clause in found.verdict.reason
    assert merged(leg("old", origin=origin), here=Origin()).exit_code == 0, "where no CI tells, nobody knows"


def test_a_demo_among_real_runs_is_red() -> None:
    """It proves nothing."""
    assert merged(leg("chrome"), leg("demo", demo=True)).exit_code == 3
    assert merged(leg("demo", demo=True)).demo


JUDGED = [each for each in Conclusion if each not in {"triggered", "created", "stop-confirmed", "checked", "dry-run"}]
STRICT = {Conclusion.INTERNAL_ERROR, Conclusion.INVALID_INPUT, Conclusion.CANCELLED}  # `fail-on` has no say
LEGS = st.builds(
    lambda name, letters, conclusion, tolerated: leg(
        name, letters, conclusion, **({"exit_code": 0} if tolerated and conclusion not in STRICT else {})
    ),
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from(["PP", "PPP", "PS"]),
    st.sampled_from(JUDGED),
    st.booleans(),
)


@given(legs=st.lists(LEGS, min_size=1, max_size=5), seed=st.randoms())
def test_the_whole_is_never_greener_than_a_leg(legs: list[Leg], seed: random.Random) -> None:
    """And the order of the files doesn't matter."""
    found = merged(*legs)
    assert (found.exit_code == 0) <= all(each.exit_code == 0 for each in legs)
    assert (found.verdict.conclusion is Conclusion.PASSED) <= all(each.conclusion is Conclusion.PASSED for each in legs)
    shuffled = list(legs)
    seed.shuffle(shuffled)
    other = merged(*shuffled)
    assert (other.verdict.conclusion, other.exit_code) == (found.verdict.conclusion, found.exit_code)


@given(only=LEGS)
def test_one_leg_alone_keeps_its_verdict(only: Leg) -> None:
    """Merging changes nothing."""
    found = merged(only)
    assert (found.verdict, found.exit_code) == (
        (only.conclusion, only.reason, only.counts),
        only.exit_code,
    )
