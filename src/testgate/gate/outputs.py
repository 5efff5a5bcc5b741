"""The step's outputs, made from the gate. Pure."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from testgate.gate.verdict import pass_rate
from testgate.model import Gate, JudgedRun, failed_tests
from testgate.text import cut

_MOST_FAILED_TESTS = 100
_LONGEST_NAME = 200
_MOST_RUNS = 500
# A step's outputs may be 1 MB together, and a variable of a later step's environment 128 KiB.
_LONGEST_LIST = 100_000

OUTPUTS: Mapping[str, str] = MappingProxyType(
    {
        "conclusion": "How the step ended, in one word: `passed`, `failed`, `nothing-ran` and so on.",
        "reason": "Why, in one sentence.",
        "run-id": "The id of the first run. Written as soon as it is known.",
        "run-ids": "The ids of all runs, joined by commas. Written as soon as they are known.",
        "run-url": "The page of the first run.",
        "test-management-run-id": "The id of the test run in test management.",
        "total": "How many tests there are in all runs.",
        "passed": "How many of them passed.",
        "failed": "How many ran and failed.",
        "errors": "How many broke before they could fail: aborted, or a prerequisite failed.",
        "skipped": "How many were left out on purpose.",
        "not-run": "How many were to run and did not.",
        "flaky": "How many of the passed failed first, and passed in a rerun.",
        "quarantined": "How many did not pass, but are quarantined: that does not count.",
        "pass-rate": "Percent with two decimals, rounded down; empty when nothing ran.",
        "duration-seconds": "How long the step took, in whole seconds.",
        "report-dir": "The directory that holds the reports.",
        "junit-file": "The JUnit report; empty if it could not be written.",
        "summary-file": "The summary in Markdown; empty if it could not be written.",
        "failed-tests": "The names of the tests that did not pass and count, as a JSON list; at most 100.",
        "left-running": "The ids of runs that may still go on, joined by commas.",
        "runs": "A JSON list with id, name, conclusion, counts and url of each run.",
    }
)


def outputs_of(gate: Gate, files: Mapping[str, str]) -> dict[str, str]:
    """Every output, in the order of `OUTPUTS`. `files` holds those that are paths."""
    counts = gate.verdict.counts
    ids = [run.id for run in gate.runs if run.id]
    values = {
        "conclusion": gate.verdict.conclusion.value,
        "reason": gate.verdict.reason,
        "run-id": ids[0] if ids else "",
        "run-ids": ",".join(ids),
        "run-url": next((run.url for run in gate.runs if run.url), ""),
        "test-management-run-id": gate.test_run,
        "total": str(counts.total),
        "passed": str(counts.passed),
        "failed": str(counts.failed),
        "errors": str(counts.errors),
        "skipped": str(counts.skipped),
        "not-run": str(counts.not_run),
        "flaky": str(counts.flaky),
        "quarantined": str(counts.quarantined),
        "pass-rate": pass_rate(counts) if counts.executed else "",
        "duration-seconds": str(int(gate.seconds)),
        "failed-tests": _failed_tests(gate),
        "left-running": ",".join(gate.left_running),
        "runs": _json_list(_run(run) for run in gate.runs[:_MOST_RUNS]),
        **files,
    }
    return {name: values.get(name, "") for name in OUTPUTS}


def _failed_tests(gate: Gate) -> str:
    """The names of the gravest, cut to stay small."""
    found = failed_tests(gate.runs)[:_MOST_FAILED_TESTS]
    return _json_list(cut(test.name, _LONGEST_NAME) for _run, test in found)


def _json_list(items: Iterable[object]) -> str:
    """The items as a JSON list; those that would make it too long are left out."""
    kept: list[str] = []
    room = _LONGEST_LIST
    for item in items:
        text = json.dumps(item)
        room -= len(text) + 2
        if room < 0:
            break
        kept.append(text)
    return f"[{', '.join(kept)}]"


def _run(run: JudgedRun) -> dict[str, object]:
    """One run as a JSON object."""
    return {
        "id": run.id,
        "name": cut(run.name, _LONGEST_NAME),
        "conclusion": run.verdict.conclusion.value,
        "counts": {**run.verdict.counts._asdict(), "total": run.verdict.counts.total},
        "url": run.url,
    }


def as_variables(outputs: Mapping[str, str]) -> dict[str, str]:
    """The outputs under names that never come back in as inputs."""
    return {f"TESTGATE_OUT_{name.upper().replace('-', '_')}": value for name, value in outputs.items()}


def as_env(outputs: Mapping[str, str]) -> str:
    """Lines `NAME='value'` that a shell can source whatever the values hold."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in as_variables(outputs).items())


def _quoted(value: str) -> str:
    """A shell word: single quotes stop every other meaning; a line break would end the line for simpler readers."""
    return "'" + value.replace("\n", " ").replace("\r", " ").replace("\0", "").replace("'", "'\\''") + "'"
