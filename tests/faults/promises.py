"""The promises that hold whatever goes wrong, checked for every combination, simulated or real."""

from tests.support.step import KEY


def problems(
    *,
    code: int,
    expected: int,
    log: str,
    outputs: dict[str, str],
    state: dict[str, str],
    red_cases: int,
    remedy: str,
    triggers: int,
    run_ids: list[str],
    known: bool,
    intended: bool = True,
    starts: int = 1,
) -> list[str]:
    """Every broken promise, in words.

    With `known`, the step can know the id of its run; with `intended`, it came as far as to want one. `starts` is how
    many runs it may start.
    """
    red = expected != 0
    unmasked = "\n".join(line for line in log.splitlines() if not line.startswith("::add-mask::"))
    checks = {
        f"exit code {code} instead of {expected}": code == expected,
        "a traceback": "Traceback" not in log,
        "the key is in the log": KEY not in unmasked,
        f"{triggers} triggers that may have arrived": triggers <= starts,
        f"{len(run_ids)} runs were started": len(run_ids) <= starts,
        "no conclusion in the outputs": bool(outputs.get("conclusion")) and bool(outputs.get("reason")),
        "the conclusion is green": (outputs.get("conclusion") == "passed") is not red,
        "a missing or unexpected failure in junit.xml": (red_cases > 0) is red,
        "no remedy": bool(remedy) is red,
        "the run's id is lost in the outputs": not known
        or outputs.get("run-ids", "").split(",")[: len(run_ids)] == [*run_ids],
        "the run's id is lost in the state": not known or all(f'"{each}"' in state.get("runs", "") for each in run_ids),
        "the intent is lost": not intended or "intents" in state,
        "the state doesn't say that the step ended": state.get("ended") == "true",
    }
    return [problem for problem, holds in checks.items() if not holds]
