"""The generated tables that come from registries: platforms, CIs, commands, exit codes and what to do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from messages import Advice, advice, usual

from testgate.commandline.flags import WORDS
from testgate.commands import COMMANDS, load
from testgate.edges.signals import EXIT_CODES
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared
from testgate.model import Conclusion

_SHOWN_CI_COLUMNS = (0, 4, 5, 6)  # of the table in docs/ci.md: the CI, problems and summary, JUnit, cancellation
_DETECTED_BY = 1


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def codes(conclusion: Conclusion) -> str:
    """The exit codes of a conclusion: a cancel has one for each signal."""
    if conclusion is Conclusion.CANCELLED:
        return ", ".join(f"{code} ({signal.name})" for signal, code in EXIT_CODES.items())
    return str(conclusion.exit_code)


def exit_codes_table() -> str:
    """Every exit code, with the conclusions that have it."""
    grouped: dict[str, list[str]] = {}
    for conclusion in Conclusion:
        grouped.setdefault(codes(conclusion), []).append(f"`{conclusion}`")
    return table(("Exit code", "Conclusion"), ((code, ", ".join(names)) for code, names in grouped.items()))


def cis_table(page: str, folder: str) -> str:
    """What works in each CI, in fewer columns than the table on that page, which is in `folder`.

    CIs that TestGate doesn't recognize share the last row.
    """
    lines = page.partition("\n## What works where\n")[2].strip().partition("\n\n")[0].splitlines()
    head, _line, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    known = [row for row in rows if row[_DETECTED_BY] != "plain"]
    others = [", ".join(row[0] for row in rows if row not in known), "log", "file", "see there"]
    shown = [*([row[column] for column in _SHOWN_CI_COLUMNS] for row in known), others]
    return table(
        [head[column] for column in _SHOWN_CI_COLUMNS],
        ([re.sub(r"\(#", f"({folder}#", cell) for cell in row] for row in shown),
    )


def _no_file(path: str) -> str:
    """Nothing names a file."""
    raise FileNotFoundError(path)


def commands_table() -> str:
    """Every command, what it does and what it needs."""
    nothing = Lookup({}, read_file=_no_file)
    needs = {name: load(name).needs(nothing).value for name in COMMANDS}
    known = {each.name for each in declared([CommonOptions])}
    rows = (
        (f"`{name}`", _sentence(WORDS[name]), f"`{need}`" if need in known else need) for name, need in needs.items()
    )
    return table(("Command", "What it does", "What it needs, besides the key"), rows)


def _sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def last_lines_table(when: Mapping[str, str]) -> str:
    """Every conclusion that isn't green: exit code, when, and what the log says to do if no message says more."""
    rows = (
        (f"`{conclusion.upper()}`", codes(conclusion), when[conclusion], usual(conclusion) or "What the message says.")
        for conclusion in Conclusion
        if not conclusion.green
    )
    return table(("The last lines begin with", "Exit code", "When", "What to do"), rows)


def messages_part(source: Path) -> str:
    """The messages that have a remedy, by conclusion; then those that share the remedy of their conclusion."""
    found = advice(source)
    chapters = (
        f"### {conclusion.upper()}\n\n{_messages([each for each in found if each.conclusion is conclusion])}"
        for conclusion in Conclusion
        if any(each.conclusion is conclusion for each in found)
    )
    return "\n".join(chapters)


def _messages(found: Sequence[Advice]) -> str:
    """The messages of one conclusion."""
    own: dict[str, list[str]] = {}
    for each in found:
        if each.own:
            own.setdefault(each.message, []).append(each.remedy)
    shared: dict[str, list[str]] = {}
    for each in found:
        if not each.own and each.message not in own:
            shared.setdefault(each.remedy, []).append(each.message)
    rows = ((_quoted(message), " Or: ".join(remedies)) for message, remedies in own.items())
    parts = [table(("The log says", "What to do"), rows)] if own else []
    for remedy, messages in shared.items():
        parts.append(
            f"{remedy} That is the advice for:\n\n{''.join(f'- {_quoted(each)}{chr(10)}' for each in messages)}"
        )
    return "\n".join(parts)


def _quoted(message: str) -> str:
    """The message as code."""
    return f"`` {message} ``" if "`" in message else f"`{message}`"
