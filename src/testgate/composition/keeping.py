"""Where the state for the cleanup is kept beside the runner's own place for it."""

from testgate.composition.ready import Ready
from testgate.edges.keeping import Keeper

LEAVES = "leave"


def keep(ready: Ready, folder: str) -> None:
    """Keep the state in this report directory from now on, with what the user wants to happen to runs."""
    options = ready.options
    leaves = {LEAVES: "true"} if not options.wait or options.on_cancel == "leave" else {}
    kept = keeper(ready)
    ready.foundation.step.journal.on_state = lambda state: kept.keep(folder, {**state, **leaves})


def keeper(ready: Ready) -> Keeper:
    """What keeps the state in the report directory, for CIs with a cleanup: their runners don't always hand it over."""
    step, key = ready.foundation.step, ready.options.api_key
    wanted = step.platform.cleans_up and key is not None
    return Keeper(step.workspace, step.platform.build.job, key.reveal() if wanted and key else "")
