"""Gates like those of everyday builds, and the worst ones imaginable."""

from enum import Enum
from typing import cast

from testgate.errors import Refused
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
    Reported,
    Run,
    RunResult,
    Snapshot,
    Status,
    Target,
    TestResult,
)
from testgate.results import Baseline, Gate, JudgedRun, RunReport, Verdict

STARTED_AT = 1_735_787_045.7  # 2025-01-02 03:04:05 UTC
CHROME = "Chrome 131 on Windows 11"
SAFARI = "Safari 18 on macOS"

DECLINED = """Expected the heading "Thank you for your order", found "Payment declined"
at step 7: verify that the page shows <h1>Thank you for your order</h1>

Waited 30 s for #confirmation .heading
  url: https://shop.example.test/checkout?step=3
  card: 4111 1111 1111 1111 ($ 20.00)"""

TESTS = (
    TestResult("9001", "Sign in with e-mail", Outcome.PASSED, "SUCCESS", "11", "Accounts", CHROME, "", 4.2),
    TestResult("9002", "Sign in with a wrong password", Outcome.PASSED, "SUCCESS", "12", "Accounts", CHROME, "", 3.871),
    TestResult("9003", "Pay by card", Outcome.FAILED, "FAILURE", "21", "Checkout", CHROME, DECLINED, 42.5),
    TestResult("9004", "Pay by invoice", Outcome.ERROR, "ABORTED", "22", "Checkout", CHROME, "Session lost", 12.0),
    TestResult("9005", "Pay by card", Outcome.FAILED, "FAILURE", "21", "Checkout", SAFARI, "", 51.25),
    TestResult("9006", "Apply a voucher", Outcome.SKIPPED, "SKIPPED", "23", "Checkout", SAFARI),
    TestResult("9007", "Order history", Outcome.NOT_RUN, "NOT_EXECUTED", "31", "Orders", SAFARI),
    TestResult("9008", "Cancel an order", Outcome.NOT_RUN, "NOT_EXECUTED", "32", "Orders", SAFARI),
)

FLAKY = TESTS[0]._replace(
    id="9101",
    earlier=(
        Earlier(Outcome.FAILED, "Timed out after 30 s\n  waiting for #user", 33.0, "337"),
        Earlier(Outcome.ERROR, "Session lost", 2.5, "338"),
    ),
)
STUBBORN = TESTS[2]._replace(
    id="9103",
    earlier=(Earlier(Outcome.FAILED, "No such element: #pay", 12.25, "337"), Earlier(Outcome.ERROR, "", None, "338")),
    step="7. verify that the page shows the heading: it does not (NLP_404)",
)
EXCUSED = TESTS[3]._replace(
    quarantine="SHOP-123: the payment sandbox is down",
    earlier=(Earlier(Outcome.FAILED, "Invoice declined", 8.0, "337"),),
    step="3. click on Pay",
)

HOSTILE = (
    "",
    "   ",
    "\x00",
    "\u200b",
    "| a | b |\n| - | - |",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "=====",
    "---",
    "> quote",
    "    indented",
    "```\nfence\n```",
    "~~~ tilde ~~~ ~~struck~~",
    "``double`` `code`",
    "*a* **b** _c_ __d__ a_b_c _ _x",
    "[label](https://evil.example) ![image](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "[^1] footnote",
    "- [ ] task",
    "<script>alert(1)</script><b>bold</b>",
    "</summary></details></code></pre></td></table>",
    "<!-- comment --> <![CDATA[ ]]> <?php ?>",
    "&lt;b&gt; &amp; &copy; &#64;user &nbsp;",
    "@user @org/team a@b.example x @",
    "#1 #x # GH-12 gh-3 owner/repo#45 owner/repo@abc",
    "www.evil.example WWW.evil.example https://evil.example http://evil.example ftp://evil.example",
    "mailto:a@b.example xmpp:a@b.example javascript:alert(1)",
    "<https://evil.example> <a@b.example>",
    ":smile: :+1: 10:20:30 a:b",
    "$x$ $$y$$ $`z`$ \\(q\\) \\$",
    "back\\slash \\* trailing\\",
    "::error::x ##vso[task.complete] ##teamcity[x]",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\ud800 \udfff \ufffe \uffff \U0001fffe",
    "\u202eleft\u202c \u2066x\u2069",
    "]]> ]]&gt;",
    "a\r\nb\rc\u2028d\x85e",
    "tab\tand  blanks",
    "Test plan 1.2.3",
    "ünïcödé 日本語 🎉",
    ":tada: ::error:: a:b:c 1:30:45 http://x:80/y:z:",
    ":b",
    "a:b",
    "b:",
    ":",
    "www",
    "'single' \"double\"",
    "x" * 20_000,
)


