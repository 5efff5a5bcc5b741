"""Random texts and gates, most of them malicious."""

from hypothesis import strategies as st

from testgate.model import (
    Attempt,
    Change,
    Conclusion,
    Counts,
    Earlier,
    EarlierBuild,
    Outcome,
    Past,
    Record,
    Run,
    Target,
    TestResult,
)
from testgate.results import Gate, JudgedRun, RunReport, Verdict
from tests.reports.samples import HOSTILE, tally

_WORDS = st.sampled_from(
    [
        *HOSTILE[:-1],
        "www.",
        "http://",
        "a@b.c",
        "@a",
        "#1",
        "GH-1",
        ":a:",
        ":a",
        "a:",
        "www",
        "```",
        "<!--",
        "]]>",
        "1.",
    ]
)
_MARKS = st.text("@#$:w.|`*_~<>&[]()!\\-+=/'\"1aGHgh \n\t\r^{}%;", max_size=30)
TEXTS = st.one_of(
    _WORDS,
    _MARKS,
    st.text(st.characters(), max_size=30),
    st.lists(st.one_of(_WORDS, _MARKS), max_size=4).map("".join),
)
_SECONDS = st.one_of(st.none(), st.floats(), st.floats(0, 100))
_FEW = st.sampled_from(["", "a", "a", "b", "a (2)", "Gate: failed", " ", "a.b", "a_b"])
_NAMES = st.one_of(_FEW, TEXTS)

_EARLIER = st.builds(Earlier, outcome=st.sampled_from(Outcome), message=TEXTS, seconds=_SECONDS, run_id=TEXTS)

_PASTS = st.builds(
    Past,
    change=st.sampled_from(Change),
    since=st.one_of(st.none(), st.builds(EarlierBuild, label=TEXTS, url=TEXTS)),
    record=st.builds(Record, builds=st.integers(0, 20), flaky=st.integers(0, 3)),
)


def _consistent(test: TestResult) -> TestResult:
    """Only a known failure is tolerated, and only if it isn't quarantined."""
    known = test.outcome in {Outcome.FAILED, Outcome.ERROR} and test.change is Change.KNOWN and not test.quarantine
    return test._replace(tolerated=test.tolerated and known)


TESTS = st.builds(
    TestResult,
    id=TEXTS,
    name=_NAMES,
    outcome=st.sampled_from(Outcome),
    word=TEXTS,
    case_id=_NAMES,
    suite=_NAMES,
    machine=_NAMES,
    message=TEXTS,
    seconds=_SECONDS,
    earlier=st.lists(_EARLIER, max_size=3).map(tuple),
    quarantine=st.one_of(st.just(""), TEXTS),
    step=st.one_of(st.just(""), TEXTS),
    iterated=st.booleans(),
    past=st.one_of(st.none(), _PASTS),
    tolerated=st.booleans(),
).map(_consistent)


@st.composite
def judged_runs(draw: st.DrawFn) -> JudgedRun:
    """A run with any tests and verdict, and with counts that may contradict the tests."""
    tests = tuple(draw(st.lists(TESTS, max_size=6)))
    target = Target(draw(_NAMES), draw(_NAMES))
    runs = st.builds(Run, id=TEXTS, target=st.just(target), url=TEXTS)
    run = draw(st.one_of(st.none(), runs))
    fault = draw(st.one_of(st.none(), st.builds(ValueError, TEXTS)))
    counts = draw(st.sampled_from([tally(tests), Counts(failed=2), Counts()]))
    report = RunReport(
        target,
        run,
        None,
        tests,
        fault,
        seconds=draw(st.floats()),
        attempts=draw(st.lists(st.builds(Attempt, runs, automatic=st.booleans()), max_size=3)),
        left_running=draw(st.lists(runs, max_size=2)),
        notes=draw(st.lists(TEXTS, max_size=2)),
    )
    return JudgedRun(report, Verdict(draw(st.sampled_from(Conclusion)), draw(TEXTS), counts))


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    """A gate over any runs."""
    conclusion = draw(st.sampled_from(Conclusion))
    return Gate(
        title=draw(_NAMES),
        verdict=Verdict(conclusion, draw(TEXTS)),
        exit_code=draw(st.sampled_from([conclusion.exit_code, 0])),
        runs=tuple(draw(st.lists(judged_runs(), max_size=3))),
        remedy=draw(TEXTS),
        notes=tuple(draw(st.lists(TEXTS, max_size=3))),
        left_running=tuple(draw(st.lists(TEXTS, max_size=3))),
        started_at=draw(st.floats()),
        demo=draw(st.booleans()),
        provider=draw(TEXTS),
        build_title=draw(TEXTS),
        build_url=draw(TEXTS),
    )
