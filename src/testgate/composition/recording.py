"""Whether a step records results in test management, and what with."""

from typing import TYPE_CHECKING

from testgate.commands.command import Needs
from testgate.composition.ready import Ready
from testgate.runs.engine import Engine
from testgate.wire import Request

if TYPE_CHECKING:
    from testgate.runs.recording import Recorder


def records(ready: Ready) -> bool:
    """Whether this step uses test management."""
    foundation, management = ready.foundation, ready.foundation.management
    lookup = foundation.step.lookup
    if management is None or ready.options.demo:
        return False
    if foundation.command.needs(lookup) is Needs.TEST_MANAGEMENT:
        return True
    return foundation.command.judges and bool(lookup.text(management.switch))


def recorder(ready: Ready, engine: Engine) -> "Recorder":
    """What records the results in test management."""
    from testgate.runs.recording import Recorder  # for those who record

    step, management = ready.foundation.step, ready.foundation.management
    if management is None:
        raise RuntimeError("there is no test management")
    return Recorder(
        management.build(ready.inputs),
        engine,
        _test_run_title(ready),
        step.began_at,
        step.platform.build.url,
        mapping=management.mapping(ready.inputs),
        closes=management.closes(ready.inputs),
        redact=step.redact,
    )


def _test_run_title(ready: Ready) -> str:
    """The title of the test run in test management, if the inputs give none."""
    return ready.foundation.step.platform.build.title or ready.options.title or "TestGate"


def first_requests(ready: Ready) -> list[Request]:
    """The requests that come before the platform's, for a dry run."""
    step, management = ready.foundation.step, ready.foundation.management
    if management is None or not records(ready):
        return []
    adapter = management.build(ready.inputs)
    return [adapter.create(_test_run_title(ready), step.began_at, step.platform.build.url).request]