def judged(
    conclusion: Conclusion,
    reason: str,
    tests: tuple[TestResult, ...] = (),
    *,
    plan: int = 274,
    name: str = "Nightly regression",
    counts: Counts | None = None,
    fault: Exception | None = None,
    started: bool = True,
) -> JudgedRun:
    """A run with its verdict. The counts are those of the tests unless given."""
    run_id = str(plan + 63)
    target = Target(str(plan), f"Test plan {plan}")
    run = Run(run_id, target, f"https://app.testsigma.com/ui/td/runs/{run_id}") if started else None
    counts = tally(tests) if counts is None else counts
    snapshot = Snapshot(run_id, Status.ENDED, "FAILURE", RunResult.FAILED, Reported(counts), name=name, seconds=754.0)
    report = RunReport(target, run, snapshot if started else None, tests, fault, seconds=3.5)
    return JudgedRun(report, Verdict(conclusion, reason, counts))


def tally(tests: tuple[TestResult, ...]) -> Counts:
    """The number of tests with each outcome."""
    outcomes = [test.outcome for test in tests]
    return Counts(
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED),
        errors=outcomes.count(Outcome.ERROR),
        skipped=outcomes.count(Outcome.SKIPPED),
        not_run=outcomes.count(Outcome.NOT_RUN),
        flaky=sum(test.flaky for test in tests),
        quarantined=sum(test.quarantined for test in tests),
        tolerated=sum(test.bad and test.tolerated for test in tests),
    )


def gate(conclusion: Conclusion, reason: str, *runs: JudgedRun, **more: object) -> Gate:
    """A gate over the runs; its counts are the sum of theirs."""
    counts = sum((run.verdict.counts for run in runs), Counts())
    plain = Gate("Nightly regression", Verdict(conclusion, reason, counts), conclusion.exit_code, runs)
    return plain._replace(seconds=754.0, started_at=STARTED_AT, provider="testsigma", **more)  # type: ignore[arg-type]  # the fields that a sample names


def passing() -> Gate:
    """Everything passed."""
    reason = "All 2 tests passed."
    return gate(Conclusion.PASSED, reason, judged(Conclusion.PASSED, reason, TESTS[:2]))


def failing() -> Gate:
    """A plan whose tests have every outcome."""
    reason = "2 of 8 tests failed, 1 errored, 2 did not run (pass rate 28.57 %)"
    return gate(
        Conclusion.FAILED,
        reason,
        judged(Conclusion.FAILED, reason, TESTS),
        remedy="Open the run and look at the failed tests.",
        notes=("The platform refused the details of the tests (403); messages and durations come from the list.",),
        demo=True,
        build_title="Test gate main #77 (ffac537)",
        build_url="https://ci.example/shop/web/runs/77",
    )


def several() -> Gate:
    """Four plans: one passed, one failed, one was refused, one ended without a test."""
    refused = Refused(
        "The platform refused to start test plan 276 (404): no such plan",
        status=404,
        remedy="Copy the id from the address of the plan's page.",
    )
    return gate(
        Conclusion.PLATFORM_ERROR,
        "1 of 4 runs could not be started.",
        judged(Conclusion.PASSED, "All 2 tests passed.", TESTS[:2]),
        judged(Conclusion.FAILED, "2 of 3 tests failed.", TESTS[2:5], plan=275, name="Checkout | all browsers"),
        judged(Conclusion.PLATFORM_ERROR, refused.message, plan=276, fault=refused, started=False),
        judged(Conclusion.NOTHING_RAN, "The run ended and no test was executed.", plan=277, name="Empty plan"),
        remedy=refused.remedy,
        left_running=("338",),
    )


