"""`--help` and `--version`. The list of inputs comes from the same models as the documents."""

from collections.abc import Sequence
from textwrap import fill

from testgate import __version__
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Options, declared
from testgate.management import MANAGEMENT
from testgate.providers import PROVIDERS

_HEAD = """TestGate {version}: runs remote test plans from CI and gates the build on their results.

TestGate takes no arguments. It reads all inputs from environment variables: for example,
`api-key` from INPUT_API-KEY, INPUT_API_KEY, TESTGATE_API_KEY or PLUGIN_API_KEY. A secret can
also come from a file, such as TESTGATE_API_KEY_FILE=/run/secrets/key.

To try it without an account:

    TESTGATE_DEMO=true testgate

Inputs:
"""


def usage(arguments: Sequence[str]) -> str:
    """The text to print for these arguments."""
    if "--version" in arguments:
        return f"{__version__}\n"
    models: list[type[Options]] = [
        CommonOptions,
        *(load().options for load in PROVIDERS.values()),
        *(load().options for load in MANAGEMENT.values()),
    ]
    lines = [_HEAD.format(version=__version__)]
    for each in declared(models):
        default = f" (default: {each.default})" if each.default else ""
        lines.append(f"  {each.name}{default}\n")
        lines.append(fill(each.description, 92, initial_indent="      ", subsequent_indent="      ") + "\n")
    return "".join(lines)
