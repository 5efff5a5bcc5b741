"""Removes secrets from the gate before its texts are escaped for a page or a command. Pure.

An escaped secret would not be found. Tests were cleaned in the same way when they were read.
"""

from collections.abc import Callable

from testgate.errors import GateError
from testgate.model import EarlierBuild, Run, TestResult
from testgate.results import Baseline, Gate, JudgedRun, RunReport
from testgate.text import tidy


def without_secrets(gate: Gate, redact: Callable[[str], str]) -> Gate:
    """The gate without secrets. What is for the cleanup, and not for people, is unchanged."""

    def safe(text: str) -> str:
        return tidy(text, redact)

    return gate._replace(
        title=safe(gate.title),
        verdict=gate.verdict._replace(reason=safe(gate.verdict.reason)),
        runs=[_judged(run, safe) for run in gate.runs],
        remedy=safe(gate.remedy),
        notes=[safe(note) for note in gate.notes],
        left_running=tuple(safe(run) for run in gate.left_running),
        test_run=safe(gate.test_run),
        build_title=safe(gate.build_title),
        build_url=safe(gate.build_url),
        build_job=safe(gate.build_job),
        leg=safe(gate.leg),
        legs=tuple(safe(leg) for leg in gate.legs),
        lines=tuple(safe(line) for line in gate.lines),
    )


def _judged(judged: JudgedRun, safe: Callable[[str], str]) -> JudgedRun:
    """A run with its verdict."""
    return JudgedRun(_report(judged.report, safe), judged.verdict._replace(reason=safe(judged.verdict.reason)))


def _report(report: RunReport, safe: Callable[[str], str]) -> RunReport:
    """What is known of a run."""
    fault = report.fault
    return report._replace(
        target=report.target._replace(name=safe(report.target.name), environment=safe(report.target.environment)),
        run=_run(report.run, safe) if report.run else None,
        fault=GateError(safe(str(fault)), remedy=safe(getattr(fault, "remedy", ""))) if fault else None,
        attempts=[attempt._replace(run=_run(attempt.run, safe)) for attempt in report.attempts],
        left_running=[_run(run, safe) for run in report.left_running],
        notes=[safe(note) for note in report.notes],
        baseline=_baseline(report.baseline, safe) if report.baseline else None,
        tests=[_with_past(test, safe) for test in report.tests] if report.baseline else report.tests,
    )


def _baseline(baseline: Baseline, safe: Callable[[str], str]) -> Baseline:
    """What a file says about an earlier build."""
    return baseline._replace(
        build=_earlier(baseline.build, safe),
        branch=safe(baseline.branch),
        gone=[safe(name) for name in baseline.gone],
    )


def _with_past(test: TestResult, safe: Callable[[str], str]) -> TestResult:
    """A test with the earlier build that it failed in."""
    if test.past is None or test.past.since is None:
        return test
    return test._replace(past=test.past._replace(since=_earlier(test.past.since, safe)))


def _earlier(build: EarlierBuild, safe: Callable[[str], str]) -> EarlierBuild:
    """An earlier build."""
    return EarlierBuild(safe(build.label), safe(build.url))


def _run(run: Run, safe: Callable[[str], str]) -> Run:
    """A run."""
    return run._replace(id=safe(run.id), url=safe(run.url), target=run.target._replace(name=safe(run.target.name)))
