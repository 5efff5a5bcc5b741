"""The oracle, case by case as the contract has it; and that it knows nothing of the program."""

import ast
from pathlib import Path

import pytest

from tests.worlds import oracle, truth
from tests.worlds.oracle import EXCUSES, covers, rule
from tests.worlds.truth import (
    ABORTED,
    ERROR,
    FAILED,
    NOT_RUN,
    NOTHING,
    PASSED,
    SKIPPED,
    STOPPED,
    UNKNOWN,
    WHOLE,
    AttemptTruth,
    LimitFacts,
    QuarantineFacts,
    StepTruth,
    TestFacts,
)

A, B = TestFacts(0, "A", case="1"), TestFacts(1, "B", case="2")
TWIN = TestFacts(2, "B", case="2")
QUARANTINE_B = (QuarantineFacts(pattern="B"),)


def step(*attempts: AttemptTruth, limits: LimitFacts = LimitFacts(), **more: object) -> StepTruth:  # noqa: B008  # a value
    """A step with one run of two tests."""
    return StepTruth([(A, B)], [attempts], (), limits)._replace(**more)  # type: ignore[arg-type]


def attempt(a: str = "", b: str = "", twin: str = "", whole: str = WHOLE) -> AttemptTruth:
    """An attempt in which these tests ended in this way; a test without an outcome isn't part of it."""
    return AttemptTruth(whole, {uid: outcome for uid, outcome in enumerate((a, b, twin)) if outcome})


GREEN = {
    "all passed": step(attempt(PASSED, PASSED)),
    "one was skipped": step(attempt(PASSED, SKIPPED)),
    "a rerun repaired a test": step(attempt(PASSED, FAILED), attempt("", PASSED)),
    "a rerun repaired a test that hadn't run": step(attempt(PASSED, NOT_RUN), attempt("", PASSED)),
    "the failed one is in quarantine": step(attempt(PASSED, FAILED), quarantine=QUARANTINE_B),
    "half is enough": step(attempt(PASSED, FAILED), limits=LimitFacts((50, 1))),
    "one failure is allowed": step(attempt(PASSED, FAILED), limits=LimitFacts(None, 1)),
    "one flaky test is allowed": step(attempt(FAILED, PASSED), attempt(PASSED), limits=LimitFacts(flaky=1)),
    "a skip in a rerun takes nothing back": step(attempt(FAILED, PASSED), attempt(PASSED, SKIPPED)),
    "a stop between two attempts": step(attempt(FAILED, PASSED), attempt(NOT_RUN, whole=STOPPED), attempt(PASSED)),
}
RED = {
    "a test failed": step(attempt(PASSED, FAILED)),
    "a test errored": step(attempt(PASSED, ERROR)),
    "a test did not run": step(attempt(PASSED, NOT_RUN)),
    "no test": step(attempt()),
    "all skipped": step(attempt(SKIPPED, SKIPPED)),
    "only a quarantined test": step(attempt("", FAILED), quarantine=QUARANTINE_B, limits=LimitFacts((0, 1))),
    "the quarantine expired": step(attempt(PASSED, FAILED), quarantine=(QuarantineFacts("B", expired=True),)),
    "less than half": step(attempt(PASSED, FAILED), limits=LimitFacts((501, 10))),
    "more than one failure": step(attempt(FAILED, FAILED), limits=LimitFacts(None, 1)),
    "too many flaky tests": step(attempt(FAILED, PASSED), attempt(PASSED), limits=LimitFacts(flaky=0)),
    "the platform's rerun of all is worse": step(attempt(PASSED, PASSED), attempt(PASSED, FAILED)),
    "the last rerun was aborted": step(attempt(FAILED, PASSED), attempt(PASSED, whole=ABORTED)),
    "the last rerun did not run a test": step(attempt(FAILED, PASSED), attempt(PASSED, NOT_RUN)),
    "a pass in an aborted rerun only": step(
        attempt(FAILED, FAILED), attempt(PASSED, whole=ABORTED), attempt("", PASSED)
    ),
    "a rerun does not repair a stopped run": step(attempt(PASSED, NOT_RUN, whole=STOPPED), attempt("", PASSED)),
    "nor one that never ran": step(attempt(NOT_RUN, NOT_RUN, whole=NOTHING), attempt(PASSED, PASSED)),
    "nor one with an unknown result": step(attempt(PASSED, FAILED, whole=UNKNOWN), attempt("", PASSED)),
}


@pytest.mark.parametrize("name", GREEN)
def test_green_is_right(name: str) -> None:
    """The oracle has nothing against green."""
    assert not rule(GREEN[name]).red


@pytest.mark.parametrize("name", RED)
def test_green_would_be_wrong(name: str) -> None:
    """The oracle says why the step must be red, and excuses nothing."""
    ruling = rule(RED[name])
    assert ruling.red
    assert not ruling.excuses


def test_limits_hold_for_all_runs_together() -> None:
    """Two runs with one failure each exceed a limit of one; their pass rates are separate."""
    half = LimitFacts((50, 1))
    both = StepTruth([(A, B), (A, B)], [[attempt(PASSED, FAILED)], [attempt(FAILED, PASSED)]], (), half)
    assert not rule(both).red
    assert rule(both._replace(limits=LimitFacts(None, 1))).red


def test_excuses_are_known_and_rare() -> None:
    """A red verdict is excused only if the truth holds one of the documented reasons."""
    repaired = step(attempt(PASSED, PASSED, FAILED), attempt("", "", PASSED), tests=[(A, B, TWIN)])
    cases = {
        "equal tests": repaired,
        "interrupted rerun": GREEN["a stop between two attempts"],
        "lost start": step(attempt(PASSED, PASSED), lost_starts=1),
        "lost rerun": step(attempt(PASSED, PASSED), lost_reruns=1),
    }
    for kind, case in cases.items():
        assert kind in EXCUSES
        assert rule(case).excuses == (kind,)
    assert not rule(GREEN["a rerun repaired a test"]).excuses


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        (QuarantineFacts("B"), True),
        (QuarantineFacts("Shop / ?"), True),
        (QuarantineFacts("*"), True),
        (QuarantineFacts("[B]"), False),
        (QuarantineFacts("b"), False),
        (QuarantineFacts(case="2"), True),
        (QuarantineFacts(case="1"), False),
        (QuarantineFacts("B", expired=True), False),
    ],
)
def test_quarantine(entry: QuarantineFacts, *, covered: bool) -> None:
    """An entry covers a test by its name, by suite and name, or by its case; only `*` and `?` are special."""
    assert covers(entry, B._replace(suite="Shop")) is covered


def test_the_oracle_knows_nothing_of_the_program() -> None:
    """It imports nothing of testgate, so that it can't repeat a mistake of it."""
    for module in (oracle, truth):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not [name for name in names if name.startswith("testgate")]
