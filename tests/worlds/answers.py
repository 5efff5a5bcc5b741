"""What the platform in the shape of Testsigma's API says about its runs, by its habits."""

import random
from collections.abc import Sequence
from typing import Any

from tests.worlds.facts import WorldFacts
from tests.worlds.runs import Execution, SimulatedRun
from tests.worlds.truth import (
    ABORTED,
    BAD,
    ERROR,
    FAILED,
    NOT_RUN,
    NOTHING,
    PASSED,
    SKIPPED,
    STOPPED,
    UNKNOWN,
    WHOLE,
)

_WORDS = {FAILED: "FAILURE", ERROR: "ABORTED", SKIPPED: "SKIPPED", NOT_RUN: "NOT_EXECUTED"}
_WHOLES = {STOPPED: "STOPPED", ABORTED: "ABORTED", NOTHING: "NOT_EXECUTED", UNKNOWN: "LICENSE_EXPIRED"}
_QUEUED = "QUEUED"
_COUNTERS = {
    PASSED: "passedCount",
    FAILED: "failedCount",
    ERROR: "abortedCount",
    NOT_RUN: "notExecutedCount",
    _QUEUED: "queuedCount",
}
_PARTLY = {"totalCount", "failedCount"}


class Answers:
    """Answers about runs. Honest, but not all of them say everything."""

    def __init__(self, facts: WorldFacts) -> None:
        self._seed = facts.seed
        self._habits = facts.habits
        self._reads = 0

    @property
    def shortens(self) -> bool:
        """Whether rows that are late are missing from the list; without counters, nobody could notice that."""
        return not self._habits.late_rows and self._habits.counters in {"true", "text", "partly"}

    def run(self, run: SimulatedRun, now: float) -> dict[str, Any]:
        """A run."""
        habits = self._habits
        over, begun = now >= run.end, now >= run.began + run.plan.queued
        status = "STATUS_COMPLETED" if over else "STATUS_IN_PROGRESS" if begun else "STATUS_CREATED"
        told: dict[str, Any] = {
            "id": run.id,
            "executionId": run.plan.id,
            "execution": {"id": run.plan.id, "name": f"Plan {run.plan.id}"},
            "buildNo": run.mark,
            "status": status,
            "result": self._result(run) if over else _QUEUED,
            "duration": int((run.end - run.began) * 1000) if over else None,
            **self._counters(run, over=over),
        }
        if run.children or habits.consolidates:
            told["childResult"] = self._child(run.children[0], now) if run.children else None
        if run.parent is not None and habits.parents:
            told["reRunParentId"] = run.parent.id
        if habits.consolidates:
            whole = run.all_over(now)
            told["consolidatedStatus"] = "STATUS_IN_PROGRESS" if over and not whole else status
            told["consolidatedResult"] = self._consolidated(run) if whole else _QUEUED
        return told

    def tests(self, run: SimulatedRun, now: float) -> dict[str, Any]:
        """The tests of a run; the later half of them may come late."""
        over = now >= run.end
        late = over and now < run.end + self._habits.late
        rows = []
        for place, execution in enumerate(run.executions):
            missing = late and place >= len(run.executions) // 2
            if missing and self.shortens:
                continue
            row = _row(execution, self._word(run.outcome(place)) if over else _QUEUED)
            row["iterationResults"] = self._sets(execution, run.outcome(place) if over and not missing else _QUEUED)
            rows.append({**row, "result": None} if missing else row)
        header = {"executionId": run.plan.id, "executionResultId": run.id}
        header |= {key: self.run(run, now)[key] for key in ("result", "status")}
        return {**(header if self._habits.header else {}), "testCases": self._shuffled(rows)}

    def details(self, runs: Sequence[SimulatedRun], now: float) -> dict[str, Any]:
        """Messages and durations of the tests of these runs."""
        rows = [
            {
                "id": execution.id,
                "executionResultId": run.id,
                "result": self._word(outcome) if now >= run.end else _QUEUED,
                "message": "expected 1, got 2" if outcome in {FAILED, ERROR} else "",
                "duration": 1500,
            }
            for run in runs
            for execution, outcome in zip(run.executions, run.outcomes, strict=True)
        ]
        return {"content": self._shuffled(rows), "totalPages": 1}

    def runs(self, runs: Sequence[SimulatedRun]) -> dict[str, Any]:
        """The runs of a plan, newest first."""
        cut = 5 if self._habits.lists_runs == "short" else None
        return {"content": [{"id": run.id, "buildNo": run.mark[:cut]} for run in reversed(runs)]}

    def _word(self, outcome: str) -> str:
        """The word for the outcome of a test."""
        return _WORDS.get(outcome, self._habits.words)

    def _result(self, run: SimulatedRun) -> str:
        """The word for the result of a run that has ended."""
        whole = run.truth.whole
        if whole != WHOLE:
            return _WHOLES[whole]
        bad = any(outcome in BAD for outcome in run.outcomes) and not self._habits.lax
        failed = "FAILURE" if self._habits.words == "SUCCESS" else "FAILED"
        return failed if bad else self._habits.words

    def _consolidated(self, run: SimulatedRun) -> str:
        """The word for a run and the reruns that the platform added to it, once they are over."""
        chain = run.automatic_chain
        last = self._result(chain[-1])
        if not self._habits.combined or chain[-1].truth.whole != WHOLE:
            return last
        final: dict[int, str] = {}
        for each in chain:
            for execution, outcome in zip(each.executions, each.outcomes, strict=True):
                if outcome != NOT_RUN or final.get(execution.test.uid) != PASSED:
                    final[execution.test.uid] = outcome
        bad = len(chain) > 1 and any(outcome in BAD for outcome in final.values())
        return "FAILURE" if bad else last

    def _child(self, child: SimulatedRun, now: float) -> object:
        """The rerun of a run."""
        if self._habits.child == "id":
            return child.id
        return self.run(child, now) if self._habits.child == "nested" else {"id": child.id}

    def _counters(self, run: SimulatedRun, *, over: bool) -> dict[str, object]:
        """The counters, by habit."""
        counters = {"totalCount": len(run.executions), **dict.fromkeys(_COUNTERS.values(), 0)}
        for outcome in run.outcomes:
            name = _COUNTERS.get(outcome if over else _QUEUED)
            if name:
                counters[name] += 1
        shown: dict[str, dict[str, object]] = {
            "true": {**counters},
            "null": dict.fromkeys(counters),
            "missing": {},
            "zero": dict.fromkeys(counters, 0),
            "partly": {name: count if name in _PARTLY else None for name, count in counters.items()},
            "text": {name: str(count) for name, count in counters.items()},
        }
        return shown[self._habits.counters]

    def _sets(self, execution: Execution, outcome: str) -> list[dict[str, str]]:
        """The data sets of a test; only those that failed by themselves differ from it."""
        words = {each: _QUEUED if outcome == _QUEUED else self._word(outcome) for each in execution.sets}
        if outcome == FAILED:
            words = {each: self._word(FAILED if each in execution.failed_sets else PASSED) for each in execution.sets}
        return [{"setName": f"Set {each}", "result": word} for each, word in words.items()]

    def _shuffled(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows in an order that changes from read to read, if the platform does so."""
        self._reads += 1
        if self._habits.shuffles:
            random.Random(f"{self._seed} {self._reads}").shuffle(rows)  # noqa: S311  # a play, not a secret
        return rows


def _row(execution: Execution, word: str) -> dict[str, Any]:
    """One test of a list."""
    test = execution.test
    return {
        "testCaseId": int(test.case) if test.case else None,
        "testCaseName": test.name,
        "testCaseResultId": execution.id,
        "result": word,
        "isDataDrivenCase": bool(test.sets),
        "testSuiteName": test.suite,
        "machineTitle": test.machine,
    }