def invalid() -> Gate:
    """Invalid inputs: nothing was sent."""
    return gate(
        Conclusion.INVALID_INPUT,
        "2 inputs are invalid: timeout: `15` has no unit (example: 15m); test-plan-id: required (example: 274)",
        remedy="Correct the inputs of this step. Nothing was sent to the platform.",
    )


def triggered() -> Gate:
    """A run that was started but not awaited."""
    reason = "1 run was started; this step did not wait for it."
    return gate(Conclusion.TRIGGERED, reason, judged(Conclusion.TRIGGERED, reason))


def rerun() -> Gate:
    """A plan rerun twice, once by the platform, with tests that are flaky, fail every time, or are quarantined."""
    reason = "1 of 4 tests failed"
    judged_run = judged(Conclusion.FAILED, reason, (FLAKY, TESTS[1], STUBBORN, EXCUSED))
    return gate(
        Conclusion.FAILED,
        reason,
        chained(judged_run, "338 339", (2, 1)),
        notes=("quarantine of 'Old *' matches no test",),
        left_running=("340", "77"),
    )


def chained(plain: JudgedRun, ids: str, tests: tuple[int, ...]) -> JudgedRun:
    """The run with a rerun for each id, the first of them by the platform, and one more that is still running."""
    whole = plain.report
    assert whole.run is not None
    reruns = [
        Attempt(
            whole.run._replace(id=each, url=f"https://app.testsigma.com/ui/td/runs/{each}"),
            whole.snapshot,
            TESTS[:number],
            automatic=not index,
        )
        for index, (each, number) in enumerate(zip(ids.split(), tests, strict=True))
    ]
    running = whole.run._replace(id="340", url="https://app.testsigma.com/ui/td/runs/340")
    report = whole._replace(
        attempts=(Attempt(whole.run, whole.snapshot, whole.tests), *reruns, Attempt(running)),
        left_running=(running,),
        notes=("could not confirm in time that run 340 stopped",),
    )
    return plain._replace(report=report)


def tolerated() -> Gate:
    """Nothing that counts failed."""
    reason = "2 tests passed, 1 of them flaky, 2 quarantined"
    late = TESTS[6]._replace(quarantine="SHOP-9: orders are slow")
    return gate(Conclusion.PASSED, reason, judged(Conclusion.PASSED, reason, (FLAKY, TESTS[1], EXCUSED, late)))


def compared() -> Gate:
    """Beside an earlier build: new, known, tolerated, fixed, added and gone tests, and one that is often flaky."""
    build = EarlierBuild("#38", "https://ci.example/38")
    often = Record(builds=20, passed=14, flaky=5, failed=1, attempts=26, failed_attempts=6)
    tests = (
        FLAKY._replace(past=Past(record=often)),
        TESTS[1]._replace(past=Past(Change.FIXED, build)),
        TESTS[2]._replace(past=Past(Change.NEW)),
        TESTS[3]._replace(past=Past(Change.KNOWN, build), tolerated=True),
        TESTS[4]._replace(past=Past(Change.KNOWN, build, Record(builds=4, failed=4))),
        TESTS[5]._replace(past=Past(Change.ADDED)),
    )
    reason = "2 of 6 tests failed, 1 errored, 1 of them known and tolerated (pass rate 50.00 %)"
    run = judged(Conclusion.FAILED, reason, tests)
    gone = ("Checkout / Pay in cash", "Checkout / Pay by cheque")
    baseline = Baseline(EarlierBuild("#41", "https://ci.example/41"), "main", gone, 500.0)
    report = run.report._replace(baseline=baseline, leg="chrome")
    return gate(Conclusion.FAILED, reason, run._replace(report=report))


def stopped() -> Gate:
    """`command: stop` for two runs, one of which had already ended."""
    runs = []
    for plan, sentence in ((274, "run 337 was stopped (STOPPED)"), (275, "run 338 had already ended (SUCCESS)")):
        run = judged(Conclusion.STOP_CONFIRMED, sentence, plan=plan, name="")
        runs.append(run._replace(report=run.report._replace(notes=(sentence,))))
    return gate(Conclusion.STOP_CONFIRMED, "all 2 runs stop-confirmed", *runs)._replace(title="TestGate stop")


def checked() -> Gate:
    """`command: check` without a problem."""
    return gate(Conclusion.CHECKED, "7 checks passed; nothing was started")._replace(title="TestGate check")


