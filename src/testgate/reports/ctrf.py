"""`ctrf.json`: the results in the Common Test Report Format, for programs.

`extra` holds what the format has no field for. docs/ctrf.md describes it: `testgate merge` and other programs read it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from testgate import __version__
from testgate.gate.since import since
from testgate.model import Attempt, Counts, Earlier, Outcome, Past, TestResult
from testgate.reports.naming import (
    case_name,
    leg_of,
    milliseconds,
    plan_name,
    target_name,
    variant_of,
    visible,
)
from testgate.results import Gate, JudgedRun, Policy
from testgate.text import clean, cut

SPEC_VERSION: Final = "0.0.0"  # the current one of the format's own package
_LONGEST_MESSAGE = 16_000
_SLICE = 500  # tests written at one time
_STATUSES: Final = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "failed",
    Outcome.SKIPPED: "skipped",
    # What should have run and didn't is no skip: a reader must not take it for green.
    Outcome.NOT_RUN: "other",
}
_encoded: Final = json.JSONEncoder(check_circular=False).encode  # of tests, quickly: they hold nothing twice
_LATEST = 253_402_300_799.0  # the end of the year 9999, in epoch seconds


class Ctrf:
    """One object per test. The attempts before the last are its `retryAttempts`."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the file in pieces. The limit is ignored: a truncated file is useless."""
        del limit
        head = json.dumps({**_head(gate), "results": _results(gate)})
        yield f'{head.removesuffix("}}")}, "tests": ['
        separator = "\n"
        seen: dict[str, int] = {}
        for place, judged in enumerate(gate.runs):
            for start in range(0, len(judged.report.tests), _SLICE):
                yield separator + _lines([*_tests(place, gate, start, seen)])
                separator = ",\n"
        yield "\n]}}\n"


def _head(gate: Gate) -> dict[str, Any]:
    """What identifies the file, and the verdict."""
    verdict = gate.verdict
    stop = min(max(0.0, gate.started_at + gate.seconds), _LATEST)
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "reportId": gate.report_id,
        "timestamp": dt.datetime.fromtimestamp(stop, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "generatedBy": f"TestGate {__version__}",
        **_compared(gate),
        "extra": {
            "format": 1,
            "conclusion": verdict.conclusion.value,
            "reason": verdict.reason,
            "exit-code": gate.exit_code,
            "remedy": gate.remedy,
            "title": gate.title,
            "leg": gate.leg,
            "provider": gate.provider,
            "counts": _counts(verdict.counts),
            "left-running": list(gate.left_running),
            "notes": list(gate.notes),
            "build-job": gate.build_job,
            "build": gate.origin._asdict(),
            "limits": _limits(gate.limits),
            **({"legs": list(gate.legs)} if gate.legs else {}),
            "demo": gate.demo,
            "runs": [_run(judged) for judged in gate.runs],
        },
    }


def _limits(policy: Policy) -> dict[str, Any]:
    """The limits of the gate; null for none."""
    fail_on = None if policy.fail_on is None else sorted(policy.fail_on)
    limits = {"max-failures": policy.max_failures, "max-flaky": policy.max_flaky, "fail-on": fail_on}
    return {"min-pass-rate": list(policy.min_pass_rate) if policy.min_pass_rate else None, **limits}


def _compared(gate: Gate) -> dict[str, Any]:
    """The baseline, and what changed since then; empty if there is none."""
    found = since(gate.runs)
    if found is None:
        return {}
    numbers = {"new-failures": found.new, "known-failures": found.known, "fixed": found.fixed}
    compared: dict[str, Any] = {"insights": {"extra": {**numbers, "tolerated": found.tolerated}}}
    first = next(run.report.baseline for run in gate.runs if run.report.baseline)
    if found.build and first.report_id:
        page = {"buildUrl": found.build.url} if found.build.url else {}
        compared["baseline"] = {"reportId": first.report_id, "buildName": found.place, **page}
    return compared


def _run(judged: JudgedRun) -> dict[str, Any]:
    """One run: its verdict is never formed again from its tests."""
    target = judged.report.target
    return {
        "target": target.key,
        "name": plan_name(judged),
        "leg": judged.report.leg,
        "environment": target.environment,
        "id": judged.id,
        "url": judged.url,
        "attempts": [attempt.run.id for attempt in judged.report.attempts],
        "reruns": [_rerun(attempt) for attempt in judged.report.attempts[1:]],
        "conclusion": judged.verdict.conclusion.value,
        "reason": judged.verdict.reason,
        "counts": _counts(judged.verdict.counts),
        "duration": milliseconds(judged.seconds),
        "notes": list(judged.report.notes),
    }


def _rerun(attempt: Attempt) -> dict[str, Any]:
    """A run that followed the first one."""
    counted = attempt.snapshot.reported.counted if attempt.snapshot else 0
    tests = len(attempt.tests) or counted
    facts = {"tests": tests, "automatic": attempt.automatic, "ended": attempt.ended}
    return {"id": attempt.run.id, "url": attempt.run.url, **facts}


def _counts(counts: Counts) -> dict[str, int]:
    """The counts under the names of the outputs."""
    return {name.replace("_", "-"): number for name, number in counts._asdict().items()} | {"total": counts.total}


