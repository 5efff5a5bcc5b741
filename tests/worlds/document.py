"""The section on worlds in `docs/reliability.md`; `make worlds` plays everything and writes it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.worlds.oracle import EXCUSES

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
HEADING = "## Honest and lying platforms"

_INTRO = """\
The tables above break the connection. Here the connection works, and the platform is difficult: it reruns tests by
itself, all or only the failed ones, several times; loses machines; aborts; gets stopped by somebody else; shows tests
that look the same, lists in another order each time, lists that fill late, counters that are null or zero. A simulated
platform plays such a *world* from a seed and knows the whole truth: how each test really ended in each attempt. An
oracle that shares no code with the gate says from that truth, and from the limits and the quarantine, whether green is
right. Clock and network are simulated; the rest is the real program.

In a second game, the platform lies: in an honest world, one field of one answer is contradicted, once or always. It is
missing, null, repeated, of another type, about another run, another word, another number.

- **Never green where the truth is red,** in honest worlds and under any of these lies, with one exception: a start that
  is answered with the ID of another run of the same plan can't be recognized.
- **Never a crash, never a hang,** and nothing that isn't ours is stopped.
- **Red where the truth is green** only for the reasons in the second table; under a lie, it is the right answer.
"""

_KINDS_INTRO = """\
A step that truly passed is red in an honest world only for one of these reasons. `python -m tests.worlds --play worlds
--seed N` shows the log of an example (`--play jobs` for Testifly).
"""

TITLES: Mapping[str, str] = {
    "worlds": "Testsigma, honest",
    "equal": "Testsigma, honest, with equal tests",
    "jobs": "Testifly, honest",
    "lies": "Testsigma, with a lie",
    "job-lies": "Testifly, with a lie",
}


class Tally(NamedTuple):
    """What came out of many seeds of one play.

    `lied` is how many had a lie in them. `examples` has a seed for each kind of false red.
    """

    play: str
    seeds: int
    lied: int
    truly_green: int
    green: int
    false_green: int
    kinds: Mapping[str, int]
    examples: Mapping[str, int]


def section(tallies: Sequence[Tally]) -> str:
    """The section as Markdown."""
    lines = [HEADING, "", *_INTRO.splitlines(), ""]
    lines += ["| platform | seeds | with a lie | truth is green | of these red | truth is red | of these green |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for each in tallies:
        right = each.green - each.false_green
        cells = [TITLES[each.play], each.seeds, each.lied, each.truly_green, each.truly_green - right]
        cells += [each.seeds - each.truly_green, each.false_green]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", *_KINDS_INTRO.splitlines(), "", "| kind | seeds | an example | why |", "|---|---|---|---|"]
    honest = [each for each in tallies if not each.play.endswith("lies")]
    for kind, why in EXCUSES.items():
        number = sum(each.kinds.get(kind, 0) for each in honest)
        example = next((f"`{each.play}` {each.examples[kind]}" for each in honest if kind in each.examples), "")
        lines.append(f"| {kind} | {number} | {example} | {why} |")
    return "\n".join([*lines, ""])


def kept(text: str) -> str:
    """The section in the text of the document."""
    _before, heading, after = text.partition(HEADING)
    return heading + after


def write(tallies: Sequence[Tally]) -> None:
    """Replace the section in the document."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(HEADING)[0].rstrip("\n")
    DOCUMENT.write_text(f"{text}\n\n{section(tallies)}", encoding="utf-8")
