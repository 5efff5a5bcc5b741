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


def merge(chosen: Chosen) -> Merged:
    """The verdict on these legs."""
    legs = chosen.legs
    counts = sum((leg.counts for leg in legs), Counts())
    notes = [f"{leg.name}: {note}" for leg in legs for note in leg.notes]
    notes += [f"{leg.path} is of attempt {leg.origin.attempt}; a later one counts" for leg in chosen.superseded]
    runs = [run for leg in legs for run in (leg.runs or [_without_run(leg)])]
    if chosen.problems:
        conclusion = Conclusion.PLATFORM_ERROR if legs else Conclusion.NOTHING_RAN
        more = f" (and {plural(len(chosen.problems) - 1, 'more problem')})" if len(chosen.problems) > 1 else ""
        verdict = Verdict(
            _worst([*(leg.conclusion for leg in legs), conclusion]), f"{chosen.problems[0]}{more}", counts
        )
        problems = chosen.problems[1:]
        merged = Merged(verdict, verdict.conclusion.exit_code, runs, _REMEDY, [*problems, *notes])
        return _described(merged, legs)
    red = [leg for leg in legs if leg.exit_code]
    worst = _worst([leg.conclusion for leg in red or legs])
    shown = [leg for leg in red or legs if leg.conclusion is worst]
    verdict = Verdict(worst, _reason(shown, legs), counts)
    code = max(leg.exit_code for leg in shown) if red else 0
    return _described(Merged(verdict, code, runs, shown[0].remedy, notes), legs)


def _described(merged: Merged, legs: Sequence[Leg]) -> Merged:
    """The same, with what the legs have in common."""
    return merged._replace(
        title=", ".join(dict.fromkeys(leg.title for leg in legs)),
        provider=", ".join(dict.fromkeys(leg.provider for leg in legs)),
        demo=any(leg.demo for leg in legs),
        left_running=[each for leg in legs for each in leg.left_running],
    )


_REMEDY = "Look at the jobs of these legs: each must have written and kept its `ctrf.json`, also after a failure."


def _worst(conclusions: Sequence[Conclusion]) -> Conclusion:
    """The worst of these conclusions; one that isn't listed is the worst."""
    return min(conclusions, key=lambda each: _WORST_FIRST.index(each) if each in _WORST_FIRST else -1)


def _reason(shown: Sequence[Leg], legs: Sequence[Leg]) -> str:
    """One sentence for all legs."""
    first = shown[0]
    if len(legs) == 1:
        return first.reason
    if first.conclusion is Conclusion.PASSED:
        return f"all {len(legs)} legs passed: {', '.join(leg.name for leg in legs)}"
    names = ", ".join(leg.name for leg in shown)
    return f"{len(shown)} of {len(legs)} legs ended as {first.conclusion} ({names}): {first.reason}"


def _without_run(leg: Leg) -> JudgedRun:
    """A leg that never got to a run, as one without an id."""
    report = RunReport(Target(leg.name, leg.title or leg.name), seconds=leg.seconds, leg=leg.name)
    return JudgedRun(report, Verdict(leg.conclusion, leg.reason, leg.counts))