def _results(gate: Gate) -> dict[str, Any]:
    """Tool, summary and environment. The numbers are those of the tests in the file."""
    found = [_STATUSES[test.outcome] for judged in gate.runs for test in judged.report.tests]
    suites = {(id(judged), test.suite) for judged in gate.runs for test in judged.report.tests}
    start = int(min(max(0.0, gate.started_at), _LATEST) * 1000)
    environment = {"buildName": gate.build_title, "buildUrl": gate.build_url, "reportName": gate.title}
    return {
        "tool": {"name": gate.provider or "TestGate"},
        "summary": {
            "tests": len(found),
            **{status: found.count(status) for status in ("passed", "failed", "skipped", "pending", "other")},
            "flaky": sum(test.flaky for judged in gate.runs for test in judged.report.tests if test.earlier),
            "suites": len(suites),
            "start": start,
            "stop": start + milliseconds(gate.seconds),
            "duration": milliseconds(gate.seconds),
        },
        "environment": {name: text for name, text in environment.items() if text},
    }


def _tests(place: int, gate: Gate, first: int, seen: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The objects of some tests of the run at this place; `first` is the number of the first one.

    `seen` counts tests that nothing but their order tells apart.
    """
    judged = gate.runs[place]
    target = judged.report.target
    above = [target_name(judged), *variant_of(judged, gate)]
    line = (gate.provider, target.key, target.environment, leg_of(judged, gate))
    suites: dict[str, list[str]] = {}
    for number, test in enumerate(judged.report.tests[first : first + _SLICE], first):
        if test.suite not in suites:
            suites[test.suite] = [*above, *filter(None, [visible(test.suite)])]
        what = "\x1f".join((*line, test.suite, test.machine, test.case_id or test.name))
        times = seen[what] = seen.get(what, 0) + 1
        yield {
            "name": case_name(test),
            "status": _STATUSES[test.outcome],
            "duration": milliseconds(test.seconds),
            "testId": _identity(what if times == 1 else f"{what}\x1f{times}"),
            "suite": suites[test.suite],
            "type": "e2e",
            **_optional(test),
            "extra": {"run": place, "row": number, "outcome": test.outcome, **_facts(test)},
        }


def _lines(tests: list[dict[str, Any]]) -> str:
    """The objects, one a line, encoded at once. Quotes in texts are escaped, so only a test begins like this."""
    return _encoded(tests)[1:-1].replace('}, {"name": ', '},\n{"name": ')


def _facts(test: TestResult) -> dict[str, str]:
    """What is known of a test besides its result."""
    found = {}
    if test.id:
        found["result-id"] = test.id
    if test.case_id:
        found["case-id"] = test.case_id
    if test.suite:
        found["suite"] = test.suite
    if test.machine:
        found["machine"] = test.machine
    if test.quarantine:
        found["quarantine"] = test.quarantine
    return found


def _optional(test: TestResult) -> dict[str, Any]:
    """What only some tests have."""
    found: dict[str, Any] = {}
    if test.message:
        found["message"] = cut(clean(test.message).strip(), _LONGEST_MESSAGE)
    if test.word:
        found["rawStatus"] = test.word
    if test.machine:
        found["device"] = test.machine
    if test.quarantine:
        found["tags"] = ["quarantined"]
    if test.step:
        found["steps"] = [{"name": test.step, "status": "failed"}]
    if test.started is not None and 0 < test.started < _LATEST:
        found["start"] = int(test.started * 1000)
    if test.video.startswith(("https://", "http://")):
        found["attachments"] = [{"name": "Video", "contentType": "video/*", "path": test.video}]
    if test.past and (test.change or test.past.record.passed < test.past.record.builds):
        found["insights"] = _insights(test)
    if test.earlier:
        found["retries"] = len(test.earlier)
        found["retryAttempts"] = [_attempt(number, each) for number, each in enumerate(test.earlier, 1)]
        found["flaky"] = test.flaky
    return found


def _insights(test: TestResult) -> dict[str, Any]:
    """What earlier builds say about a test."""
    past = test.past or Past()
    builds, passed, flaky, failed = past.record[:4]
    rates = {"passRate": passed + flaky, "failRate": failed, "flakyRate": flaky} if builds else {}
    facts = {"change": past.change.value, "since": past.since.label if past.since else ""}
    return {
        **{name: {"current": round(count / builds, 4)} for name, count in rates.items()},
        "executedInRuns": builds,
        "extra": {name: text for name, text in facts.items() if text} | ({"tolerated": True} if test.tolerated else {}),
    }


def _attempt(number: int, attempt: Earlier) -> dict[str, Any]:
    """An attempt before the last."""
    found: dict[str, Any] = {"attempt": number, "status": _STATUSES[attempt.outcome]}
    if attempt.seconds is not None:
        found["duration"] = milliseconds(attempt.seconds)
    if attempt.message:
        found["message"] = cut(clean(attempt.message).strip(), _LONGEST_MESSAGE)
    found["extra"] = {"run-id": attempt.run_id, "outcome": attempt.outcome.value}
    return found


def _identity(what: str) -> str:
    """The same for a test in every build, and another for every other one that can be told apart."""
    return hashlib.sha256(what.encode(errors="surrogatepass")).hexdigest()[:32]