def dry() -> Gate:
    """`dry-run`: no run and no tests."""
    return gate(Conclusion.DRY_RUN, "1 request was printed and none was sent")


def hostile() -> Gate:
    """All the hostile texts, in every field that takes text."""
    tests = tuple(
        TestResult(text, text, outcome, text, text, HOSTILE[-index], HOSTILE[index // 2], text, index / 3)
        for index, text in enumerate(HOSTILE)
        for outcome in Outcome
    )
    tests += tuple(
        test._replace(
            earlier=tuple(Earlier(outcome, test.name, 1.0, test.name) for outcome in Outcome),
            quarantine=test.name if index % 2 else "",
            step=test.name,
        )
        for index, test in enumerate(tests)
    )
    runs = []
    for text in HOSTILE:
        plain = judged(Conclusion.FAILED, text, tests if text == HOSTILE[4] else ())
        target = Target(text, text)
        run = Run(text, target, text)
        report = plain.report._replace(
            target=target,
            run=run,
            snapshot=None,
            fault=Refused(text, status=400),
            attempts=[Attempt(run, automatic=True)] * 3,
            left_running=[run],
            notes=[text],
        )
        runs.append(plain._replace(report=report))
    lines = "\n".join(HOSTILE)
    made = gate(Conclusion.FAILED, lines, *runs, remedy=lines, notes=HOSTILE, left_running=HOSTILE)
    return made._replace(title=HOSTILE[4], provider=HOSTILE[22])


def everywhere(text: str) -> Gate:
    """The same text in every field that takes one."""
    earlier = (Earlier(Outcome.FAILED, text), Earlier(Outcome.ERROR))
    tests = [
        TestResult(text, text, outcome, word, text, text, text, message, 1.0, before, quarantine, step)
        for outcome in Outcome
        for word, message, step in ((text, text, text), (text, "", ""), ("", "", text))
        for before in ((), earlier)
        for quarantine in ("", text)
    ]
    target = Target(text, text)
    run = Run(text, target, text)
    snapshot = Snapshot(text, Status.ENDED, text, name=text)
    report = RunReport(
        target,
        run,
        snapshot,
        tests,
        Refused(text, status=400),
        attempts=[Attempt(run)] * 2,
        left_running=[run],
        notes=[text],
    )
    runs = [JudgedRun(report, Verdict(conclusion, text, tally(tuple(tests)))) for conclusion in Conclusion]
    made = gate(Conclusion.FAILED, text, *runs, remedy=text, notes=[text], left_running=[text, f"{text}."])
    return made._replace(title=text, provider=text, build_title=text)


def saying(text: str, of: Gate) -> Gate:
    """The gate with the text in every field that takes one, of every part of it."""
    return cast("Gate", _saying(text, of))


def _saying(text: str, part: object) -> object:
    """The same for a part of it; what holds no text is left as it is."""
    if isinstance(part, str) and not isinstance(part, Enum):
        return text
    if isinstance(part, Exception):
        return Refused(text, status=400)
    if not isinstance(part, tuple | list):
        return part
    return getattr(type(part), "_make", tuple)([_saying(text, each) for each in part])


def distinct(number: int) -> str:
    """A long message that is like no other one, even without its numbers."""
    return f"{''.join(chr(ord('a') + int(digit)) for digit in str(number))} {'x' * 4_000}"


def huge(tests: int, message: str | None = None, **more: object) -> Gate:
    """A gate with very many failed tests, each for a cause of its own unless they share a message."""
    many = tuple(
        TestResult(
            str(n),
            f"Test {n}",
            Outcome.FAILED,
            "FAILURE",
            str(n),
            f"Suite {n % 7}",
            CHROME,
            message or distinct(n),
            n / 10,
        )._replace(**more)  # type: ignore[arg-type]  # the fields that a test names
        for n in range(tests)
    )
    return gate(Conclusion.FAILED, "All failed.", judged(Conclusion.FAILED, "All failed.", many))


SAMPLES = {
    "passing": passing,
    "failing": failing,
    "several": several,
    "invalid": invalid,
    "triggered": triggered,
    "rerun": rerun,
    "tolerated": tolerated,
    "compared": compared,
    "stopped": stopped,
    "checked": checked,
    "dry": dry,
}
