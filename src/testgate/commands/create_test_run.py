"""`command: create-test-run`: create a test run in test management, and nothing else."""

from testgate.commands.command import Command, CommandContext, Needs
from testgate.gate.assembly import CommandResult
from testgate.model import Conclusion
from testgate.results import Verdict


async def _create(context: CommandContext) -> CommandResult:
    """Create the test run.

    Raises:
        PlatformError: it was refused, or it is unknown whether it was created.

    """
    if context.recorder is None:
        raise RuntimeError("create-test-run requires the inputs of test management")
    test_run = await context.recorder.create()
    return CommandResult(
        verdict=Verdict(Conclusion.CREATED, f"test run {test_run.name} was created in test management"),
        test_run=test_run.id,
    )


COMMAND = Command(
    _create,
    requests=lambda _provider, _options, _mark: [],  # the request that creates a test run is shown in any case
    needs=lambda _lookup: Needs.TEST_MANAGEMENT,
)
