"""`--help` and `--version`. The list of inputs comes from the same models as the documents."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from testgate import __version__
from testgate.inputs.groups import Group
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Input, Options, declared
from testgate.inputs.values import closest
from testgate.management import MANAGEMENT
from testgate.model import Conclusion
from testgate.providers import PROVIDERS
from testgate.text import one_line

_HEAD = """TestGate {version}: runs remote test plans from CI and gates the build on their results.

  TESTGATE_DEMO=true testgate                               a demo, without an account
  TESTGATE_API_KEY=... TESTGATE_TEST_PLAN_ID=274 testgate   run a test plan on Testsigma

TestGate takes no arguments. It reads all inputs from environment variables: for example,
`api-key` from INPUT_API-KEY, INPUT_API_KEY, TESTGATE_API_KEY or PLUGIN_API_KEY. A secret can
also come from a file, such as TESTGATE_API_KEY_FILE=/run/secrets/key.
"""
_WIDTH = 92
_INDENT = "      "


def usage(arguments: Sequence[str]) -> str:
    """The text to print for these arguments."""
    if "--version" in arguments:
        return f"{__version__}\n"
    return "\n".join([_HEAD.format(version=__version__), *_inputs(), *_exit_codes(), ""])


def unknown_argument(argument: str) -> str:
    """One line about an argument that TestGate doesn't know, with the variable that was probably meant."""
    name = argument.lstrip("-").partition("=")[0].replace("_", "-")
    names = [each.name for _title, inputs in _groups() for each in inputs]
    near = name if name in names else closest(name, names)
    variable = f"TESTGATE_{near.upper().replace('-', '_')}"
    hint = f" Set the variable {variable} instead." if near else ""
    return f"testgate: unknown argument {one_line(argument, 80)!r}.{hint} See `testgate --help`.\n"


def _groups() -> Iterator[tuple[str, Sequence[Input]]]:
    """The headings with their inputs."""
    common = declared([CommonOptions])
    for group in Group:
        yield str(group), [each for each in common if each.group == group]
    vendors: list[tuple[str, type[Options]]] = [
        *((name.capitalize(), load().options) for name, load in PROVIDERS.items()),
        *((f"Test management of {name.capitalize()}", load().options) for name, load in MANAGEMENT.items()),
    ]
    for title, model in vendors:
        yield title, declared([model])


def _inputs() -> Iterator[str]:
    """All inputs under their headings."""
    for title, inputs in _groups():
        yield from (title, "-" * len(title))
        for each in inputs:
            marks = [mark for mark, there in (("required", each.required), ("secret", each.secret)) if there]
            facts = [*marks, *([" | ".join(each.choices)] if each.choices else [])]
            facts += [f"default: {each.default}"] if each.default else []
            more = f" ({', '.join(facts)})" if facts else ""
            yield fill(f"{each.name}{more}", _WIDTH, initial_indent="  ", subsequent_indent=_INDENT)
            yield fill(each.description, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
        yield ""


def _exit_codes() -> Iterator[str]:
    """The exit codes with their conclusions."""
    yield from ("Exit codes", "----------")
    words: dict[int, list[str]] = {}
    for conclusion in Conclusion:
        words.setdefault(conclusion.exit_code, []).append(str(conclusion))
    for code, names in sorted(words.items()):
        more = " (143 after SIGTERM)" if Conclusion.CANCELLED in names else ""
        yield f"  {code:>3}  {', '.join(names)}{more}"
