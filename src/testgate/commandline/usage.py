"""`--help` and `--version`. The list of inputs comes from the same models as the documents."""

from collections.abc import Iterator
from textwrap import fill

from testgate import __version__
from testgate.commandline.arguments import Arguments
from testgate.commandline.completion import script
from testgate.commandline.flags import WORDS, groups, has_flag
from testgate.inputs.reading import Input
from testgate.model import Conclusion
from testgate.providers import PROVIDERS

_HEAD = """TestGate {version}: runs remote test plans from CI and gates the build on their results.

  testgate demo                                      a demo, without an account
  testgate check --test-plan-id 274                  are key, URL and ids right?
  testgate run --test-plan-id 274 --rerun-failed 1   run a test plan on Testsigma

Commands
--------
{commands}

Every input is a flag, and a variable: `--test-plan-id 274` is TESTGATE_TEST_PLAN_ID=274, or
INPUT_TEST_PLAN_ID, or PLUGIN_TEST_PLAN_ID. Flags win. Secrets have no flag: set TESTGATE_API_KEY,
or TESTGATE_API_KEY_FILE to the path of a file; at a terminal, you are asked for the key.
"""
_TAIL = """
All inputs: testgate run --help; those of another platform: testgate run --help --provider mabl
Exit codes: 0 passed, 1 failed, 2 invalid input, 3 to 8 the platform or the reports, 70 a bug,
130 and 143 cancelled; all of them: testgate run --help
"""
_WIDTH = 92
_INDENT = "      "


def answer(arguments: Arguments) -> tuple[str, int] | None:
    """What to print instead of running, and the exit code; None to run."""
    if arguments.problems:
        lines = "".join(f"testgate: {problem}\n" for problem in arguments.problems)
        return f"{lines}See `testgate --help`.\n", Conclusion.INVALID_INPUT.exit_code
    if arguments.version:
        return f"{__version__}\n", 0
    if arguments.help:
        return whole_usage(arguments.about) if arguments.command else short_usage(), 0
    if not arguments.completion:
        return None
    try:
        return script(arguments.completion), 0
    except ValueError as error:
        return f"testgate: {error}\n", Conclusion.INVALID_INPUT.exit_code


def short_usage() -> str:
    """The commands, and what most people need."""
    width = max(map(len, WORDS))
    commands = "\n".join(f"  {word.ljust(width)}  {meaning}" for word, meaning in WORDS.items())
    return _HEAD.format(version=__version__, commands=commands) + _TAIL


def whole_usage(provider: str = "") -> str:
    """Every input under its heading, and the exit codes; first the values of a provider, if it has some."""
    return "\n".join([*_values(provider.lower()), *_inputs(), *_exit_codes(), ""])


def _values(provider: str) -> Iterator[str]:
    """What `values` and `secret-values` may hold for a platform that is described by a file."""
    load = PROVIDERS.get(provider)
    entry = load() if load else None
    if entry is None or not entry.values:
        return
    title = f"Values of {entry.name}: --values 'NAME=VALUE', or TESTGATE_SECRET_VALUES for secrets"
    yield from (title, "-" * len(title))
    for each in entry.values:
        yield f"  {each.name}{_facts(each)}"
        yield fill(each.description, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
    yield ""


def _inputs() -> Iterator[str]:
    """All inputs under their headings."""
    for title, inputs in groups():
        yield from (title, "-" * len(title))
        for each in inputs:
            yield fill(f"{_spelled(each)}{_facts(each)}", _WIDTH, initial_indent="  ", subsequent_indent=_INDENT)
            yield fill(each.description, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
        yield ""


def _spelled(each: Input) -> str:
    """The flag, or the variable of an input that has none."""
    return f"--{each.name}" if has_flag(each) else f"TESTGATE_{each.name.upper().replace('-', '_')}"


def _facts(each: Input) -> str:
    """What an input accepts."""
    marks = [mark for mark, there in (("required", each.required), ("secret", each.secret)) if there]
    facts = [*marks, *([" | ".join(each.choices)] if each.choices else [])]
    facts += [f"default: {each.default}"] if each.default else []
    return f" ({', '.join(facts)})" if facts else ""


def _exit_codes() -> Iterator[str]:
    """The exit codes with their conclusions."""
    yield from ("Exit codes", "----------")
    words: dict[int, list[str]] = {}
    for conclusion in Conclusion:
        words.setdefault(conclusion.exit_code, []).append(str(conclusion))
    for code, names in sorted(words.items()):
        more = " (143 after SIGTERM)" if Conclusion.CANCELLED in names else ""
        yield f"  {code:>3}  {', '.join(names)}{more}"
