"""Writes the pages that the browser tests open: `python -m tests.browser.pages FOLDER`, one per state of a step."""

import sys
from collections.abc import Callable, Mapping
from itertools import starmap
from pathlib import Path
from types import MappingProxyType

from testgate.errors import Outage
from testgate.model import Change, Conclusion, Earlier, EarlierBuild, Outcome, Past, TestResult
from testgate.reports.html import Html
from testgate.results import Gate
from tests.reports import samples
from tests.reports.samples import STARTED_AT

SUITES = ("Accounts", "Catalogue", "Checkout", "Delivery", "Invoices", "Orders", "Returns", "Search")
MACHINES = ("Chrome 131 · Windows 11", "Edge 131 · Windows 11", "Firefox 133 · Ubuntu 24.04", "Safari 18 · macOS 15")
ACTIONS = ("Open the page", "Add an item", "Change the amount", "Remove an item", "Sort by price", "Send the form")
CAUSES = (
    "Element #submit-{n} was not found within 30 s\n  at step 4: click on Submit\n  url: https://shop.example.test/{n}",
    "Expected the total € {n}.10, found € {n}.90\n\nThe discount is missing from the summary.",
    "The session {n:08x}-aaaa-4bbb-8ccc-1234567890ab ended unexpectedly: no answer from the machine",
)


