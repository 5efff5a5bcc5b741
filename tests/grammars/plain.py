"""Any CI: a shell sources `outputs.env`."""

from tests.grammars.circleci import variables_of
from tests.grammars.dialect import Dialect, Finished


def outputs(step: Finished) -> dict[str, str]:
    """The variables that a real bash has after it has read the file."""
    return variables_of("".join(f"export {line}\n" for line in step.left.report("outputs.env").splitlines()))


DIALECT = Dialect(outputs)
