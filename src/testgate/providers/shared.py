"""Values that every provider creates in the same way."""

from testgate.errors import Refused
from testgate.model import Origin, Run, Target


def attached(run_id: str, noun: str = "run", url: str = "") -> Run:
    """Return a run that the user named. TestGate doesn't know what started it."""
    return Run(run_id, Target(f"{noun} {run_id}", f"{noun.capitalize()} {run_id}"), url, Origin.ATTACHED)


def not_started(target: Target, refusal: Refused, remedy: str) -> Refused:
    """Return the refusal of a trigger under the target's name; `remedy` applies if it has none of its own."""
    message = f"{target.name} was not started: {refusal}"
    return Refused(message, status=refusal.status, remedy=refusal.remedy or remedy)
