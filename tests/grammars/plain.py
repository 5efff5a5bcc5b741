"""What every CI can read: `outputs.env`, sourced by a shell."""

from tests.grammars.circleci import variables_of
from tests.grammars.dialect import Dialect, Finished


def outputs(step: Finished) -> dict[str, str]:
    """The variables that a real bash has after it read the file."""
    return variables_of("".join(f"export {line}\n" for line in step.left.report("outputs.env").splitlines()))


DIALECT = Dialect(outputs)
