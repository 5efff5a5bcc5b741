"""`command: create-test-run`: create a test run in test management, and no more."""

from testgate.gate.assembly import CommandResult
from testgate.model import Conclusion, Verdict
from testgate.runs.recording import Recorder


async def create_test_run(recorder: Recorder) -> CommandResult:
    """Create the test run.

    Raises:
        PlatformError: it was refused, or nobody knows whether it was created.

    """
    test_run = await recorder.create()
    return CommandResult(
        verdict=Verdict(Conclusion.CREATED, f"test run {test_run.name} was created in test management"),
        test_run=test_run.id,
    )