def numbered(n: int, outcome: Outcome = Outcome.PASSED, message: str = "") -> TestResult:
    """A test of a large plan; four machines work side by side, and pause once."""
    machine, turn = n % 4, n // 4
    return TestResult(
        str(90_000 + n),
        f"{ACTIONS[n % 6]} as customer {n}",
        outcome,
        "SUCCESS" if outcome is Outcome.PASSED else "FAILURE",
        str(n),
        SUITES[(n // 24) % 8],
        MACHINES[machine],
        message,
        1.5 + (n * 7 % 19) / 4,
        started=STARTED_AT + turn * 6.5 + machine + (40 if turn > 12 else 0),
    )


def plan(size: int, failing: int = 0, causes: int = 3) -> tuple[TestResult, ...]:
    """Tests of which every so many fail, for one of a few causes."""
    every = size // failing if failing else size + 1
    tests = []
    for n in range(size):
        bad = n % every == every - 1
        message = CAUSES[n // every % causes].format(n=n) if bad else ""
        tests.append(numbered(n, Outcome.FAILED if bad else Outcome.PASSED, message))
    return tuple(tests)


def of(conclusion: Conclusion, reason: str, tests: tuple[TestResult, ...], **more: object) -> Gate:
    """A gate over one run."""
    return samples.gate(conclusion, reason, samples.judged(conclusion, reason, tests), **more)


def everyday() -> Gate:
    """Some failures with steps, data sets, a video, reruns and quarantine."""
    tests = list(plan(60))
    tests[3] = tests[3]._replace(
        outcome=Outcome.FAILED, message=samples.DECLINED, step="7. verify the heading", word="FAILURE", iterated=True
    )
    tests[8] = tests[8]._replace(outcome=Outcome.ERROR, message="Session lost", video="https://example.com/videos/8")
    tests[9] = tests[9]._replace(
        outcome=Outcome.FAILED,
        message='Expected "Paid", found "Open"',
        earlier=(
            Earlier(Outcome.FAILED, "No such element: #pay", 12.25, "337"),
            Earlier(Outcome.ERROR, "", None, "338"),
        ),
    )
    tests[20] = tests[20]._replace(earlier=(Earlier(Outcome.FAILED, "Timed out after 30 s", 33.0, "337"),))
    tests[21] = tests[21]._replace(
        outcome=Outcome.FAILED, message="Invoice declined", quarantine="SHOP-123: no sandbox"
    )
    tests[30] = tests[30]._replace(outcome=Outcome.NOT_RUN, seconds=None, started=None, word="NOT_EXECUTED")
    tests[31] = tests[31]._replace(outcome=Outcome.SKIPPED, seconds=None, started=None)
    reason = "3 of 60 tests failed, 1 errored, 1 did not run (pass rate 91.37%)"
    return of(
        Conclusion.FAILED,
        reason,
        tuple(tests),
        remedy="Open the run's page for steps and screenshots of the failed tests.",
        build_title="Test gate main #77 (ffac537)",
        build_url="https://ci.example/shop/web/runs/77",
    )


def passing() -> Gate:
    """All passed."""
    return of(Conclusion.PASSED, "all 200 tests passed", plan(200))


def one_cause() -> Gate:
    """60 failures with one cause, and one of its own."""
    tests = list(plan(300, 60, causes=1))
    tests[0] = tests[0]._replace(outcome=Outcome.FAILED, message="The title is wrong")
    return of(Conclusion.FAILED, "61 of 300 tests failed (pass rate 79.66%)", tuple(tests))


def outage() -> Gate:
    """The platform went away while some tests ran."""
    fault = Outage("the platform was unreachable for 10 min 00 s: connection refused")
    judged = samples.judged(Conclusion.PLATFORM_ERROR, fault.message, plan(12), fault=fault)
    return samples.gate(
        Conclusion.PLATFORM_ERROR, fault.message, judged, remedy="Look at the platform's status.", left_running=("337",)
    )


def cancelled() -> Gate:
    """A cancel in the middle."""
    tests = tuple(
        test if place < 5 else test._replace(outcome=Outcome.NOT_RUN, seconds=None, started=None)
        for place, test in enumerate(plan(20))
    )
    return of(Conclusion.CANCELLED, "cancelled by SIGTERM while Test plan 274 was running", tests)


def nothing_ran() -> Gate:
    """An empty plan."""
    return of(Conclusion.NOTHING_RAN, "the run ended, but no test ran", ())


def untimed() -> Gate:
    """A platform that doesn't say when tests started."""
    return of(Conclusion.PASSED, "all 20 tests passed", tuple(test._replace(started=None) for test in plan(20)))


def flaky() -> Gate:
    """A test that passed when it was rerun."""
    tests = list(plan(10))
    tests[3] = tests[3]._replace(earlier=(Earlier(Outcome.FAILED, "Timed out after 30 s", 33.0, "337"),))
    return of(Conclusion.PASSED, "all 10 tests passed, 1 of them flaky", tuple(tests))


def quarantined() -> Gate:
    """Only tests in quarantine failed."""
    tests = tuple(
        test._replace(outcome=Outcome.FAILED, message="No sandbox", quarantine="SHOP-123: no sandbox")
        if place in {1, 2}
        else test
        for place, test in enumerate(plan(10))
    )
    return of(Conclusion.PASSED, "all 8 tests passed that count", tests)


def odd() -> Gate:
    """Very long names, texts from right to left, a message of 10 MB, and 51 attempts."""
    tests = [test._replace(outcome=Outcome.FAILED) for test in plan(5)]
    story = ("The customer who wrote the whole story into the title of the test pays " * 3)[:200]
    tests[0] = tests[0]._replace(name=story, suite=story, machine=story, message=story * 3)
    tests[1] = tests[1]._replace(name="W" * 200, suite="S" * 200, machine="M" * 200, message="n" * 2000)
    tests[2] = tests[2]._replace(name="התשלום נכשל (4111)", suite="תשלומים", message="שגיאה: expected 4, found 5")
    tests[3] = tests[3]._replace(name="Ten megabytes", message="a line of a log that never ends\n" * 330_000)
    earlier = tuple(Earlier(Outcome.FAILED, f"attempt {n} failed", 1.5, str(400 + n)) for n in range(50))
    tests[4] = tests[4]._replace(name="Fifty-one attempts", message="The last one", earlier=earlier)
    return of(Conclusion.FAILED, "5 of 5 tests failed", tuple(tests))


def since() -> Gate:
    """Failures that are new, known and tolerated, and one that was fixed."""
    tests = list(plan(20))
    build = EarlierBuild("#38", "https://ci.example/38")
    for place, change in enumerate((Change.NEW, Change.KNOWN, Change.KNOWN)):
        tests[place] = tests[place]._replace(
            outcome=Outcome.FAILED, message=f"Cause {'ABC'[place]}", past=Past(change, build), tolerated=place == 2
        )
    tests[3] = tests[3]._replace(past=Past(Change.FIXED, build))
    return of(Conclusion.FAILED, "2 of 20 tests failed", tuple(tests))


STATES: Mapping[str, Callable[[], Gate]] = MappingProxyType(
    {
        "everyday": everyday,
        "passing": passing,
        "one-cause": one_cause,
        "rerun": samples.rerun,
        "tolerated": samples.tolerated,
        "nothing-ran": nothing_ran,
        "outage": outage,
        "cancelled": cancelled,
        "several": samples.several,
        "invalid": samples.invalid,
        "untimed": untimed,
        "flaky": flaky,
        "quarantined": quarantined,
        "odd": odd,
        "since": since,
        "hostile": samples.hostile,
        "many-failures": lambda: of(Conclusion.FAILED, "3000 of 6000 tests failed", plan(6000, 3000)),
        "huge": lambda: of(Conclusion.FAILED, "1000 of 100000 tests failed", plan(100_000, 1000)),
    }
)


def _write(folder: Path, name: str, state: Callable[[], Gate]) -> None:
    """Write one page."""
    (folder / f"{name}.html").write_text("".join(Html().render(state())), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    list(starmap(lambda name, state: _write(place, name, state), STATES.items()))
