"""Legs of a matrix, written by the report itself and read back."""

import json
from typing import Any

from testgate.gate.evidence import tally
from testgate.merging.leg import Leg
from testgate.merging.reading import leg_of
from testgate.model import Conclusion, Outcome, Run, Target, TestResult
from testgate.reports.ctrf import Ctrf
from testgate.results import Gate, JudgedRun, Origin, Policy, RunReport, Verdict

HERE = Origin("Gate", "77", 1, "c" * 40)
OUTCOMES = {"P": Outcome.PASSED, "F": Outcome.FAILED, "E": Outcome.ERROR, "S": Outcome.SKIPPED, "N": Outcome.NOT_RUN}


def gate(name: str, letters: str = "PP", conclusion: Conclusion | None = None, **more: Any) -> Gate:  # noqa: ANN401
    """The gate of one leg with these tests; it ended as they say, or as told."""
    tests = tuple(
        TestResult(f"r{at}", f"T{at}", OUTCOMES[letter], case_id=f"c{at}") for at, letter in enumerate(letters)
    )
    counts = tally(tests)
    conclusion = conclusion or (Conclusion.FAILED if counts.unsuccessful else Conclusion.PASSED)
    verdict = Verdict(conclusion, f"because of {name}", counts)
    target = Target("274", "Web shop")
    runs = [JudgedRun(RunReport(target, Run("337", target, "https://x/337"), tests=tests, seconds=5.0), verdict)]
    facts = {
        "exit_code": conclusion.exit_code,
        "origin": HERE,
        "provider": "testsigma",
        "leg": name,
        "runs": runs,
        "started_at": 1.7e9,
        "seconds": 9.0,
    }
    if more.get("exit_code") == 0 and not conclusion.green:
        facts["limits"] = Policy(fail_on=frozenset())
    return Gate("Web shop", verdict, **{**facts, **more})


def text(of: Gate) -> str:
    """Its report."""
    return "".join(Ctrf().render(of))


def leg(name: str, letters: str = "PP", conclusion: Conclusion | None = None, **more: Any) -> Leg:  # noqa: ANN401
    """The leg as it is read back."""
    attempt = more.get("origin", HERE).attempt
    return leg_of(f"{name}-{attempt}/ctrf.json", text(gate(name, letters, conclusion, **more)), str)


def changed(of: Gate, *path: str | int, value: Any) -> str:  # noqa: ANN401
    """The report with another value at this place."""
    data = json.loads(text(of))
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(data)
