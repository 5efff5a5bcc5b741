"""The verdict on a matrix: the worst of its legs, never formed again from their tests."""

from collections.abc import Sequence

from testgate.gate.assembly import Merged
from testgate.merging.choosing import Chosen
from testgate.merging.leg import Leg
from testgate.model import Conclusion, Counts, Target
from testgate.results import JudgedRun, RunReport, Verdict
from testgate.text import plural

_WORST_FIRST = (
    Conclusion.INTERNAL_ERROR,
    Conclusion.INVALID_INPUT,
    Conclusion.TRIGGER_UNKNOWN,
    Conclusion.PLATFORM_ERROR,
    Conclusion.CANCELLED,
    Conclusion.TIMED_OUT,
    Conclusion.STOPPED,
    Conclusion.FAILED,
    Conclusion.NOTHING_RAN,
    Conclusion.REPORT_ERROR,
    Conclusion.PASSED,
)
_MOST_PROBLEMS = 5
_REMEDY = "Look at the jobs of these legs: each must have written and kept its `ctrf.json`, also after a failure."


def merge(chosen: Chosen) -> Merged:
    """The verdict on these legs."""
    legs = chosen.legs
    counts = sum((leg.counts for leg in legs), Counts())
    notes = [f"{leg.name}: {note}" for leg in legs for note in leg.notes]
    notes += [f"{leg.path} is of attempt {leg.origin.attempt}; a later one counts" for leg in chosen.superseded]
    runs = [run for leg in legs for run in _runs_of(leg)]
    missing = Conclusion.PLATFORM_ERROR if legs else Conclusion.NOTHING_RAN
    # What is wrong with the reports counts like a leg that is red.
    codes = [(leg.conclusion, leg.exit_code) for leg in legs] + [(missing, missing.exit_code) for _ in chosen.problems]
    counting = [each for each in codes if each[1]] or codes
    worst = _worst([conclusion for conclusion, _code in counting])
    code = max(code for conclusion, code in counting if conclusion is worst)
    shown = [leg for leg in legs if leg.conclusion is worst and (leg.exit_code or not code)]
    reason = _with_problems(chosen, legs) if chosen.problems else _reason(shown, legs)
    remedy = _REMEDY if chosen.problems else shown[0].remedy
    merged = Merged(Verdict(worst, reason, counts), code, [*_rows(chosen, missing), *runs], remedy, notes)
    return _described(merged, legs)


def _described(merged: Merged, legs: Sequence[Leg]) -> Merged:
    """The same, with what the legs have in common."""
    return merged._replace(
        title=", ".join(dict.fromkeys(leg.title for leg in legs)),
        provider=", ".join(dict.fromkeys(leg.provider for leg in legs)),
        demo=any(leg.demo for leg in legs),
        left_running=[each for leg in legs for each in leg.left_running],
        legs=[leg.name for leg in legs] or ["(none)"],
    )


def _worst(conclusions: Sequence[Conclusion]) -> Conclusion:
    """The worst of these conclusions; one that isn't listed is the worst."""
    return min(conclusions, key=lambda each: _WORST_FIRST.index(each) if each in _WORST_FIRST else -1)


def _with_problems(chosen: Chosen, legs: Sequence[Leg]) -> str:
    """What is wrong with the reports, and which legs are red as well."""
    named = [*chosen.problems[:_MOST_PROBLEMS]]
    if len(chosen.problems) > _MOST_PROBLEMS:
        named.append(f"and {plural(len(chosen.problems) - _MOST_PROBLEMS, 'more problem')}")
    red = [f"{leg.name} {leg.conclusion}" for leg in legs if not leg.conclusion.green]
    return "; ".join([*named, *([f"also red: {', '.join(red)}"] if red else [])])


def _reason(shown: Sequence[Leg], legs: Sequence[Leg]) -> str:
    """One sentence for all legs."""
    first = shown[0]
    if len(legs) == 1:
        return first.reason
    if first.conclusion is Conclusion.PASSED:
        return f"all {len(legs)} legs passed: {', '.join(leg.name for leg in legs)}"
    names = ", ".join(leg.name for leg in shown)
    others = [f"{leg.name} {leg.conclusion}" for leg in legs if leg not in shown and not leg.conclusion.green]
    also = f"; also red: {', '.join(others)}" if others else ""
    return f"{len(shown)} of {len(legs)} legs ended as {first.conclusion} ({names}): {first.reason}{also}"


def _rows(chosen: Chosen, conclusion: Conclusion) -> list[JudgedRun]:
    """A row of its own for each problem, so that every report names what is missing."""
    return [
        JudgedRun(RunReport(Target("", "Reports to merge")), Verdict(conclusion, problem))
        for problem in chosen.problems
    ]


def _runs_of(leg: Leg) -> list[JudgedRun]:
    """The runs of a leg, and the verdict on it if they don't show that."""
    if any(run.verdict.conclusion is leg.conclusion for run in leg.runs):
        return [*leg.runs]
    counts = Counts() if leg.runs else leg.counts
    report = RunReport(Target(leg.name, leg.title or leg.name), seconds=leg.seconds, leg=leg.name)
    return [*leg.runs, JudgedRun(report, Verdict(leg.conclusion, leg.reason, counts))]
