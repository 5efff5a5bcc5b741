"""Plays the whole table and writes `docs/reliability.md`: `make faults`."""

import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from testgate.text import cut, duration
from tests.faults.endpoints import ENDPOINTS, STARTS, Endpoint
from tests.faults.kinds import BY_NAME, KINDS, Kind
from tests.faults.playing import Ended, play
from tests.faults.processes import COMBINATIONS, Combination, Measured
from tests.faults.processes import play as play_process
from tests.faults.systems import BASES
from tests.support.step import KEY

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
SOCKETS = "## Over real sockets"
_SIDE_BY_SIDE = 4
_LONGEST_WORDS = 260
_ASIDES = (
    re.compile(r"^ +\d+:\d\d +((?:run \d+ (?:was|could|did)|messages and durations could).*)$"),
    re.compile(r"^::warning title=Test management::(.*)$"),
)

_INTRO = """\
# What happens when the platform fails

Every endpoint that the gate asks, with everything that can go wrong there. For each combination a whole step is
played, from its inputs to its exit code, against the simulator. Nothing here is written by hand: `make faults` plays
everything and writes this page, and the tests hold it against what the program does.

## What holds everywhere

The tests assert this of each combination, whatever the exit code is:

- **At most one run.** A trigger is sent again only where it is certain that the platform did not act on it (the
  connection was never made, or 429). Otherwise the run is looked for by its mark, and if that proves nothing the step
  ends with 7 and says so. Jobs of Testifly bear no mark: there is nothing to look for. A test run in test management
  is created at most once, too.
- **The record is not the gate.** Whatever fails in test management, the verdict of the tests stands; where the record
  is not whole, a warning says so.
- **Never green by accident.** Exit code 0 needs the run's result, its counts and its tests.
- **Never a traceback,** and never the key in the log.
- **Outputs and reports are written.** `conclusion` and `reason` are set, `junit.xml` is whole, and it holds a failure
  or an error exactly when the step is red.
- **The run's id is kept** in outputs and state from the moment it is known, and the intent from before the trigger. A
  run that may go on is named in `left-running`.
- **A red step says what to do** in the line `What to do:` of its log.

A process that is killed at any moment (SIGKILL) leaves the intent or the id, and each report whole or absent.

## How to read the tables

*Once*: the exit code when the first request meets the fault and the next ones do not. *Lasting*: the exit code when
every request to the endpoint meets it. *Took* is from the start of the process to its end in the lasting case, at the
usual limits (`request-timeout` 30 s, `max-outage` 10 m); the run itself takes about 20 s. *Triggers* is how many times
the trigger was sent in the lasting case, *creations* the same of the test run in test management. *What the log says*
is the conclusion's line in the lasting case, and what became of a stop, of missing detail or of the record; `…` stands
for the base URL.

Exit codes: 0 passed, 1 failed, 3 platform-error, 4 timed-out, 7 trigger-unknown.

How it is made: clock and network are simulated, the rest is the program as it is. That is why ten minutes of outage
can be played at all, and why the figures are the same each time. The [last table](#over-real-sockets) is played by
real processes over real sockets.
"""

_SOCKETS_INTRO = """\
A part of the table, with the process started as CI starts it, and a server on the loopback that misbehaves byte by
byte. The limits are small here (`request-timeout` and `max-outage` 1 s), so the times are too; they were measured on a
machine with two cores and vary by some tenths of a second.
"""

_SITUATIONS = {
    "trigger": "The step starts a plan of two tests that pass.",
    "poll": "The run was started; the step reads its state.",
    "tests": "The run is over; the step reads the list of its tests.",
    "messages": "Only detail is at stake: the verdict stands.",
    "steps": "One test has failed, so the exit code is 1 whatever happens here. Only detail is at stake.",
    "find": "The connection broke after the platform had acted on the trigger; the step looks for its run.",
    "job-start": "The step starts a feature of two tests that pass. No job can be looked for.",
    "job-poll": "The job was started; the step reads its state. This platform has no call that stops a job.",
    "job-live": "The job goes on; the step shows its counters. A fault that lasts meets the report at the end, too.",
    "job-report": "The job is over, and tells now where its report is; the step reads it.",
    "create": "Before the tests start, beside a plan of two tests that pass.",
    "statuses": "The tests are over; the step reads under which ids results are recorded.",
    "cases": "The tests are over; the step reads which cases the test run holds.",
    "record": "The tests are over; the step records their results.",
    "close": "The results are recorded; the step closes the test run.",
    "stop": "The run goes on when the `timeout` of 60 s has passed; the step stops it. The exit code is 4 in any case.",
}


def simulated() -> Iterator[str]:
    """The page's lines up to the part that is played by processes."""
    yield from _INTRO.splitlines()
    for endpoint in ENDPOINTS:
        yield from ("", f"## {endpoint.title}", "", _SITUATIONS[endpoint.name], "")
        starts = "creations" if endpoint.system == "management" else "triggers"
        yield f"| fault | once | lasting | took | {starts} | what the log says |"
        yield "|---|---|---|---|---|---|"
        for kind in KINDS:
            yield _row(endpoint, kind)
    yield ""


def _row(endpoint: Endpoint, kind: Kind) -> str:
    """One fault at one endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("once", "lasting")]
        for place in places:
            place.mkdir()
        once, lasting = (play(place, endpoint, kind, lasts=place.name == "lasting") for place in places)
        triggers = next(lasting.network.sent(each) for each in STARTS if each.system == endpoint.system)
        return line_of(kind.words, once.code, lasting.code, duration(lasting.seconds), triggers, _told(lasting))


def _told(ended: Ended) -> str:
    """The conclusion's line, and what became of a stop, of detail or of the record; addresses are left out."""
    lines = ended.log.splitlines()
    told = next(line for line in lines if line.startswith(f"{ended.outputs['conclusion'].upper()}: "))
    asides = [match[1] for line in lines for aside in _ASIDES if (match := aside.match(line))]
    return "; ".join(cut(_without_bases(each), _LONGEST_WORDS) for each in [told, *asides])


def _without_bases(text: str) -> str:
    """Base URLs are shortened."""
    for base in BASES:
        text = text.replace(base, "…")
    return text


def line_of(*cells: object) -> str:
    """A row of a table; a bar in a cell would end it."""
    texts = [" ".join(str(cell).split()).replace("|", r"\|").replace("<", "&lt;") for cell in cells]
    return f"| {' | '.join(texts)} |"


def over_sockets() -> Iterator[str]:
    """The part that is played by processes; what is not as promised ends the program."""
    yield from (SOCKETS, "", *_SOCKETS_INTRO.splitlines(), "")
    yield "| endpoint | fault | | exit code | took | triggers that may have arrived |"
    yield "|---|---|---|---|---|---|"
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for combination, measured in zip(COMBINATIONS, pool.map(_measured, COMBINATIONS), strict=True):
            if measured.wrong:
                sys.exit(f"{combination}: {'; '.join(measured.wrong)}\n{measured.left.log.replace(KEY, '***')}")
            yield line_of(
                combination.endpoint.name,
                BY_NAME[combination.fault].words,
                "lasting" if combination.lasts else "once",
                measured.left.code,
                f"{measured.seconds:.1f} s",
                measured.triggers,
            )


def _measured(combination: Combination) -> Measured:
    """One process, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return play_process(Path(folder), combination)


def main() -> None:
    """Write the page."""
    DOCUMENT.write_text("\n".join([*simulated(), *over_sockets(), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
