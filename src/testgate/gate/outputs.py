"""Makes the step's outputs from the gate. Pure."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from testgate.gate.evidence import pass_rate
from testgate.model import Change, TestResult
from testgate.results import Gate, JudgedRun, changed, failed_tests
from testgate.text import cut

_MOST_FAILED_TESTS = 100
_LONGEST_NAME = 200
_MOST_RUNS = 500
# The outputs of a step can be 1 MB in total, and an environment variable of a later step 128 KiB.
_LONGEST_LIST = 100_000

OUTPUTS: Mapping[str, str] = MappingProxyType(
    {
        "conclusion": "The result of the step in one word, such as `passed`, `failed` or `nothing-ran`.",
        "reason": "The reason for the conclusion, in one sentence.",
        "run-id": "The id of the first run. Set as soon as it is known.",
        "run-ids": "The ids of all runs and their reruns, separated by commas. Set as soon as they are known.",
        "run-url": "The URL of the first run's page.",
        "test-management-run-id": "The id of the test run in test management.",
        "total": "Number of tests in all runs.",
        "passed": "Number of passed tests.",
        "failed": "Number of failed tests.",
        "errors": "Number of tests that could not complete: they were aborted, or a prerequisite failed.",
        "skipped": "Number of skipped tests.",
        "not-run": "Number of tests that should have run and didn't.",
        "flaky": "Number of passed tests that failed first and passed in a rerun.",
        "quarantined": "Number of quarantined tests that didn't pass. They don't affect the conclusion.",
        "pass-rate": "Pass rate in percent, with two decimals, rounded down. Empty if nothing ran.",
        "duration-seconds": "Duration of the step in whole seconds.",
        "report-dir": "The directory with the reports.",
        "new-failures": "Number of failed tests that had not failed in the baseline. Empty without a baseline.",
        "known-failures": "Number of failed tests that had failed in the baseline already. Empty without a baseline.",
        "fixed": "Number of passed tests that had failed in the baseline. Empty without a baseline.",
        "failed-tests": "The names of up to 100 tests that didn't pass, without quarantined ones, as a JSON list.",
        "left-running": "The runs that may still be running, separated by commas: their ids, or the build number of a "
        "run whose id isn't known.",
        "runs": "The id, name, conclusion, counts and URL of each run, as a JSON list; in a merge also its leg.",
    }
)


_FILES_AFTER = "report-dir"


def with_files(outputs: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """The outputs with those that name reports, which come after the report directory."""
    merged: dict[str, str] = {}
    for name, value in outputs.items():
        merged[name] = value
        if name == _FILES_AFTER:
            merged |= files
    return merged


def outputs_of(gate: Gate, report_dir: str, files: Mapping[str, str]) -> dict[str, str]:
    """Every output, in the order of `OUTPUTS`. `files` holds the paths of reports by output, such as `junit-file`."""
    counts = gate.verdict.counts
    ids = list(dict.fromkeys(each for run in gate.runs for each in run.ids))
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
        "pass-rate": pass_rate(counts),
        "duration-seconds": str(int(gate.seconds)),
        **_since_baseline(gate),
        "failed-tests": _failed_tests(gate),
        "left-running": ",".join(gate.left_running),
        "runs": _json_list(_run(run) for run in gate.runs[:_MOST_RUNS]),
        "report-dir": report_dir,
    }
    return with_files({name: values[name] for name in OUTPUTS}, files)


def _since_baseline(gate: Gate) -> dict[str, str]:
    """What changed since the baseline, in numbers."""
    compared = any(run.report.baseline for run in gate.runs)
    names = {"new-failures": Change.NEW, "known-failures": Change.KNOWN, "fixed": Change.FIXED}
    return {name: str(changed(gate.runs, change)) if compared else "" for name, change in names.items()}


def _failed_tests(gate: Gate) -> str:
    """The names of the tests with the most severe outcomes, shortened to stay small."""
    found = failed_tests(gate.runs)[:_MOST_FAILED_TESTS]
    return _json_list(cut(_named(run, test), _LONGEST_NAME) for run, test in found)


def _named(run: JudgedRun, test: TestResult) -> str:
    """The name of a test, with its leg in a merge."""
    return f"{test.name} ({run.report.leg})" if run.report.leg else test.name


def _json_list(items: Iterable[object]) -> str:
    """The items as a JSON list; items that would make it too long are left out."""
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
        "name": cut(run.label, _LONGEST_NAME),
        "conclusion": run.verdict.conclusion.value,
        "counts": {**run.verdict.counts._asdict(), "total": run.verdict.counts.total},
        "url": run.url,
        **({"leg": cut(run.report.leg, _LONGEST_NAME)} if run.report.leg else {}),
    }


def as_variables(outputs: Mapping[str, str]) -> dict[str, str]:
    """The outputs under names that can't be read back as inputs."""
    return {f"TESTGATE_OUT_{name.upper().replace('-', '_')}": value for name, value in outputs.items()}


def as_env(outputs: Mapping[str, str]) -> str:
    """Lines `NAME='value'` that a shell can source safely, whatever the values contain."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in as_variables(outputs).items())


def _quoted(value: str) -> str:
    """A shell word in single quotes, on one line for simpler readers."""
    return "'" + value.replace("\n", " ").replace("\r", " ").replace("\0", "").replace("'", "'\\''") + "'"
